"""One goal with limits: what is listed keeps them, what it is compared with does, and what is said of both."""

import numpy as np
import pytest

from services.problems.outcomes.run_outcomes import RunOutcomes
from services.results.outcomes import broken_words, places_of, rows_that_keep
from services.results.search import run_spec
from services.results.verdict import limit_words
from services.specs.results import RunResult, VerdictKind

YIELD, IMPURITY, ENERGY = "yield", "impurity", "energy consumption"
COST = ("cost", {"formula": "30 * [catalyst amount] + temperature", "unit": "€", "goal": "minimum"})


@pytest.fixture(scope="module")
def spec(reactor):
    return reactor.run(
        COST, (YIELD, {"at_least": 60.0}), (IMPURITY, {"at_most": 20.0, "confidence": None}), n_results=4
    )


@pytest.fixture(scope="module")
def result(reactor, spec):
    return run_spec(spec, reactor.model_data(spec)).result


@pytest.fixture(scope="module")
def outcomes(reactor, spec):
    return RunOutcomes.of(spec, reactor.model_data(spec))


def test_every_listed_row_keeps_every_limit(result, outcomes):
    X = np.array(result.results.X)
    assert len(X) and outcomes.keeps(X).all()
    assert result.results.others[1].keeps == result.results.others[2].keeps == (True,) * len(X)
    assert (np.array(result.results.others[1].lows) >= 60.0 - 1e-9).all()  # 95 % on the lower side of 90 %


def test_the_objective_is_the_formula_exactly(result):
    X = {feature.name: np.array(result.results.X)[:, j] for j, feature in enumerate(result.features)}
    assert result.results.outcomes == pytest.approx(30 * X["catalyst amount"] + X["temperature"])
    assert (result.objective_name, result.objective_unit, result.outcome_name) == ("cost", "€", "cost")
    assert result.results.lows is None


def test_it_is_compared_with_the_best_row_that_keeps_the_limits_as_it_was_measured(result, reactor, outcomes):
    dataset = reactor.dataset
    costs = 30 * dataset.X[:, dataset.index("catalyst amount")] + dataset.X[:, dataset.index("temperature")]
    with np.errstate(invalid="ignore"):
        keeps = (dataset.measured(YIELD) >= 60) & (dataset.measured(IMPURITY) <= 20)
    assert result.n_within == keeps.sum() > 0
    assert result.best_recorded.outcomes[0] == pytest.approx(costs[keeps].min())
    assert all(all(each.keeps) for each in result.best_recorded.others if each.keeps is not None)
    assert rows_that_keep(outcomes, dataset).tolist() == keeps.tolist()


def test_the_verdict_is_exact_and_names_the_limits(result):
    verdict = result.verdict
    assert verdict.kind in (VerdictKind.BEATS, VerdictKind.NOT_BETTER)
    assert "It keeps yield of at least 60 % with 95 % confidence" in verdict.words
    assert "impurity of at most 20 % by the prediction" in verdict.words
    if verdict.kind is VerdictKind.BEATS:
        assert "cost is calculated, so this is exact" in verdict.words
        assert "within your bounds and limits" in verdict.words or "row" in verdict.words


def test_a_row_that_breaks_a_limit_says_by_how_much(outcomes, reactor):
    low = int(reactor.dataset.numbers[int(np.nanargmin(reactor.dataset.measured(YIELD)))])
    words = broken_words(outcomes, low)
    assert "its yield of 24.5 % is below your limit of 60 %" in words
    gap = int(reactor.dataset.numbers[np.flatnonzero(np.isnan(reactor.dataset.measured(IMPURITY)))[0]])
    assert "its impurity was not measured" in broken_words(outcomes, gap)


def test_rows_are_found_by_their_numbers(outcomes, reactor):
    numbers = reactor.dataset.numbers[[5, 0, 17]]
    assert places_of(outcomes, numbers).tolist() == [5, 0, 17]


def test_the_archive_tells_what_the_limits_hold_by(result, outcomes):
    kept = np.array(result.archive.kept)
    assert kept == pytest.approx(outcomes.kept_values(np.array(result.archive.X))[:, :2])
    keeps = (kept[:, 0] >= 60.0) & (kept[:, 1] <= 20.0)
    costs = np.array(result.archive.outcomes)[:, 0]
    assert keeps.any() and costs[keeps].min() == pytest.approx(result.results.outcomes[0], rel=0.05)


def test_what_is_known_of_each_outcome(result):
    cost, own, other = result.outcomes
    assert (cost.formula, cost.unit, cost.confidence, cost.n_met) == (COST[1]["formula"], "€", None, None)
    assert (own.at_least, own.confidence, other.at_most, other.confidence) == (60.0, 0.95, 20.0, None)
    assert own.n_met > 0 and limit_words(own) == "yield of at least 60 % with 95 % confidence"


def test_the_document_is_read_as_it_was_written(result):
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_a_run_with_one_outcome_says_nothing_of_others(bumps_spec, catalog):
    result = run_spec(bumps_spec, catalog.model_data(bumps_spec)).result
    assert (result.outcomes, result.archive, result.front, result.results.others) == ((), None, None, None)
