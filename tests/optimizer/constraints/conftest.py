import numpy as np
import pytest
from hypothesis import strategies as st

from optimizer import Categorical, Numeric, SearchSpace
from optimizer.constraints.categories import ForbiddenConstraint
from optimizer.constraints.constraint import (
    CardinalityConstraint,
    ConditionalConstraint,
    OrderConstraint,
    RatioConstraint,
    SumConstraint,
)

STEPS = (None, None, 1.0, 0.1, 0.25, 0.3, 7.0)


@st.composite
def amounts(draw, name):
    """A numeric feature of a recipe: often from 0, sometimes stepped or frozen."""
    step = draw(st.sampled_from(STEPS))
    low = draw(st.sampled_from([0.0, 0.0, 5.0, 12.3]) | st.floats(-50, 50).map(lambda x: round(x, 6)))
    high = low + draw(st.floats(1.001, 40)) * (step or draw(st.sampled_from([1.0, 30.0])))
    frozen = draw(st.sampled_from([None] * 5 + [low]))
    strength = draw(st.sampled_from([0.2, 0.2, 1.0, 0.0]))
    return Numeric(name, low, high, draw(st.floats(0.1, 50)), mutation_strength=strength, step=step, frozen=frozen)


@st.composite
def choices(draw, name):
    n = draw(st.integers(1, 4))
    frozen = draw(st.sampled_from([None, None, None, 0]))
    return Categorical(name, (1 / n,) * n, mutation_strength=draw(st.sampled_from([0.3, 0.0])), frozen=frozen)


def _near(draw, value, spread):
    """Limits that the value meets: equal to it, above, below, or around it."""
    low = draw(st.sampled_from([0.0, 0.0, 0.1, np.inf])) * spread
    high = draw(st.sampled_from([0.0, 0.0, 0.1, np.inf])) * spread
    return (value - low, value + high) if np.isfinite(low) or np.isfinite(high) else (value, value)


@st.composite
def constrained_spaces(draw, max_rules=3):
    """A mixed space with random rules that one known candidate meets; the candidate comes second."""
    n_amounts, n_choices = draw(st.integers(2, 6)), draw(st.integers(0, 3))
    features = [draw(amounts(f"x{j}")) for j in range(n_amounts)]
    if not any(feature.is_free for feature in features):
        features[0] = Numeric("x0", 0.0, 10.0, 3.0)
    features += [draw(choices(f"c{j}")) for j in range(n_choices)]
    plain = SearchSpace(tuple(features))
    row = plain.sample(1, np.random.default_rng(draw(st.integers(0, 2**32 - 1))))
    subset = st.lists(st.integers(0, n_amounts - 1), min_size=1, unique=True).map(tuple)
    constraints = []
    for _ in range(draw(st.integers(1, max_rules))):
        kind = draw(st.sampled_from(["sum", "sum", "weighted", "ratio", "order", "most", "least", "if", "forbidden"]))
        columns = draw(subset)
        if kind == "sum":
            value = float(row[0, list(columns)].sum())
            constraints.append(SumConstraint(columns, *_near(draw, value, 1 + abs(value))))
        elif kind == "weighted":
            weights = tuple(draw(st.sampled_from([0.4, 1.0, -1.8, 3.0])) for _ in columns)
            value = float(row[0, list(columns)] @ np.array(weights))
            constraints.append(SumConstraint(columns, *_near(draw, value, 1 + abs(value)), weights))
        elif kind == "ratio":
            below = draw(subset)
            total = float(row[0, list(below)].sum())
            if total > 1e-3:
                ratio = float(row[0, list(columns)].sum()) / total
                constraints.append(RatioConstraint(columns, below, *_near(draw, ratio, 1 + abs(ratio))))
        elif kind == "order":
            a, b = draw(st.permutations(range(n_amounts)))[:2]
            constraints.append(OrderConstraint(a, b) if row[0, a] <= row[0, b] else OrderConstraint(b, a))
        elif kind == "most":
            columns = tuple(j for j in columns if features[j].low >= 0)
            threshold = draw(st.sampled_from([0.0, 0.0, 6.0]))
            n_on = int((row[0, list(columns)] > threshold).sum())
            if n_on < len(columns):
                constraints.append(CardinalityConstraint(columns, draw(st.integers(n_on, len(columns) - 1)), threshold))
        elif kind == "least":
            columns = tuple(j for j in columns if features[j].low >= 0)
            threshold = draw(st.sampled_from([0.0, 0.0, 6.0]))
            values = row[0, list(columns)]
            if (values > threshold).any():
                least = float(values[values > threshold].min()) * draw(st.sampled_from([1.0, 0.9]))
                most = draw(st.integers(int((values > threshold).sum()), len(columns)))
                if least > threshold:
                    constraints.append(CardinalityConstraint(columns, most, threshold, least))
        elif kind == "if" and n_choices:
            column, target = draw(st.integers(n_amounts, n_amounts + n_choices - 1)), columns[0]
            codes = tuple(
                draw(st.lists(st.integers(0, len(features[column].frequencies) - 1), min_size=1, unique=True))
            )
            at = float(row[0, target]) if row[0, column] in codes else draw(st.floats(-60, 80))
            constraints.append(ConditionalConstraint(column, codes, target, *_near(draw, at, 1 + abs(at))))
        elif n_choices:
            where = draw(st.lists(st.integers(n_amounts, n_amounts + n_choices - 1), min_size=1, unique=True))
            codes = [
                tuple(draw(st.lists(st.integers(0, len(features[j].frequencies) - 1), min_size=1, unique=True)))
                for j in where
            ]
            constraint = ForbiddenConstraint(tuple(zip(where, codes, strict=True)))
            if constraint.holds(row)[0]:
                constraints.append(constraint)
    return tuple(features), tuple(constraints), row


