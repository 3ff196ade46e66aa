"""The values that an outcome can have at all, where physics says so: 0 to 100 %, or never negative."""

from dataclasses import dataclass
from numbers import Real

import numpy as np

from models.errors import DatasetError

LOWEST, HIGHEST = "Lowest possible", "Highest possible"
"""What the two ends are called wherever they are set."""


@dataclass(frozen=True, slots=True)
class PhysicalLimits:
    """The ends that no outcome can lie beyond, both in the outcome's unit.

    Attributes:
        low: the lowest possible outcome, None for none.
        high: the highest possible outcome, None for none.

    Raises:
        DatasetError: an end is no finite number, or the lowest does not lie below the highest.
    """

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        for name, end in (("low", self.low), ("high", self.high)):
            if end is None:
                continue
            if not isinstance(end, Real) or not np.isfinite(end):
                label = LOWEST if name == "low" else HIGHEST
                raise DatasetError(f"'{label}' has to be a finite number, or nothing for no limit; got {end}.")
            object.__setattr__(self, name, float(end) + 0.0)  # no -0.0, so that equal limits have one digest
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise DatasetError(
                f"'{LOWEST}' has to be below '{HIGHEST}'; got {self.low:.10g} and {self.high:.10g}. Correct them, or "
                "leave one empty for no limit."
            )

    @property
    def is_open(self) -> bool:
        """Whether there is no limit on either side."""
        return self.low is None and self.high is None

    def clip(self, values: np.ndarray) -> np.ndarray:
        """The values, those beyond an end moved onto it; NaN stays NaN."""
        return values if self.is_open else np.clip(values, self.low, self.high)

    def holds(self, values: np.ndarray) -> bool:
        """Whether no value lies beyond an end."""
        return bool((self.clip(values) == values).all())

    def scaled(self, factor: float) -> "PhysicalLimits":
        """The limits of what is ``factor`` > 0 times the outcome."""
        return PhysicalLimits(*(None if end is None else end * factor for end in (self.low, self.high)))

    def words(self, unit: str = "") -> str:
        """What an outcome always is: "always within 0 to 100 %", "never below 0 MPa"; "" where there is no limit."""
        if self.low is not None and self.high is not None:
            return f"always within {self.low:,g} to {self.high:,g} {unit}".rstrip()
        if self.low is not None:
            return f"never below {self.low:,g} {unit}".rstrip()
        return "" if self.high is None else f"never above {self.high:,g} {unit}".rstrip()

    def check(self, values: np.ndarray, numbers: np.ndarray, name: str, unit: str = "") -> None:
        """Refuse recorded outcomes (n,) that cannot be.

        Args:
            numbers: (n,) what a person calls each row.
            name: of the outcome.

        Raises:
            DatasetError: rows lie beyond an end; the text has their number, the worst of them and what to change.
        """
        for label, end, sign, side in ((LOWEST, self.low, -1, "below"), (HIGHEST, self.high, 1, "above")):
            if end is None or not (beyond := sign * values > sign * end).any():
                continue
            n, worst = int(beyond.sum()), int(np.argmax(sign * values))
            rows = "1 recorded row lies" if n == 1 else f"{n:,} recorded rows lie"
            raise DatasetError(
                f"'{label}' of {name} is set to {end:.10g} {unit}".rstrip()
                + f", but {rows} {side} it: {values[worst]:.10g} in row {numbers[worst]}"
                + ("" if n == 1 else ", the farthest")
                + f". Set '{label}' to that value or {side} it, leave it empty for no limit, or correct that row."
            )


NO_LIMITS = PhysicalLimits()
