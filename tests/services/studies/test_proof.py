"""From a run's specification to what was proven, in words and in the objective's unit."""

from dataclasses import replace

import numpy as np
import pytest

from models import FUNCTIONS, Ensemble, EnsemblePredictor
from models.networks.network import ACTIVATIONS, Dense, Network
from optimizer import SpaceError
from optimizer.proof import ProofEnd
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.specs.run import DistanceSpec
from services.studies.proof import ProofResult, ProofSpec, ProofStep, relu_network, rounded_up, run_proof


@pytest.fixture(scope="module")
def production(catalog):
    """The run of the story with three features, for the highest yield."""
    return story_spec(story("production"), catalog).revised(
        plausibility=None, risk_aversion=0.0, goal="maximum", value=None, budget={"evaluations": 4_000}, n_results=3
    )


@pytest.fixture(scope="module")
def concrete(catalog):
    """The run of the story of concrete, with few evaluations."""
    run = story_spec(story("concrete"), catalog).revised(plausibility=None, risk_aversion=0.0, is_compared=False)
    return run.revised(budget={"evaluations": 2_000}, n_results=2)


def sampled(problem, n=5_000):
    return problem.evaluate(problem.space.sample(n, np.random.default_rng(3)))


@pytest.mark.parametrize("roundings", [False, True])
def test_the_network_of_a_shipped_model_predicts_what_the_model_does(catalog, concrete, roundings):
    model_data = catalog.model_data(concrete)
    network = relu_network(model_data.predictor)
    X = model_data.dataset.X
    np.testing.assert_allclose(network.predict(X), model_data.predictor.predict(X), rtol=1e-4)
    assert network.roundoff == 2.0**-24  # the predictor computes in float32, and the limit allows for it


def test_nothing_is_better_than_the_limit_of_a_run(catalog, production):
    model_data = catalog.model_data(production)
    found = run_spec(production, model_data).result
    steps = []
    result = run_proof(ProofSpec.of(found), model_data, on_step=steps.append)
    assert ProofResult.model_validate_json(result.model_dump_json()) == result
    assert result.is_proven and result.end is ProofEnd.PROVEN
    assert result.last.percent <= 0.0100001
    assert sampled(build_problem(production, model_data)).outcomes.max() <= result.last.limit
    assert max(found.results.outcomes) <= result.last.limit
    assert result.last.limit - result.last.best == pytest.approx(result.last.gap)
    assert steps[-1] == result.last
    assert [s.limit for s in steps if s.limit] == sorted([s.limit for s in steps if s.limit], reverse=True)
    assert result.sentence.startswith("No candidate within these bounds can be more than ")
    assert result.number == 1 and " better than result 1." in result.sentence
    assert result.unit == found.objective_unit


def test_the_limit_of_an_ensemble_holds_before_it_is_proven(catalog, concrete):
    model_data = catalog.model_data(concrete)
    assert isinstance(model_data.predictor, EnsemblePredictor)
    result = run_proof(ProofSpec(run=concrete, seconds=3), model_data)
    problem = build_problem(concrete, model_data)
    assert (-sampled(problem, 2_000).scores * problem.objective.scale).max() <= result.last.limit
    assert result.last.best <= result.last.limit


def test_the_curve_of_concrete_with_its_density_is_proven(catalog, concrete):
    model_data = catalog.model_data(concrete)
    one = EnsemblePredictor(model_data.predictor.encoding, Ensemble(model_data.predictor.networks.members[:1]))
    model_data = replace(model_data, predictor=one)  # the mean of five takes minutes
    result = run_proof(ProofSpec(run=concrete, percent=0.1), model_data)
    assert result.is_proven
    problem = build_problem(concrete, model_data)
    candidates = sampled(problem, 2_000)
    assert (-candidates.scores * problem.objective.scale).max() <= result.last.limit
    assert result.number == 0 and result.is_better_found and result.best_result is None
    assert problem.space.contains(np.array([result.best])).all()
    assert result.sentence.endswith("better than the best that the proof came upon, counting what penalties take off.")


def test_a_better_candidate_than_every_result_is_said(catalog, production):
    model_data = catalog.model_data(production)
    middle = tuple(build_problem(production, model_data).space.sample(1, np.random.default_rng(0))[0])
    result = run_proof(ProofSpec(run=production, known=(middle,)), model_data)
    assert result.is_better_found and result.number == 1
    assert "better than result 1. The proof itself came upon one that is " in result.sentence
    assert result.last.best > result.best_result


