import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import MEASURES, Numeric, Plausibility, SpaceError, disagrees
from optimizer.plausibility import measures
from optimizer.plausibility.measures import Mixture, Neighbours
from optimizer.plausibility.plausibility import neighbours_by_regions

LEFT_OUT = (4,)


BY_OTHERS = ["neighbours", "mixture", "trees"]  # a recorded row is judged by all others, not by those of other regions


@pytest.fixture(scope="module", params=list(MEASURES))
def measure(request):
    """The name of each measure."""
    return request.param


@pytest.fixture(scope="module")
def judge(measure, features, rows_of):
    """Plausibility by each measure."""
    return Plausibility.of_rows(rows_of(), features, measure=measure, left_out=LEFT_OUT)


def test_the_less_unusual_the_more_plausible(judge, space):
    X = space.sample(400, np.random.default_rng(1))
    unusualness, percent = judge.unusualness(X), judge.percent(X)
    order = np.argsort(unusualness)
    assert (np.diff(percent[order]) <= 0).all()
    assert percent.min() >= 0 and percent.max() <= 100


@settings(max_examples=50)
@given(percent=st.floats(0, 100))
def test_the_level_of_a_percentage_has_that_percentage(judge, percent):
    assert judge.percent_at(np.array([judge.level(percent)]))[0] == pytest.approx(percent, abs=1e-6)


def test_recorded_rows_judged_by_the_others_are_as_likely_at_every_percentage(judge):
    percents = np.sort(judge.percent_at(judge.measure.recorded))
    expected = 100 * (np.arange(len(percents)) + 0.5) / len(percents)
    np.testing.assert_allclose(percents, expected, atol=3)  # equal ones share the middle of their ranks


def test_rows_that_were_not_recorded_are_as_plausible_as_those_that_were(features, rows_of):
    for measure in BY_OTHERS:
        fresh = np.sort(
            Plausibility.of_rows(rows_of(300), features, measure=measure, left_out=LEFT_OUT).percent(rows_of(300, 1))
        )
        assert np.abs(fresh - np.linspace(0, 100, 300)).max() < 20, measure


@pytest.mark.parametrize("measure", BY_OTHERS)
def test_what_lies_in_no_lump_is_hardly_plausible(measure, features, rows_of):
    judge = Plausibility.of_rows(rows_of(), features, measure=measure, left_out=LEFT_OUT)
    far = np.array([[6.0, 0, -600.0, 5.0, 50.0], [-6.0, 2, 600.0, 5.0, 50.0]])
    between = np.array([[-1.5, 0, -50.0, 5.0, 50.0]])
    centre = np.array([[-3.0, 0, 200.0, 5.0, 50.0]])
    assert judge.percent(far).max() < 5
    assert judge.percent(centre)[0] > 30
    assert judge.percent(between)[0] < judge.percent(centre)[0]


def test_equal_rows_count_once_and_what_is_left_out_or_never_varied_does_not_count(
    measure, judge, features, rows_of, space
):
    again = np.concatenate([rows_of(), rows_of()[::-1]])
    again[:, 4] = np.arange(len(again))
    twice = Plausibility.of_rows(again, features, measure=measure, left_out=LEFT_OUT)
    X = space.sample(50, np.random.default_rng(0))
    elsewhere = X.copy()
    elsewhere[:, 3:] = 7.0, -4.0
    np.testing.assert_allclose(twice.percent(X), judge.percent(elsewhere), atol=1e-9)


def test_the_same_rows_in_any_order_give_the_same_numbers(measure, judge, features, rows_of, space):
    X = space.sample(50, np.random.default_rng(0))
    other = Plausibility.of_rows(rows_of()[::-1], features, measure=measure, left_out=LEFT_OUT)
    np.testing.assert_allclose(other.percent(X), judge.percent(X), atol=1e-6)


@pytest.mark.parametrize("measure", [name for name in MEASURES if name != "trees"])
def test_the_gradient_is_what_differences_say_and_nothing_else_has_one(measure, features, rows_of, space):
    judge = Plausibility.of_rows(rows_of(), features, measure=measure, left_out=LEFT_OUT)
    X = space.sample(60, np.random.default_rng(2))
    values, gradient = judge.unusualness_with_gradient(X)
    np.testing.assert_allclose(values, judge.unusualness(X))
    assert (gradient[:, [1, 3, 4]] == 0).all()
    for j in (0, 2):
        step = 1e-6 * features[j].std * np.eye(5)[j]
        differences = (judge.unusualness(X + step) - judge.unusualness(X - step)) / (2 * step[j])
        np.testing.assert_allclose(gradient[:, j], differences, rtol=1e-3, atol=1e-4 / features[j].std)


