"""What a run searches for in the place of one model: a formula, or the desirability of several goals."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from models import Column, Dataset, Predictor
from models.networks.predictor import GradientPredictor
from optimizer import SpaceError
from optimizer.constraints.constraint import listed
from optimizer.problem.objective import Field
from services.catalog.loading import ModelWithData
from services.problems.outcomes.desirability import desirability, desirability_with_gradient
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.specs.run import RunSpec

DESIRABILITY = "desirability"
"""What the objective of several goals in one is called."""


@dataclass(frozen=True, slots=True)
class Calculated:
    """A number that follows from the outcomes of a run, in the place of a model.

    Attributes:
        value: maps candidates (n, d) to it, (n,).
    """

    feature_names: tuple[str, ...]
    value: Callable[[np.ndarray], np.ndarray]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The number (n,) of candidates (n, d)."""
        return self.value(np.asarray(X, dtype=float))


@dataclass(frozen=True, slots=True)
class CalculatedWithGradient(Calculated):
    """One that knows its slopes.

    Attributes:
        field: maps candidates (n, d) to it, (n,), and its gradient (n, d).
    """

    field: Callable[[np.ndarray], Field]

    def predict_with_gradient(self, X: np.ndarray) -> Field:
        """The number (n,) of candidates (n, d) and its gradient (n, d)."""
        return self.field(np.asarray(X, dtype=float))


def check_one_goal(spec: RunSpec, study: str) -> None:
    """Refuse a front where only one goal can be judged.

    Args:
        study: what is to be done, at the beginning of a sentence.

    Raises:
        SpaceError: several goals make a front.
    """
    if spec.is_front:
        names = listed([outcome.name for outcome in spec.objectives])
        raise SpaceError(
            f"{study} needs one goal, and this run has several that make a front ({names}): keep one of them and set "
            "limits to the others, or let them make one desirability."
        )


def objective_data(spec: RunSpec, model_data: ModelWithData) -> ModelWithData:
    """The rows and what tells the objective of a run: its model, its formula or its desirability.

    Of a formula and a desirability the rows are those in which all is known that these need. They are exact, so there
    is no interval.

    Raises:
        FormulaError: a formula does not fit the table.
        SpaceError: no recorded row tells the objective, or a desirability has no slope.
    """
    if model_data.table is None or isinstance(model_data.predictor, Calculated):
        return model_data
    if spec.is_desirability:
        return _desirability(RunOutcomes.of(spec, model_data), model_data)
    if spec.objective.formula:
        return _formula(RunOutcomes.of(spec, model_data), model_data)
    return model_data


def _formula(outcomes: RunOutcomes, model_data: ModelWithData) -> ModelWithData:
    name = outcomes.spec.objective.name
    column = next(column for column in outcomes.columns if column.name == name)
    predictor = _predictor(
        outcomes,
        lambda X: outcomes.values(X, [name])[name],
        lambda X: outcomes.values_with_gradients(X, [name])[name],
        [name],
    )
    return _with(model_data, column, outcomes.recorded[:, outcomes.names.index(name)], predictor)


def _desirability(outcomes: RunOutcomes, model_data: ModelWithData) -> ModelWithData:
    ramps = outcomes.ramps
    names = [ramp.name for ramp in ramps]
    predictor = _predictor(
        outcomes,
        lambda X: desirability(ramps, outcomes.values(X, names)),
        lambda X: desirability_with_gradient(ramps, outcomes.values_with_gradients(X, names)),
        names,
    )
    recorded = dict(zip(outcomes.names, outcomes.recorded.T, strict=True))
    return _with(model_data, Column(DESIRABILITY), desirability(ramps, recorded), predictor)


def _predictor(
    outcomes: RunOutcomes,
    value: Callable[[np.ndarray], np.ndarray],
    field: Callable[[np.ndarray], Field],
    names: list[str],
) -> Predictor | GradientPredictor:
    features = outcomes.table.feature_names
    if outcomes.has_gradient(names):
        return CalculatedWithGradient(features, value, field)
    return Calculated(features, value)


def _with(model_data: ModelWithData, column: Column, values: np.ndarray, predictor: Predictor) -> ModelWithData:
    assert model_data.table is not None
    is_known = np.isfinite(values)
    if not is_known.any():
        raise SpaceError(
            f"No recorded row tells '{column.name}': none has all outcomes that it is calculated from. Leave one of "
            "them out, or measure all of them in some rows."
        )
    rows = model_data.table.taken(is_known)
    dataset = Dataset(
        name=rows.name,
        features=rows.features,
        outcome=column,
        X=rows.X,
        y=values[is_known],
        sweep=rows.sweep,
        parts=rows.parts,
        row_numbers=rows.numbers,
        labels=rows.labels,
        group=rows.group,
        order=rows.order,
        filled=rows.filled,
    )
    return replace(model_data, dataset=dataset, predictor=predictor, confidence=None, intervals=None)
