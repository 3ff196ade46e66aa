"""What is wanted of an outcome and of results, in words: the same on pages, in files and in messages."""

from optimizer import FloorKind, Goal, QualityFloor
from services.specs.outcomes import OutcomeSpec
from services.specs.results import OutcomeInfo
from services.specs.run import FloorSpec

Wanted = OutcomeSpec | OutcomeInfo
"""An outcome of a specification or of a result: its goal and its limits, None for what it has not."""


_GOALS = {Goal.MAXIMUM: "max", Goal.MINIMUM: "min", Goal.VALUE: "value"}


def goal_words(wanted: Wanted) -> str:
    """What is searched for in an outcome, such as "max" or "value 5"; "" for nothing."""
    if wanted.goal is None:
        return ""
    has_value = wanted.goal is Goal.VALUE and wanted.value is not None
    return _GOALS[wanted.goal] + (f" {wanted.value:,.6g}" if has_value else "")


def bound_words(wanted: Wanted, unit: str = "") -> str:
    """What an outcome has to keep, such as "at least 40 MPa", "60 to 80 %"; "" without limits."""
    low, high = wanted.at_least, wanted.at_most
    if low is not None and high is not None:
        words = f"{low:,.6g} to {high:,.6g}"
    elif low is not None:
        words = f"at least {low:,.6g}"
    else:
        words = f"at most {high:,.6g}" if high is not None else ""
    return f"{words} {unit}".rstrip() if words else ""


def floor_words(floor: FloorSpec | QualityFloor) -> str:
    """What is good enough to become a result, in plain words."""
    return {
        FloorKind.WITHIN_PERCENT: f"within {floor.amount:g} % of the best",
        FloorKind.WITHIN: f"within {floor.amount:g} std. dev. of the best",
        FloorKind.BEST_SHARE: f"the best {100 * floor.amount:.0f} %",
    }[floor.kind]


def sureness_words(confidence: float | None, *, is_exact: bool = False) -> str:
    """How a limit holds, such as "with 95 % confidence"; "" where nothing is uncertain."""
    if confidence is not None:
        return f"with {100 * confidence:.4g} % confidence"
    return "" if is_exact else "by the prediction"