def test_trees_go_in_steps_and_have_no_slope(features, rows_of, space):
    judge = Plausibility.of_rows(rows_of(), features, measure="trees", left_out=LEFT_OUT)
    X = space.sample(20, np.random.default_rng(2))
    values, gradient = judge.unusualness_with_gradient(X)
    assert (gradient == 0).all()
    nudged = X + 1e-12 * np.array([1, 0, 1, 0, 0])
    np.testing.assert_array_equal(values, judge.unusualness(nudged))


def test_neighbours_are_the_mean_distance_to_the_nearest_by_hand(features, rows_of, space):
    rows, X = rows_of(), space.sample(30, np.random.default_rng(3))
    judge = Plausibility.of_rows(rows, features, measure="neighbours", left_out=LEFT_OUT)
    squares = (X[:, None, 1] != rows[:, 1]).astype(float)
    for j in (0, 2):
        squares += ((X[:, None, j] - rows[:, j]) / rows[:, j].std()) ** 2
    nearest = np.sort(np.sqrt(squares), axis=1)[:, : measures.N_NEIGHBOURS]
    np.testing.assert_allclose(judge.unusualness(X), nearest.mean(axis=1))


def test_a_row_that_was_recorded_is_judged_without_itself(features, rows_of):
    rows = rows_of()
    judge = Plausibility.of_rows(rows, features, measure="neighbours", left_out=LEFT_OUT)
    others = Plausibility.of_rows(rows[1:], features, measure="neighbours", left_out=LEFT_OUT)
    own = judge.scaling.scaled(judge.scaling.different(rows))
    row = np.flatnonzero((own == judge.scaling.scaled(rows[:1])).all(axis=1))[0]
    assert judge.measure.recorded[row] == pytest.approx(others.unusualness(rows[:1])[0], rel=0.02)  # stds differ a bit


def test_a_mixture_has_the_density_of_its_gaussians(rows_of, features):
    judge = Plausibility.of_rows(rows_of(), features, measure="mixture", left_out=LEFT_OUT)
    from scipy.stats import multivariate_normal

    fitted, scaled = judge.measure.mixture, judge.scaling.scaled(rows_of(20, 5))
    assert len(fitted.means) >= 2  # there are lumps
    density = np.zeros(20)
    for share, mean, whitening in zip(np.exp(fitted.log_weights), fitted.means, fitted.whitenings, strict=True):
        covariance = np.linalg.inv(whitening.T @ whitening)
        density += share * multivariate_normal(mean, covariance).pdf(scaled)
    np.testing.assert_allclose(judge.measure.unusualness(scaled), -np.log(density), rtol=1e-6)


def test_trees_take_as_many_splits_as_walking_down_one_says(rows_of, features):
    judge = Plausibility.of_rows(rows_of(), features, measure="trees", left_out=LEFT_OUT)
    forest, scaled = judge.measure.forest, judge.scaling.scaled(rows_of(10, 5))
    found = forest.splits(scaled)
    n_nodes = forest.columns.shape[1]
    for t in (0, 7):
        for i, row in enumerate(scaled):
            node = 0
            while node < n_nodes:
                node = 2 * node + 1 + int(row[forest.columns[t, node]] > forest.thresholds[t, node])
            assert found[i, t] == forest.lengths[t, node - n_nodes]
    assert (found > 0).all()


@pytest.mark.parametrize("measure", BY_OTHERS)
def test_large_tables_are_judged_by_a_part_of_their_rows(measure, monkeypatch, features, rows_of, space):
    X = space.sample(100, np.random.default_rng(0))
    whole = Plausibility.of_rows(rows_of(3000), features, measure=measure, left_out=LEFT_OUT).percent(X)
    for name, most in (("MAX_KEPT_ROWS", 1000), ("MAX_FITTED_ROWS", 1000), ("MAX_JUDGED_ROWS", 300)):
        monkeypatch.setattr(measures, name, most)
    judge = Plausibility.of_rows(rows_of(3000), features, measure=measure, left_out=LEFT_OUT)
    assert len(judge.measure.recorded) <= 1000
    assert np.abs(judge.percent(X) - whole).max() < 20


@pytest.mark.parametrize("measure", list(MEASURES))
@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_handful_of_rows_is_enough(measure, n):
    rows = np.arange(2.0 * n).reshape(n, 2) ** 1.5
    features = (Numeric("a", 0.0, 50.0, std=5.0), Numeric("b", 0.0, 50.0, std=5.0))
    judge = Plausibility.of_rows(rows, features, measure=measure)
    near, far = judge.percent(np.array([rows[0], [50.0, 0.0]]))
    assert np.isfinite(near) and near >= far and judge.unit > 0


