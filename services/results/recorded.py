"""Recorded rows beside results: the best within bounds and rules, the best of all, and any that beats every result."""

from typing import NamedTuple

import numpy as np

from optimizer import Candidates, Problem
from services.problems.measured import outside_reason, rows_within
from services.problems.outcomes.objective import limited_outcomes
from services.results.assessment import ResultAssessment
from services.results.baselines import OrderedRows, RecordedBest, ordered_rows
from services.results.outcomes import broken_words, rows_that_keep
from services.specs.digits import common_decimals, number_words
from services.specs.results import RecordedRow

MAX_ASKED = 2_000  # recorded rows, the best measured ones, that the model is asked of
_FEW_ASKED = 10  # the same, where rows cost
_MATERIAL = 0.01  # standard deviations of the objective: a row that is better by less beats nothing


class RecordedRows(NamedTuple):
    """What results are compared with.

    Attributes:
        best: the best rows within bounds, rules and limits, best first; of all rows where none lies within.
        best_of_all: the best of all rows where that lies outside; else None.
        n_within: how many rows lie within.
        ordered: all rows, best first; None of a front, which has no such order.
    """

    best: RecordedBest
    best_of_all: RecordedRow | None
    n_within: int
    ordered: OrderedRows | None = None


def compared_rows(assessment: ResultAssessment, n: int) -> RecordedRows:
    """The best ``n`` different recorded rows within the bounds, rules and limits of a run, and the best of all."""
    spec, problem, dataset = assessment.spec, assessment.problem, assessment.model_data.dataset
    within, limit = rows_within(spec, dataset, problem.space), assessment.model_data.rows
    if assessment.outcomes is not None:
        within &= rows_that_keep(assessment.outcomes, dataset)
    ordered = ordered_rows(problem, dataset, within, limit)
    n_within, places = int(within.sum()), ordered.places
    allowed = np.flatnonzero(within[places]) if n_within else np.arange(len(places))
    best = ordered.best(problem, dataset, allowed[:n], limit)
    if within[places[:1]].all():
        return RecordedRows(best, None, n_within, ordered)
    first = ordered.best(problem, dataset, np.arange(1), limit)
    if not len(first.rows):
        return RecordedRows(best, None, n_within, ordered)
    other = RecordedRow(
        row=int(first.rows[0]),
        measured=float(first.measured[0]),
        predicted=float(limited_outcomes(problem, dataset, first.candidates.X)[0]),
        why=why_outside(assessment, int(places[0])),
    )
    return RecordedRows(best, other, n_within, ordered)


def why_outside(assessment: ResultAssessment, place: int) -> str:
    """Why the recorded row at a place lies outside of bounds, rules or limits, such as "its T is above your bound"."""
    dataset = assessment.model_data.dataset
    reason = outside_reason(assessment.spec, dataset, assessment.problem.space, place)
    if reason or assessment.outcomes is None:
        return reason
    return broken_words(assessment.outcomes, int(dataset.numbers[place]))


def better_row_notes(
    assessment: ResultAssessment, results: Candidates, recorded: RecordedRows, unit: str
) -> tuple[str, ...]:
    """Which recorded row beats every result by the model itself, and why it is none; nothing where none does."""
    problem, dataset = assessment.problem, assessment.model_data.dataset
    if not len(results) or recorded.ordered is None:
        return ()
    # along a curve the model has told the order, so that the first is the best
    most, limit = MAX_ASKED, assessment.model_data.rows
    if limit is not None:
        most = min(_FEW_ASKED, limit.n_candidates_left)
    places = recorded.ordered.places[: most if recorded.ordered.candidates is None else 1]
    if not len(places):
        return ()
    outcomes, reached = (limited_outcomes(problem, dataset, X) for X in (dataset.X[places], results.X))
    misses = np.where(np.isfinite(outcomes), problem.objective.scores(outcomes), np.inf)
    k, best = int(misses.argmin()), int(problem.objective.scores(reached).argmin())
    if not misses[k] < problem.objective.scores(reached)[best] - _MATERIAL:
        return ()
    decimals = common_decimals([float(outcomes[k]), float(reached[best])])
    values = [f"{number_words(float(value), decimals)} {unit}".rstrip() for value in (outcomes[k], reached[best])]
    why = why_outside(assessment, int(places[k]))
    return (
        f"Recorded row {dataset.numbers[places[k]]} beats every result by the model itself (predicted {values[0]}, the "
        f"best result {values[1]}), and is no result: {why or _refusal(problem, dataset.X[places[k]], results)}.",
    )


def _refusal(problem: Problem, row: np.ndarray, results: Candidates) -> str:
    """Why a recorded row (d,) within bounds and rules is no result."""
    gate, X = problem.gate, row[None]
    if gate is not None and not gate.passes(X)[0]:
        percent = float(gate.plausibility.percent(X)[0])
        return f"its plausibility of {percent:.0f} % is below the {gate.at_least:g} % asked for"
    if problem.limits is not None and problem.limits.violations(X)[0] > 0:
        return "what the model expects of it breaks a limit"
    if not problem.believable(X)[0]:
        return "its prediction is more uncertain than results may be"
    if problem.measured is not None:
        return "it was measured already, and results are settings that were not"
    if problem.evaluate(X).scores[0] > results.scores.min():
        return "penalties or risk aversion count against it"
    return "the search did not come upon it, so give it more evaluations"
