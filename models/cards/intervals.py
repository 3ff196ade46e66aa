"""What a card keeps of the calibration of a model's intervals."""

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class CardPart(BaseModel):
    """A frozen part of a document: nothing unknown in it, every number finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def first_error(error: ValidationError, whole: str = "") -> str:
    """The first of what is wrong with a document: where, or ``whole`` for none of its parts alone, and what."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"])) or whole
    return f"{where}: {first['msg']}" if where else first["msg"]


class ErrorCard(CardPart):
    """How large errors are expected to be, and how they were against that.

    The expected error of a prediction is ``sqrt(constant + spread * s**2 + max(near * d**2, distance * (d**2 -
    usual**2)))``, in standard deviations of the outcome, with s the model's spread in the same unit and d the distance
    to the recorded rows (`Nearness`).

    Attributes:
        constant: at a recorded row, where the model is sure.
        spread: per squared spread.
        distance: per squared distance beyond the usual one.
        usual: distance that recorded rows keep from each other.
        near: per squared distance, where it is hardly larger than usual.
        scores: increasing quantiles, evenly spaced, of the error of held-out rows divided by the expected one.
    """

    constant: float = Field(ge=0)
    spread: float = Field(ge=0)
    distance: float = Field(ge=0)
    usual: float = Field(default=0.0, ge=0)
    near: float = Field(default=0.0, ge=0)
    scores: tuple[float, ...] = Field(default=(1.0,), min_length=1)

    def expected(self, spread: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Expected errors (n,), in standard deviations of the outcome."""
        far, near = self.distance * beyond(distance, self.usual), self.near * distance**2
        return np.sqrt(self.constant + self.spread * spread**2 + np.maximum(far, near))

    def expected_with_gradient(
        self, spread: np.ndarray, distance: np.ndarray, spread_slopes: np.ndarray, rises: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The errors (n,) of `expected`, and their gradient (n, d) by those of the spread and of the distance."""
        errors = self.expected(spread, distance)
        is_far = self.distance * beyond(distance, self.usual) > self.near * distance**2
        rates = np.where(is_far, self.distance, self.near) * distance  # half of what the squared error gains
        slopes = self.spread * spread[:, None] * spread_slopes + rates[:, None] * rises
        return errors, slopes / errors[:, None]

    def extrapolation_limit(self, limit: float) -> float:
        """The distance at which the expected error is ``limit`` where the model is sure; infinite for none."""
        room = max(limit**2 - self.constant, 0.0)
        far = float(np.sqrt(self.usual**2 + room / self.distance)) if self.distance > 0 else np.inf
        near = float(np.sqrt(room / self.near)) if self.near > 0 else np.inf
        return min(far, near)

    def factor(self, level: float) -> float:
        """How many expected errors hold a share ``level``, 0 to 1, of the held-out rows."""
        return float(np.interp(level, (np.arange(len(self.scores)) + 0.5) / len(self.scores), self.scores))


class IntervalCard(CardPart):
    """How far predictions of this model were off on rows that it never saw.

    Attributes:
        among: between and around the recorded rows: from random rows and from whole regions that were held out.
        above: where predictions leave what was recorded upwards: from the rows with the highest outcomes held out.
        below: the same downwards.
        coverage: share of held-out random rows within their interval at `level`.
        n_rows: rows that were held out, one by one or with others.
    """

    among: ErrorCard
    above: ErrorCard
    below: ErrorCard
    coverage: float = Field(ge=0, le=1)
    level: float = Field(gt=0, lt=1)
    n_rows: int = Field(ge=1)


def beyond(distance: np.ndarray, usual: float) -> np.ndarray:
    """Squared distances (n,) as far as they exceed the usual one: what lies among others adds nothing."""
    return np.maximum(distance**2 - usual**2, 0.0)