def _meets(constraint, X):
    """Whether rows meet a rule, written down a second time, to a billionth of the numbers compared."""
    if isinstance(constraint, CardinalityConstraint):
        values = X[:, list(constraint.columns)]
        is_on = values > constraint.threshold
        is_enough = ~is_on | (values >= constraint.least - 1.1e-9 * abs(values))
        return (is_on.sum(axis=1) <= constraint.most) & is_enough.all(axis=1)
    if isinstance(constraint, ConditionalConstraint):
        values = X[:, constraint.target]
        slack = 1.1e-9 * (abs(values) + max(abs(x) for x in (constraint.low, constraint.high) if np.isfinite(x)))
        is_inside = (values >= constraint.low - slack) & (values <= constraint.high + slack)
        return is_inside | ~np.isin(X[:, constraint.column], constraint.codes)
    if isinstance(constraint, ForbiddenConstraint):
        return ~np.all([np.isin(X[:, j], codes) for j, codes in constraint.combination], axis=0)
    if isinstance(constraint, OrderConstraint):
        a, b = X[:, constraint.smaller], X[:, constraint.larger]
        return a <= b + 1e-9 * (abs(a) + abs(b))
    if isinstance(constraint, RatioConstraint):
        above, below = X[:, list(constraint.numerator)], X[:, list(constraint.denominator)]
        sizes = [
            abs(above).sum(axis=1) + abs(limit) * abs(below).sum(axis=1) for limit in (constraint.low, constraint.high)
        ]
        above, below = above.sum(axis=1), below.sum(axis=1)
        is_met = below > 0
        if np.isfinite(constraint.low):
            is_met &= above >= constraint.low * below - 1.1e-9 * sizes[0]
        if np.isfinite(constraint.high):
            is_met &= above <= constraint.high * below + 1.1e-9 * sizes[1]
        return is_met
    parts = X[:, list(constraint.columns)] * np.array(constraint.weights or 1.0)
    limit = max(abs(x) for x in (constraint.low, constraint.high) if np.isfinite(x))
    slack = 1.1e-9 * (abs(parts).sum(axis=1) + limit)
    return (parts.sum(axis=1) >= constraint.low - slack) & (parts.sum(axis=1) <= constraint.high + slack)


@pytest.fixture(scope="session")
def constrained():
    return constrained_spaces()


@pytest.fixture(scope="session")
def check_constraints():
    """Return a function that fails unless every row meets every rule of a space."""

    def check(X, space):
        for constraint in space.constraints:
            assert _meets(constraint, X).all(), constraint.words(space.names)

    return check


LOWS = (102.0, 0.0, 0.0, 121.8, 0.0, 801.0, 594.0)
HIGHS = (540.0, 359.4, 200.1, 247.0, 32.2, 1145.0, 992.6)
STDS = (104.5, 86.3, 64.0, 21.4, 6.0, 77.8, 80.2)
NAMES = ("Cement", "Slag", "Ash", "Water", "Plasticizer", "Coarse", "Fine")


@pytest.fixture(scope="session")
def mix():
    """Return a function that gives the concrete space with rules: seven parts, then the age."""

    def make(*constraints, step=0.1, **changes):
        parts = [
            Numeric(name, low, high, std, **({"step": step} | changes.get(name, {})))
            for name, low, high, std in zip(NAMES, LOWS, HIGHS, STDS, strict=True)
        ]
        return SearchSpace((*parts, Numeric("Age", 1, 365, 60.0, step=1.0)), tuple(constraints))

    return make
