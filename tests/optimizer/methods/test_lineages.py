from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import (
    AskTellError,
    Candidates,
    Generation,
    LineageSearch,
    LineageSettings,
    LineageState,
    Objective,
    Problem,
    SearchSpace,
    SpaceError,
)

BORN, IMPROVED, STALLED, EXTINCT, _, DROPPED = LineageState
SPACE = SearchSpace.from_bounds([(-5, 5), (-5, 5)])

knobs = st.builds(
    LineageSettings,
    n_lineages=st.integers(1, 8),
    n_mutants=st.integers(1, 5),
    n_immigrants=st.integers(1, 12),
    patience=st.integers(1, 6),
    min_improvement=st.sampled_from([0.0, 1e-3, 0.5]),
)
quick = settings(max_examples=30)


def rugged(X):
    """Many basins, flat terraces (so that scores tie), and a corner without predictions."""
    scores = np.round((X**2).sum(axis=1) / 10 + np.cos(4 * X).sum(axis=1), 1)
    return np.where(X.sum(axis=1) > 4, np.nan, scores)


@dataclass
class Run:
    search: LineageSearch
    asked: list[np.ndarray]
    results: list[Candidates]
    trace: list[Generation]


def run(given, seed, n_generations=40, function=rugged):
    search = LineageSearch(SPACE, given, np.random.default_rng(seed))
    problem = Problem(SPACE, function, Objective(goal="minimum"))
    done = Run(search, [], [], [])
    for _ in range(n_generations):
        done.asked.append(search.ask())
        done.results.append(problem.evaluate(done.asked[-1]))
        done.trace.append(search.tell(done.results[-1]))
    return done


def lives(trace):
    """(state, score) of each lineage, generation by generation."""
    found: dict[int, list[tuple[int, float]]] = {}
    for generation in trace:
        for lineage, state, score in zip(generation.ids, generation.states, generation.bests.scores, strict=True):
            found.setdefault(int(lineage), []).append((int(state), float(score)))
    return found


@quick
@given(given=knobs, seed=st.integers(0, 1000))
def test_the_rules_of_lineages_one_by_one(given, seed):
    """The algorithm a second time, a lineage at a time, in plain Python."""
    done = run(given, seed)
    living, archive, n_born = [], [], 0
    for results, generation in zip(done.results, done.trace, strict=True):
        rows = [(float(score), tuple(x)) for score, x in zip(results.scores, results.X, strict=True)]
        expected, room = [], given.n_lineages - len(living)
        for lineage in living:
            family, rows = rows[: given.n_mutants], rows[given.n_mutants :]
            champion = min(family, key=lambda row: row[0])
            has_moved = champion[0] < lineage["best"][0]
            lineage["best"] = champion if has_moved else lineage["best"]
            lineage["stalled"] += 1
            if lineage["best"][0] < lineage["anchor"] - given.min_improvement:
                lineage["anchor"], lineage["stalled"] = lineage["best"][0], 0
            is_extinct = lineage["stalled"] == given.patience
            expected.append((lineage["id"], EXTINCT if is_extinct else IMPROVED if has_moved else STALLED))
            archive += [lineage["best"]] if is_extinct else []
        living = [lineage for lineage in living if lineage["stalled"] < given.patience]
        chosen = sorted(sorted(range(len(rows)), key=lambda row: rows[row][0])[:room])
        for score, x in (rows[row] for row in chosen if np.isfinite(rows[row][0])):
            living.append({"id": n_born, "best": (score, x), "anchor": score, "stalled": 0})
            expected.append((n_born, BORN))
            n_born += 1
        assert list(zip(generation.ids, generation.states, strict=True)) == expected
    assert [
        (score, tuple(x)) for score, x in zip(done.search.archive.scores, done.search.archive.X, strict=True)
    ] == archive
    assert [tuple(x) for x in done.search.living.X] == [lineage["best"][1] for lineage in living]


@quick
@given(given=knobs, seed=st.integers(0, 1000))
def test_extinction_comes_after_patience_generations_without_improvement_and_no_sooner(given, seed):
    for life in lives(run(given, seed).trace).values():
        scores = [score for _, score in life]
        if life[-1][0] == EXTINCT:
            assert len(life) > given.patience
            assert scores[-1] >= scores[-1 - given.patience] - given.min_improvement
        for end in range(given.patience, len(life) - 1):
            assert scores[end] < scores[0]  # alive after `patience` generations: it has improved at least once


def test_a_function_without_slope_ends_each_lineage_after_exactly_patience_generations():
    given = LineageSettings(n_lineages=5, n_mutants=2, n_immigrants=5, patience=3)
    trace = run(given, seed=0, n_generations=8, function=lambda X: np.ones(len(X))).trace
    assert [set(generation.states.tolist()) for generation in trace] == [
        {BORN}, {STALLED}, {STALLED}, {EXTINCT}, {BORN}, {STALLED}, {STALLED}, {EXTINCT},
    ]  # fmt: skip


