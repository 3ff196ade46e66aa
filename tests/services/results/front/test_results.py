"""A run with several goals: results along the front, what is given up for what, and the verdict."""

from dataclasses import replace

import numpy as np
import pytest

from optimizer import Events, Goal, Hooks
from optimizer.niches.front.dominance import is_nondominated
from services.problems.building import build_front
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.results.front.verdict import judge_front
from services.results.search import run_spec, salvage
from services.specs.results import RunResult, VerdictKind

YIELD, IMPURITY, ENERGY = "yield", "impurity", "energy consumption"


@pytest.fixture(scope="module")
def spec(reactor):
    return reactor.run(
        (YIELD, {"goal": "maximum"}),
        (ENERGY, {"goal": "minimum"}),
        (IMPURITY, {"at_most": 25.0, "confidence": 0.8}),
        ("ratio", {"formula": f"yield / [{ENERGY}]"}),
        n_results=8,
        distinct=0.3,
        risk_aversion=0.0,
    )


@pytest.fixture(scope="module")
def report(reactor, spec):
    return run_spec(spec, reactor.model_data(spec))


@pytest.fixture(scope="module")
def result(report):
    return report.result


@pytest.fixture(scope="module")
def outcomes(reactor, spec):
    return RunOutcomes.of(spec, reactor.model_data(spec))


def settings(rows):
    return np.array(rows.X, dtype=float)


def goals_of(rows):
    """Scores of both goals, (k, 2): smaller is better."""
    return np.column_stack([-np.array(rows.others[0].values), np.array(rows.others[1].values)])


def test_results_are_different_compromises_in_the_order_of_the_first_goal(result):
    assert 4 <= len(result.results) <= 8
    yields = result.results.others[0].values
    assert list(yields) == sorted(yields, reverse=True)
    assert result.results.outcomes == pytest.approx(yields)
    assert result.min_distance >= 0.3


def test_every_listed_row_keeps_the_limits(result, outcomes):
    assert outcomes.keeps(settings(result.results)).all()
    assert outcomes.keeps(settings(result.archive)).all()
    assert result.results.others[2].keeps == (True,) * len(result.results)


def test_all_outcomes_are_said_of_each_row(result, outcomes):
    assert [each.name for each in result.outcomes] == [YIELD, ENERGY, IMPURITY, "ratio"]
    predicted = outcomes.predict(settings(result.results))
    for j, own in enumerate(result.results.others):
        assert np.array(own.values) == pytest.approx(predicted[:, j])
    ratio = result.results.others[3]
    assert ratio.lows is None and ratio.highs is None and ratio.keeps is None
    known = result.results.others[0]
    assert (np.array(known.lows) < known.values).all() and (np.array(known.highs) > known.values).all()


def test_what_is_said_of_a_limit(result):
    limited = result.outcomes[2]
    assert (limited.at_most, limited.confidence, limited.goal) == (25.0, 0.8, None)
    assert 0 < limited.n_met < 210


def test_nothing_in_the_archive_beats_what_is_on_its_front(result):
    is_front = np.array(result.archive.is_front)
    predicted = np.array(result.archive.outcomes)[:, :2] * [-1, 1]
    assert is_front.any() and len(result.archive.hills) == len(result.archive)
    for row in predicted[is_front]:
        assert not ((predicted <= row - 1e-9).all(axis=1)).any()


def test_recorded_rows_beside_are_those_that_nothing_recorded_beats(result, reactor, outcomes):
    rows = result.best_recorded
    assert len(rows) and all(rows.others[2].keeps)
    measured = np.column_stack([-reactor.dataset.measured(YIELD), reactor.dataset.measured(ENERGY)])
    measured[~outcomes.recorded_keep().all(axis=1)] = np.inf
    measured[~np.isfinite(measured).all(axis=1)] = np.inf
    best = set(reactor.dataset.numbers[is_nondominated(measured)].tolist())
    assert set(rows.rows) <= best
    assert rows.others[0].measured == pytest.approx(rows.measured)


def test_the_front_tells_what_a_step_costs_and_where_least_is_given_up(result):
    assert len(result.front.rates) == len(result.front.like) == len(result.results)
    said = [words for words in result.front.rates if words]
    assert said and all("more yield costs" in words and "kWh/kg of energy consumption" in words for words in said)
    assert 0.8 < result.front.share <= 1.0
    scores = goals_of(result.results)
    scaled = (scores - scores.min(axis=0)) / np.ptp(scores, axis=0)
    assert scaled.sum(axis=1)[result.front.knee] <= np.median(scaled.sum(axis=1))


def test_the_verdict_names_a_result_that_beats_a_recorded_row_in_every_goal(result):
    verdict = result.verdict
    if verdict.kind in (VerdictKind.BEATS, VerdictKind.MAY_BEAT):
        k = verdict.first - 1
        scores = np.column_stack(
            [-np.array(result.best_recorded.others[0].measured), result.best_recorded.others[1].measured]
        )
        assert (goals_of(result.results)[k] <= scores + 1e-9).all(axis=1).any()
        assert "at no loss of" in verdict.words and f"Result {verdict.first}" in verdict.words
    else:
        assert "No result beats a recorded row in every goal" in verdict.words


