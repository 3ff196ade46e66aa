import json
from dataclasses import fields, replace

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from optimizer import DEFAULT_METHOD, METHODS, ImmigrantSource, LineageSettings, SpaceError
from services.problems.building import build_budget, build_problem
from services.problems.estimate import plan_words
from services.results.search import run_spec
from services.specs.errors import UserError
from services.specs.method import MethodSpec, NichesSpec, method_named
from services.specs.run import RunSpec

ANY_METHOD = TypeAdapter(MethodSpec)
QUICK = {"bayesian": {"n_random": 10, "n_trials": 30}}


def of_the_engine(name):
    """Return a method with the engine's defaults; only a run wants results that differ, so its niches spread out."""
    return replace(METHODS[name], spread=NichesSpec().spread) if name == "niches" else METHODS[name]


@pytest.mark.parametrize("name", METHODS)
def test_a_name_alone_is_the_method_with_the_defaults_of_the_engine(name):
    spec = ANY_METHOD.validate_python({"name": name})
    assert spec.settings() == of_the_engine(name)
    assert ANY_METHOD.validate_json(ANY_METHOD.dump_json(spec)) == spec
    # every setting of a method is one of its specification
    assert set(type(spec).model_fields) - {"name"} == {field.name for field in fields(METHODS[name])}


@pytest.mark.parametrize("name", METHODS)
def test_a_run_by_any_method_gives_results_within_its_bounds(name, mixed_spec, mixed):
    method = {"name": name} | QUICK.get(name, {})
    spec = mixed_spec.revised(method=method, budget={"evaluations": 400}, is_compared=False)
    report = run_spec(RunSpec.model_validate_json(spec.model_dump_json()), mixed)
    space = build_problem(spec, mixed).space
    assert len(report.result.results) > 0
    assert report.result.statistics.n_evaluations <= 400
    assert space.contains(report.events.bests.X).all()


@pytest.mark.parametrize("name", METHODS)
def test_the_plan_says_how_it_searches(name, mixed_spec):
    words = plan_words(mixed_spec.revised(method={"name": name}), 3.0)
    assert "{" not in words and "1,500 evaluations at most" in words
    assert words[0].isupper() and words[:20] == ANY_METHOD.validate_python({"name": name}).words[:20]


def test_a_document_of_before_still_loads(mixed_spec):
    before = {
        "name": "lineages", "n_lineages": 20, "n_mutants": 2, "n_immigrants": 2, "patience": 12, "min_improvement": 1e-3
    }  # fmt: skip
    document = json.loads(mixed_spec.model_dump_json()) | {"method": before}
    settings = RunSpec.model_validate(document).method.settings()
    assert settings == LineageSettings(n_lineages=20, n_mutants=2, n_immigrants=2, patience=12)
    del before["name"]  # written by hand: lineages were all there was
    assert RunSpec.model_validate(document).method.settings() == settings


def test_a_knob_of_another_method_is_refused():
    with pytest.raises(ValidationError, match="n_mutants"):
        ANY_METHOD.validate_python({"name": "cma_es", "n_mutants": 8})


def test_a_knob_out_of_range_is_refused_in_words(mixed_spec):
    with pytest.raises(SpaceError, match="population must be at least 3, got 1"):
        build_budget(mixed_spec.revised(method={"name": "cma_es", "population": 1}))


def test_the_first_generation_that_a_budget_must_reach_for_is_the_methods_own(plain_spec, mixed_spec):
    evolution = {"method": {"name": "differential_evolution", "population": 10}, "budget": {"evaluations": 59}}
    with pytest.raises(SpaceError, match="needs 60 evaluations, the budget allows 59: raise the budget"):
        build_budget(plain_spec.revised(**evolution))  # six free features
    assert build_budget(mixed_spec.revised(**evolution)).evaluations == 59  # the curve sets one of them
    assert build_budget(plain_spec.revised(method={"name": "multistart"}, budget={"evaluations": 1})).evaluations == 1


@pytest.mark.parametrize(
    ("method", "least"), [({"name": "lineages", "n_lineages": 20, "n_immigrants": 20}, 11), ({"name": "niches"}, 1)]
)
def test_lineages_and_niches_may_start_from_recorded_rows_only(plain_spec, mixed, method, least):
    spec = plain_spec.revised(method=method | {"immigrants_from": "recorded"}, budget={"evaluations": 100})
    assert spec.method.settings().immigrants_from is ImmigrantSource.RECORDED
    first = run_spec(spec, mixed).trace[0].bests.X
    moved_inside = {row.tobytes() for row in build_problem(spec, mixed).space.repair(mixed.dataset.X)}
    assert {row.tobytes() for row in first} <= moved_inside
    assert len(np.unique(first, axis=0)) >= least


def test_a_new_run_searches_by_the_default_method_of_the_engine(plain_spec):
    document = json.loads(plain_spec.model_dump_json())
    del document["method"]
    chosen = RunSpec.model_validate(document).method
    assert chosen == method_named() == NichesSpec()
    assert chosen.settings() == of_the_engine(DEFAULT_METHOD)
    with pytest.raises(UserError, match="annealing"):
        method_named("annealing")


def test_a_method_that_there_is_no_more_is_refused_with_those_there_are(plain_spec):
    document = json.loads(plain_spec.model_dump_json()) | {"method": {"name": "shgo", "n_samples": 256}}
    with pytest.raises(UserError, match=f"no method 'shgo'; there are {', '.join(METHODS)}"):
        RunSpec.model_validate(document)


@pytest.mark.parametrize("name", METHODS)
def test_lineages_are_counted_in_the_words_of_the_method(name):
    chosen = method_named(name)
    one, many = chosen.counted(1), chosen.counted(1_200)
    assert (one, many) == (f"1 {chosen.lineage}", f"1,200 {chosen.lineages}")
    assert chosen.lineage != chosen.lineages
