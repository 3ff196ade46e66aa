"""All outcomes of a run together: what its models and formulas say of candidates and of recorded rows, and limits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from models import Column, Dataset, DatasetError
from models.formulas.outcomes import FormulaOutcome, FormulaOutcomes
from models.intervals.conformal import ConformalPredictor, Direction, Interval
from models.networks.predictor import GradientPredictor
from optimizer import Limit, Limits, Objective, Summary
from optimizer.features import evenly
from optimizer.problem.objective import Field
from services.catalog.loading import DIRECTIONS, ModelWithData
from services.catalog.rows import RowBudget
from services.problems.outcomes.desirability import Ramp, ramps_of
from services.problems.outcomes.objective import (
    build_curve,
    interval_end_with_gradient,
    measured_scale,
    objective_interval,
    objective_limits,
    open_interval,
    usual_error,
)
from services.specs.outcomes import OutcomeSpec
from services.specs.run import RunSpec

_UNIT_OF_ERROR = 0.25  # of the outcome's standard deviations: standard errors are small, and so is what is too much
_NEAR = 0.5  # standard deviations: recorded rows that miss a limit by less come near


class End(NamedTuple):
    """One end of an outcome's interval at a confidence, that a limit holds by.

    Attributes:
        name: of the outcome.
        confidence: with which the outcome lies on the other side of it.
    """

    name: str
    is_low: bool
    confidence: float


@dataclass(frozen=True)
class MeasuredOutcome:
    """An outcome with a model.

    Attributes:
        model_data: its rows and its model.
        objective: the outcome itself, or the summary of its curve.
        direction: where a search goes with it.
    """

    model_data: ModelWithData
    objective: Objective
    direction: Direction

    @property
    def confidence(self) -> ConformalPredictor | None:
        """The model with its calibrated intervals, for a search that goes there; None without any."""
        confidence = self.model_data.confidence
        return None if confidence is None else confidence.toward(self.direction)

    @property
    def has_gradient(self) -> bool:
        """Whether the prediction knows its slopes."""
        return isinstance(self.model_data.predictor, GradientPredictor)

    @property
    def is_costly_curve(self) -> bool:
        """Whether it is the summary of a curve of a function whose rows cost."""
        return self.objective.curve is not None and bool(self.model_data.functions)

    def value(self, X: np.ndarray) -> np.ndarray:
        """The outcome (n,) of candidates (n, d)."""
        return self.objective.outcomes(X, self.model_data.predictor.predict)

    def value_with_gradient(self, X: np.ndarray) -> Field:
        """The outcome (n,) of candidates (n, d) and its gradient (n, d)."""
        predictor = self.model_data.predictor
        assert isinstance(predictor, GradientPredictor)
        (field,) = self.objective.outcomes_with_gradient(X, predictor.predict, predictor.predict_with_gradient)
        return field

    def recorded(self, table: Dataset, rows: RowBudget | None = None) -> np.ndarray:
        """What was measured in each row of a table, (r,), NaN where nothing was; of a curve, what the model says.

        Args:
            rows: the budget of a run; where rows of the model cost, it is asked of a few of them only.
        """
        if self.objective.curve is None:
            return table.measured(self.model_data.dataset.outcome.name)
        if rows is None or not self.is_costly_curve:
            return self.value(table.X)
        found, places = np.full(table.n_rows, np.nan), evenly(table.n_rows, rows.n_few)
        if len(places):
            found[places] = self.value(table.X[places])
        return found


@dataclass(frozen=True)
class RunOutcomes:
    """What a run says of candidates in all of its outcomes.

    Attributes:
        spec: of the run.
        table: all recorded rows, features as the models take them.
        measured: rows and model of each measured outcome, by its name.
        rows: the budget of the run, where rows of its models cost; else None.

    Raises:
        FormulaError: a formula names what is not there or itself, or has no result on recorded rows.
        SpaceError: a curve cannot be built.
    """

    spec: RunSpec
    table: Dataset
    measured: Mapping[str, ModelWithData]
    rows: RowBudget | None = None

    def __post_init__(self) -> None:
        known = {name: self.table.measured(name) for name in self._functions}
        self.formulas.check_rows(self.table.X, known, self.table.numbers)

    @classmethod
    def of(cls, spec: RunSpec, model_data: ModelWithData) -> "RunOutcomes":
        """The outcomes of a run, with the models that `Catalog.model_data` gives."""
        if model_data.table is not None:
            return cls(spec, model_data.table, model_data.measured, model_data.rows)
        own = {model_data.dataset.outcome.name: model_data}
        return cls(spec, model_data.dataset, own, model_data.rows)

    @cached_property
    def asked(self) -> tuple[OutcomeSpec, ...]:
        """The outcomes of the run, each with its name."""
        own = self.table.outcome.name
        return tuple(each if each.name else each.model_copy(update={"name": own}) for each in self.spec.outcomes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the outcomes."""
        return tuple(outcome.name for outcome in self.asked)

    @cached_property
    def formulas(self) -> FormulaOutcomes:
        """The formulas of the run; they may name features, measured outcomes and each other."""
        calculated = [FormulaOutcome.of(each.name, each.formula, each.unit) for each in self.asked if each.formula]
        measured = [each.dataset.outcome for each in self.measured.values()]
        return FormulaOutcomes(self.table.features, tuple(measured), tuple(calculated))

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The outcomes as columns, with their units; of the area under a curve, that of the area."""
        units = self.formulas.units
        return tuple(
            Column(each.name, unit=units[each.name] if each.formula else self._unit(each)) for each in self.asked
        )

    @cached_property
    def units(self) -> dict[str, str]:
        """The unit of each outcome, by its name."""
        return {column.name: column.unit for column in self.columns}

    def _unit(self, outcome: OutcomeSpec) -> str:
        unit, curve = self.measured[outcome.name].dataset.outcome.unit, outcome.curve
        if curve is None or curve.summary is not Summary.AREA or not unit:
            return unit
        swept = self.table.features[self.table.index(curve.feature)].unit
        return f"{unit}·{swept}" if swept else unit

    @cached_property
    def _functions(self) -> dict[str, MeasuredOutcome]:
        """What tells each measured outcome, by its name."""
        return {each.name: self._function(each) for each in self.asked if each.model is not None}

    def _function(self, outcome: OutcomeSpec) -> MeasuredOutcome:
        model_data = self.measured.get(outcome.name)
        if model_data is None:
            raise DatasetError(
                f"The table has no outcome '{outcome.name}' with a model; there are {', '.join(self.measured)}."
            )
        curve = build_curve(outcome.curve, model_data.dataset) if outcome.curve else None
        if outcome.goal is not None:
            direction = DIRECTIONS[outcome.goal]
        elif (outcome.at_least is None) != (outcome.at_most is None):
            # searches end at limits: there the side counts on which the limit is broken
            direction = Direction.ABOVE if outcome.at_least is not None else Direction.BELOW
        else:
            direction = Direction.EITHER
        return MeasuredOutcome(model_data, Objective(curve=curve), direction)

    @cached_property
    def _ends(self) -> dict[tuple[str, bool], End]:
        """The ends of intervals that limits hold by, by the outcome and whether it is the low one."""
        found = {}
        for outcome in self.asked:
            if outcome.model is None or outcome.confidence is None or self._functions[outcome.name].confidence is None:
                continue
            for limit, is_low in ((outcome.at_least, True), (outcome.at_most, False)):
                if limit is not None:
                    found[outcome.name, is_low] = End(outcome.name, is_low, outcome.confidence)
        return found

    @cached_property
    def scales(self) -> dict[str, float]:
        """The standard deviation of each outcome over the recorded rows, by its name; 1 where it never varies."""
        found = {}
        for name, values in zip(self.names, self.recorded.T, strict=True):
            known, function = values[np.isfinite(values)], self._functions.get(name)
            if self.rows is not None and function is not None and function.is_costly_curve:
                found[name] = measured_scale(function.objective.curve, function.model_data.dataset)
            else:
                found[name] = float(known.std()) if len(known) and known.std() > 0 else 1.0
        return found

    @cached_property
    def recorded(self) -> np.ndarray:
        """(r, k) outcomes of the recorded rows: as measured, of curves as predicted, of formulas by these."""
        known = {name: function.recorded(self.table, self.rows) for name, function in self._functions.items()}
        return self._stacked(known | self.formulas.evaluate(self.table.X, known))

    def _stacked(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.column_stack([values[name] for name in self.names])

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The outcomes (n, k) of candidates (n, d)."""
        return self._stacked(self.values(X, self.names))

    def values(self, X: np.ndarray, names: Iterable[str]) -> dict[str, np.ndarray]:
        """Some of the outcomes (n,) of candidates (n, d), by name; one call of every model that is needed."""
        known = {name: self._functions[name].value(X) for name in self._needed(names)}
        return known | self._calculated(names).evaluate(X, known)

    def values_with_gradients(self, X: np.ndarray, names: Iterable[str]) -> dict[str, Field]:
        """Some of the outcomes (n,) of candidates (n, d) with their gradients (n, d), by name."""
        known = {name: self._functions[name].value_with_gradient(X) for name in self._needed(names)}
        return known | self._calculated(names).evaluate_with_gradients(X, known)

    def has_gradient(self, names: Iterable[str]) -> bool:
        """Whether all that tells these outcomes knows its slopes."""
        return all(self._functions[name].has_gradient for name in self._needed(names))

    def _needed(self, names: Iterable[str]) -> tuple[str, ...]:
        """The measured outcomes that tell these."""
        return self.formulas.needed(names)

    def _calculated(self, names: Iterable[str]) -> FormulaOutcomes:
        """The formulas that are needed for these outcomes."""
        return self._formulas_of(tuple(sorted(set(names))))

    def _formulas_of(self, names: tuple[str, ...]) -> FormulaOutcomes:
        if names not in self._kept:
            wanted = set(names)
            by_name = {each.name: each for each in self.formulas.formulas}
            for name in reversed(self.formulas.order):
                if name in wanted:
                    wanted |= set(by_name[name].formula.names)
            kept = tuple(each for each in self.formulas.formulas if each.name in wanted)
            self._kept[names] = FormulaOutcomes(self.formulas.features, self.formulas.measured, kept)
        return self._kept[names]

    @cached_property
    def _kept(self) -> dict[tuple[str, ...], FormulaOutcomes]:
        return {}

    @cached_property
    def ramps(self) -> tuple[Ramp, ...]:
        """How desirable each goal of the run is; errors as `ramps_of`."""
        return ramps_of(self.asked, dict(zip(self.names, self.recorded.T, strict=True)))

    @cached_property
    def limited(self) -> tuple["Limited", ...]:
        """What has to be kept, each by an outcome or by an end of its interval; without what physics keeps anyway.

        A desirability of 0 has no slope, so what would have it is beyond a limit too.
        """
        found = []
        for outcome in self.asked:
            for bound, is_low in ((outcome.at_least, True), (outcome.at_most, False)):
                if bound is not None and not self._is_physical(outcome, bound, is_low):
                    found.append(Limited(outcome, bound, is_low, self._ends.get((outcome.name, is_low))))
        if self.spec.is_desirability:
            by_name = {outcome.name: outcome for outcome in self.asked}
            for ramp in self.ramps:
                found += [Limited(by_name[ramp.name], bound, is_low, None) for bound, is_low in ramp.bounds]
        return tuple(found)

    def _is_physical(self, outcome: OutcomeSpec, bound: float, is_low: bool) -> bool:
        """Whether no outcome can lie beyond a bound anyway."""
        if outcome.model is None:
            return False
        function = self._functions[outcome.name]
        limits = objective_limits(function.objective, function.model_data.dataset)
        end = limits.low if is_low else limits.high
        return end is not None and (end >= bound if is_low else end <= bound)

    @cached_property
    def uncertain(self) -> dict[str, float]:
        """The largest standard error that results may have of what is searched for, by the measured outcome.

        It is the extrapolation limit of the run, or what is usual at recorded rows if that is more. A run whose one
        objective is measured has that in its problem already.
        """
        asked = self.spec.plausibility.extrapolation_limit if self.spec.plausibility is not None else None
        if asked is None or not (self.spec.is_front or self.spec.is_desirability or self.spec.objective.formula):
            return {}
        found = {}
        for name in self._needed(each.name for each in self.asked if each.goal is not None):
            tell = self.uncertainty(name)
            if tell is not None:
                found[name] = max(asked * self.scales[name], usual_error(self.table.X, tell, self.rows))
        return found

    @cached_property
    def kept(self) -> tuple[Limit, ...]:
        """All that results keep, as the engine has it: `limited`, then `uncertain`; a column of `kept_values` each."""
        limits = [
            Limit(
                column,
                at_least=each.bound if each.is_low else None,
                at_most=None if each.is_low else each.bound,
                scale=self.scales[each.outcome.name],
            )
            for column, each in enumerate(self.limited)
        ]
        for column, (name, most) in enumerate(self.uncertain.items(), start=len(limits)):
            limits.append(Limit(column, at_most=most, scale=_UNIT_OF_ERROR * self.scales[name]))
        return tuple(limits)

    def limits(self) -> Limits | None:
        """What a search for one objective has to keep, or None for nothing."""
        if not self.kept:
            return None
        return Limits(
            self.kept_values, self.kept, self.kept_values_with_gradients if self.kept_have_gradients else None
        )

    def kept_values(self, X: np.ndarray) -> np.ndarray:
        """What is kept, (n, l), one column for each of `kept`, for candidates (n, d)."""
        plain = self.values(X, self._kept_plainly)
        columns = [plain[each.outcome.name] if each.end is None else self._end(each.end, X) for each in self.limited]
        for name in self.uncertain:
            tell = self.uncertainty(name)
            assert tell is not None
            columns.append(tell(X)[1])
        return np.column_stack(columns) if columns else np.empty((len(X), 0))

    @property
    def kept_have_gradients(self) -> bool:
        """Whether all that is kept knows its slopes."""
        names = [*(each.end.name for each in self.limited if each.end is not None), *self.uncertain]
        confidences = [self._functions[name].confidence for name in names]
        return self.has_gradient(self._kept_plainly) and all(
            each is not None and each.has_gradient for each in confidences
        )

    def kept_values_with_gradients(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values (n, l) of `kept_values` and their gradients (n, l, d)."""
        plain = self.values_with_gradients(X, self._kept_plainly)
        fields = [
            plain[each.outcome.name] if each.end is None else self._end_with_gradient(each.end, X)
            for each in self.limited
        ]
        fields += [self.uncertainty_with_gradient(name, X)[1] for name in self.uncertain]
        if not fields:
            return np.empty((len(X), 0)), np.empty((len(X), 0, X.shape[1]))
        return np.column_stack([value for value, _ in fields]), np.stack([slopes for _, slopes in fields], axis=1)

    @property
    def _kept_plainly(self) -> list[str]:
        """The outcomes that keep a limit by the prediction."""
        return [each.outcome.name for each in self.limited if each.end is None]

    def _end(self, end: End, X: np.ndarray) -> np.ndarray:
        function, confidence = self._function_of(end)
        _, low, high = open_interval(function.objective, confidence, X, _level(end))
        return low if end.is_low else high

    def _end_with_gradient(self, end: End, X: np.ndarray) -> Field:
        function, confidence = self._function_of(end)
        return interval_end_with_gradient(function.objective, confidence, X, _level(end), is_low=end.is_low)[1]

    def _function_of(self, end: End) -> tuple[MeasuredOutcome, ConformalPredictor]:
        function = self._functions[end.name]
        assert function.confidence is not None
        return function, function.confidence

    def expected(self, name: str, X: np.ndarray, level: float) -> Interval:
        """What is expected of an outcome of candidates (n, d), with the interval of its model at a level."""
        function = self._functions.get(name)
        if function is None or function.confidence is None:
            values = self.values(X, [name])[name]
            if function is not None:
                values = objective_limits(function.objective, function.model_data.dataset).clip(values)
            unknown = np.full(len(X), np.nan)
            return Interval(values, unknown, unknown)
        return Interval(*objective_interval(function.objective, function.confidence, X, level))

    def confidence(self, name: str) -> ConformalPredictor | None:
        """The model of an outcome with its calibrated intervals; None where it has none."""
        function = self._functions.get(name)
        return None if function is None else function.confidence

    def uncertainty(self, name: str) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]] | None:
        """What tells an outcome of candidates (n, d) and its standard error, (n,) each; None where nothing does."""
        function = self._functions.get(name)
        if function is None or (confidence := function.confidence) is None:
            return None
        predict = function.model_data.predictor.predict
        return lambda X: function.objective.outcomes_with_uncertainty(
            X, confidence.predict_with_uncertainty, predict=predict
        )

    def uncertainty_with_gradient(self, name: str, X: np.ndarray) -> tuple[Field, Field]:
        """An outcome of candidates (n, d) and its standard error, (n,) each with its gradient (n, d)."""
        function = self._functions[name]
        predictor, confidence = function.model_data.predictor, function.confidence
        assert confidence is not None
        gradient = predictor.predict_with_gradient if isinstance(predictor, GradientPredictor) else None
        value, error = function.objective.outcomes_and_uncertainty_with_gradient(
            X, predictor.predict, gradient, confidence.predict_with_uncertainty_and_gradient
        )
        return value, error

    def keeps(self, X: np.ndarray) -> np.ndarray:
        """(n, l) whether candidates (n, d) keep each of `limited`."""
        return _within(self.limited, self.kept_values(X)[:, : len(self.limited)])

    def recorded_keep(self) -> np.ndarray:
        """(r, l) whether each recorded row keeps each of `limited`, as it was measured; False where it was not."""
        places = {name: j for j, name in enumerate(self.names)}
        columns = [self.recorded[:, places[each.outcome.name]] for each in self.limited]
        values = np.column_stack(columns) if columns else np.empty((self.table.n_rows, 0))
        return _within(self.limited, values)

    def limit_notes(self) -> tuple[str, ...]:
        """Which limits no recorded row meets, how many come near, and what the best has; one sentence each."""
        notes = []
        keeps = self.recorded_keep()
        for j, each in enumerate(self.limited):
            function = self._functions.get(each.outcome.name)
            if self.rows is not None and function is not None and function.is_costly_curve:
                continue  # a few rows were asked, and others may keep it
            values = self.recorded[:, self.names.index(each.outcome.name)]
            known = values[np.isfinite(values)]
            if keeps[:, j].any() or not len(known):
                continue
            unit = self.units[each.outcome.name]
            missing = (each.bound - known) if each.is_low else (known - each.bound)
            n_near = int((missing <= _NEAR * self.scales[each.outcome.name]).sum())
            best = f"{known.max() if each.is_low else known.min():,.4g} {unit}".rstrip()
            near = "none comes near it" if not n_near else f"{n_near} {'comes' if n_near == 1 else 'come'} near it"
            notes.append(
                f"No recorded row has {each.outcome.name} {each.words(unit)}: the nearest has {best}, and {near} "
                "(within half a standard deviation). Results that keep it go beyond what was measured, if there are "
                "any."
            )
        return tuple(notes)


@dataclass(frozen=True, slots=True)
class Limited:
    """One side of a limit.

    Attributes:
        outcome: that has to keep it.
        bound: in the outcome's unit.
        is_low: whether the outcome is to be at least so much; else at most.
        end: of the interval by which it holds; None where it holds by the prediction.
    """

    outcome: OutcomeSpec
    bound: float
    is_low: bool
    end: End | None

    def words(self, unit: str = "") -> str:
        """The limit without the outcome's name, such as "at least 40 MPa"."""
        return f"at {'least' if self.is_low else 'most'} {self.bound:,.6g} {unit}".rstrip()


def _within(limited: Sequence[Limited], values: np.ndarray) -> np.ndarray:
    """(n, l) whether values (n, l) keep the limits, each its own; False for what is no number."""
    kept = [values[:, j] >= each.bound if each.is_low else values[:, j] <= each.bound for j, each in enumerate(limited)]
    return np.column_stack(kept) if kept else np.ones((len(values), 0), dtype=bool)


def _level(end: End) -> float:
    """The level of the two-sided interval one end of which holds with a confidence."""
    return 2 * end.confidence - 1
