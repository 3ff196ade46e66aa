import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from optimizer import (
    Candidates,
    Categorical,
    FloorKind,
    Numeric,
    QualityFloor,
    SearchSpace,
    SpaceError,
    min_distance,
    representatives,
)

SPACE = SearchSpace((Numeric("a", 0, 10, std=2.0), Numeric("b", 0, 10, std=0.5), Categorical("c", (0.4, 0.6))))
ALL = QualityFloor(amount=1.0)

floors = st.builds(QualityFloor, st.just(FloorKind.BEST_SHARE), st.floats(0.01, 1)) | st.builds(
    QualityFloor, st.just(FloorKind.WITHIN), st.floats(0, 3)
)


def scored(X, scores):
    X, scores = np.array(X, dtype=float), np.array(scores, dtype=float)
    return Candidates(X, scores, scores, np.zeros(len(X)))


@st.composite
def clouds(draw):
    """Found candidates: spread out, in clumps, with repeats, ties and some without a score."""
    n = draw(st.integers(0, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    centres = SPACE.sample(draw(st.integers(1, 6)), rng)
    X = centres[rng.integers(len(centres), size=n)] + draw(st.sampled_from([0, 1e-12, 0.01, 1.0])) * rng.random((n, 3))
    scores = np.round(rng.normal(size=n), draw(st.sampled_from([1, 6])))
    scores[rng.random(n) < draw(st.sampled_from([0.0, 0.3, 1.0]))] = np.inf
    return scored(SPACE.repair(X), scores)


@settings(deadline=None, max_examples=60)
@given(
    found=clouds(),
    n=st.integers(1, 8),
    floor=floors,
    distinct=st.sampled_from([0.0, 1e-6, 0.3, 2.0]),
    seed=st.integers(0, 9),
)
def test_representatives_are_good_different_members_best_first_with_the_best_one(found, n, floor, distinct, seed):
    chosen = representatives(found, SPACE, n, floor, np.random.default_rng(seed), distinct)
    good = found.take(floor.passing(found.scores))
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


def blobs(n_each=20, seed=0):
    rng = np.random.default_rng(seed)
    centres = np.array([[1, 1, 0], [9, 1, 0], [1, 9, 1], [9, 9, 1]], dtype=float)
    X = np.repeat(centres, n_each, axis=0)
    X[:, :2] += rng.normal(0, 0.05, size=(len(X), 2))
    return scored(SPACE.repair(X), rng.normal(size=len(X))), np.repeat(np.arange(4), n_each)


def test_each_cluster_gives_its_best_member():
    found, blob = blobs()
    chosen = representatives(found, SPACE, 4, ALL, np.random.default_rng(0), distinct=1.0)
    best = sorted(found.scores[blob == k].min() for k in range(4))
    np.testing.assert_array_equal(chosen.scores, best)


def test_a_representative_is_a_member_and_never_the_centre_of_its_cluster():
    found = scored([[0, 0, 0], [2, 0, 0], [0, 2, 0], [2, 2, 0]], [4, 3, 2, 1])
    chosen = representatives(found, SPACE, 1, ALL, np.random.default_rng(0))
    np.testing.assert_array_equal(chosen.X, [[2, 2, 0]])


def test_clusters_too_near_to_each_other_are_made_up_for_by_the_next_best_that_differs():
    # eleven near 0 hold the best scores, one far away the worst
    X = [[0.01 * k, 0, 0] for k in range(11)] + [[10, 0, 0]]
    chosen = representatives(scored(X, range(12)), SPACE, 3, ALL, np.random.default_rng(0), distinct=0.5)
    np.testing.assert_array_equal(chosen.X, [[0, 0, 0], [10, 0, 0]])


def test_the_best_of_the_rest_may_come_from_a_cluster_that_has_given_one():
    # in standard deviations: 50 at 0 and 50 at 0.45 (too near to those), two that are 0.6 apart, and the worst far away
    a = 2.0 * np.concatenate([np.zeros(50), np.full(50, 0.45), [3.0, 3.6], [5.0]])
    found = scored(np.column_stack([a, 0 * a, 0 * a]), range(103))
    chosen = representatives(found, SPACE, 4, ALL, np.random.default_rng(0), distinct=0.5)
    assert chosen.scores.tolist() == [0, 100, 101, 102]


def test_fewer_come_back_when_fewer_differ():
    found = scored([[1, 1, 0]] * 5 + [[2, 2, 1]] * 5, range(10))
    assert representatives(found, SPACE, 5, ALL, np.random.default_rng(0)).scores.tolist() == [0, 5]
    assert len(representatives(found.take(np.arange(1)), SPACE, 5, ALL, np.random.default_rng(0))) == 1
    assert len(representatives(Candidates.empty(3), SPACE, 5, ALL, np.random.default_rng(0))) == 0


def test_categories_alone_make_candidates_different():
    found = scored([[1, 1, 0], [1, 1, 1]], [0, 1])
    assert len(representatives(found, SPACE, 2, ALL, np.random.default_rng(0), distinct=1.0)) == 2
    assert len(representatives(found, SPACE, 2, ALL, np.random.default_rng(0), distinct=1.1)) == 1


def test_frozen_features_do_not_make_candidates_different():
    space = SearchSpace((Numeric("a", 0, 10, std=2.0), Numeric("b", 0, 10, std=0.5, frozen=3.0)))
    found = scored([[1, 3], [1, 9]], [0, 1])
    assert len(representatives(found, space, 2, ALL, np.random.default_rng(0))) == 1


def test_candidates_that_differ_by_rounding_alone_are_one():
    X = np.tile([[1.0, 1.0, 0.0]], (50, 1))
    X[:, :2] += np.arange(50)[:, None] * 2.3e-16
    assert len(representatives(scored(X, range(50)), SPACE, 5, ALL, np.random.default_rng(0))) == 1


def test_names_of_floors_are_as_good_as_their_members():
    assert QualityFloor("within", 2.0).kind is FloorKind.WITHIN
    with pytest.raises(ValueError, match="best half"):
        QualityFloor("best half", 0.5)


def test_the_floor_keeps_the_best_share_with_ties():
    passing = QualityFloor(FloorKind.BEST_SHARE, 0.5).passing
    np.testing.assert_array_equal(passing(np.array([3.0, 1, 4, 2])), [False, True, False, True])
    np.testing.assert_array_equal(passing(np.array([1.0, 2, 2, 2])), [True, True, True, True])
    np.testing.assert_array_equal(passing(np.array([3.0, 1, 2])), [False, True, True])  # half of three is two
    np.testing.assert_array_equal(passing(np.array([1.0, 2, np.inf, np.inf])), [True, False, False, False])


def test_the_floor_keeps_what_lies_within_an_amount_of_the_best():
    passing = QualityFloor(FloorKind.WITHIN, 1.5).passing
    np.testing.assert_array_equal(passing(np.array([-1.0, 0.5, 0.51, np.inf])), [True, True, False, False])
    np.testing.assert_array_equal(QualityFloor(FloorKind.WITHIN, 0.0).passing(np.array([2.0, 1, 1])), [0, 1, 1])


@given(scores=st.lists(st.floats(-5, 5) | st.sampled_from([np.inf, np.nan]), max_size=20).map(np.array), floor=floors)
def test_the_best_always_passes_and_what_has_no_score_never(scores, floor):
    scores = scores.astype(float)
    passing = floor.passing(scores)
    finite = np.isfinite(scores)
    assert not passing[~finite].any()
    if finite.any():
        assert passing[scores == scores[finite].min()].all()
        assert scores[passing].max() <= scores[finite & ~passing].min(initial=np.inf)  # none is passed over


def test_the_floor_bounds_the_representatives():
    found, _ = blobs()
    floor = QualityFloor(FloorKind.WITHIN, 0.5)
    chosen = representatives(found, SPACE, 4, floor, np.random.default_rng(0))
    assert (chosen.scores <= found.scores.min() + 0.5).all()


@pytest.mark.parametrize(
    ("kind", "amount", "words"),
    [
        (FloorKind.BEST_SHARE, 0.0, "above 0 and at most at 1, got 0.0"),
        (FloorKind.BEST_SHARE, 1.1, "above 0 and at most at 1, got 1.1"),
        (FloorKind.WITHIN, -0.1, "quality floor must be at least 0, got -0.1"),
        (FloorKind.WITHIN, np.nan, "quality floor must be at least 0, got nan"),
    ],
)
def test_a_floor_that_nothing_passes_is_refused(kind, amount, words):
    with pytest.raises(SpaceError, match=words):
        QualityFloor(kind, amount)


def test_numbers_out_of_range_are_refused():
    found, _ = blobs()
    with pytest.raises(SpaceError, match="number of results must be at least 1, got 0"):
        representatives(found, SPACE, 0, ALL, np.random.default_rng(0))
    with pytest.raises(SpaceError, match="least difference between results must be at least 0, got -1"):
        representatives(found, SPACE, 3, ALL, np.random.default_rng(0), distinct=-1)


def test_the_number_of_threads_changes_nothing():
    rng = np.random.default_rng(1)
    X = SPACE.sample(3000, rng)  # several of K-Means' blocks of 256 rows
    found = scored(X, np.round(rng.normal(size=3000), 2))

    def chosen(n_threads):
        with threadpool_limits(limits=n_threads):
            return representatives(found, SPACE, 7, ALL, np.random.default_rng(3), distinct=0.3)

    one, two, four = chosen(1), chosen(2), chosen(4)
    assert one.X.tobytes() == two.X.tobytes() == four.X.tobytes()


def test_min_distance_is_the_smallest_between_two_rows_in_standard_deviations():
    X = np.array([[0, 0, 0], [4, 0, 0], [4, 1.5, 0]])
    assert min_distance(X, SPACE) == pytest.approx(2.0)
    assert np.isnan(min_distance(X[:1], SPACE)) and np.isnan(min_distance(X[:0], SPACE))
