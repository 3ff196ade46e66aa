"""How many rows a run asks of functions whose rows cost: of one candidate, of its search, and of all the rest."""

from optimizer import Summary
from services.catalog.loading import ModelWithData
from services.catalog.rows import AskedOnce, RowBudget, function_of
from services.problems.outcomes.objective import build_curve
from services.specs.outcomes import OutcomeSpec
from services.specs.run import RunSpec

LEAST_POINTS = 5
"""Points that a curve keeps, however few rows may be asked."""
WANTED_CANDIDATES = 500
"""A search shall have so many candidates before curves get more points."""


def counted_run(spec: RunSpec, model_data: ModelWithData) -> tuple[RunSpec, ModelWithData]:
    """A run and its models, the rows of which count on the budget of the run where they cost.

    Curves have fewer points then, so that the budget reaches for a search. Where no rows cost, both are as they are.
    """
    if not model_data.functions:
        return spec, model_data
    thinned = _with_fewer_points(spec, model_data)
    rows = RowBudget(spec.budget.evaluations, sum(n for _, n in rows_asked(thinned, model_data)))
    if thinned != spec:
        (n_before, n_now), *_ = (
            (before.curve.points, now.curve.points)
            for before, now in zip(spec.outcomes, thinned.outcomes, strict=True)
            if before.curve is not None and now.curve is not None and now.curve != before.curve
        )
        rows.notes.append(
            f"Curves were followed at {n_now} points instead of {n_before}, as every point is a row that is asked."
        )
    return thinned, model_data.counted(rows)


def rows_asked(spec: RunSpec, model_data: ModelWithData) -> list[tuple[AskedOnce, int]]:
    """The functions whose rows cost, each with the rows that it is asked at most for one candidate of a run."""
    found = []
    for outcome in spec.outcomes:
        asked = _function(outcome, model_data)
        if asked is None:
            continue
        data, function = asked
        curve = outcome.curve if _is_long(outcome) else None
        found.append((function, 1 if curve is None else len(build_curve(curve, data.dataset).grid)))
    return found


def _function(outcome: OutcomeSpec, model_data: ModelWithData) -> tuple[ModelWithData, AskedOnce] | None:
    """The rows and the function whose rows cost that tells an outcome; None where something else does."""
    if outcome.model is None:
        return None
    data = model_data.measured.get(outcome.name, model_data)
    function = function_of(data.predictor)
    return None if function is None else (data, function)


def _is_long(outcome: OutcomeSpec) -> bool:
    """Whether an outcome is the summary of a whole curve, and not of one of its points."""
    return outcome.curve is not None and outcome.curve.summary is not Summary.POINT


def _with_fewer_points(spec: RunSpec, model_data: ModelWithData) -> RunSpec:
    """The run with so many points on curves of functions whose rows cost that a search is left."""
    long = [each for each in spec.outcomes if _is_long(each) and _function(each, model_data) is not None]
    if not long:
        return spec
    budget = RowBudget(spec.budget.evaluations)
    most = max(LEAST_POINTS, (budget.n_rows - budget.n_kept) // len(long) // WANTED_CANDIDATES)
    outcomes = tuple(
        each.model_copy(update={"curve": each.curve.model_copy(update={"points": most})})
        if each in long and each.curve is not None and each.curve.points > most
        else each
        for each in spec.outcomes
    )
    return spec.revised(outcomes=outcomes)
