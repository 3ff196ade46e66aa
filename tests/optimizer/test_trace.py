import numpy as np

from optimizer import (
    Candidates,
    Events,
    Generation,
    LineageSearch,
    LineageSettings,
    LineageState,
    Objective,
    Problem,
    SearchSpace,
)

BORN, IMPROVED, STALLED, EXTINCT = LineageState


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


def test_n_living_leaves_out_the_extinct():
    assert a_generation(0, [0, 1, 2], [EXTINCT, STALLED, BORN], [1, 2, 3]).n_living == 2


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