@quick
@given(given=knobs, seed=st.integers(0, 1000))
def test_never_more_than_n_lineages_live_and_the_archive_holds_each_extinct_best_once(given, seed):
    done = run(given, seed)
    extinct = []
    for generation in done.trace:
        assert generation.n_living <= given.n_lineages
        rows = np.flatnonzero(generation.states == EXTINCT)
        extinct.append(generation.bests.take(rows))
    expected = Candidates.concatenate(extinct)
    np.testing.assert_array_equal(done.search.archive.X, expected.X)
    np.testing.assert_array_equal(done.search.archive.scores, expected.scores)
    assert len(done.search.archive) + len(done.search.living) == done.search.n_lineages
    last = done.trace[-1]
    np.testing.assert_array_equal(done.search.living.X, last.bests.X[last.states != EXTINCT])


@quick
@given(given=knobs, seed=st.integers(0, 1000))
def test_evaluations_and_predictions_that_are_no_number_are_counted(given, seed):
    done = run(given, seed)
    np.testing.assert_array_equal(
        [generation.evaluations for generation in done.trace], np.cumsum([len(X) for X in done.asked])
    )
    for generation, results in zip(done.trace, done.results, strict=True):
        assert generation.n_nonfinite == np.isnan(results.outcomes).sum()
        assert np.isfinite(generation.bests.scores).all()


def test_the_first_generation_is_newcomers_and_the_next_mutants_in_families():
    given = LineageSettings(n_lineages=4, n_mutants=3, n_immigrants=9)
    search = LineageSearch(SPACE, given, np.random.default_rng(0))
    problem = Problem(SPACE, lambda X: X[:, 0], Objective(goal="minimum"))
    assert search.n_asked == 9
    first = problem.evaluate(search.ask())
    generation = search.tell(first)
    np.testing.assert_array_equal(np.sort(generation.bests.scores), np.sort(first.scores)[:4])  # the weakest make room
    assert search.n_asked == 4 * 3  # no room, no newcomers
    mutants = search.ask()
    parents = np.repeat(generation.bests.X, 3, axis=0)
    distances = np.linalg.norm(mutants[:, None] - parents[None], axis=2)
    own = np.diag(distances)
    assert (own > 0).all() and np.median(own) < np.median(distances)


def test_fewer_newcomers_than_lineages_still_fill_the_first_generation():
    search = LineageSearch(SPACE, LineageSettings(n_lineages=20, n_immigrants=3), np.random.default_rng(0))
    assert len(search.ask()) == search.n_asked == 20


def test_a_lineage_that_improved_outlives_better_newcomers():
    given = LineageSettings(n_lineages=1, n_mutants=1, n_immigrants=1, patience=2)
    search = LineageSearch(SPACE, given, np.random.default_rng(0))
    for score in (100.0, 99.0, 98.0):
        X = search.ask()
        generation = search.tell(Candidates(X, np.full(1, score), np.full(1, score), np.zeros(1)))
    assert generation.ids.tolist() == [0] and generation.states.tolist() == [IMPROVED]


def told(X, scores):
    scores = np.array(scores, dtype=float)
    return Candidates(X, scores, scores, np.zeros(len(X)))


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_number_start_no_lineage_and_hide_no_better_mutant(odd):
    given = LineageSettings(n_lineages=2, n_mutants=3, n_immigrants=3)
    search = LineageSearch(SPACE, given, np.random.default_rng(0))
    first = search.tell(told(search.ask(), [odd, 5.0, odd]))
    assert first.bests.scores.tolist() == [5.0] and first.n_nonfinite == 2
    second = search.tell(told(search.ask(), [odd, 4.0, odd, odd, odd, odd]))
    assert second.bests.scores.tolist() == [4.0] and second.n_nonfinite == 5


def test_asking_twice_is_refused_with_the_number_that_waits():
    search = LineageSearch(SPACE, LineageSettings(n_lineages=7, n_immigrants=2), np.random.default_rng(0))
    search.ask()
    with pytest.raises(AskTellError, match="Tell the results of the last 7 candidates before asking again"):
        search.ask()


def test_telling_without_asking_is_refused():
    search = LineageSearch(SPACE, LineageSettings(), np.random.default_rng(0))
    with pytest.raises(AskTellError, match="Ask for candidates before telling"):
        search.tell(Candidates.empty(2))
    search.tell(told(X := search.ask(), np.arange(len(X))))
    with pytest.raises(AskTellError, match="Ask for candidates before telling"):
        search.tell(told(X, np.arange(len(X))))


def test_the_wrong_number_of_results_is_refused_with_both_and_can_be_mended():
    search = LineageSearch(SPACE, LineageSettings(n_lineages=7, n_immigrants=2), np.random.default_rng(0))
    X = search.ask()
    with pytest.raises(AskTellError, match="expected 7, got 6"):
        search.tell(told(X[:6], np.arange(6)))
    assert search.tell(told(X, np.arange(7))).evaluations == 7


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("n_lineages", "number of lineages must be at least 1, got 0"),
        ("n_mutants", "number of mutants per lineage must be at least 1, got 0"),
        ("n_immigrants", "number of newcomers must be at least 1, got 0"),
        ("patience", "Patience must be at least 1, got 0"),
    ],
)
def test_settings_that_leave_nothing_to_search_with_are_refused(name, words):
    with pytest.raises(SpaceError, match=words):
        LineageSettings(**{name: 0})


def test_a_negative_least_improvement_is_refused():
    with pytest.raises(SpaceError, match=r"least improvement must be at least 0, got -0\.1"):
        LineageSettings(min_improvement=-0.1)
