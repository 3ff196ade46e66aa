"""How long a run will take, before it starts."""

import time

import numpy as np

from models.keras.operator_model import ModelNotLoadedError
from optimizer import Problem
from services.problems.penalties import without_words
from services.specs.method import MethodSpec
from services.specs.run import RunSpec

_N_TIMED = 32  # candidates at least, in calls of as many as the method asks for at once
_N_CALLS = 5  # at least


def time_evaluation(problem: Problem, method: MethodSpec) -> float:
    """The seconds that a method takes per evaluation: the candidate's, measured, and its own, as known.

    NaN for a model that answers only where it is loaded, in a worker.
    """
    X = problem.space.sample(method.n_at_once, np.random.default_rng(0))
    evaluate = problem.evaluate_with_gradient if method.takes_gradients and problem.has_gradient else problem.evaluate
    try:
        evaluate(X)
    except ModelNotLoadedError:
        return float("nan")
    seconds = []
    for _ in range(max(_N_CALLS, _N_TIMED // len(X))):
        started = time.perf_counter()
        evaluate(X)
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds)) / len(X) + method.overhead


def estimate_seconds(spec: RunSpec, seconds_per_evaluation: float) -> float:
    """The seconds that a run will take, its comparison without realism included."""
    seconds = spec.budget.evaluations * seconds_per_evaluation
    if spec.budget.seconds is not None:
        seconds = min(seconds, spec.budget.seconds)
    is_compared = spec.is_compared and spec.is_penalised
    return seconds * (2 if is_compared else 1)


def duration_words(seconds: float) -> str:
    """A duration as a person says it."""
    if seconds != seconds:
        return "as long as the operator's model needs, which shows when it runs"
    if seconds < 2:
        return "a second or two"
    if seconds < 90:
        return f"about {max(5, round(seconds / 5) * 5)} seconds" if seconds >= 8 else f"about {round(seconds)} seconds"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes"
    return f"about {seconds / 3600:.1f} hours"


def left_words(share: float, seconds: float) -> str:
    """How long something still takes that has done a share of its work in so many seconds, or "".

    Nothing is said before a fiftieth is done, or half a second over: before that it would be a guess.
    """
    if not 0.02 <= share < 1 or seconds < 0.5:
        return ""
    return f"{duration_words(seconds * (1 - share) / share)} left"


def plan_words(spec: RunSpec, seconds: float) -> str:
    """What will run and roughly how long, in a sentence or two."""
    text = f"{spec.method.words}, {spec.budget.evaluations:,} evaluations at most; {spec.n_results} results. "
    if spec.is_compared and spec.is_penalised:
        text += f"The same search is done once more {without_words(spec)}, to compare. "
    return text + f"This takes {duration_words(seconds)}."
