"""Small random networks, and problems of every kind around them."""

from itertools import pairwise

import numpy as np
import pytest

from optimizer import (
    CardinalityConstraint,
    Categorical,
    Curve,
    DensityPenalty,
    DistancePenalty,
    ForbiddenConstraint,
    Numeric,
    Objective,
    OrderConstraint,
    Problem,
    SearchSpace,
    SumConstraint,
)
from optimizer.proof import ReluNetwork


def make_network(seed, n_numbers=3, n_codes=0, widths=(8, 8), roundoff=0.0):
    """A network of numbers in columns 0, 1 ... and, with codes, a category in the column after them."""
    rng = np.random.default_rng(seed)
    n_inputs = n_numbers + n_codes
    sizes = [n_inputs, *widths, 1]
    kernels = [rng.normal(0, 1.5 / np.sqrt(a), (a, b)) for a, b in pairwise(sizes)]
    return ReluNetwork(
        columns=np.array([*range(n_numbers), *[n_numbers] * n_codes]),
        codes=np.array([np.nan] * n_numbers + list(range(n_codes))),
        means=np.array([5.0] * n_numbers + [0.0] * n_codes),
        scales=np.array([0.5] * n_numbers + [1.0] * n_codes),
        kernels=tuple(kernels),
        biases=tuple(rng.normal(0, 0.5, size) for size in sizes[1:]),
        outcome_scale=3.0,
        outcome_shift=-2.0,
        roundoff=roundoff,
    )


def make_problem(
    network, *, step=None, penalties=(), constraints=(), curve=None, frozen=None, goal="maximum", value=None
):
    """The problem of a network with numbers between 0 and 10, and whatever category it knows."""
    n_codes = int((~np.isnan(network.codes)).sum())
    numbers = [
        Numeric(f"x{j}", 0.0, 10.0, 3.0, step=step, frozen=frozen if curve and curve.feature == j else None)
        for j in range(network.n_inputs - n_codes)
    ]
    category = [Categorical("kind", (1 / n_codes,) * n_codes)] if n_codes else []
    space = SearchSpace((*numbers, *category), constraints)
    return Problem(space, network.predict, Objective(goal, 2.0, value, curve), penalties)


def density(weight=1.5):
    return DensityPenalty((0, 1), 9.0, 1.5, weight)


def distance(network, weight=2.0, seed=0):
    """The distance to twelve rows, in the numbers and in the category."""
    rng = np.random.default_rng(seed)
    problem = make_problem(network)
    return DistancePenalty.from_rows(problem.space.sample(12, rng), problem.space.features, weight=weight)


GRID = np.array([0.0, 1.0, 2.5, 3.0, 6.0, 10.0])
SUMMARIES = ("area", "mean", "minimum", "maximum", "point")


def curve_of(summary):
    return Curve(2, GRID, summary, at=2.0)


def make_cases():
    """Name and maker, from a seed, of a network and its problem: every kind that a proof knows."""
    cases = {
        "plain": lambda s: (n := make_network(s), make_problem(n)),
        "minimum": lambda s: (n := make_network(s), make_problem(n, goal="minimum")),
        "value": lambda s: (n := make_network(s), make_problem(n, goal="value", value=1.0)),
        "value out of reach": lambda s: (n := make_network(s), make_problem(n, goal="value", value=400.0)),
        "no hidden layer": lambda s: (n := make_network(s, widths=()), make_problem(n, penalties=(density(),))),
        "deep": lambda s: (n := make_network(s, widths=(6, 6, 6, 6)), make_problem(n)),
        "steps": lambda s: (n := make_network(s), make_problem(n, step=0.7)),
        "category": lambda s: (n := make_network(s, 2, 4), make_problem(n)),
        "density": lambda s: (n := make_network(s), make_problem(n, penalties=(density(),))),
        "distance": lambda s: (n := make_network(s, 2), make_problem(n, penalties=(distance(n),))),
        "strict distance": lambda s: (n := make_network(s, 2), make_problem(n, penalties=(distance(n, 50.0),))),
        "distance and category": lambda s: (n := make_network(s, 2, 3), make_problem(n, penalties=(distance(n),))),
        "density and distance": lambda s: (
            n := make_network(s, 2),
            make_problem(n, penalties=(density(), distance(n))),
        ),
        "sum rule": lambda s: (
            n := make_network(s),
            make_problem(n, constraints=(SumConstraint.equal((0, 1, 2), 12.0),)),
        ),
        "two rules and steps": lambda s: (
            n := make_network(s),
            make_problem(n, step=0.5, constraints=(SumConstraint((0, 1), 4.0, 6.0), OrderConstraint(0, 1))),
        ),
        "at most one": lambda s: (
            n := make_network(s),
            make_problem(n, constraints=(CardinalityConstraint((0, 1, 2), 1),)),
        ),
        "forbidden": lambda s: (
            n := make_network(s, 2, 4),
            make_problem(n, constraints=(ForbiddenConstraint(((2, (0, 3)),)),)),
        ),
    }
    for summary in SUMMARIES:
        for goal in ("maximum", "minimum", "value"):
            cases[f"{summary} of the curve, {goal}"] = lambda s, summary=summary, goal=goal: (
                n := make_network(s),
                make_problem(n, curve=curve_of(summary), frozen=0.0, goal=goal, value=3.0, penalties=(density(),)),
            )
    return cases


@pytest.fixture(scope="session")
def network_of():
    return make_network


@pytest.fixture(scope="session")
def problem_of():
    return make_problem


@pytest.fixture(scope="session")
def cases():
    return make_cases()