def test_rows_on_a_grid_are_all_alike_and_still_tell_what_is_off_it():
    grid = np.stack(np.meshgrid(np.arange(4.0), np.arange(4.0)), axis=-1).reshape(-1, 2)
    features = (Numeric("a", -9.0, 9.0, std=1.0), Numeric("b", -9.0, 9.0, std=1.0))
    judge = Plausibility.of_rows(grid, features, measure="neighbours")
    inside, outside = judge.percent(np.array([[1.5, 1.5], [8.0, 8.0]]))
    assert inside > 50 and outside == 0 and judge.unit > 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"measure": "gut"}, "measured by one of .*'neighbours', 'mixture', 'trees', got 'gut'"),
        ({"left_out": (0, 1, 2, 3, 4)}, "plausibility needs a column in which the recorded rows differ"),
        ({"rows": np.empty((0, 5))}, "plausibility needs at least one recorded row"),
        ({"rows": np.full((3, 5), np.nan)}, "without missing values"),
    ],
)
def test_what_cannot_be_judged_says_why(changes, words, features, rows_of):
    rows = changes.pop("rows", rows_of())
    with pytest.raises(SpaceError, match=words):
        Plausibility.of_rows(rows, features, **changes)


def test_a_wrong_matrix_or_percentage_is_refused(judge):
    with pytest.raises(SpaceError, match=r"shape \(n, 5\), got \(2, 3\)"):
        judge.percent(np.zeros((2, 3)))
    with pytest.raises(SpaceError, match="between 0 and 100 %, got 120"):
        judge.level(120)


@pytest.mark.parametrize("first", list(MEASURES))
def test_the_second_check_is_another_measure_over_the_same_columns(first, features, rows_of, space):
    check = Plausibility.second_check(rows_of(), features, first=first, left_out=LEFT_OUT)
    judge = Plausibility.of_rows(rows_of(), features, measure=first, left_out=LEFT_OUT)
    assert type(check.measure) is not type(judge.measure)
    np.testing.assert_array_equal(check.scaling.counts, judge.scaling.counts)
    X = space.sample(200, np.random.default_rng(0))
    is_flagged = disagrees(judge.percent(rows_of(200, 1)), check.percent(rows_of(200, 1)))
    assert is_flagged.mean() < 0.3
    assert check.percent(X).shape == (200,)


def test_opinions_differ_where_one_calls_rare_what_the_other_does_not():
    first, second = np.array([5.0, 9.9, 10.0, 50.0, 0.0]), np.array([25.0, 19.0, 60.0, 4.0, 0.0])
    assert disagrees(first, second).tolist() == [True, False, False, True, False]
    assert disagrees(second, first).tolist() == [True, False, False, True, False]


RNG = np.random.default_rng(3)
RECIPES = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0], [8.0, 8.0]])
ROWS = np.concatenate([recipe + RNG.normal(0, 0.1, (40, 2)) for recipe in RECIPES])
FEATURES = (Numeric("a", -20.0, 20.0, std=1.0), Numeric("b", -20.0, 20.0, std=1.0))


def test_candidates_are_judged_by_their_nearest_rows():
    X = RNG.uniform(-5, 10, (50, 2))
    assert neighbours_by_regions(ROWS).unusualness(X) == pytest.approx(Neighbours.of_rows(ROWS).unusualness(X))


def test_recorded_rows_are_judged_by_those_of_other_recipes():
    recorded = neighbours_by_regions(ROWS).recorded
    assert len(recorded) == len(ROWS)
    assert recorded.min() > 3 and recorded.max() < 7  # recipes lie 4 apart, the last one 5.7
    assert Neighbours.of_rows(ROWS).recorded.max() < 1


def test_what_lies_as_far_as_the_recipes_do_from_each_other_is_plausible_and_what_lies_farther_is_not():
    judge = Plausibility.of_rows(ROWS, FEATURES, measure="regions")
    near, between, far = judge.percent(np.array([[0.5, 0.5], [2.0, 2.0], [-19.0, 19.0]]))
    assert near == 100
    assert between > 50
    assert far == 0


def test_the_same_rows_give_the_same_measure():
    assert neighbours_by_regions(ROWS).recorded.tolist() == neighbours_by_regions(ROWS).recorded.tolist()


def test_very_few_rows_are_judged_by_the_others():
    few = ROWS[[0, 40, 80]]
    assert neighbours_by_regions(few).recorded.tolist() == Neighbours.of_rows(few).recorded.tolist()


def test_the_second_check_judges_recorded_rows_by_other_recipes_too():
    check = Plausibility.second_check(ROWS, FEATURES, first="regions")
    assert isinstance(check.measure, Mixture)
    assert check.percent(RECIPES).min() == 100
    assert check.percent(np.array([[-19.0, 19.0]]))[0] == 0
