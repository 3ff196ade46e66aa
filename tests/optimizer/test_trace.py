from dataclasses import replace

import numpy as np

from optimizer import (
    Candidates,
    Events,
    FrontPlaces,
    Generation,
    LineageSearch,
    LineageSettings,
    LineageState,
    Objective,
    Problem,
    SearchSpace,
    is_end,
)
from optimizer.trace import SHAPES_EVERY

BORN, IMPROVED, STALLED, EXTINCT, MERGED, DROPPED = LineageState


def a_generation(number, ids, states, scores):
    scores = np.array(scores, dtype=float)
    bests = Candidates(np.column_stack([ids, scores]), scores, scores, scores * 0)
    return Generation(number, 10 * (number + 1), np.array(ids), np.array(states), bests)


def test_events_leave_out_what_stalls():
    trace = [
        a_generation(0, [0, 1, 2], [BORN, BORN, BORN], [5, 6, 7]),
        a_generation(1, [0, 1, 2], [STALLED, IMPROVED, STALLED], [5, 4, 7]),
        a_generation(2, [0, 1, 2, 3], [EXTINCT, STALLED, STALLED, BORN], [5, 4, 7, 9]),
    ]
    events = Events.of(trace, n_features=2)
    assert len(events) == 6
    np.testing.assert_array_equal(events.generations, [0, 0, 0, 1, 2, 2])
    np.testing.assert_array_equal(events.ids, [0, 1, 2, 1, 0, 3])
    np.testing.assert_array_equal(events.states, [BORN, BORN, BORN, IMPROVED, EXTINCT, BORN])
    np.testing.assert_array_equal(events.bests.scores, [5, 6, 7, 4, 5, 9])
    np.testing.assert_array_equal(events.bests.X[:, 0], events.ids)


def test_events_tell_where_lineages_are_among_several_objectives():
    def placed(generation):
        m = len(generation.ids)
        outcomes = np.column_stack([generation.ids, np.full(m, generation.number)])
        places = FrontPlaces(outcomes, np.zeros(m), generation.ids, np.zeros(m, int), np.ones(m, bool))
        return replace(generation, places=places)

    trace = [
        placed(a_generation(0, [0, 1], [BORN, BORN], [5, 6])),
        placed(a_generation(1, [0, 1], [STALLED, IMPROVED], [5, 4])),
    ]
    places = Events.of(trace, n_features=2).places
    np.testing.assert_array_equal(places.outcomes, [[0, 0], [1, 0], [1, 1]])
    np.testing.assert_array_equal(places.directions, [0, 1, 1])
    assert Events.of([replace(trace[0], places=None)], n_features=2).places is None


def test_n_living_leaves_out_the_extinct_and_the_merged():
    assert a_generation(0, [0, 1, 2, 3], [EXTINCT, STALLED, BORN, MERGED], [1, 2, 3, 4]).n_living == 2


def test_extinct_merged_and_dropped_are_ends_and_nothing_else_is():
    np.testing.assert_array_equal(is_end(np.array(list(LineageState))), [False, False, False, True, True, True])


def with_shapes(generation, spread, merged_into=None):
    m = len(generation.ids)
    covariances = np.broadcast_to(spread * np.eye(2), (m, 2, 2)).copy()
    return replace(generation, covariances=covariances, merged_into=merged_into)


def test_the_gaussian_of_a_lineage_that_stalls_is_told_now_and_then():
    trace = [a_generation(0, [0, 1], [BORN, BORN], [5, 6])]
    trace += [a_generation(number, [0, 1], [STALLED, STALLED], [5, 6]) for number in range(1, 10)]
    trace = [with_shapes(generation, 10.0 - generation.number) for generation in trace]
    trace[8].covariances[1] = np.nan  # without one
    events = Events.of(trace, n_features=2)
    assert list(zip(events.generations.tolist(), events.ids.tolist(), events.states.tolist(), strict=True)) == [
        (0, 0, BORN), (0, 1, BORN), (4, 0, STALLED), (4, 1, STALLED), (8, 0, STALLED),
    ]  # fmt: skip
    assert SHAPES_EVERY == 4
    np.testing.assert_array_equal(events.covariances[:, 0, 0], [10, 10, 6, 6, 2])
    np.testing.assert_array_equal(events.means, events.bests.X)


def test_events_tell_where_the_gaussians_are_and_whose_hill_a_merged_lineage_climbed():
    first = with_shapes(a_generation(0, [0, 1], [BORN, BORN], [5, 6]), 1.0)
    first = replace(first, means=first.bests.X + 3)
    last = with_shapes(a_generation(1, [0, 1], [IMPROVED, MERGED], [4, 6]), 1.0, np.array([-1, 0]))
    plain = a_generation(2, [0], [EXTINCT], [4])
    events = Events.of([first, last, plain], n_features=2)
    np.testing.assert_array_equal(events.states, [BORN, BORN, IMPROVED, MERGED, EXTINCT])
    np.testing.assert_array_equal(events.merged_into, [-1, -1, -1, 0, -1])
    np.testing.assert_array_equal(events.means[:2], first.means)
    np.testing.assert_array_equal(events.means[2:4], last.bests.X)
    np.testing.assert_array_equal(np.isnan(events.covariances).all(axis=(1, 2)), [False] * 4 + [True])
    assert Events.of([plain], 2).covariances is None
    assert Events.of([plain], 2).merged_into is None


def test_a_generation_can_be_kept_without_its_gaussians():
    full = with_shapes(a_generation(0, [0, 1], [BORN, MERGED], [5, 6]), 1.0, np.array([-1, 0]))
    light = full.without_shapes()
    assert light.covariances is None and light.bests is full.bests and light.merged_into is full.merged_into
    plain = a_generation(0, [0], [BORN], [5])
    assert plain.without_shapes() is plain


def test_no_generations_have_no_events():
    events = Events.of([], n_features=3)
    assert len(events) == 0 and events.bests.X.shape == (0, 3)


def test_a_whole_trace_can_be_told_again_from_its_events(himmelblau):
    space = SearchSpace.from_bounds([(-5, 5)] * 2)
    search = LineageSearch(space, LineageSettings(n_lineages=6, patience=4), np.random.default_rng(0))
    problem = Problem(space, himmelblau, Objective())
    trace = [search.tell(problem.evaluate(search.ask())) for _ in range(60)]
    events = Events.of(trace, 2)
    living = {}
    for generation in trace:
        for row in np.flatnonzero(events.generations == generation.number):
            living[int(events.ids[row])] = events.bests.X[row]
        told = [living[lineage] for lineage in generation.ids.tolist()]
        np.testing.assert_array_equal(np.array(told), generation.bests.X)
        assert set(living) == set(generation.ids.tolist())
        for lineage in generation.ids[generation.states == EXTINCT].tolist():
            del living[lineage]
    assert (events.states == EXTINCT).sum() > 0
