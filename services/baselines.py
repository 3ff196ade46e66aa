"""What results have to beat: as many candidates drawn at random, and the best that was recorded."""

from collections.abc import Callable

import numpy as np

from optimizer import Budget, Candidates, Problem, search
from optimizer.methods.random_search import RandomSearch
from services.digits import common_decimals, number_words
from services.reference import reference_of
from services.results import RunResult
from services.runspec import RunSpec

N_AT_ONCE = 100  # candidates per call of the model; the best of each call is looked at again


def best_of_random(
    spec: RunSpec, problem: Problem, n_evaluations: int, should_stop: Callable[[], bool] = lambda: False
) -> Candidates | None:
    """Return the best of as many random candidates as the search evaluated, one row, by the score of the same problem.

    None where the search evaluated nothing or the user stops, and no row where no random candidate would be a result.

    Args:
        spec: the run, whose seed is used.
        problem: of the run.
        n_evaluations: of its search.
        should_stop: asked between calls of the model; True gives None.
    """
    if not n_evaluations or should_stop():
        return None
    method, rng = RandomSearch(n_per_generation=N_AT_ONCE), np.random.default_rng([spec.seed, 2])
    found = problem.passing(search(problem, method, Budget(n_evaluations), rng, should_stop=should_stop).found)
    return None if should_stop() else found.take(np.arange(min(1, len(found))))


def baseline_sentence(result: RunResult) -> str:
    """Return the best result beside reference, best recorded row and best of random, predicted and measured."""
    if not len(result.results):
        return ""
    recorded, random = result.best_recorded, result.baseline_random
    best = result.results.outcomes[0]
    values = [best, *recorded.outcomes[:1], *(random.outcomes[:1] if random else ())]
    decimals = common_decimals(values)
    unit = f" {result.objective_unit}" if result.objective_unit else ""
    words = [f"Best result: predicted {number_words(best, decimals)}{unit}"]
    if result.reference is not None and len(result.reference):
        name, reference = reference_of(result)
        words.append(f"reference ({name}): predicted {number_words(reference.outcomes[0], decimals)}{unit}")
    if len(recorded):
        words.append(f"best recorded: {_recorded_words(result, decimals)}")
    if random is not None and len(random):
        words.append(
            f"best of {result.tally.n_evaluations:,} random candidates: predicted "
            f"{number_words(random.outcomes[0], decimals)}{unit}"
        )
    elif random is not None:
        words.append(f"none of {result.tally.n_evaluations:,} random candidates would be a result")
    return "; ".join(words) + "."


def _recorded_words(result: RunResult, decimals: int) -> str:
    """Return the best recorded row as it was measured, and by the model."""
    best, unit = result.best_recorded, f" {result.objective_unit}" if result.objective_unit else ""
    predicted = f"predicted {number_words(best.outcomes[0], decimals)}{unit}"
    row = f" (row {best.rows[0]})" if best.rows else ""
    if best.measured is None:
        return predicted + row
    value = best.measured[0]
    outcome_unit = f" {result.outcome_unit}" if result.outcome_unit else ""
    measured = f"measured {number_words(value, common_decimals([value]))}{outcome_unit}"
    if result.spec.curve is None:
        return f"{measured}, {predicted} by the model{row}"
    sweep = next(j for j, f in enumerate(result.features) if f.name == result.spec.curve.feature)
    at = f"at {result.features[sweep].name} {best.X[0][sweep]:,.6g} {result.features[sweep].unit}".rstrip()
    return f"{predicted} by the model, {measured} {at}{row}"
