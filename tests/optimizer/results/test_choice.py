"""The quality floor, and what every choice above it keeps to."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.spatial.distance import pdist
from threadpoolctl import threadpool_limits

from optimizer import (
    Candidates,
    Categorical,
    Choice,
    FloorKind,
    Goal,
    Numeric,
    Objective,
    QualityFloor,
    SearchSpace,
    SpaceError,
    representatives,
)
from optimizer.features import pairwise_distances
from optimizer.results import SETTLING, WORST_COUNTS, dissimilarity, gaps_to_best, kmeans, spread

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
@settings(max_examples=60)
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
        assert pdist(SPACE.scaled(chosen.X)).min() >= max(distinct * (1 - 1e-8), 1e-9)
    if 0 < len(chosen) < n:  # fewer, because every other good one is too near to one of them
        gaps = np.linalg.norm(SPACE.scaled(good.X)[:, None] - SPACE.scaled(chosen.X)[None], axis=2)
        assert (gaps.min(axis=1) < max(distinct, 1e-9)).all()


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


def smallest(scaled, rows):
    return min(np.linalg.norm(scaled[a] - scaled[b]) for a, b in combinations(rows, 2))


def rows_of(*columns):
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


@settings(max_examples=150)
@given(
    m=st.integers(2, 11),
    p=st.integers(1, 4),
    n=st.integers(2, 5),
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([0.1, 1.0, 30.0]),
    worst_counts=st.sampled_from([1.0, WORST_COUNTS, 0.1]),
    convergence=st.sampled_from([0.0, SETTLING, 0.5]),
    is_on_grid=st.booleans(),
)
def test_the_smallest_distance_is_a_known_share_of_the_largest_possible(
    m, p, n, seed, size, worst_counts, convergence, is_on_grid
):
    rng = np.random.default_rng(seed)
    scaled = rng.normal(size=(m, p)) * size
    if is_on_grid:
        scaled = np.round(scaled)  # ties and repeats
    rows = spread(scaled, np.sort(rng.normal(size=m)), n, 0.0, worst_counts, convergence)
    assert rows[0] == 0
    if len(rows) < n:
        assert len(rows) == len(np.unique(scaled, axis=0))
    elif m >= n:
        possible = max(smallest(scaled, (0, *others)) for others in combinations(range(1, m), n - 1))
        reached = smallest(scaled, rows)
        assert dissimilarity(reached / (1 - convergence)) >= worst_counts * dissimilarity(possible / 2) - 1e-12
        if worst_counts == 1:
            assert reached >= (1 - convergence) * possible / 2 - 1e-12


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 6))
def test_where_quality_does_not_count_every_row_lies_near_a_chosen_one(seed, n):
    scaled = np.random.default_rng(seed).normal(size=(40, 2))
    rows = spread(scaled, np.linspace(0, 1, 40), n, 0.0, worst_counts=1.0, convergence=0.0)
    # the next pick would have been nearer to the chosen ones than they are to each other
    assert pairwise_distances(scaled)[:, rows].min(axis=1).max() <= smallest(scaled, rows) + 1e-12


ROOMY = {"worst_counts": 1.0}
FARTHEST = {"worst_counts": 1.0, "convergence": 0.0}


@pytest.mark.parametrize(
    ("places", "n", "distinct", "more", "rows"),
    [
        ([0, 1, 10, 4, 6], 5, 0.0, FARTHEST, [0, 2, 3, 4, 1]),  # where quality does not count the farthest comes next
        ([0, 2.0, 0.1, 2.5], 2, 0.0, {}, [0, 1]),  # a better one, different enough, before a worse one farther off
        ([0, 2.0, 0.1, 2.5], 2, 0.0, ROOMY, [0, 3]),
        ([0, 0.3, 0.2, 2.5], 2, 0.0, {}, [0, 3]),  # a better one that is too alike does not
        ([0, 0.9, 1.1, 1.2], 2, 1.15, {"convergence": 0.5}, [0, 3]),  # settling keeps the least distance
        ([0, 0.9, 1.1, 1.2], 4, 1.0, {}, [0, 2]),  # what is too near to a chosen one is never taken
        ([0, 0.9, 1.1, 1.2], 4, 1.15, {}, [0, 3]),
        ([0, 0.9, 1.1, 1.2], 4, 1.3, {}, [0]),
        ([], 4, 0.5, {}, []),
    ],
)
def test_good_and_different_rows_in_the_order_of_their_choice(places, n, distinct, more, rows):
    scores = np.linspace(0, 1, len(places))
    assert spread(rows_of(places), scores, n, distinct, **more).tolist() == rows


def test_however_far_apart_the_farthest_of_equals_comes_next():
    assert spread(rows_of([0, 1e3, 3e3, 2e3]), np.zeros(4), 4, 0.0).tolist() == [0, 2, 1, 3]


def test_a_pick_settles_on_the_best_within_a_tenth_of_its_distance():
    # the pick at 10 is the worst of its peak; 9.2 is better and near enough, 8 is better still and too far
    scaled = rows_of([0, 8, 9.2, 9.6, 10])
    scores = np.array([0, 1, 1.1, 1.2, 1.3]) * 1e-9 + np.array([0, 1, 1, 1, 1])
    assert spread(scaled, scores, 2, 0.0).tolist() == [0, 2]
    assert spread(scaled, scores, 2, 0.0, **FARTHEST).tolist() == [0, 4]


def test_peaks_give_their_tops_and_not_their_rims():
    x = np.linspace(0, 4, 401)
    height = np.sin(np.pi * x) ** 2  # tops at 0.5, 1.5, 2.5, 3.5
    best = np.argsort(-height, kind="stable")[:150]
    rows = spread(x[best, None], -height[best], 4, 0.4)
    assert np.sort(x[best][rows]) == pytest.approx([0.5, 1.5, 2.5, 3.5])
    assert height[best].min() < 0.8


def test_very_many_candidates_take_no_matrix_of_pairs():
    scaled = np.random.default_rng(0).normal(size=(100_000, 8))  # all pairs would take 80 GB
    rows = spread(scaled, np.linspace(0, 1, len(scaled)), 20, 0.5)
    assert len(set(rows.tolist())) == 20


def test_a_representative_is_a_member_and_never_the_centre_of_its_cluster():
    scaled = rows_of([2, 0, 2, 0], [2, 2, 0, 0])
    assert kmeans(scaled, 1, 0.0, np.random.default_rng(0)).tolist() == [0]


def test_clusters_too_near_to_each_other_are_made_up_for_by_the_next_best_that_differs():
    # eleven near 0 hold the best scores, one far away the worst
    scaled = rows_of([*(0.005 * np.arange(11)), 5])
    assert kmeans(scaled, 3, 0.5, np.random.default_rng(0)).tolist() == [0, 11]


def test_the_best_of_the_rest_may_come_from_a_cluster_that_has_given_one():
    # 50 at 0 and 50 at 0.45 (too near to those), two that are 0.6 apart, and the worst far away
    scaled = rows_of(np.concatenate([np.zeros(50), np.full(50, 0.45), [3.0, 3.6], [5.0]]))
    assert sorted(kmeans(scaled, 4, 0.5, np.random.default_rng(0))) == [0, 100, 101, 102]


def test_no_clusters_of_nothing():
    assert kmeans(np.empty((0, 3)), 4, 0.5, np.random.default_rng(0)).tolist() == []


def judged(outcomes, objective, penalties=0.0):
    """Candidates with these outcomes, as a problem with this objective scores them."""
    outcomes = np.array(outcomes, dtype=float)
    penalties = np.broadcast_to(np.array(penalties, dtype=float), outcomes.shape)
    scores = objective.scores(outcomes) + penalties
    return Candidates(np.zeros((len(outcomes), 1)), np.where(np.isnan(scores), np.inf, scores), outcomes, penalties)


def of_scores(scores):
    scores = np.array(scores, dtype=float)
    return Candidates(np.zeros((len(scores), 1)), scores, scores, np.zeros(len(scores)))


def within(percent, found):
    return QualityFloor(FloorKind.WITHIN_PERCENT, percent).passing(found).tolist()


def test_names_of_floors_are_as_good_as_their_members():
    assert QualityFloor("within", 2.0).kind is FloorKind.WITHIN
    with pytest.raises(ValueError, match="best half"):
        QualityFloor("best half", 0.5)


def test_the_floor_keeps_the_best_share_with_ties():
    floor = QualityFloor(FloorKind.BEST_SHARE, 0.5)
    for scores, kept in [
        ([3.0, 1, 4, 2], [False, True, False, True]),
        ([1.0, 2, 2, 2], [True, True, True, True]),
        ([3.0, 1, 2], [False, True, True]),  # half of three is two
        ([1.0, 2, np.inf, np.inf], [True, False, False, False]),
    ]:
        assert floor.passing(of_scores(scores)).tolist() == kept


def test_the_floor_keeps_what_lies_within_an_amount_of_the_best():
    floor = QualityFloor(FloorKind.WITHIN, 1.5)
    assert floor.passing(of_scores([-1.0, 0.5, 0.51, np.inf])).tolist() == [True, True, False, False]
    assert QualityFloor(FloorKind.WITHIN, 0.0).passing(of_scores([2.0, 1, 1])).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("goal", "scale", "outcomes", "percent", "passing"),
    [
        *((Goal.MAXIMUM, scale, [200, 190, 189.9, 210, 100], 10, [1, 1, 1, 1, 0]) for scale in (1e-3, 1.0, 19.0)),
        *((Goal.MAXIMUM, scale, [200, 190, 189.9, 210, 100], 9.5, [1, 0, 0, 1, 0]) for scale in (1e-3, 1.0, 19.0)),
        *((Goal.MAXIMUM, scale, [200, 190, 189.9, 210, 100], 0, [0, 0, 0, 1, 0]) for scale in (1e-3, 1.0, 19.0)),
        (Goal.MINIMUM, 2.0, [20, 21.9, 22, 22.1], 10, [1, 1, 1, 0]),
        (Goal.MAXIMUM, 2.0, [-50, -54, -56], 10, [1, 1, 0]),  # a negative best has a size as well
        (Goal.MINIMUM, 2.0, [-50, -46, -44], 10, [1, 1, 0]),
        (Goal.VALUE, 10.0, [100, 100.9, 99.1, 101.1], 10, [1, 1, 1, 0]),
        (Goal.VALUE, 10.0, [160, 165, 167], 10, [1, 1, 0]),  # 60 off is the best there is
    ],
)
def test_within_a_percentage_of_the_best(goal, scale, outcomes, percent, passing):
    found = judged(outcomes, Objective(goal, value=100.0, scale=scale))
    assert within(percent, found) == [bool(each) for each in passing]


def test_near_zero_the_percentage_is_that_of_a_standard_deviation():
    for best in (0.0, 1e-9, -1e-9, 3.0):
        found = judged(best + np.array([0.0, 0.39, 0.41]), Objective(Goal.MINIMUM, scale=4.0))
        assert within(10, found) == [True, True, False]


def test_at_one_standard_deviation_from_zero_both_readings_agree():
    inside, outside = (judged([best, best + 0.4], Objective(Goal.MINIMUM, scale=4.0)) for best in (3.999, 4.001))
    np.testing.assert_allclose(gaps_to_best(inside), gaps_to_best(outside), rtol=1e-3)


def test_penalties_count_against_a_candidate_and_not_for_the_size_of_the_best():
    found = judged([100, 110, 110], Objective(Goal.MAXIMUM, scale=10.0), penalties=[0.0, 1.5, 0.5])
    # scores -10, -9.5, -10.5; the best outcome is 110, eleven standard deviations
    assert gaps_to_best(found) == pytest.approx([0.5 / 11, 1 / 11, 0])


@given(
    scores=st.lists(st.floats(-5, 5) | st.sampled_from([np.inf]), max_size=20).map(np.array),
    floor=floors,
)
def test_the_best_always_passes_and_what_has_no_score_never(scores, floor):
    found = of_scores(scores)
    passing = floor.passing(found)
    finite = np.isfinite(found.scores)
    assert not passing[~finite].any()
    assert np.isinf(gaps_to_best(found)[~finite]).all()
    if finite.any():
        assert passing[found.scores == found.scores[finite].min()].all()
        assert found.scores[passing].max() <= found.scores[finite & ~passing].min(initial=np.inf)  # none passed over


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20),
    st.sampled_from(Goal),
    st.floats(0, 100),
    st.sampled_from([2.0**-20, 1024.0]),
)
def test_the_unit_of_the_outcome_changes_nothing(outcomes, goal, percent, unit):
    one = judged(outcomes, Objective(goal, scale=3.0, value=5.0))
    other = judged(np.array(outcomes) * unit, Objective(goal, scale=3.0 * unit, value=5.0 * unit))
    assert within(percent, one) == within(percent, other)


@pytest.mark.parametrize(
    ("kind", "amount", "words"),
    [
        (FloorKind.BEST_SHARE, 0.0, "above 0 and at most at 1, got 0.0"),
        (FloorKind.BEST_SHARE, 1.1, "above 0 and at most at 1, got 1.1"),
        (FloorKind.WITHIN, -0.1, "quality floor must be at least 0, got -0.1"),
        (FloorKind.WITHIN_PERCENT, np.nan, "quality floor must be at least 0, got nan"),
    ],
)
def test_a_floor_that_nothing_passes_is_refused(kind, amount, words):
    with pytest.raises(SpaceError, match=words):
        QualityFloor(kind, amount)
