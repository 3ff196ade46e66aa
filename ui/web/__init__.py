"""What the components in the browser share: how their scripts are put together, and how they travel."""

from ui.web.assets import Delivered, Parts, bundle_scripts, read_parts

__all__ = ["Delivered", "Parts", "bundle_scripts", "read_parts"]
