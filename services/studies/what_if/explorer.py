"""What if: one setting, all that is predicted and known of it and of every single change, and the best near it."""

import timeit
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from models import Dataset
from models.intervals.conformal import ConformalPredictor
from optimizer import Feature, Plausibility, Problem, SpaceError
from services.catalog.loading import ModelWithData, confidence_of
from services.problems.building import build_problem, build_space, has_more_outcomes
from services.problems.constraints import constraint_words
from services.problems.outcomes.goals import objective_data
from services.problems.outcomes.objective import limited_outcomes, objective_interval
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.problems.plausibility import Judgement, PlausibilityCheck, build_plausibility
from services.problems.reference import reference_row
from services.results.baselines import density_info
from services.results.outcomes import rows_that_keep
from services.results.report import objective_short, objective_words
from services.specs.digits import sensible_decimals
from services.specs.results import DensityInfo
from services.specs.run import NumericSpec, RunSpec
from services.studies.what_if.outcomes import Band, LimitAnswer, OtherAnswer, OtherOutcomes

N_POINTS = 41  # of a profile: what a small plot shows
FINE_POINTS, FEW_FEATURES = 121, 3  # of the wide plots that few features have
MIN_POINTS = 9
MAX_PREDICTIONS = 40_000  # in one answer, which then takes a few hundredths of a second


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One feature as it is moved by hand.

    Attributes:
        low: smallest value: the recorded one, or the bound of the run or its reference where that is beyond.
        high: largest value, likewise.
        grid: (m,) values at which the profile is predicted, rising; codes for a category.
        step: values are multiples of it, or None.
        decimals: that a value is worth showing with.
        categories: names of the codes, empty for a number.
        is_frozen: whether the run holds it.
        is_swept: whether the run's curve runs over it: then it has no value of its own.
    """

    name: str
    unit: str
    low: float
    high: float
    grid: np.ndarray
    step: float | None
    decimals: int
    categories: tuple[str, ...]
    is_frozen: bool
    is_swept: bool


def axes_of(spec: RunSpec, dataset: Dataset, problem: Problem, n_points: int = N_POINTS) -> tuple[Axis, ...]:
    """Every feature as it is moved: over the recorded values and the bounds, whichever reach farther.

    Profiles have fewer points than ``n_points`` where long curves make each of them many predictions.
    """
    curve = problem.objective.curve
    n_predictions = len(curve.grid) if curve else 1
    if spec.has_several_outcomes:
        n_predictions = sum(each.curve.points if each.curve else 1 for each in spec.outcomes if each.model)
    n_each = MAX_PREDICTIONS // (len(dataset.features) * n_predictions)
    n_points = max(MIN_POINTS, min(n_points, n_each))
    rows = dataset.X if spec.reference is None else np.vstack([dataset.X, reference_row(spec, dataset)])
    return tuple(_axis(spec, dataset, j, rows[:, j], n_points) for j in range(len(dataset.features)))


def _axis(spec: RunSpec, dataset: Dataset, j: int, values: np.ndarray, n_points: int) -> Axis:
    column = dataset.features[j]
    given = next(one for one in spec.features if one.name == column.name)
    step, low, high = None, 0.0, float(len(column.categories) - 1)
    grid = np.arange(len(column.categories), dtype=float)
    if isinstance(given, NumericSpec):
        reached = [values.min(), values.max(), given.value, *((given.low, given.high) if given.is_free else ())]
        low, high = float(min(reached)), float(max(reached))
        step = given.step or (1.0 if column.is_integer else None)
        grid = np.linspace(low, high, n_points)
        if step is not None and (high - low) / step < n_points:  # then all multiples of the step, and both ends
            steps = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
            grid = np.concatenate([[low], np.clip(steps, low, high), [high]])
    return Axis(
        name=column.name,
        unit=column.unit,
        low=low,
        high=high,
        grid=np.unique(grid),
        step=step,
        decimals=sensible_decimals(float(dataset.stds[j]), step),
        categories=column.categories,
        is_frozen=not given.is_free,
        is_swept=column.name == spec.swept,
    )


AIM = 0.08  # seconds of an answer; slower models, and tables with many rows and columns, get less detail
DETAIL = ((True, N_POINTS), (True, 17), (False, N_POINTS), (False, 17), (False, MIN_POINTS))
"""Whether profiles say how plausible they are, and their points, first what is tried first."""

DEFERRED = (
    "This model needs TensorFlow, which runs only in the process of a search, where nothing answers within a tenth of "
    "a second. What if works with trained, uploaded and known models; the results of its searches are on Results."
)
"""Why an operator's model of that kind cannot be used here."""

JudgesOf = Callable[[RunSpec, Dataset, Sequence[Feature]], PlausibilityCheck]
"""Gives the judges of a run: `PlausibilityCheck.of`, or what keeps what that has built."""


class Profile(NamedTuple):
    """What changes when one feature alone moves.

    Attributes:
        band: the objective at every value of the axis' grid.
        plausibility: (m,) at each, in %, or None where it is not known.
    """

    band: Band
    plausibility: np.ndarray | None


