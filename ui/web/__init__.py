"""What the components in the browser share: how their scripts are put together, and how they travel."""

from ui.web.delivery import Delivered
from ui.web.parts import Parts, read_parts
from ui.web.scripts import bundle_scripts

__all__ = ["Delivered", "Parts", "bundle_scripts", "read_parts"]
