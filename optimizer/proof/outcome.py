"""When a proof ends, how far it is, and what it proved."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from optimizer.checks import check_at_least, check_positive
from optimizer.problem.candidates import Candidates


class ProofEnd(StrEnum):
    """Why a proof ended."""

    PROVEN = "proven"
    USER = "stopped"
    TIME = "time"
    BOXES = "boxes"
    MEMORY = "memory"
    PRECISION = "precision"


@dataclass(frozen=True, slots=True)
class ProofLimits:
    """When a proof ends.

    Attributes:
        tolerance: the gap, in scores, that is small enough,
        share: or, where that is more, this share of the best known score.
        seconds: wall time at most, or None.
        boxes: bounded at most, or None.
        open_boxes: kept at most; each takes some 200 bytes, and a byte per point of a curve.
        batch: boxes split at once.

    Raises:
        SpaceError: a limit is not positive.
    """

    tolerance: float = 1e-6
    share: float = 1e-4
    seconds: float | None = None
    boxes: int | None = None
    open_boxes: int = 2_000_000
    batch: int = 512

    def __post_init__(self) -> None:
        check_positive("The tolerance of a proof", self.tolerance)
        check_at_least("The relative tolerance of a proof", self.share, 0.0)
        if self.seconds is not None:
            check_positive("The seconds of a proof", self.seconds)
        if self.boxes is not None:
            check_at_least("The boxes of a proof", self.boxes, 1)
        check_at_least("The open boxes of a proof", self.open_boxes, 1)
        check_at_least("The boxes of a batch", self.batch, 1)

    def gap_at(self, best: float) -> float:
        """The gap that is small enough beside a best known score."""
        return max(self.tolerance, self.share * abs(best)) if np.isfinite(best) else self.tolerance


@dataclass(frozen=True, slots=True)
class ProofProgress:
    """How far a proof is.

    Attributes:
        bound: no candidate has a lower score.
        best: score of the best known candidate.
        n_boxes: boxes bounded.
        n_open: boxes that may still hold something better.
        seconds: since the start.
    """

    bound: float
    best: float
    n_boxes: int
    n_open: int
    seconds: float

    @property
    def gap(self) -> float:
        """How much lower than the best known score any score could be."""
        return max(self.best - self.bound, 0.0)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proven.

    Attributes:
        progress: bound, best known score and effort.
        best: the best known candidate, one row, or none where no candidate is known.
        end: why it ended.
        relaxed: what the bound leaves out, in words; it stays a bound, but a looser one.
    """

    progress: ProofProgress
    best: Candidates
    end: ProofEnd
    relaxed: tuple[str, ...]
