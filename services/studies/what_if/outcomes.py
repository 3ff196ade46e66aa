"""What a setting has besides its objective: the other outcomes of a run, and what it keeps of limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from services.problems.outcomes.run_outcomes import Limited, RunOutcomes
from services.results.outcomes import outcome_infos
from services.specs.results import OutcomeInfo


class Band(NamedTuple):
    """Predictions (m,) with the ends (m,) of their intervals, which are None where the model knows none."""

    mean: np.ndarray
    low: np.ndarray | None
    high: np.ndarray | None

    def at(self, rows: slice) -> "Band":
        """Some of the rows."""
        return Band(*(None if part is None else part[rows] for part in self))  # type: ignore[arg-type]  # the mean is


class OtherAnswer(NamedTuple):
    """One outcome of a setting besides the objective.

    Attributes:
        outcome: (1,) what is expected there, with its interval.
        profiles: one per axis, what is expected at every value of its grid; None for the swept one.
    """

    outcome: Band
    profiles: tuple[Band | None, ...]


class LimitAnswer(NamedTuple):
    """One side of a limit at a setting.

    Attributes:
        limited: the limit.
        value: what it holds by: the outcome, or the end of its interval at the confidence of the limit.
    """

    limited: Limited
    value: float

    @property
    def beyond(self) -> float:
        """By how much the value is beyond the limit, in the outcome's unit; below 0 inside, NaN if it is no number."""
        gap = self.limited.bound - self.value if self.limited.is_low else self.value - self.limited.bound
        return gap if np.isfinite(gap) else np.nan

    @property
    def is_kept(self) -> bool:
        """Whether the limit is kept; what is no number keeps none."""
        return self.beyond <= 0


@dataclass(frozen=True)
class OtherOutcomes:
    """All outcomes of a run but the objective, and all of its limits.

    A desirability is an objective of its own, so that all outcomes are others then.

    Attributes:
        outcomes: of the run.
    """

    outcomes: RunOutcomes

    @cached_property
    def infos(self) -> tuple[OutcomeInfo, ...]:
        """The other outcomes, in the order of the run."""
        own = self.objective
        return tuple(info for info in self._all if info is not own)

    @cached_property
    def objective(self) -> OutcomeInfo | None:
        """The objective itself; None for a desirability."""
        if self.outcomes.spec.is_desirability:
            return None
        return next(info for info in self._all if info.goal is not None)

    @cached_property
    def _all(self) -> tuple[OutcomeInfo, ...]:
        return outcome_infos(self.outcomes)

    @cached_property
    def limits(self) -> tuple[Limited, ...]:
        """The limits that the run sets, one entry a side; not where a desirability ends, which comes last."""
        n_ends = sum(len(ramp.bounds) for ramp in self.outcomes.ramps) if self.outcomes.spec.is_desirability else 0
        return self.outcomes.limited[: len(self.outcomes.limited) - n_ends]

    @property
    def goals(self) -> tuple[OutcomeInfo, ...]:
        """The outcomes that make a front, in the order of the run; none where there is no front."""
        return tuple(info for info in self._all if info.goal is not None) if self.outcomes.spec.is_front else ()

    def bands(self, X: np.ndarray, level: float) -> tuple[Band, ...]:
        """What is expected of each other outcome of settings (n, d), with its interval at a level."""
        calculated = [info.name for info in self.infos if info.formula]
        values = self.outcomes.values(X, calculated) if calculated else {}
        return tuple(
            Band(values[info.name], None, None) if info.formula else self._measured(info.name, X, level)
            for info in self.infos
        )

    def _measured(self, name: str, X: np.ndarray, level: float) -> Band:
        told = self.outcomes.expected(name, X, level)
        if self.outcomes.confidence(name) is None:
            return Band(told.mean, None, None)
        return Band(*told)

    def answers(self, X: np.ndarray, parts: Sequence[slice | None], level: float) -> tuple[OtherAnswer, ...]:
        """The other outcomes of a setting, which is the first of rows (n, d), and their profiles.

        Args:
            parts: which of the rows are the profile of each axis.
        """
        return tuple(
            OtherAnswer(band.at(slice(0, 1)), tuple(band.at(part) if part else None for part in parts))
            for band in self.bands(X, level)
        )

    def held(self, X: np.ndarray) -> np.ndarray:
        """(n, l) what each of `limits` holds by, for settings (n, d)."""
        n = len(self.limits)
        return self.outcomes.kept_values(X)[:, :n] if n else np.empty((len(X), 0))

    def limits_at(self, setting: np.ndarray) -> tuple[LimitAnswer, ...]:
        """What a setting (d,) has of each limit."""
        return tuple(map(LimitAnswer, self.limits, self.held(setting[None])[0].tolist()))

    def n_kept(self, X: np.ndarray) -> np.ndarray:
        """(n,) how many of `limits` settings (n, d) keep."""
        return np.asarray(self.outcomes.keeps(X)[:, : len(self.limits)].sum(axis=1))

    @cached_property
    def recorded(self) -> np.ndarray:
        """(r, k) the other outcomes of all recorded rows; NaN where one was not measured, or follows from a curve."""
        places = [self.outcomes.names.index(info.name) for info in self.infos]
        values = self.outcomes.recorded[:, places].copy()
        values[:, [not self._is_recorded(info.name) for info in self.infos]] = np.nan
        return values

    def _is_recorded(self, name: str) -> bool:
        """Whether an outcome follows from what was measured alone; the summary of a curve is what a model says."""
        needed = {name, *self.outcomes.formulas.needed([name])}
        return all(each.curve is None for each in self.outcomes.asked if each.name in needed)
