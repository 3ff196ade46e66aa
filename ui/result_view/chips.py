"""One glance at a row of the table: trouble in words, and all that is well as one number."""

from dataclasses import dataclass

from services.glance import Glance, Verdict, glances
from services.results import RunResult
from ui.result_view.rows import Row

MAX_LETTERS = 20
_HAS_A_COLUMN = ("Plausibility",)


@dataclass(frozen=True, slots=True)
class Chip:
    """A few words on one check, or on several that are well.

    Attributes:
        text: two or three words.
        verdict: "good", "doubtful" or "bad".
        help: the same in a sentence or two.
    """

    text: str
    verdict: str
    help: str


def chips_of(result: RunResult, row: Row) -> tuple[Chip, ...]:
    """Return what speaks against believing a row, worst first, then how many checks it passed; empty without any."""
    known = [one for one in glances(result, row.rows, row.place) if one.name not in _HAS_A_COLUMN]
    order = [Verdict.BAD, Verdict.DOUBTFUL]
    trouble = sorted((one for one in known if one.verdict in order), key=lambda one: order.index(one.verdict))
    chips = [_chip(one) for one in trouble]
    good = [one for one in known if one.verdict is Verdict.GOOD]
    if good:
        words = good[0].name if len(good) == 1 else f"{len(good)} good" if trouble else f"all {len(good)} good"
        chips.append(Chip(words, Verdict.GOOD.value, "; ".join(one.line for one in good)))
    return tuple(chips)


def _chip(one: Glance) -> Chip:
    """Return the chip of one thing that speaks against a row; what is long to say is said on hover."""
    return Chip(one.line if len(one.line) <= MAX_LETTERS else one.name, one.verdict.value, f"{one.line}. {one.meaning}")
