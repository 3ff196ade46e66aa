"""A run that is steered, from its specification to its result."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from optimizer import Decision, DecisionKind, Events, Goal, Hooks, LineageState, SpaceError, StopReason, Summary
from services.catalog.loading import ModelWithData
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem
from services.problems.stories import LESSON
from services.results.report import objective_words
from services.results.search import archive_and_living, run_spec, salvage
from services.specs.method import method_named
from services.specs.outcomes import CurveSpec
from services.specs.results import RunResult
from services.specs.run import CategoricalSpec, RunSpec
from services.texts.tables import closing_sentence


@pytest.fixture(scope="module")
def report(mixed_spec, mixed):
    return run_spec(mixed_spec, mixed)


@pytest.fixture(scope="module")
def result(report):
    return report.result


def _stopped(spec, model_data, n):
    """The report of a run stopped after n generations."""
    asked = iter(range(n))
    return run_spec(spec, model_data, Hooks(should_stop=lambda: next(asked, None) is None))


class _Patchy:
    """A predictor without an answer for one row in ten, as a model is that overflows."""

    def __init__(self, predictor):
        self.feature_names = predictor.feature_names
        self._predict = predictor.predict

    def predict(self, X):
        y = self._predict(X)
        lot = (X[:, 2] * 1000).astype(int) % 20
        return np.where(lot == 0, np.nan, np.where(lot == 1, np.inf, y))


def test_the_same_specification_gives_the_same_bits(any_spec, mixed, untimed):
    first, second = run_spec(any_spec, mixed), run_spec(any_spec, mixed)
    assert untimed(first.result) == untimed(second.result)
    np.testing.assert_array_equal(first.events.bests.X, second.events.bests.X)
    np.testing.assert_array_equal(first.generations, second.generations)


def test_another_seed_gives_another_run(mixed_spec, mixed, result):
    assert run_spec(mixed_spec.revised(seed=1), mixed).result.results.X != result.results.X


@pytest.mark.parametrize("n_threads", [1, 2])
def test_the_number_of_threads_changes_nothing(any_spec, mixed, untimed, n_threads):
    with threadpool_limits(limits=n_threads):
        assert untimed(run_spec(any_spec, mixed).result) == untimed(run_spec(any_spec, mixed).result)


def test_runs_side_by_side_do_not_disturb_each_other(mixed_spec, mixed, untimed, result):
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda _: run_spec(mixed_spec, mixed).result, range(3)))
    assert [untimed(one) for one in found] == [untimed(result)] * 3


def test_watching_changes_nothing_and_sees_everything(any_spec, mixed, untimed):
    seen, ends = [], []
    report = run_spec(any_spec, mixed, Hooks(seen.append), on_searched=lambda: ends.append(len(seen)))
    assert untimed(report.result) == untimed(run_spec(any_spec, mixed).result)
    assert ends == [len(seen)] == [report.result.statistics.n_generations]
    assert [[g.number, g.evaluations] for g in seen] == report.generations.tolist()
    np.testing.assert_array_equal(Events.of(seen, 6).bests.X, report.events.bests.X)


def test_a_result_survives_the_way_through_json(result):
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_results_keep_to_the_features_of_the_run(plain_spec, mixed, with_feature):
    spec = with_feature(plain_spec, "sand", low=55.5, high=60.0, step=0.5)
    spec = with_feature(spec, "speed", low=3, high=6)
    spec = with_feature(spec, "temp", is_free=False, value=25.0)
    spec = with_feature(spec, "resin", allowed=("A", "C"))
    result = run_spec(spec, mixed).result
    X = np.array(result.results.X)
    problem = build_problem(spec, mixed)
    assert problem.space.contains(X).all()
    np.testing.assert_array_equal(X[:, 0] * 2, np.round(X[:, 0] * 2))
    assert 55.5 <= X[:, 0].min() <= X[:, 0].max() <= 60
    assert set(X[:, 2]) == {25.0} and set(X[:, 3]) <= {3.0, 4.0, 5.0, 6.0} and set(X[:, 4]) <= {0.0, 2.0}
    assert [feature.is_free for feature in result.features] == [True, True, False, True, True, True]


def test_a_result_says_about_its_candidates_what_the_problem_does(mixed_spec, mixed, result):
    problem = build_problem(mixed_spec, mixed)
    X = np.array(result.results.X)
    judged = problem.evaluate(X)
    for name in ("outcomes", "scores", "penalties"):
        assert getattr(result.results, name) == pytest.approx(getattr(judged, name))
    assert result.results.densities == pytest.approx(X[:, 0] + X[:, 1])
    assert list(result.results.scores) == sorted(result.results.scores)
    np.testing.assert_allclose(
        np.array(result.results.curves), problem.objective.curve.values(X, mixed.predictor.predict)
    )
    assert result.sweep.grid == tuple(np.arange(1.0, 29.0))
    assert result.min_distance >= mixed_spec.distinct


def test_densities_are_those_of_the_parts_with_and_without_a_penalty(mixed_spec, mixed, plain_spec):
    density = mixed_spec.density.model_copy(update={"parts": ("sand",), "target": 60.0, "tolerance": 5.0})
    result = run_spec(mixed_spec.revised(density=density), mixed).result
    assert result.results.densities == tuple(row[0] for row in result.results.X)
    assert result.density.mean == pytest.approx(mixed.dataset.X[:, 0].mean())
    assert (result.density.target, result.density.tolerance) == (60.0, 5.0)
    result = run_spec(plain_spec, mixed).result
    assert result.density.target == pytest.approx(mixed.dataset.density.mean())
    assert len(result.results.densities) == len(result.results)


def test_the_tally_counts(mixed_spec, report):
    statistics = report.result.statistics
    assert statistics.n_generations == len(report.generations)
    assert statistics.n_evaluations == report.generations[-1, 1] <= mixed_spec.budget.evaluations
    assert statistics.n_lineages == len(set(report.events.ids.tolist()))
    assert 0 < statistics.n_extinct < statistics.n_lineages
    assert len(report.result.results) <= statistics.n_kept <= statistics.n_lineages
    assert statistics.stop_reason is StopReason.BUDGET
    assert 0 <= statistics.overhead_share <= 1


def test_a_stop_keeps_what_was_found(mixed_spec, mixed, report):
    stopped = _stopped(mixed_spec, mixed, 3)
    assert stopped.result.statistics.stop_reason is StopReason.USER
    assert stopped.result.statistics.n_generations == 3
    assert len(stopped.result.results) > 0 and stopped.result.unpenalised is None
    np.testing.assert_array_equal(stopped.events.bests.X, report.events.bests.X[: len(stopped.events)])


def test_nothing_found_and_an_empty_trace_give_empty_results(mixed_spec, mixed):
    result = run_spec(mixed_spec, mixed, Hooks(should_stop=lambda: True)).result
    assert len(result.results) == 0
    assert result.min_distance is None
    assert len(result.best_recorded) == mixed_spec.n_results
    assert closing_sentence(result) == "You stopped it before the first generation, so there are no results."
    result = salvage(mixed_spec, mixed, Events.of([], 6), np.empty((0, 2)), seconds=0)
    assert len(result.results) == 0
    assert result.statistics.n_generations == 0
    assert result.statistics.stop_reason is StopReason.USER
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_a_stop_while_comparing_leaves_the_comparison_out(mixed_spec, mixed, result):
    is_searched = threading.Event()
    hooks = Hooks(should_stop=is_searched.is_set)
    stopped = run_spec(mixed_spec, mixed, hooks, on_searched=is_searched.set).result
    assert stopped.statistics.stop_reason is StopReason.BUDGET
    assert stopped.unpenalised is None
    assert stopped.results == result.results


def test_there_is_a_comparison_only_with_a_penalty(mixed_spec, mixed, result):
    plain = run_spec(mixed_spec.revised(density=None), mixed).result
    weightless = mixed_spec.density.model_copy(update={"weight": 0.0})
    for changes in ({"density": weightless}, {"is_compared": False}):
        assert run_spec(mixed_spec.revised(**changes), mixed).result.unpenalised is None
    assert plain.unpenalised is None
    assert result.unpenalised.X == plain.results.X  # the same seed, the same search
    assert set(result.unpenalised.penalties) == {0.0}
    assert result.unpenalised.outcomes[0] > result.results.outcomes[0]


def test_categories_are_kept_and_where_there_is_one_candidate_only_none_is_invented(plain_spec, mixed, with_feature):
    features = tuple(f.model_copy(update={"is_free": f.name == "resin"}) for f in plain_spec.features)
    features = tuple(f.model_copy(update={"allowed": ("B",)}) if f.name == "resin" else f for f in features)
    result = run_spec(plain_spec.revised(features=features, n_results=5, floor={"amount": 1.0}), mixed).result
    assert [row[4] for row in result.results.X] == [1.0]
    assert result.min_distance is None
    assert closing_sentence(result).endswith(
        "You asked for 5 results; there were no more that are good enough and differ by at least 0.98 std. dev. "
        "(both can be changed under Advanced)."
    )
    spec = with_feature(plain_spec, "resin", is_free=False, value="C", allowed=("A",))
    assert {row[4] for row in run_spec(spec, mixed).result.results.X} == {2.0}
    assert isinstance(spec.features[4], CategoricalSpec)


def test_predictions_that_are_not_finite_never_come_out_best(plain_spec, mixed):
    result = run_spec(plain_spec, ModelWithData(mixed.dataset, _Patchy(mixed.predictor))).result
    assert result.statistics.n_nonfinite > 0
    assert np.isfinite(result.results.outcomes).all()
    assert np.isfinite(result.best_recorded.measured).all()
    assert "predictions were not finite and never counted as best" in closing_sentence(result)
    assert RunResult.model_validate_json(result.model_dump_json()).results == result.results


@pytest.mark.parametrize(("goal", "value"), [(Goal.MINIMUM, None), (Goal.VALUE, 230.0)])
def test_other_goals_are_reached(plain_spec, mixed, goal, value):
    result = run_spec(plain_spec.revised(goal=goal, value=value), mixed).result
    if goal is Goal.MINIMUM:
        assert result.results.outcomes[0] <= mixed.dataset.y.min()
    else:
        assert result.results.outcomes[0] == pytest.approx(value, abs=0.5)


@pytest.mark.parametrize(
    ("limit", "reason"), [({"seconds": 0.05}, StopReason.TIME), ({"stall": 5}, StopReason.NO_IMPROVEMENT)]
)
def test_limits_of_the_budget_end_a_run(plain_spec, mixed, limit, reason):
    spec = plain_spec.revised(budget={"evaluations": 10**9, **limit})
    assert run_spec(spec, mixed).result.statistics.stop_reason is reason


def test_a_budget_too_small_for_one_generation_is_refused(plain_spec, mixed):
    with pytest.raises(SpaceError, match="The first generation needs 10 evaluations, the budget allows 9"):
        run_spec(plain_spec.revised(budget={"evaluations": 9}), mixed)


def test_the_curve_that_is_shown(result, plain_spec, mixed, bumps_spec, catalog):
    assert result.sweep.grid == run_spec(plain_spec, mixed).result.sweep.grid == tuple(range(1, 29))
    bumps = run_spec(bumps_spec, catalog.model_data(bumps_spec)).result
    assert bumps.sweep is None and bumps.results.curves is None


@pytest.mark.parametrize(
    ("curve", "words"),
    [
        (None, ("yield", "%")),
        (CurveSpec(feature="age", start=1, end=28), ("area of yield over age 1 to 28", "%·d")),
        (CurveSpec(feature="age", start=1, end=28, summary=Summary.MEAN), ("mean of yield over age 1 to 28", "%")),
        (CurveSpec(feature="temp", start=1, end=28), ("area of yield over temp 1 to 28", "%")),
        (CurveSpec(feature="age", start=1, end=28, summary=Summary.POINT, at=7), ("yield at age 7", "%")),
    ],
)
def test_what_is_searched_for_in_words(plain_spec, mixed, curve, words):
    assert objective_words(plain_spec.revised(curve=curve), mixed) == words


@pytest.mark.parametrize("n", [1, 2, 7, 25])
def test_a_salvaged_result_is_that_of_a_run_stopped_there(mixed_spec, mixed, untimed, n):
    report = _stopped(mixed_spec, mixed, n)
    salvaged = salvage(mixed_spec, mixed, report.events, report.generations, seconds=1.5)
    assert untimed(salvaged) == untimed(report.result)
    assert salvaged.statistics.seconds == 1.5
    assert salvaged.unpenalised is None
    assert len(salvaged.results) > 0


def _salvaged_from_pieces(report, model_data):
    pieces = [TracePiece(report.events, report.generations).to_bytes()]
    joined = TracePiece.joined([TracePiece.from_bytes(piece) for piece in pieces])
    return salvage(report.result.spec, model_data, joined.events, joined.generations, seconds=0)


def test_the_lesson_s_result_can_be_salvaged_from_stored_pieces(catalog, bumps_spec, untimed):
    model_data = catalog.model_data(bumps_spec)
    report = _stopped(bumps_spec.revised(method=LESSON), model_data, 60)
    assert report.result.statistics.n_extinct > 0
    assert untimed(_salvaged_from_pieces(report, model_data)) == untimed(report.result)


def test_of_niches_the_optima_are_salvaged_but_not_what_else_was_good(catalog, bumps_spec):
    model_data = catalog.model_data(bumps_spec)
    report = _stopped(bumps_spec, model_data, 60)
    salvaged, statistics = _salvaged_from_pieces(report, model_data), report.result.statistics
    assert salvaged.results.outcomes[0] == pytest.approx(report.result.results.outcomes[0])
    assert statistics.n_merged > 0
    left_out = {"n_kept", "seconds", "overhead_share"}
    assert salvaged.statistics.model_dump(exclude=left_out) == statistics.model_dump(exclude=left_out)
    assert 0 < salvaged.statistics.n_kept <= statistics.n_kept


def test_archive_and_living_lineages_are_told_apart(mixed_spec, mixed):
    report = _stopped(mixed_spec, mixed, 20)
    archive, living = archive_and_living(report.events)
    assert len(archive) == report.result.statistics.n_extinct
    assert len(archive) + len(living) == report.result.statistics.n_lineages
    problem = build_problem(mixed_spec, mixed)
    for candidates in (archive, living):
        np.testing.assert_array_equal(problem.evaluate(candidates.X).scores, candidates.scores)


def test_merged_lineages_have_ended_and_leave_nothing_behind(mixed_spec, mixed):
    events = _stopped(mixed_spec, mixed, 20).events
    archive, living = archive_and_living(events)
    extinct = np.flatnonzero(events.states == LineageState.EXTINCT)
    assert len(extinct) > 1
    events.states[extinct[::2]] = LineageState.MERGED
    fewer, as_many = archive_and_living(events)
    np.testing.assert_array_equal(fewer.X, archive.X[1::2])
    np.testing.assert_array_equal(as_many.X, living.X)
    statistics = salvage(mixed_spec, mixed, events, np.array([[0, 10.0]]), seconds=1).statistics
    assert (statistics.n_merged, statistics.n_extinct) == (len(extinct[::2]), len(fewer))
    assert statistics.n_lineages == len(archive) + len(living)


DROP, MORE = DecisionKind


class User:
    """Somebody who decides about the best living lineage after some generations."""

    def __init__(self, choices):
        self.choices, self.seen = choices, []

    def __call__(self, number):
        kind = self.choices.get(number)
        if kind is None:
            return ()
        last = self.seen[-1]
        living = last.bests.scores + np.where(last.states <= LineageState.STALLED, 0, np.inf)
        return (Decision(number, kind, int(last.ids[living.argmin()])),)


def steered(spec, model_data, choices, **more):
    user = User(choices)
    return run_spec(spec, model_data, Hooks(user.seen.append, decide=user, **more))


@pytest.fixture(scope="module", params=[{4: DROP}, {3: MORE, 6: DROP}])
def choices(request):
    return request.param


def test_the_result_s_specification_repeats_a_steered_run(any_spec, mixed, choices, untimed):
    live = steered(any_spec, mixed, choices)
    decided = [(d.after, d.kind) for d in live.result.spec.decisions]
    assert decided == list(choices.items())
    document = live.result.spec.model_dump_json()
    again = run_spec(RunSpec.model_validate_json(document), mixed)
    assert untimed(again.result) == untimed(live.result)
    assert TracePiece.of(again.trace, 6).to_bytes() == TracePiece.of(live.trace, 6).to_bytes()


def test_a_repeated_run_can_be_steered_further(any_spec, mixed, untimed):
    once = steered(any_spec, mixed, {3: DROP}).result
    twice = steered(once.spec, mixed, {8: MORE}).result
    assert [d.after for d in twice.spec.decisions] == [3, 8]
    assert untimed(run_spec(twice.spec, mixed).result) == untimed(twice)


def test_no_result_is_like_a_dropped_lineage(any_spec, mixed):
    live = steered(any_spec, mixed, {4: DROP, 8: DROP})
    spec = live.result.spec
    space = build_problem(spec, mixed).space
    results = space.scaled(np.array(live.result.results.X))
    for each in spec.decisions:
        before = live.trace[each.after]
        best = space.scaled(before.bests.X[before.ids == each.lineage])
        assert np.linalg.norm(results - best, axis=1).min() >= spec.distinct * (1 - 1e-6)
    statistics = live.result.statistics
    assert statistics.n_dropped >= 2
    assert statistics.n_lineages == sum(int((g.states == LineageState.BORN).sum()) for g in live.trace)


def test_nobody_is_asked_where_the_method_cannot_be_steered(plain_spec, mixed):
    spec = plain_spec.revised(method=method_named("cma_es"), budget={"evaluations": 200})

    def decide(number):
        raise AssertionError("asked")

    assert len(run_spec(spec, mixed, Hooks(decide=decide)).result.results)


@pytest.mark.parametrize("n", [9, 30])
def test_a_steered_run_is_salvaged_from_its_trace(mixed_spec, mixed, choices, untimed, n):
    asked = iter(range(n))
    report = steered(mixed_spec, mixed, choices, should_stop=lambda: next(asked, None) is None)
    stored = TracePiece.from_bytes(TracePiece.of(report.trace, 6).to_bytes())
    assert stored.decisions == report.result.spec.decisions
    saved = salvage(mixed_spec, mixed, stored.events, stored.generations, 1.0, stored.decisions)
    assert untimed(saved) == untimed(report.result)


def test_what_went_extinct_before_it_was_dropped_is_not_salvaged(catalog, bumps_spec):
    model_data, extinct = catalog.model_data(bumps_spec), []

    def note(generation):
        extinct.extend(generation.ids[generation.states == LineageState.EXTINCT].tolist())

    def decide(number):
        return (Decision(number, DROP, extinct[0]),) if number == 60 else ()

    report = run_spec(bumps_spec, model_data, Hooks(note, decide=decide))
    (taken,) = report.result.spec.decisions
    archive, living = archive_and_living(report.events)
    assert taken.lineage in report.events.ids[report.events.states == LineageState.DROPPED]
    assert len(archive) == report.result.statistics.n_extinct
    assert len(archive) + len(living) + report.result.statistics.n_merged + report.result.statistics.n_dropped == (
        report.result.statistics.n_lineages
    )
