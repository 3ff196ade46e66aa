"""What one session knows of its What if: where it began, what is locked, which variants it keeps without a run."""

from dataclasses import dataclass, field

from services.whatif.beginnings import Beginning
from services.whatif.variants import Variant, Variants


@dataclass
class Exploring:
    """The state of one user's What if.

    Attributes:
        start: where it began, or None before it does.
        run_id: the run that was shown then, or None.
        locked: features that cannot be moved, by their places, or None for those that the run freezes.
        times: raised whenever the page sets the setting: the browser then takes it, and else keeps its own.
        variants: kept without a run, which would keep them itself.
        removed: the variant that was deleted last and its place, to have it back; None where there is none.
    """

    start: Beginning | None = None
    run_id: str | None = None
    locked: tuple[int, ...] | None = None
    times: int = 0
    variants: Variants = field(default_factory=Variants)
    removed: tuple[int, Variant] | None = None
