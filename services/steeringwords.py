"""What was decided about lineages while a search ran, in words."""

from collections.abc import Sequence

from optimizer import DecisionKind
from services.runspec import DecisionSpec

REPEATED = (
    "The specification of this result holds these decisions: the same run, from the file or the command line, repeats "
    "them at the same generations and finds the same."
)


def decisions_sentence(decisions: Sequence[DecisionSpec]) -> str:
    """Return the decisions in order as a sentence, generations counted from 1 as on screen; "" without any."""
    words = [_decision_words(decision) for decision in decisions]
    if not words:
        return ""
    return f"You {'; '.join(words)}."


def _decision_words(decision: DecisionSpec) -> str:
    did = "dropped" if decision.kind is DecisionKind.DROP else "asked for more like"
    return f"{did} lineage {decision.lineage} after generation {decision.after + 1:,}"
