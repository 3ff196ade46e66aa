"""How long a run will take, before it starts."""

import time

import numpy as np

from optimizer import Problem
from services.runspec import RunSpec

_N_TIMED = 128


def time_candidate(problem: Problem) -> float:
    """Return the seconds that the evaluation of one candidate takes, measured on a small batch."""
    X = problem.space.sample(_N_TIMED, np.random.default_rng(0))
    problem.evaluate(X)
    started = time.perf_counter()
    problem.evaluate(X)
    return (time.perf_counter() - started) / _N_TIMED


def estimate_seconds(spec: RunSpec, seconds_per_candidate: float) -> float:
    """Return the seconds that a run will take, its comparison without penalty included."""
    seconds = spec.budget.evaluations * seconds_per_candidate
    if spec.budget.seconds is not None:
        seconds = min(seconds, spec.budget.seconds)
    is_compared = spec.is_compared and spec.density is not None and spec.density.weight > 0
    return seconds * (2 if is_compared else 1)


def duration_words(seconds: float) -> str:
    """Return a duration as a person says it."""
    if seconds < 2:
        return "a second or two"
    if seconds < 90:
        return f"about {max(5, round(seconds / 5) * 5)} seconds" if seconds >= 8 else f"about {round(seconds)} seconds"
    if seconds < 5400:
        return f"about {round(seconds / 60)} minutes"
    return f"about {seconds / 3600:.1f} hours"


def plan_words(spec: RunSpec, seconds: float) -> str:
    """Return what will run and roughly how long, in a sentence or two."""
    method = spec.method
    text = (
        f"Up to {method.n_lineages} lineages at once, {method.n_mutants} mutants each per generation, "
        f"{spec.budget.evaluations:,} evaluations at most; {spec.n_results} results. "
    )
    if spec.is_compared and spec.density is not None and spec.density.weight > 0:
        text += "The same search is done once more without the penalty, to compare. "
    return text + f"This takes {duration_words(seconds)}."
