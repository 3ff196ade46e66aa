import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from optimizer import Categorical, Numeric, SearchSpace
from optimizer.niches import archive as archive_module
from optimizer.niches.archive import CELL, LEVEL, MARGIN, MAX_KEPT, GoodCandidates, Optima
from optimizer.niches.coordinates import Coordinates


@settings(max_examples=40)
@given(m=st.integers(1, 5), a=st.integers(1, 30), k=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_the_nearest_are_those_of_brute_force(archive, candidates, m, a, k, seed):
    rng = np.random.default_rng(seed)
    optima = archive(rng.random((a, m)), rng.random(a))
    U = rng.random((7, m))
    rows, distances = optima.nearest(U, k)
    every = np.linalg.norm(U[:, None] - optima.U[None], axis=2)
    assert rows.shape == distances.shape == (7, min(k, a))
    np.testing.assert_allclose(distances, np.sort(every, axis=1)[:, :k], rtol=1e-12)
    np.testing.assert_allclose(np.take_along_axis(every, rows, axis=1), distances, rtol=1e-12)
    row = optima.add(0, candidates(U[0], 5.0))  # one more is known at once
    again, distances = optima.nearest(U[:1], 1)
    assert again.tolist() == [[row]] and distances[0, 0] == 0


def test_of_no_optima_none_is_near(archive):
    optima = archive(np.empty((0, 2)), [])
    rows, distances = optima.nearest(np.zeros((4, 2)), 2)
    assert rows.shape == distances.shape == (4, 0)
    assert optima.best == np.inf and len(optima) == len(optima.is_elite) == 0


def test_elites_are_as_good_as_the_best(archive):
    optima = archive(np.zeros((4, 1)), [1.0, 1.0 + 0.9 * LEVEL, 1.0 + 1.1 * LEVEL, 3.0])
    assert optima.best == 1.0
    assert optima.is_elite.tolist() == [True, True, False, False]
    assert optima.ids.tolist() == [100, 101, 102, 103]


@pytest.mark.parametrize(("score", "is_taken"), [(0.5, True), (1.0, False), (2.0, False)])
def test_only_a_better_candidate_takes_the_place_of_an_optimum(archive, candidates, score, is_taken):
    optima = archive([[0.1, 0.1], [0.9, 0.9]], [0.0, 1.0])
    optima.nearest(np.zeros((1, 2)), 1)
    optima.improve(1, candidates([0.7, 0.6], score))
    assert len(optima) == 2 and optima.ids.tolist() == [100, 101]
    assert optima.scores[1] == min(score, 1.0)
    place = [0.7, 0.6] if is_taken else [0.9, 0.9]
    assert optima.U[1].tolist() == optima.candidates.X[1].tolist() == place
    _, distances = optima.nearest(np.array([place]), 1)
    assert distances[0, 0] == 0


def test_optima_of_the_same_categories_come_first(candidates):
    features = Numeric("x", 0, 50, std=9.0), Categorical("c", (0.3,) * 3), Numeric("y", 1, 2, std=1.0)
    coordinates = Coordinates.of(SearchSpace((*features, Categorical("e", (0.5, 0.5)))))
    optima, rng = Optima(coordinates), np.random.default_rng(0)
    X = np.column_stack([rng.uniform(0, 50, 60), rng.integers(0, 3, 60), rng.uniform(1, 2, 60), rng.integers(0, 2, 60)])
    for row in range(60):
        optima.add(row, candidates(X[row], float(row)))
    here = np.array([[25.0, 1, 1.5, 0]])
    rows, distances = optima.nearest(coordinates.keys(here), 60)
    is_alike = coordinates.is_alike(X[rows[0]], here)
    n_alike = is_alike.sum()
    assert 3 < n_alike < 20 and is_alike[:n_alike].all()
    apart = np.hypot((X[rows[0], 0] - 25) / 50, X[rows[0], 2] - 1.5)[:n_alike]
    np.testing.assert_allclose(distances[0, :n_alike], apart)
    assert distances[0, n_alike:].min() > np.sqrt(2)
    optima.improve(int(rows[0, 0]), candidates([0.0, 2, 1.0, 1], -1.0))  # it moved to another category
    assert optima.nearest(coordinates.keys(here), 1)[0][0, 0] == rows[0, 1]


def test_what_is_forgotten_is_near_nothing_any_more(archive):
    optima = archive([[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]], [0.0, 1.0, 2.0])
    optima.nearest(np.array([[0.0, 0.0]]), 1)  # so that there is something that must not be reused
    optima.keep(np.array([False, True, True]))
    assert (optima.ids.tolist(), optima.scores.tolist(), optima.best) == ([101, 102], [1.0, 2.0], 1.0)
    assert optima.nearest(np.array([[0.0, 0.0]]), 3)[0].tolist() == [[0, 1]]
    assert optima.add(7, optima.candidates.take(np.array([0]))) == 2


SPACE = SearchSpace((Numeric("x", 0.0, 10.0, std=2.0), Numeric("y", 0.0, 1.0, std=0.1)))


def cells(space, X):
    return [tuple(cell) for cell in np.floor(space.scaled(X) / CELL).astype(int).tolist()]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), n_parts=st.integers(1, 4), seed=st.integers(0, 1000))
