"""A run that is steered, from its specification to its result."""

import numpy as np
import pytest

from optimizer import Decision, DecisionKind, Hooks, LineageState
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem
from services.results.search import archive_and_living, run_spec, salvage
from services.specs.method import method_named
from services.specs.run import DecisionSpec, RunSpec

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
    assert [DecisionSpec.of(d) for d in stored.decisions] == list(report.result.spec.decisions)
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
