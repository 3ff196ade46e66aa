import numpy as np
import pytest

from optimizer import CardinalityConstraint, Numeric, SearchSpace, SpaceError, SubspaceConstraint, SumConstraint


def spectra(n=60, d=20, n_peaks=3, noise=0.001, seed=0):
    """Recorded rows (n, d) of as many channels that a few broad peaks explain."""
    rng, places = np.random.default_rng(seed), np.linspace(0, 1, d)
    peaks = np.array([np.exp(-(((places - c) / 0.4) ** 2)) for c in np.linspace(0.1, 0.9, n_peaks)])
    return rng.uniform(0.2, 1, (n, n_peaks)) @ peaks + noise * rng.normal(size=(n, d))


def space_of(rows, step=None, constraint=None):
    low, high, std = rows.min(axis=0), rows.max(axis=0), rows.std(axis=0)
    features = [Numeric(f"w{j}", low[j], high[j], std[j], step=step) for j in range(rows.shape[1])]
    return SearchSpace(tuple(features), (constraint or SubspaceConstraint.of_rows(rows, range(rows.shape[1])),))


ROWS = spectra()
TOGETHER = SubspaceConstraint.of_rows(ROWS, range(20))


def test_the_components_are_as_few_as_the_rows_need():
    assert len(TOGETHER.axes) == 3
    assert TOGETHER.holds(ROWS).mean() >= 0.9
    broken = ROWS.copy()
    broken[:, 7] += ROWS[:, 7].std()  # one channel alone goes its own way
    assert not TOGETHER.holds(broken).any()
    assert TOGETHER.words([f"w{j}" for j in range(20)]) == (
        "w0, w1 ... w19 (20 features) move together as in the recorded rows"
    )


@pytest.mark.parametrize(
    "rows",
    [np.random.default_rng(0).normal(size=(60, 20)), np.random.default_rng(0).normal(size=(15, 40)), spectra(d=10)],
    ids=["independent", "fewer rows than columns", "few columns"],
)
def test_columns_that_do_not_move_together_get_no_constraint(rows):
    assert SubspaceConstraint.of_rows(rows, range(rows.shape[1])) is None


@pytest.mark.parametrize("step", [None, 0.002])
def test_samples_mutants_and_repaired_rows_stay_near_the_components(step):
    rows = np.round(ROWS / 0.002) * 0.002 if step else ROWS
    space, rng = space_of(rows, step), np.random.default_rng(1)
    X = space.sample(200, rng)
    far = rng.uniform(-1, 3, X.shape)
    for candidates in (X, space.mutate(X, rng), space.repair(far)):
        assert space.contains(candidates).all()
    # they are no single point: as wide as the records along every channel
    assert (X.std(axis=0) > 0.3 * rows.std(axis=0)).all()
    np.testing.assert_array_equal(space.repair(X), X)


def test_other_features_keep_their_own_steps_and_rules():
    others = Numeric("dose", 0.0, 10.0, 3.0, step=0.5), Numeric("water", 0.0, 50.0, 9.0)
    features = (*space_of(ROWS).features, *others)
    space = SearchSpace(
        features, (TOGETHER, SumConstraint.equal((20, 21), 30), CardinalityConstraint((20,), 1, least=2))
    )
    rng = np.random.default_rng(0)
    X = space.sample(200, rng)
    assert space.contains(X).all() and space.contains(space.mutate(X, rng)).all()
    assert {0.0, 2.0, 2.5} <= set(X[:, 20])


def test_directions_keep_to_the_components():
    space = space_of(ROWS)
    D = space.project_directions(np.random.default_rng(0).normal(size=(30, 20)))
    scaled = D / TOGETHER.unit
    np.testing.assert_allclose(scaled @ TOGETHER.axes.T @ TOGETHER.axes, scaled, atol=1e-12)


def test_bounds_that_no_such_row_lies_within_are_refused():
    features = list(space_of(ROWS).features)
    low, high = ROWS[:, 0].min(), ROWS[:, 0].max()
    features[0] = Numeric("w0", low, high, 1.0, frozen=high)
    features[1] = Numeric("w1", ROWS[:, 1].min(), ROWS[:, 1].max(), 1.0, frozen=ROWS[:, 1].min())
    with pytest.raises(SpaceError, match=r"no such row lies within the bounds: widen the bounds, free w0 and w1, or"):
        SearchSpace(tuple(features), (TOGETHER,))


def test_what_is_frozen_stays_and_the_others_follow():
    features = list(space_of(ROWS).features)
    value = float(np.median(ROWS[:, 3]))
    features[3] = Numeric("w3", ROWS[:, 3].min(), ROWS[:, 3].max(), 1.0, frozen=value)
    space = SearchSpace(tuple(features), (TOGETHER,))
    X = space.sample(50, np.random.default_rng(0))
    assert (X[:, 3] == value).all() and space.contains(X).all() and np.ptp(X[:, 0]) > 0
