import numpy as np
import pytest
from hypothesis import strategies as st

from optimizer import Categorical, Numeric, SearchSpace

STEPS = (1.0, 0.1, 0.25, 0.3, 0.05, 7.0)


@st.composite
def continuous_features(draw, name):
    low = draw(st.floats(-1e3, 1e3))
    high = low + draw(st.sampled_from([0.0, 1e-6]) | st.floats(1e-3, 1e3))
    frozen = draw(st.none() | st.floats(low, high))
    return Numeric(
        name, low, high, draw(st.floats(1e-3, 1e3)), mutation_strength=draw(st.none() | st.floats(0, 3)), frozen=frozen
    )


@st.composite
def stepped_features(draw, name):
    step = draw(st.sampled_from(STEPS))
    low = draw(st.integers(-5000, 5000)) * step + draw(st.sampled_from([0.0, 0.4, 0.99])) * step
    high = low + step * draw(st.floats(1.001, 40))
    frozen = draw(st.none() | st.floats(low, high))
    return Numeric(
        name,
        low,
        high,
        draw(st.floats(1e-2, 50)),
        mutation_strength=draw(st.none() | st.floats(0, 3)),
        step=step,
        frozen=frozen,
    )


@st.composite
def categorical_features(draw, name):
    n = draw(st.integers(1, 5))
    frequencies = draw(st.lists(st.floats(0, 1), min_size=n, max_size=n))
    allowed = draw(st.just(()) | st.lists(st.integers(0, n - 1), min_size=1, unique=True).map(tuple))
    frozen = draw(st.none() | st.sampled_from(allowed or tuple(range(n))))
    return Categorical(
        name, tuple(frequencies), allowed, mutation_strength=draw(st.none() | st.floats(0, 1)), frozen=frozen
    )


@st.composite
def mixed_spaces(draw):
    """Continuous, integer, stepped and categorical features, some frozen, at least one free."""
    kinds = draw(st.lists(st.sampled_from([continuous_features, stepped_features, categorical_features]), max_size=4))
    features = [draw(kind(f"f{j}")) for j, kind in enumerate(kinds)]
    free = Numeric("free", 0.05, draw(st.floats(1, 5)), std=1.0, step=draw(st.sampled_from([None, 0.1, 1.0])))
    features.insert(draw(st.integers(0, len(features))), free)
    return SearchSpace(tuple(features))


def _check_candidates(X, space):
    """Every rule of the space, written down a second time without `repair`."""
    assert X.ndim == 2 and X.shape[1] == space.n_features
    for x, feature in zip(X.T, space.features, strict=True):
        if feature.frozen is not None:
            assert (x == feature.frozen).all()
        elif isinstance(feature, Categorical):
            assert set(x) <= set(feature.allowed or range(len(feature.frequencies)))
        else:
            assert (x >= feature.low).all() and (x <= feature.high).all()
            if feature.step:
                steps = x / feature.step
                np.testing.assert_allclose(steps, np.rint(steps), rtol=0, atol=1e-7)


@pytest.fixture(scope="session")
def spaces():
    return mixed_spaces()


@pytest.fixture(scope="session")
def check_candidates():
    return _check_candidates


@pytest.fixture(scope="session")
def mixed_space():
    """One feature of each kind, and a frozen one of both."""
    return SearchSpace(
        (
            Numeric("temperature", 20.0, 90.0, std=15.0),
            Numeric("cavities", 1, 8, std=2.0, step=1.0),
            Numeric("dose", 0.05, 1.0, std=0.3, step=0.1),
            Categorical("resin", (0.5, 0.3, 0.2, 0.0), allowed=(0, 2, 3)),
            Numeric("humidity", 0.0, 1.0, std=0.2, frozen=0.35),
            Categorical("line", (0.5, 0.5), frozen=1),
        )
    )


def _bowl(X):
    return ((X - 0.3) ** 2).sum(axis=1)


@pytest.fixture(scope="session")
def bowl():
    """A function of (n, d) with one minimum, 0 at 0.3 in every variable."""
    return _bowl


@pytest.fixture(scope="session")
def himmelblau():
    """A function of (n, 2) with four minima of the same depth, 0."""

    def function(X):
        x, y = X.T
        return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2

    return function


@pytest.fixture(scope="session")
def himmelblau_minima():
    return np.array([[3.0, 2.0], [-2.805118, 3.131312], [-3.779310, -3.283186], [3.584428, -1.848126]])


def _same_candidates(one, other):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in one.__slots__)


@pytest.fixture(scope="session")
def same_trace():
    """Whether two traces are equal to the bit."""

    def same(one, other):
        return len(one) == len(other) and all(
            (a.number, a.evaluations, a.n_nonfinite) == (b.number, b.evaluations, b.n_nonfinite)
            and np.array_equal(a.ids, b.ids)
            and np.array_equal(a.states, b.states)
            and _same_candidates(a.bests, b.bests)
            for a, b in zip(one, other, strict=True)
        )

    return same
