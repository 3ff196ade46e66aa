"""In any box, nothing is below the bound or below its linear function; and a leaf's bound is exact."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from optimizer.proof.bounding import Bounder
from optimizer.proof.domain import Domain
from optimizer.proof.objective import PointwiseObjective
from optimizer.proof.relaxation import relax


def bounder_of(network, problem):
    domain = Domain(problem.space, network)
    known = relax(problem, domain)
    return Bounder(domain, PointwiseObjective.of(problem.objective), known.bands, known.distance)


def random_boxes(domain, n, rng):
    """Boxes of every size, some of them points."""
    low, high = domain.root
    center = rng.uniform(low, high, (n, len(low)))
    half = (high - low) * rng.choice([0.0, 1e-9, 0.01, 0.2, 1.0], (n, 1)) * rng.random((n, len(low)))
    return domain.on_steps(np.maximum(center - half, low), np.minimum(center + half, high))


def inside(domain, low, high, rng, n=60):
    """Candidates at corners and within a box."""
    points = np.concatenate(
        [rng.uniform(low, high, (n, len(low))), np.where(rng.random((n, len(low))) < 0.5, low, high)]
    )
    for j in domain.codes:
        points[:, j] = rng.integers(low[j], high[j] + 1, 2 * n)
    points = np.clip(points, low, high)
    X = points.copy()
    for j, codes in domain.codes.items():
        X[:, j] = codes[points[:, j].astype(int)]
    return points, X


KINDS = [
    "plain", "minimum", "value", "deep", "no hidden layer", "category", "density", "distance", "strict distance",
    "distance and category", "density and distance", "sum rule", "forbidden", "area of the curve, maximum",
    "minimum of the curve, maximum", "minimum of the curve, minimum", "maximum of the curve, value",
    "mean of the curve, value",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6)
@given(seed=st.integers(0, 10_000))
def test_no_candidate_of_a_box_is_below_its_bound(cases, kind, seed):
    network, problem = cases[kind](seed)
    bounder = bounder_of(network, problem)
    rng = np.random.default_rng(seed)
    low, high = random_boxes(bounder.domain, 12, rng)
    cuts = rng.random((12, len(bounder.objective.grid) - 1)) < 0.4
    real = (low <= high).all(axis=1)
    assume(real.any())
    low, high, cuts = low[real], high[real], cuts[real]
    found = bounder.bound(low, high, cuts)
    for i in range(len(low)):
        points, X = inside(bounder.domain, low[i], high[i], rng)
        scores = problem.evaluate(X).scores
        meets = np.logical_and.reduce([rule.holds(X) for rule in problem.space.constraints] + [scores == scores])
        if meets.any():
            assert scores[meets].min() >= found.values[i]
            lines = points[meets] @ found.weights[i] + found.constants[i]
            slack = 1e-9 * (1 + np.abs(found.constants[i]) + np.abs(found.weights[i]).sum() * 10)
            assert (scores[meets] >= lines - slack).all()


@pytest.mark.parametrize("kind", ["distance", "strict distance", "distance and category", "density and distance"])
def test_what_a_cutoff_leaves_out_of_a_box_is_not_below_it(cases, kind):
    rng = np.random.default_rng(8)
    for seed in range(8):
        network, problem = cases[kind](seed)
        bounder = bounder_of(network, problem)
        low, high = random_boxes(bounder.domain, 30, rng)
        real = (low <= high).all(axis=1)
        low, high = low[real], high[real]
        cutoff = float(np.quantile(problem.evaluate(problem.space.sample(2_000, rng)).scores, 0.05))
        found = bounder.bound(low, high, np.zeros((len(low), 0), dtype=bool), cutoff)
        for i in range(len(low)):
            points, X = inside(bounder.domain, low[i], high[i], rng)
            scores = problem.evaluate(X).scores
            assert scores.min() >= min(found.values[i], cutoff)
            is_out = ((points < found.low[i]) | (points > found.high[i])).any(axis=1)
            assert (scores[is_out] >= cutoff).all()


def test_a_box_that_is_a_point_is_bounded_by_its_score(cases):
    for kind in ("plain", "value", "category", "density", "area of the curve, maximum", "distance"):
        network, problem = cases[kind](4)
        bounder = bounder_of(network, problem)
        points, X = inside(bounder.domain, *bounder.domain.root, np.random.default_rng(1))
        every = np.ones((len(points), len(bounder.objective.grid) - 1), dtype=bool)
        found = bounder.bound(points, points, every)
        np.testing.assert_allclose(found.values, problem.evaluate(X).scores, atol=1e-8)
        np.testing.assert_allclose(found.looseness, 0, atol=1e-8)


def test_halves_bound_no_worse_than_most_of_the_whole(cases):
    """Bounds grow as boxes shrink, or branch and bound would not end."""
    network, problem = cases["deep"](2)
    bounder = bounder_of(network, problem)
    low, high = (corner[None] for corner in bounder.domain.root)
    cuts = np.zeros((1, 0), dtype=bool)
    bounds = []
    for _ in range(12):
        bounds.append(bounder.bound(low, high, cuts).values[0])
        low, high = low + 0.25 * (high - low), high - 0.25 * (high - low)
    assert bounds[-1] > bounds[0]
    value = problem.evaluate(0.5 * (low + high)).scores[0]
    assert value - bounds[-1] < 1e-3 * (value - bounds[0])