def test_the_best_good_one_of_every_cell_is_kept(spaces, candidates, data, n_parts, seed):
    space, rng = data.draw(spaces), np.random.default_rng(seed)
    thinned, parts = GoodCandidates(space), []
    for part in range(n_parts):
        X = space.sample(40, rng)
        parts.append(candidates(X, rng.normal(2 - part, 1.0, 40)))  # ever better: the bar rises
        thinned.add(parts[-1])
        if part == 1:
            assert len(thinned.kept)  # a look changes nothing
    X, scores = np.concatenate([p.X for p in parts]), np.concatenate([p.scores for p in parts])
    expected = {}
    for cell, score in zip(cells(space, X), scores.tolist(), strict=True):
        if score <= scores.min() + MARGIN:
            expected[cell] = min(score, expected.get(cell, np.inf))
    kept = thinned.kept
    assert dict(zip(cells(space, kept.X), kept.scores.tolist(), strict=True)) == expected
    assert len(kept) == len(expected)
    assert (np.diff(kept.scores) >= 0).all() and kept.scores[0] == scores.min()


def test_good_candidates_a_tenth_of_a_standard_deviation_apart_are_all_kept(candidates):
    steps = np.arange(40)
    X = np.column_stack([(steps + 0.5) * 0.1 * 2.0, np.full(40, 0.05)])  # x has the standard deviation 2
    for n_between in (1, 2):  # two in every tenth: the better one of each
        thinned = GoodCandidates(SPACE)
        rows = np.repeat(X, n_between, axis=0) + np.tile(np.linspace(0, 0.08, n_between), 40)[:, None] * [1, 0]
        thinned.add(candidates(rows, np.tile(np.arange(n_between) / 10, 40)))
        np.testing.assert_allclose(np.sort(thinned.kept.X[:, 0]), X[:, 0])


def test_the_best_are_kept_when_there_are_too_many(candidates, monkeypatch):
    monkeypatch.setattr(archive_module, "_MAX_WAITING", 300)
    rng = np.random.default_rng(0)
    space = SearchSpace.from_bounds([(0, 100)] * 4)
    thinned, every = GoodCandidates(space), []
    for _ in range(8):
        every.append(rng.random(1000))
        thinned.add(candidates(space.sample(1000, rng), every[-1]))
    assert len(thinned.kept) == MAX_KEPT
    scores = np.sort(np.concatenate(every))
    assert thinned.kept.scores[-1] <= scores[MAX_KEPT + 200]


@pytest.mark.parametrize("scores", [[], [np.inf, np.inf]])
def test_where_nothing_is_good_nothing_is_kept(candidates, scores):
    thinned = GoodCandidates(SPACE)
    assert len(thinned.kept) == 0
    thinned.add(candidates(np.zeros((len(scores), 2)).reshape(-1, 2), scores))
    assert len(thinned.kept) == 0
    thinned.add(candidates([[1.0, 0.5], [9.0, 0.1]], [3.0, np.inf]))
    assert thinned.kept.scores.tolist() == [3.0]
