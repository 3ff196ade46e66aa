"""What a user should know of results beyond their numbers: bounds that hold the optimum back."""

import numpy as np

from models import Column, Dataset
from optimizer import Candidates, Goal, Numeric, Problem
from services.digits import step_decimals

_REACHED = 0.01  # standard deviations of the objective from the value that is searched for
_NEAR = 0.005  # of the width between the bounds: nearer than this sits on one


def bound_notes(problem: Problem, dataset: Dataset, results: Candidates) -> tuple[str, ...]:
    """Return one note for every free feature that most results have at the same bound, in the order of the features.

    Args:
        problem: of the run; its space has the bounds.
        dataset: its recorded rows.
        results: the candidates that were chosen.
    """
    if len(results) < 2 or _is_reached(problem, results):  # "most" of one result says nothing
        return ()
    notes = []
    for j, feature in enumerate(problem.space.features):
        if not feature.is_free or not isinstance(feature, Numeric) or feature.low == feature.high:
            continue
        for is_high in (False, True):
            n_there = int(_sits_on(feature, results.X[:, j], is_high).sum())
            if n_there > len(results) / 2:
                notes.append(_note(feature, dataset, j, is_high, f"{n_there} of {len(results)}"))
    return tuple(notes)


def _is_reached(problem: Problem, results: Candidates) -> bool:
    """Return whether a value was searched for and all results have it, so that no bound holds them back."""
    objective = problem.objective
    return objective.goal is Goal.VALUE and bool((objective.scores(results.outcomes) <= _REACHED).all())


def _sits_on(feature: Numeric, values: np.ndarray, is_high: bool) -> np.ndarray:
    """Return (k,) which values no further step fits between and the bound, or none that would matter."""
    room = feature.high - values if is_high else values - feature.low
    step = (feature.step or 0.0) * (1 - 1e-9)
    return (room < step) | (room <= _NEAR * (feature.high - feature.low))


def _note(feature: Numeric, dataset: Dataset, j: int, is_high: bool, share: str) -> str:
    """Return where the optimum sits, and what to do."""
    column, recorded = dataset.features[j], dataset.X[:, j]
    bound, end = (feature.high, recorded.max()) if is_high else (feature.low, recorded.min())
    side, most = ("upper", "largest") if is_high else ("lower", "smallest")
    where = (
        f"The optimum sits on your bound for {feature.name}: {share} results are at the {side} end, "
        f"{_amount(bound, column, feature)}"
    )
    if not is_high and bound == 0 and end == 0:
        return f"{where}. If it cannot go below 0 in reality, there is nothing to do."
    if bound == end:
        return (
            f"{where}, the {most} recorded value: beyond it the model only guesses. If it can go there in reality, "
            "record rows there first, then relax the bound."
        )
    if (bound > end) if is_high else (bound < end):
        return (
            f"{where}. The {most} recorded value is {_amount(end, column, feature)}, and beyond it the model only "
            "guesses: if it can go there in reality, record rows there first, then relax the bound."
        )
    return f"{where}. The records go on to {_amount(end, column, feature)}: relax the bound if reality allows it."


def _amount(value: float, column: Column, feature: Numeric) -> str:
    """Return a value with its unit, without digits that mean nothing."""
    decimals = step_decimals(feature.step) if feature.step else 0 if column.is_integer else None
    number = round(value, decimals) if decimals is not None else float(f"{value:.4g}")
    return f"{number:,.10g} {column.unit}".strip()
