"""Files from strangers are opened in a child process with little memory, little time and nothing of ours in reach."""

from services.sandbox.limits import Limits
from services.sandbox.parent import Ended, run_in_sandbox
from services.sandbox.refusal import Refusal

__all__ = ["Ended", "Limits", "Refusal", "run_in_sandbox"]
