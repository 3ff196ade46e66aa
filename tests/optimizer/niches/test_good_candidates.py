import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from optimizer import Numeric, SearchSpace
from optimizer.niches import good_candidates
from optimizer.niches.good_candidates import CELL, MARGIN, MAX_KEPT, GoodCandidates

SPACE = SearchSpace((Numeric("x", 0.0, 10.0, std=2.0), Numeric("y", 0.0, 1.0, std=0.1)))


def cells(space, X):
    return [tuple(cell) for cell in np.floor(space.scaled(X) / CELL).astype(int).tolist()]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def test_the_best_are_kept_when_there_are_too_many(candidates, monkeypatch):
    monkeypatch.setattr(good_candidates, "_MAX_WAITING", 300)
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
