"""From a run's specification to the problem that the engine searches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np

from models import Dataset, DatasetError
from models.intervals.conformal import ConformalPredictor
from models.networks.predictor import GradientPredictor
from optimizer import (
    Budget,
    Categorical,
    DensityPenalty,
    DistancePenalty,
    Feature,
    FrontProblem,
    Gate,
    MeasuredRows,
    Numeric,
    Objective,
    Penalty,
    Plausibility,
    PlausibilityPenalty,
    Problem,
    QualityFloor,
    SearchSpace,
    SpaceError,
    check_first_generation,
    is_steerable,
)
from services.catalog.loading import ModelWithData, confidence_of
from services.catalog.rows import RowBudget
from services.problems.constraints import build_constraints
from services.problems.measured import measured_rows
from services.problems.outcomes.front import FrontColumns
from services.problems.outcomes.goals import Calculated, objective_data
from services.problems.outcomes.objective import build_curve, objective_scale, usual_error
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.problems.plausibility import PlausibilityFactory, build_plausibility
from services.problems.reference import reference_row
from services.specs.digits import counted
from services.specs.run import NumericSpec, RunSpec


def usual_uncertainty(objective: Objective, confidence: ConformalPredictor, rows: RowBudget | None = None) -> float:
    """The median standard error of the objective at recorded rows, in its scale: such rows are never beyond a limit."""
    asked = partial(objective.outcomes_with_uncertainty, predict_with_uncertainty=confidence.predict_with_uncertainty)
    return usual_error(confidence.dataset.X, asked, rows) / objective.scale


def build_problem(
    spec: RunSpec,
    model_data: ModelWithData,
    make_plausibility: PlausibilityFactory = build_plausibility,
    scale_of: Callable[[Objective, ModelWithData], float] = objective_scale,
) -> Problem:
    """The problem of a specification.

    ``make_plausibility`` and ``scale_of`` may keep what they have found: the one takes a second for a large table, the
    other 50 ms for a curve.

    Raises:
        SpaceError: bounds, rules, goal, penalty or gate do not fit together, risk aversion is asked of a model
            without uncertainty, or the run cannot begin where it is told to.
        DatasetError: a named feature does not exist, or one is not named once, or the reference does not fit them.
    """
    outcomes = RunOutcomes.of(spec, model_data) if has_more_outcomes(spec) and not model_data.is_deferred else None
    model_data = objective_data(spec, model_data)
    dataset, predictor = model_data.dataset, model_data.predictor
    curve = build_curve(spec.curve, dataset) if spec.curve else None
    objective = Objective(spec.goal, value=spec.value, curve=curve)
    confidence = confidence_of(spec, model_data)
    realism = _Realism.of(spec, dataset, make_plausibility)
    problem = Problem(
        predict=predictor.predict,
        objective=replace(objective, scale=scale_of(objective, model_data)),
        predict_with_gradient=predictor.predict_with_gradient if isinstance(predictor, GradientPredictor) else None,
        limits=outcomes.limits() if outcomes is not None else None,
        asks_starts=not model_data.functions,
        **realism.fields,
    )
    asked = spec.plausibility
    limit = asked.extrapolation_limit if asked is not None and confidence is not None else None
    is_waiting = confidence is None and model_data.has_confidence  # its uncertainty comes with the model, in a worker
    is_exact = isinstance(predictor, Calculated)  # what it is calculated from keeps to the extrapolation limit
    if is_waiting or is_exact or (spec.risk_aversion <= 0 and limit is None):
        return problem
    if confidence is None:
        raise SpaceError(
            f"Risk aversion {spec.risk_aversion:g} counts a prediction's uncertainty against it, and this model has no "
            "uncertainty: set risk aversion to 0, or train a model on the Model page, which comes with intervals."
        )
    return replace(
        problem,
        risk_aversion=spec.risk_aversion,
        uncertainty_limit=(
            np.inf if limit is None else max(limit, usual_uncertainty(problem.objective, confidence, model_data.rows))
        ),
        predict_with_uncertainty=confidence.predict_with_uncertainty,
        predict_with_uncertainty_and_gradient=(
            confidence.predict_with_uncertainty_and_gradient if confidence.has_gradient else None
        ),
    )


def has_more_outcomes(spec: RunSpec) -> bool:
    """Whether a run looks at more than one outcome, or limits the one that it has."""
    return spec.has_several_outcomes or spec.objective.is_limited


def build_front(
    spec: RunSpec, model_data: ModelWithData, make_plausibility: PlausibilityFactory = build_plausibility
) -> FrontProblem:
    """The problem of a specification whose several goals make a front; the models are loaded.

    Raises:
        SpaceError: as `build_problem`.
        FormulaError: a formula does not fit the table.
        DatasetError: as `build_problem`.
    """
    columns = FrontColumns(RunOutcomes.of(spec, model_data), spec.risk_aversion)
    dataset = objective_data(spec, model_data).dataset
    return FrontProblem(
        predict=columns.predict,
        objectives=columns.objectives,
        limits=columns.limits,
        predict_with_gradient=columns.predict_with_gradient if columns.has_gradient else None,
        **_Realism.of(spec, dataset, make_plausibility).fields,
    )


@dataclass(frozen=True)
class _Realism:
    """What a problem has whatever is searched for: where candidates live, what they pay, and what results may be."""

    space: SearchSpace
    penalties: tuple[Penalty, ...]
    gate: Gate | None
    starts: np.ndarray
    begin_at: np.ndarray | None
    measured: MeasuredRows | None

    @classmethod
    def of(cls, spec: RunSpec, dataset: Dataset, make_plausibility: PlausibilityFactory) -> "_Realism":
        """That of a run; errors as `build_problem`."""
        space = build_space(spec, dataset)
        if spec.reference is not None:
            reference_row(spec, dataset)  # before anything is searched
        if all(feature.is_kept for feature in space.features if feature.is_free):
            raise SpaceError("All mutation strengths are 0, so nothing can move: set at least one above 0.")
        asked = spec.plausibility
        counts = asked is not None and (asked.weight > 0 or asked.at_least is not None)
        plausibility = make_plausibility(spec, dataset, space.features) if counts else None
        return cls(
            space=space,
            penalties=build_penalties(spec, dataset, space.features, plausibility),
            gate=Gate(plausibility, asked.at_least) if plausibility and asked and asked.at_least else None,
            starts=dataset.X,
            begin_at=build_starts(spec, space),
            measured=measured_rows(spec, dataset) if spec.unmeasured_only else None,
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The same as the fields of a problem."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def build_space(spec: RunSpec, dataset: Dataset) -> SearchSpace:
    """Where a specification searches: its features over the columns of the dataset, and its constraints.

    Raises:
        SpaceError: bounds, steps and constraints do not fit together.
        DatasetError: a named feature does not exist, or one is not named once.
    """
    _check_names(spec, dataset)
    features = tuple(_feature(spec, dataset, name) for name in dataset.feature_names)
    return SearchSpace(features, build_constraints(spec, dataset))


def constraints_error(spec: RunSpec, dataset: Dataset) -> str:
    """Why the constraints of a specification cannot be met; "" where they can, or where more than they is wrong."""
    if not spec.constraints:
        return ""
    try:
        build_space(spec.revised(constraints=()), dataset)
    except (SpaceError, DatasetError):
        return ""
    try:
        build_space(spec, dataset)
    except (SpaceError, DatasetError) as error:
        return str(error)
    return ""


def build_penalties(
    spec: RunSpec, dataset: Dataset, features: Sequence[Feature], plausibility: Plausibility | None
) -> tuple[Penalty, ...]:
    """The penalties of a specification that are on; ``plausibility`` is that of the run, where it counts.

    Raises:
        SpaceError: a penalty cannot be computed.
        DatasetError: a named feature does not exist.
    """
    built: list[Penalty] = []
    if (density := spec.density) is not None:  # one that is off has to make sense, too
        columns = tuple(dataset.indices(density.parts))
        built.append(DensityPenalty(columns, density.target, density.tolerance, density.weight))
    if (distance := spec.distance) is not None and distance.weight > 0:
        left_out = dataset.indices(spec.left_out(distance.left_out))
        built.append(
            DistancePenalty.from_rows(
                dataset.X, features, left_out=left_out, weight=distance.weight, threshold=distance.threshold
            )
        )
    if plausibility is not None and spec.plausibility is not None and spec.plausibility.weight > 0:
        built.append(PlausibilityPenalty(plausibility, spec.plausibility.weight))
    return tuple(penalty for penalty in built if penalty.weight > 0)


def build_budget(spec: RunSpec, rows: RowBudget | None = None) -> Budget:
    """When the search of a specification ends.

    Args:
        rows: the budget of its rows, where these cost: what the run asks beside its search is part of it.

    Raises:
        SpaceError: the budget is not enough for the method's first generation, or a knob of it is out of range.
    """
    n_free = sum(feature.is_free and feature.name != spec.swept for feature in spec.features)
    n_first = spec.method.settings().n_first(n_free)
    if rows is None:
        check_first_generation(n_first, spec.budget.evaluations)
        return Budget(spec.budget.evaluations, spec.budget.seconds, spec.budget.stall)
    if rows.n_candidates < max(n_first, 1):
        raise SpaceError(
            f"The first generation needs {counted(n_first, 'candidate')} of {counted(rows.n_each, 'row')} each, and a "
            f"budget of {counted(rows.n_rows, 'row')} has {rows.n_candidates:,}: raise it to at least "
            f"{rows.rows_for(max(n_first, 1)):,}."
        )
    return Budget(rows.n_candidates, spec.budget.seconds, spec.budget.stall)


def build_floor(spec: RunSpec) -> QualityFloor:
    """Which candidates of a specification may become results."""
    return QualityFloor(spec.floor.kind, spec.floor.amount)


def _check_names(spec: RunSpec, dataset: Dataset) -> None:
    given = [feature.name for feature in spec.features]
    for name in dataset.feature_names:
        if given.count(name) != 1:
            often = "nothing" if name not in given else "more than one thing"
            raise DatasetError(f"The run says {often} about the feature '{name}': set it free or frozen, once.")
    unknown = [name for name in given if name not in dataset.feature_names]
    if unknown:
        raise DatasetError(f"The model does not use {unknown}; its features are {list(dataset.feature_names)}.")


def _feature(spec: RunSpec, dataset: Dataset, name: str) -> Feature:
    feature = next(feature for feature in spec.features if feature.name == name)
    column = dataset.index(name)
    kind = dataset.features[column].kind
    if feature.kind != kind:
        raise SpaceError(f"'{name}' is a {kind} feature, and the run has it as a {feature.kind} one.")
    is_free = feature.is_free and name != spec.swept
    if isinstance(feature, NumericSpec):
        if spec.curve and name == spec.swept:  # frozen, for the curve sets it
            return Numeric(name, spec.curve.start, spec.curve.end, std=1.0, frozen=spec.curve.start)
        return Numeric(
            name,
            feature.low,
            feature.high,
            std=float(dataset.stds[column]),
            mutation_strength=feature.mutation_strength,
            step=feature.step,
            frozen=None if is_free else feature.value,
        )
    categories = dataset.features[column].categories
    unknown = [category for category in (*feature.allowed, feature.value) if category not in categories]
    if unknown:
        raise SpaceError(f"'{name}' has the categories {list(categories)}, got {unknown}.")
    if is_free and not feature.allowed:
        raise SpaceError(f"'{name}' has no allowed category: allow at least one, or freeze it.")
    return Categorical(
        name,
        frequencies=tuple(dataset.frequencies(name)),
        allowed=tuple(categories.index(category) for category in feature.allowed) if is_free else (),
        mutation_strength=feature.mutation_strength,
        frozen=None if is_free else categories.index(feature.value),
    )


def build_starts(spec: RunSpec, space: SearchSpace) -> np.ndarray | None:
    """The candidates (g, d) at which lineages of a run begin, or None where it names none.

    Settings outside bounds, off the steps or against the constraints are moved to the nearest candidate; one that is
    named twice, or that others are moved onto, is there once.

    Raises:
        SpaceError: a setting has too few or too many values, or one that is no number or category; or the method takes
            no settings to begin at, or no decisions.
    """
    if not (spec.starts or spec.decisions):
        return None
    if not is_steerable(spec.method.settings()):
        what = "settings to begin at" if spec.starts else "decisions about lineages"
        raise SpaceError(
            f"The run has {what}, and the method '{spec.method.name}' takes none: search by 'niches' or 'lineages', or "
            "leave them out."
        )
    if not spec.starts:
        return None
    for number, start in enumerate(spec.starts, start=1):
        _check_start(number, start, space)
    X = space.repair(np.array(spec.starts, dtype=float))
    return X[np.sort(np.unique(X, axis=0, return_index=True)[1])]


def _check_start(number: int, start: tuple[float, ...], space: SearchSpace) -> None:
    if len(start) != space.n_features:
        raise SpaceError(
            f"Setting {number} to begin at has {len(start)} values, the model has {space.n_features} features: give "
            f"one value for each of {', '.join(space.names)}, in this order."
        )
    for value, feature in zip(start, space.features, strict=True):
        if not np.isfinite(value):
            raise SpaceError(f"Setting {number} to begin at has no number for '{feature.name}', got {value}: give one.")
        if isinstance(feature, Categorical) and value not in range(len(feature.frequencies)):
            raise SpaceError(
                f"Setting {number} to begin at has {value:g} for the category of '{feature.name}': give its code, a "
                f"whole number from 0 to {len(feature.frequencies) - 1}."
            )
