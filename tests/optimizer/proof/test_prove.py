"""A proof is never beaten, ends where it says, and comes to the same as trying everything."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from optimizer import DensityPenalty, DistancePenalty, Gate, Plausibility, PlausibilityPenalty, SpaceError
from optimizer.proof import ProofEnd, ProofLimits, prove
from optimizer.proof.prove import Frontier

KINDS = [
    "plain", "minimum", "value", "value out of reach", "no hidden layer", "deep", "steps", "category", "density",
    "distance", "strict distance", "distance and category", "density and distance", "sum rule", "two rules and steps",
    "at most one", "forbidden",
    *(
        f"{summary} of the curve, {goal}"
        for summary in ("area", "mean", "minimum", "maximum", "point")
        for goal in ("maximum", "minimum", "value")
    ),
]  # fmt: skip


def near(problem, X, rng, width):
    """Candidates near others."""
    moved = X + width * rng.standard_normal((200, X.shape[1]))
    return problem.space.repair(moved)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_no_candidate_beats_the_bound_and_the_best_comes_near_it(cases, kind, seed):
    network, problem = cases[kind](seed)
    limits = ProofLimits(tolerance=1e-3, share=1e-3, boxes=20_000)
    proof = prove(problem, network, limits=limits)
    rng = np.random.default_rng(seed)
    tried = [problem.space.sample(4_000, rng), *(near(problem, proof.best.X, rng, w) for w in (1.0, 0.1, 0.01))]
    X = np.concatenate(tried)
    scores = problem.evaluate(X[problem.space.contains(X)]).scores
    assert scores.min() >= proof.progress.bound
    assert problem.evaluate(proof.best.X).scores[0] == pytest.approx(proof.progress.best, abs=1e-12)
    assert proof.progress.bound <= proof.progress.best
    assert problem.space.contains(proof.best.X).all()
    if kind != "at most one":  # its bound converges slowly, for zeros are not branched over
        assert proof.end is ProofEnd.PROVEN
        assert proof.progress.gap <= limits.gap_at(proof.progress.best) * (1 + 1e-12)
    assert proof.relaxed == ()


def test_every_kind_of_case_is_looked_at(cases):
    assert sorted(KINDS) == sorted(cases)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(1, 2), st.sampled_from([None, 0.5]))
def test_the_proven_best_is_that_of_a_fine_grid(network_of, problem_of, seed, n_numbers, step):
    network = network_of(seed, n_numbers, widths=(5, 5))
    problem = problem_of(network, step=step)
    axis = np.linspace(0, 10, 21 if step else 801 if n_numbers == 1 else 201)
    scores = problem.evaluate(np.stack(np.meshgrid(*[axis] * n_numbers), -1).reshape(-1, n_numbers)).scores
    proof = prove(problem, network, limits=ProofLimits(tolerance=1e-7, share=0))
    assert proof.end is ProofEnd.PROVEN
    assert proof.progress.bound <= scores.min()
    if step:  # the grid is all there is
        assert proof.progress.best == pytest.approx(scores.min(), abs=1e-7)
    else:  # a kink may lie between the points of the grid
        assert proof.progress.best <= scores.min() + 1e-7


@pytest.fixture
def hard(network_of, problem_of):
    """A problem that takes a proof thousands of boxes."""
    network = network_of(3, n_numbers=6, widths=(24, 24, 24))
    return problem_of(network), network


LITTLE = {"tolerance": 1e-12, "share": 0.0, "batch": 8}


def test_a_stop_keeps_the_bound_and_the_best(hard):
    asked = []
    proof = prove(*hard, limits=ProofLimits(**LITTLE), should_stop=lambda: len(asked) == 3 or asked.append(1))
    assert proof.end is ProofEnd.USER
    assert np.isfinite(proof.progress.bound)
    assert len(proof.best) == 1
    assert proof.progress.bound < proof.progress.best


def test_limits_end_a_proof(hard):
    proof = prove(*hard, limits=ProofLimits(**LITTLE, boxes=100))
    assert proof.end is ProofEnd.BOXES
    assert 100 <= proof.progress.n_boxes <= 100 + 16
    assert prove(*hard, limits=ProofLimits(**LITTLE, open_boxes=20)).end is ProofEnd.MEMORY
    assert prove(*hard, limits=ProofLimits(**LITTLE, seconds=1e-9)).end is ProofEnd.TIME


def test_progress_tells_of_a_bound_that_rises_and_a_best_that_falls(hard):
    steps = []
    proof = prove(*hard, limits=ProofLimits(**LITTLE, boxes=400), on_progress=steps.append)
    assert steps[-1].bound == proof.progress.bound
    bounds, bests = [s.bound for s in steps], [s.best for s in steps]
    assert bounds == sorted(bounds)
    assert bests == sorted(bests, reverse=True)
    assert steps[-1].gap < steps[0].gap


def test_known_candidates_are_the_best_known_unless_they_lie_outside(hard):
    problem, network = hard
    rng = np.random.default_rng(5)
    X = problem.space.sample(200_000, rng)
    good = problem.evaluate(X).by_score().take(np.arange(1))
    proof = prove(problem, network, known=good.X, limits=ProofLimits(**LITTLE, boxes=1))
    assert proof.progress.best <= good.scores[0]
    outside = prove(problem, network, known=good.X + 1000, limits=ProofLimits(**LITTLE, boxes=1))
    assert problem.space.contains(outside.best.X).all()


def test_equal_proofs_are_equal(hard):
    first, second = (prove(*hard, limits=ProofLimits(**LITTLE, boxes=300)) for _ in range(2))
    assert (first.progress.bound, first.progress.best) == (second.progress.bound, second.progress.best)


def test_the_network_of_another_problem_is_refused(network_of, problem_of):
    problem = problem_of(network_of(1))
    with pytest.raises(SpaceError, match="predict different outcomes"):
        prove(problem, network_of(2))
    with pytest.raises(SpaceError, match="looks at column 3, but candidates have 3"):
        prove(problem, network_of(1, n_numbers=4))


@pytest.mark.parametrize(
    "wrong", [{"tolerance": 0}, {"share": -1}, {"seconds": 0}, {"boxes": 0}, {"open_boxes": 0}, {"batch": 0}]
)
def test_limits_that_allow_nothing_are_refused(wrong):
    with pytest.raises(SpaceError, match="must be"):
        ProofLimits(**wrong)


def test_more_recorded_rows_than_are_looked_at_closely(network_of, problem_of):
    network = network_of(6, 2)
    plain = problem_of(network)
    rows = plain.space.sample(300, np.random.default_rng(1)) * 0.5
    near = DistancePenalty.from_rows(rows, plain.space.features, weight=4.0)
    for penalties in ((near,), (near, DensityPenalty((0, 1), 9.0, 1.5, 1.0))):
        problem = problem_of(network, penalties=penalties)
        proof = prove(problem, network, limits=ProofLimits(tolerance=1e-4, share=0))
        assert proof.end is ProofEnd.PROVEN
        scores = problem.evaluate(problem.space.sample(20_000, np.random.default_rng(2))).scores
        assert proof.progress.bound <= scores.min()


def test_an_unknown_penalty_counts_as_nothing_and_is_named(network_of, problem_of):
    class Fee:
        weight = 2.0

        def cost(self, X):
            return np.full(len(X), 3.0)

    network = network_of(1)
    proof = prove(problem_of(network, penalties=(Fee(),)), network, limits=ProofLimits(boxes=200))
    assert proof.relaxed == ("what a Fee costs counts as nothing",)
    assert proof.progress.gap >= 5.9


def test_caution_and_a_gate_by_trees_are_left_out_of_bound_and_best_alike_and_named(network_of, problem_of):
    network = network_of(3)
    plain = problem_of(network, penalties=(DensityPenalty((0, 1), 9.0, 1.5, 0.5),))
    rows = plain.space.sample(60, np.random.default_rng(0)) * 0.3
    judge = Plausibility.of_rows(rows, plain.space.features, measure="trees")
    asked = replace(
        plain,
        gate=Gate(judge, 30.0),
        risk_aversion=0.5,
        uncertainty_limit=3.0,
        predict_with_uncertainty=lambda X: (network.predict(X), np.abs(X).sum(axis=1)),
    )
    limits = ProofLimits(tolerance=1e-3, share=1e-3, boxes=20_000)
    known = plain.space.repair(rows[:5])
    proof, free = (prove(problem, network, known=known, limits=limits) for problem in (asked, plain))
    assert proof.progress.bound == free.progress.bound and proof.progress.best == free.progress.best
    assert plain.evaluate(proof.best.X).scores[0] == pytest.approx(proof.progress.best)
    assert asked.evaluate(plain.space.sample(4_000, np.random.default_rng(1))).scores.min() >= proof.progress.bound
    assert free.relaxed == ()
    assert proof.relaxed[0].startswith("a plausibility of at least 30 %") and proof.relaxed[0].endswith(
        "every candidate"
    )
    assert proof.relaxed[1:] == (
        "risk aversion counts as nothing",
        "the extrapolation limit counts as met by every candidate",
    )
    active_penalties = replace(plain, penalties=(PlausibilityPenalty(judge, 2.0),))
    assert prove(active_penalties, network, limits=ProofLimits(boxes=100)).relaxed == (
        "the penalty on low plausibility counts as nothing",
    )


@pytest.mark.parametrize("kind", ["plain", "density", "category", "value", "area of the curve, maximum", "steps"])
@pytest.mark.parametrize("measure", ["neighbours", "regions"])
def test_the_bound_of_a_gate_by_distance_is_one_for_what_passes(cases, kind, measure):
    network, free = cases[kind](2)
    curve = free.objective.curve
    rng = np.random.default_rng(0)
    rows = free.space.repair(0.5 * free.space.sample(40, rng))
    left_out = () if curve is None else (curve.feature,)
    judge = Plausibility.of_rows(rows, free.space.features, measure=measure, left_out=left_out)
    gated = replace(free, gate=Gate(judge, 40.0))
    limits = ProofLimits(tolerance=1e-3, share=1e-3, boxes=6_000)
    proof = prove(gated, network, known=rows, limits=limits)
    tried = [
        rows,
        free.space.sample(20_000, rng),
        *(near(free, proof.best.X, rng, width) for width in (1.0, 0.1, 0.01)),
    ]
    X = np.concatenate(tried)
    X = X[gated.gate.passes(X) & free.space.contains(X)]
    assert len(X) > 200 and free.evaluate(X).scores.min() >= proof.progress.bound
    assert gated.gate.passes(proof.best.X).all()
    assert free.evaluate(proof.best.X).scores[0] == pytest.approx(proof.progress.best)
    assert "counts as met wherever the nearest recorded row is near enough" in proof.relaxed[0]
    ungated = prove(free, network, limits=limits)
    assert proof.progress.bound >= ungated.progress.bound - limits.gap_at(ungated.progress.best)


def test_a_penalty_on_the_distance_takes_the_place_of_the_fence(network_of, problem_of):
    network = network_of(3)
    plain = problem_of(network)
    rows = plain.space.sample(30, np.random.default_rng(0))
    judge = Plausibility.of_rows(rows, plain.space.features, measure="neighbours")
    both = replace(plain, penalties=(DistancePenalty.from_rows(rows, plain.space.features),), gate=Gate(judge, 40.0))
    proof = prove(both, network, limits=ProofLimits(boxes=500))
    assert proof.relaxed[0].endswith("counts as met by every candidate")


acts = st.lists(
    st.tuples(st.just("add"), st.lists(st.floats(-5, 5), max_size=9))
    | st.tuples(st.just("pop"), st.integers(1, 6))
    | st.tuples(st.just("prune"), st.floats(-5, 5)),
    max_size=20,
)


@given(acts)
def test_it_is_a_sorted_list(acts):
    frontier, model = Frontier(2, 1), []
    for act, what in acts:
        if act == "add":
            bounds = np.array(what, dtype=float)
            low = np.column_stack([bounds, bounds + 1])  # every box tells its bound, so that rows cannot be mixed up
            frontier.add(bounds, np.full(len(bounds), 3), low, low + 7, (bounds > 0)[:, None])
            model += what
        elif act == "pop":
            bounds, columns, low, high, cuts = frontier.pop(what)
            model.sort()
            assert sorted(bounds) == model[:what]
            model = model[what:]
            np.testing.assert_array_equal(low[:, 0], bounds)
            np.testing.assert_array_equal(high, low + 7)
            np.testing.assert_array_equal(cuts[:, 0], bounds > 0)
            assert (columns == 3).all()
        else:
            frontier.prune(what)
            model = [bound for bound in model if bound < what]
        assert len(frontier) == len(model)
        assert frontier.lowest == min(model, default=np.inf)