def test_near_to_a_value_the_gap_is_a_distance(catalog, production):
    model_data = catalog.model_data(production)
    spec = production.revised(goal="value", value=1_000.0)
    result = run_proof(ProofSpec(run=spec), model_data)
    assert result.is_proven
    distances = np.abs(sampled(build_problem(spec, model_data)).outcomes - 1_000.0)
    assert result.last.limit <= distances.min()
    assert result.last.limit <= result.last.best
    assert "nearer to the value than" in result.sentence


def test_distance_and_rules_count(catalog, production):
    model_data = catalog.model_data(production)
    spec = production.revised(distance=DistanceSpec(weight=3.0))
    free = run_proof(ProofSpec(run=production), model_data)
    result = run_proof(ProofSpec(run=spec), model_data)
    assert result.is_proven and not result.relaxed
    problem = build_problem(spec, model_data)
    assert (-sampled(problem).scores * problem.objective.scale).max() <= result.last.limit <= free.last.limit + 1e-6


def test_a_stop_keeps_the_limit_so_far(catalog, concrete):
    model_data = catalog.model_data(concrete)
    asked = []
    spec = ProofSpec(run=concrete, percent=1e-6)
    result = run_proof(spec, model_data, should_stop=lambda: len(asked) > 5 or asked.append(1))
    assert (result.end, result.is_proven) == (ProofEnd.USER, False)
    assert isinstance(result.last, ProofStep)
    assert result.last.limit >= result.last.best
    assert result.sentence.startswith("No candidate")


def test_what_is_no_relu_network_is_refused_in_words(catalog, bumps_spec, production):
    with pytest.raises(SpaceError, match="a known function has none"):
        run_proof(ProofSpec(run=bumps_spec), catalog.model_data(bumps_spec))
    with pytest.raises(SpaceError, match="a known function has none"):
        relu_network(FUNCTIONS["bumps"])
    model_data = catalog.model_data(production)
    encoding = model_data.predictor.encoding
    layers = (Dense(np.ones((3, 2), dtype=np.float32), None, ACTIVATIONS["tanh"]), Dense(np.ones((2, 1), np.float32)))
    smooth = ModelWithData(model_data.dataset, EnsemblePredictor(encoding, Ensemble((Network(3, layers),))))
    with pytest.raises(SpaceError, match="dense ReLU layers only: Expected"):
        run_proof(ProofSpec(run=production), smooth)


@pytest.mark.parametrize(
    ("value", "words"), [(0, "0"), (0.01, "0.01"), (0.0101, "0.011"), (0.29, "0.29"), (1.234, "1.3"), (123.4, "130")]
)
def test_what_is_said_is_rounded_up(value, words):
    assert rounded_up(value) == words


def test_with_a_gate_the_limit_is_one_for_what_is_plausible(catalog, production):
    model_data = catalog.model_data(production)
    gated = production.revised(plausibility={"at_least": 60, "measure": "neighbours"}, unmeasured_only=False)
    problem = build_problem(gated, model_data)
    rows = problem.passing_starts[:3]
    known = tuple(tuple(row) for row in rows)
    result, free = (run_proof(ProofSpec(run=run, known=known, seconds=2), model_data) for run in (gated, production))
    assert "a plausibility of at least 60 %" in result.relaxed[0]
    assert result.sentence.startswith("No candidate as plausible as was asked for within these bounds can be more than")
    assert result.last.limit < free.last.limit
    candidates = problem.with_penalties_only().evaluate(problem.passing(sampled(problem)).X)
    assert (-candidates.scores * problem.objective.scale).max() <= result.last.limit
    assert result.best_result == pytest.approx(
        -problem.with_penalties_only().evaluate(rows).scores.min() * problem.objective.scale
    )
    assert problem.gate.passes(np.array([result.best])).all() and result.is_better_found


def test_what_a_gate_by_trees_refuses_is_no_better_result(catalog, production):
    model_data = catalog.model_data(production)
    gated = production.revised(plausibility={"at_least": 80, "measure": "trees"})
    problem = build_problem(gated, model_data)
    known = tuple(tuple(row) for row in problem.passing_starts[:3])
    result = run_proof(ProofSpec(run=gated, known=known), model_data)
    assert result.is_proven and result.last.best > result.best_result
    assert not problem.gate.passes(np.array([result.best])).any() and not result.is_better_found
    assert "came upon" not in result.sentence