class Answer(NamedTuple):
    """What is known of one setting.

    Attributes:
        outcome: (1,) its objective with its interval.
        profiles: one per axis; None for the swept one.
        curve: (m,) the outcome over the sweep feature, or None.
        density: sum of its parts, or None without parts.
        plausibility: in %, NaN where it is not known.
        second_check: in %, by another measure.
        disagrees: whether the two say different things.
        constraints_met: of every rule of the run.
        others: the other outcomes of a run with several, in its order.
        limits: what it has of each limit of the run.
    """

    setting: np.ndarray
    outcome: Band
    profiles: tuple[Profile | None, ...]
    curve: Band | None
    density: float | None
    plausibility: float
    second_check: float
    disagrees: bool
    constraints_met: tuple[bool, ...]
    others: tuple[OtherAnswer, ...] = ()
    limits: tuple[LimitAnswer, ...] = ()


@dataclass(frozen=True, eq=False)
class WhatIfModel:
    """Answers what if, for one run and its model; made once, for search trees and densities do not change.

    Attributes:
        model_data: rows and model of the objective; of a formula or a desirability, what calculates it.
        axes: every feature as it is moved.
        constraints: of the run, one line each.
        density: of the recorded rows, or None without parts.
        objective: what is predicted, and its unit.
        plausibility_check: how plausible settings are; None where that is not known.
        has_doubt: whether profiles say how plausible their points are.
        others: all outcomes of a run with several, or with limits; else None.
    """

    spec: RunSpec
    model_data: ModelWithData
    problem: Problem
    axes: tuple[Axis, ...]
    constraints: tuple[str, ...]
    density: DensityInfo | None
    objective: tuple[str, str]
    plausibility_check: PlausibilityCheck | None = field(repr=False)
    _confidence: ConformalPredictor | None = field(repr=False)
    has_doubt: bool = True
    others: OtherOutcomes | None = None

    @classmethod
    def of(cls, spec: RunSpec, model_data: ModelWithData, judges_of: JudgesOf = PlausibilityCheck.of) -> "WhatIfModel":
        """The explorer of a run, or of the settings of one that was never started.

        Args:
            spec: the run.
            model_data: what it names; see `Catalog.models_of`.
            judges_of: gives its judges, which take seconds to build for a large table.

        Raises:
            SpaceError: bounds, rules or goal do not fit together, or the model answers only where TensorFlow runs.
            DatasetError: the run and the table do not fit together.
            FormulaError: a formula does not fit the table.
        """
        if model_data.is_deferred:
            raise SpaceError(DEFERRED)
        others = OtherOutcomes(RunOutcomes.of(spec, model_data)) if has_more_outcomes(spec) else None
        model_data = objective_data(spec, model_data)
        dataset = model_data.dataset
        try:
            plausibility_check = judges_of(spec, dataset, build_space(spec, dataset).features)
        except SpaceError:  # no two recorded rows differ in what counts, or what the problem refuses as well
            plausibility_check = None

        def make_plausibility(*run: Any) -> Plausibility:
            return plausibility_check.first if plausibility_check else build_plausibility(*run)

        problem = build_problem(spec, model_data, make_plausibility)
        made = cls(
            spec=spec,
            model_data=model_data,
            problem=problem,
            axes=axes_of(spec, model_data.table or dataset, problem),
            constraints=constraint_words(problem.space.constraints, dataset),
            density=density_info(spec, dataset),
            objective=objective_words(spec, model_data),
            plausibility_check=plausibility_check,
            _confidence=confidence_of(spec, model_data),
            others=others,
        )
        return made._in_time()

    def _in_time(self) -> "WhatIfModel":
        """The explorer with as much detail as it can answer within the time that is aimed at.

        Only the least detail is tried, with and without plausibilities: an answer takes as long as it has rows.
        """
        x = self.within(self.dataset.X[0])
        self.plausibility(x[None]), self.outcomes(x[None])  # builds search trees
        least = self._detailed(MIN_POINTS, has_doubt=True)
        seconds = {
            has_doubt: min(timeit.repeat(partial(replace(least, has_doubt=has_doubt).answer, x), repeat=2, number=1))
            for has_doubt in (True, False)
        }
        fine = [(True, FINE_POINTS)] if len(self.axes) <= FEW_FEATURES else []
        for has_doubt, n_points in (*fine, *DETAIL):
            detailed = self._detailed(n_points, has_doubt=has_doubt)
            if seconds[has_doubt] * detailed._n_rows / least._n_rows <= AIM:
                break
        return detailed

    def _detailed(self, n_points: int, *, has_doubt: bool) -> "WhatIfModel":
        axes = axes_of(self.spec, self.table, self.problem, n_points)
        return replace(self, axes=axes, has_doubt=has_doubt)

    @property
    def _n_rows(self) -> int:
        """How many settings an answer predicts."""
        return 1 + sum(len(axis.grid) for axis in self.axes if not axis.is_swept)

    @property
    def dataset(self) -> Dataset:
        """The recorded rows that tell the objective, in the order of the model's features."""
        return self.model_data.dataset

    @property
    def table(self) -> Dataset:
        """All recorded rows, also those in which only other outcomes were measured."""
        return self.model_data.table or self.model_data.dataset

    @cached_property
    def rows_within_limits(self) -> Dataset:
        """The rows of `dataset` that keep all limits as they were measured; all of them where none does."""
        if self.others is None or not self.others.limits:
            return self.dataset
        keep = rows_that_keep(self.others.outcomes, self.dataset)
        return self.dataset.taken(keep) if keep.any() else self.dataset

    @property
    def short(self) -> str:
        """The objective in a word or two."""
        return objective_short(self.spec, self.objective[0])

    def within(self, setting: Sequence[float] | np.ndarray) -> np.ndarray:
        """(d,) the nearest setting that can be shown: within the axes, and of categories one.

        Raises:
            SpaceError: it has another number of values than there are features, or one that is no number.
        """
        values = np.array(setting, dtype=float)
        if values.shape != (len(self.axes),) or not np.isfinite(values).all():
            raise SpaceError(f"Expected a setting of {len(self.axes)} numbers, one per feature, got {list(setting)}.")
        low, high = (np.array([getattr(axis, end) for axis in self.axes]) for end in ("low", "high"))
        is_whole = np.array([bool(axis.categories) for axis in self.axes])
        values = np.where(is_whole, np.round(values), values)
        return np.clip(values, low, high) + 0.0  # no -0.0

    def answer(self, setting: Sequence[float] | np.ndarray) -> Answer:
        """What is known of a setting, by one prediction of every model for all profiles and one for the curve.

        Raises:
            SpaceError: as `within`.
        """
        x = self.within(setting)
        rows, parts = self._rows(x)
        outcomes, check = self.outcomes(rows), self.plausibility_check
        judged = check.first.percent(rows) if self.has_doubt and check else None
        profiles = tuple(
            Profile(outcomes.at(part), None if judged is None else judged[part]) if part else None for part in parts
        )
        unknown = np.full(1, np.nan)
        own = check.judge(x[None]) if check else Judgement(unknown, unknown, np.zeros(1, dtype=bool))
        return Answer(
            setting=x,
            outcome=outcomes.at(slice(0, 1)),
            profiles=profiles,
            curve=self.curve(x),
            density=self.densities(x[None])[0] if self.density else None,
            plausibility=float(own.plausibility[0]),
            second_check=float(own.second_check[0]),
            disagrees=bool(own.disagrees[0]),
            constraints_met=tuple(self.problem.space.holds(x[None])[0].tolist()),
            others=self.others.answers(rows, parts, self.spec.level) if self.others else (),
            limits=self.others.limits_at(x) if self.others else (),
        )

    def curve(self, setting: np.ndarray) -> Band | None:
        """The outcome over the grid of the searched curve, or None where none is searched."""
        curve = self.problem.objective.curve
        if curve is None:
            return None
        rows = np.repeat(setting[None], len(curve.grid), axis=0)
        rows[:, curve.feature] = curve.grid
        if self._confidence is None:
            return Band(self.dataset.limits.clip(self.problem.predict(rows)), None, None)
        return Band(*self._confidence.predict_interval(rows, self.spec.level))

    def densities(self, settings: np.ndarray) -> list[float]:
        """The n sums of the parts of settings (n, d); only where the run has a density."""
        parts = self.spec.parts(self.dataset.parts)
        return settings[:, self.dataset.indices(parts)].sum(axis=1).tolist()

    def plausibility(self, settings: np.ndarray) -> np.ndarray:
        """(n,) the plausibility of settings (n, d) in %, NaN where it is not known."""
        check = self.plausibility_check
        return np.full(len(settings), np.nan) if check is None else check.first.percent(settings)

    def _rows(self, x: np.ndarray) -> tuple[np.ndarray, list[slice | None]]:
        """(n, d) the setting and all its single changes, and which rows are the profile of each axis."""
        rows, parts = [x[None]], list[slice | None]()
        for j, axis in enumerate(self.axes):
            begin = sum(map(len, rows))
            parts.append(None if axis.is_swept else slice(begin, begin + len(axis.grid)))
            if not axis.is_swept:
                rows.append(np.repeat(x[None], len(axis.grid), axis=0))
                rows[-1][:, j] = axis.grid
        return np.concatenate(rows), parts

    def outcomes(self, settings: np.ndarray) -> Band:
        """(n,) the objective of settings (n, d) with its interval, by one call.

        Whoever turns features until the prediction pleases picks it for its error as a search does, so the intervals
        are those of results. Along a curve errors are taken as going together.
        """
        confidence = self._confidence
        if confidence is None:
            return Band(limited_outcomes(self.problem, self.dataset, settings), None, None)
        return Band(*objective_interval(self.problem.objective, confidence, settings, self.spec.level))
