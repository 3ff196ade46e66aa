"""Files from strangers are opened in a child process with little memory, little time and nothing of ours in reach."""

from services.intake.sandbox.limits import Limits, Refusal
from services.intake.sandbox.parent import Ended, run_in_sandbox

__all__ = ["Ended", "Limits", "Refusal", "run_in_sandbox"]