def told(result, values, lows=None, highs=None):
    """Return the result with other numbers of its first row and first goal, and that row alone."""
    rows = result.results.only(0)
    first = rows.others[0].model_copy(
        update={"values": (values,), "lows": lows and (lows,), "highs": highs and (highs,)}
    )
    second = result.best_recorded.others[1].measured[0]
    other = rows.others[1].model_copy(
        update={"values": (second - 0.2,), "lows": (second - 0.3,), "highs": (second - 0.1,)}
    )
    rows = rows.model_copy(update={"others": (first, other, *rows.others[2:])})
    return result.model_copy(update={"results": rows, "front": None})


def test_a_result_beats_for_sure_where_the_worse_ends_do(result):
    best = result.best_recorded.others[0].measured[0]
    sure = judge_front(told(result, best + 5, best + 1, best + 9))
    assert sure.kind is VerdictKind.BEATS and sure.confidence == 95
    assert f"than row {result.best_recorded.rows[0]}" in sure.words and "with 95 % confidence in each" in sure.words
    likely = judge_front(told(result, best + 5, best - 1, best + 9))
    assert likely.kind is VerdictKind.MAY_BEAT and "may have" in likely.words


def test_without_a_recorded_row_there_is_nothing_to_compare_with(result):
    none = result.best_recorded.model_copy(
        update={
            "X": (),
            "outcomes": (),
            "rows": (),
            "others": tuple(
                each.model_copy(update={"values": (), "measured": ()}) for each in result.best_recorded.others
            ),
        }
    )
    assert judge_front(result.model_copy(update={"best_recorded": none})).kind is VerdictKind.UNKNOWN


def test_the_same_seed_gives_the_same_and_the_document_is_read_as_it_was_written(reactor, spec, result):
    again = run_spec(spec, reactor.model_data(spec)).result
    own = {"statistics": result.statistics}
    assert again.model_copy(update=own) == result
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_a_stop_keeps_what_was_found_and_so_does_the_trace_alone(reactor, spec):
    seen = []
    hooks = Hooks(on_generation=seen.append, should_stop=lambda: len(seen) >= 12)
    stopped = run_spec(spec, reactor.model_data(spec), hooks)
    assert len(stopped.result.results) and stopped.result.statistics.n_generations <= 13
    events = Events.of(stopped.trace, len(spec.features))
    saved = salvage(spec, reactor.model_data(spec), events, stopped.generations, 1.0)
    assert len(saved.results)
    outcomes = RunOutcomes.of(spec, reactor.model_data(spec))
    assert outcomes.keeps(settings(saved.results)).all()


def test_limits_that_nothing_keeps_leave_no_results_and_say_so(reactor, spec):
    hopeless = spec.outcomes[2].model_copy(update={"at_most": 0.01, "confidence": 0.99})
    result = run_spec(spec.revised(outcomes=(*spec.outcomes[:2], hopeless)), reactor.model_data(spec)).result
    assert not len(result.results) and result.verdict is None
    assert any("No candidate that the search found may be a result, because of limits" in note for note in result.notes)
    assert any("No recorded row has impurity at most 0.01 %" in note for note in result.notes)


def test_risk_aversion_counts_uncertainty_against_goals_and_shows_the_prediction(reactor, spec, outcomes):
    careful = spec.revised(risk_aversion=2.0)
    front = build_front(careful, reactor.model_data(careful))
    X = front.space.sample(20, np.random.default_rng(0))
    candidates = front.evaluate(X)
    assert candidates.outcomes[:, :2] == pytest.approx(outcomes.predict(X)[:, :2])
    value, error = outcomes.uncertainty(YIELD)(X)
    assert candidates.scores[:, 0] == pytest.approx(-(value - 2 * error) / outcomes.scales[YIELD], rel=1e-6)
    value, error = outcomes.uncertainty(ENERGY)(X)
    assert candidates.scores[:, 1] == pytest.approx((value + 2 * error) / outcomes.scales[ENERGY], rel=1e-6)


def test_slopes_of_a_front_are_those_of_small_steps(reactor, spec):
    front = build_front(spec.revised(risk_aversion=1.0), reactor.model_data(spec))
    X = front.space.sample(15, np.random.default_rng(3))
    values, slopes = front.predict_with_gradient(X)
    assert values == pytest.approx(front.predict(X), rel=1e-6)
    for j in range(4):
        step = 1e-2 * np.ptp(X[:, j])
        up, down = X.copy(), X.copy()
        up[:, j] += step
        down[:, j] -= step
        rise = (front.predict(up) - front.predict(down)) / (2 * step)
        assert slopes[:, :, j] == pytest.approx(rise, rel=2e-2, abs=2e-2 * np.abs(rise).max())


def test_one_desirability_of_the_same_goals_is_an_ordinary_search(reactor, spec):
    as_one = spec.revised(combine="desirability", n_results=3)
    result = run_spec(as_one, reactor.model_data(as_one)).result
    assert result.front is None and result.goal is Goal.MAXIMUM
    assert result.objective_name == "desirability" and 0 < result.results.outcomes[0] <= 1
    assert result.results.others[2].keeps == (True,) * len(result.results)


def test_the_budget_is_kept(report, spec):
    assert report.result.statistics.n_evaluations <= spec.budget.evaluations
    assert report.result.statistics.n_nonfinite == 0
    assert replace(report).trace[-1].places is not None
