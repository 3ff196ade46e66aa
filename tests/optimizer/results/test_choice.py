"""What every choice keeps to; each has a file of its own for what is its own."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from threadpoolctl import threadpool_limits

from optimizer import (
    CHOICES,
    Candidates,
    Categorical,
    Choice,
    FloorKind,
    Numeric,
    QualityFloor,
    SearchSpace,
    SpaceError,
    min_distance,
    representatives,
)

SPACE = SearchSpace((Numeric("a", 0, 10, std=2.0), Numeric("b", 0, 10, std=0.5), Categorical("c", (0.4, 0.6))))
ALL = QualityFloor(FloorKind.BEST_SHARE, 1.0)
floors = (
    st.builds(QualityFloor, st.just(FloorKind.BEST_SHARE), st.floats(0.01, 1))
    | st.builds(QualityFloor, st.just(FloorKind.WITHIN), st.floats(0, 3))
    | st.builds(QualityFloor, st.just(FloorKind.WITHIN_PERCENT), st.floats(0, 200))
)
every_choice = pytest.mark.parametrize("choice", Choice)


@st.composite
def clouds(draw):
    """Found candidates: spread out, in clumps, with repeats, ties and some without a score."""
    n = draw(st.integers(0, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    centres = SPACE.sample(draw(st.integers(1, 6)), rng)
    X = centres[rng.integers(len(centres), size=n)] + draw(st.sampled_from([0, 1e-12, 0.01, 1.0])) * rng.random((n, 3))
    scores = np.round(rng.normal(size=n), draw(st.sampled_from([1, 6])))
    scores[rng.random(n) < draw(st.sampled_from([0.0, 0.3, 1.0]))] = np.inf
    return Candidates(SPACE.repair(X), scores, scores, np.zeros(n))


@every_choice
@settings(deadline=None, max_examples=60)
@given(
    found=clouds(),
    n=st.integers(1, 8),
    floor=floors,
    distinct=st.sampled_from([0.0, 1e-6, 0.3, 2.0]),
    seed=st.integers(0, 9),
)
def test_representatives_are_good_different_members_best_first_with_the_best_one(
    choice, found, n, floor, distinct, seed
):
    chosen = representatives(found, SPACE, n, floor, np.random.default_rng(seed), distinct, choice)
    good = found.take(floor.passing(found))
    assert len(chosen) <= n
    assert (len(chosen) > 0) == np.isfinite(found.scores).any()
    members = {(*x, score) for x, score in zip(good.X.tolist(), good.scores.tolist(), strict=True)}
    rows = [(*x, score) for x, score in zip(chosen.X.tolist(), chosen.scores.tolist(), strict=True)]
    assert set(rows) <= members and len(set(rows)) == len(rows)
    assert list(chosen.scores) == sorted(chosen.scores)
    if len(chosen):
        assert chosen.scores[0] == found.scores.min()
    if len(chosen) > 1:
        assert min_distance(chosen.X, SPACE) >= max(distinct * (1 - 1e-8), 1e-9)
    if 0 < len(chosen) < n:  # fewer, because every other good one is too near to one of them
        gaps = np.linalg.norm(SPACE.scaled(good.X)[:, None] - SPACE.scaled(chosen.X)[None], axis=2)
        assert (gaps.min(axis=1) < max(distinct, 1e-9)).all()


def test_there_is_a_strategy_for_every_choice():
    assert list(CHOICES) == list(Choice)


@every_choice
def test_fewer_come_back_when_fewer_differ(choice, scored, space):
    found = scored([[1, 1, 0]] * 5 + [[2, 2, 1]] * 5, range(10))
    rng = np.random.default_rng(0)
    assert representatives(found, space, 5, ALL, rng, choice=choice).scores.tolist() == [0, 5]
    assert len(representatives(found.take(np.arange(1)), space, 5, ALL, rng, choice=choice)) == 1
    assert len(representatives(Candidates.empty(3), space, 5, ALL, rng, choice=choice)) == 0


@every_choice
def test_categories_alone_make_candidates_different(choice, scored, space):
    found = scored([[1, 1, 0], [1, 1, 1]], [0, 1])
    rng = np.random.default_rng(0)
    assert len(representatives(found, space, 2, ALL, rng, distinct=1.0, choice=choice)) == 2
    assert len(representatives(found, space, 2, ALL, rng, distinct=1.1, choice=choice)) == 1


@every_choice
def test_frozen_features_do_not_make_candidates_different(choice, scored):
    space = SearchSpace((Numeric("a", 0, 10, std=2.0), Numeric("b", 0, 10, std=0.5, frozen=3.0)))
    found = scored([[1, 3], [1, 9]], [0, 1])
    assert len(representatives(found, space, 2, ALL, np.random.default_rng(0), choice=choice)) == 1


@every_choice
def test_candidates_that_differ_by_rounding_alone_are_one(choice, scored, space):
    X = np.tile([[1.0, 1.0, 0.0]], (50, 1))
    X[:, :2] += np.arange(50)[:, None] * 2.3e-16
    found = scored(X, range(50))
    assert len(representatives(found, space, 5, ALL, np.random.default_rng(0), choice=choice)) == 1


@every_choice
def test_every_clump_gives_one(choice, blobs, space):
    found, clump = blobs
    chosen = representatives(found, space, 4, ALL, np.random.default_rng(0), distinct=1.0, choice=choice)
    rows = [int(np.flatnonzero(np.equal(found.X, x).all(axis=1))[0]) for x in chosen.X]
    assert sorted(clump[rows]) == [0, 1, 2, 3]
    np.testing.assert_array_equal(chosen.scores, sorted(found.scores[clump == k].min() for k in range(4)))


@every_choice
def test_the_number_of_threads_changes_nothing(choice, scored, space):
    rng = np.random.default_rng(1)
    X = space.sample(3000, rng)  # several of K-Means' blocks of 256 rows
    found = scored(X, np.round(rng.normal(size=3000), 2))

    def chosen(n_threads):
        with threadpool_limits(limits=n_threads):
            return representatives(found, space, 7, ALL, np.random.default_rng(3), distinct=0.3, choice=choice)

    one, two, four = chosen(1), chosen(2), chosen(4)
    assert one.X.tobytes() == two.X.tobytes() == four.X.tobytes()


def test_numbers_out_of_range_and_unknown_choices_are_refused(blobs, space):
    found, _ = blobs
    with pytest.raises(SpaceError, match="number of results must be at least 1, got 0"):
        representatives(found, space, 0, ALL, np.random.default_rng(0))
    with pytest.raises(SpaceError, match="least difference between results must be at least 0, got -1"):
        representatives(found, space, 3, ALL, np.random.default_rng(0), distinct=-1)
    with pytest.raises(ValueError, match="roulette"):
        representatives(found, space, 3, ALL, np.random.default_rng(0), choice="roulette")
