"""Documents that runs wrote before fields had their present names are read, and mean what they meant."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from optimizer import ImmigrantSource
from services.specs.method import LineagesSpec, NichesSpec
from services.specs.results import RunResult
from services.specs.run import RunSpec

DOCUMENT = (Path(__file__).parent / "before" / "result.json").read_text("utf-8")
SPEC = json.loads(DOCUMENT)["spec"]


def test_a_result_of_before_is_read():
    old, result = json.loads(DOCUMENT), RunResult.model_validate_json(DOCUMENT)
    assert result.constraints == tuple(old["rules"])
    assert result.results.constraints_met == ((True,), (True,), (True,))
    assert [one.words for one in result.valleys] == [one["words"] for one in old["terrain"]]
    assert result.statistics.n_evaluations == old["tally"]["n_evaluations"]
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_a_specification_of_before_is_read():
    spec = RunSpec.model_validate(SPEC)
    assert spec.risk_aversion == 0.5
    assert [rule.kind for rule in spec.constraints] == ["order"]
    assert spec.plausibility.extrapolation_limit == 1.0
    assert spec.method == LineagesSpec(
        n_lineages=10, n_mutants=4, n_immigrants=3, patience=3, immigrants_from=ImmigrantSource.BOTH
    )
    niches = RunSpec.model_validate(SPEC | {"method": {"name": "niches", "newcomers_from": "recorded"}})
    assert niches.method == NichesSpec(immigrants_from=ImmigrantSource.RECORDED)


@pytest.mark.parametrize(("weight", "strength"), [(0.2, None), (0.05, 0.05), (0, 0)])
def test_a_mutation_weight_of_before_is_a_mutation_strength(weight, strength):
    """The usual number stood where none is set now: niches never listened to it, and lineages still take it so."""
    known = [{name: value for name, value in f.items() if name != "mutation_strength"} for f in SPEC["features"]]
    spec = RunSpec.model_validate(SPEC | {"features": [feature | {"weight": weight} for feature in known]})
    assert {feature.mutation_strength for feature in spec.features} == {strength}
    assert RunSpec.model_validate_json(spec.model_dump_json()) == spec


def test_present_documents_have_present_names_only():
    written = RunResult.model_validate_json(DOCUMENT).model_dump_json()
    for name in ("caution", "rules", "rules_met", "reach", "newcomers_from", "n_newcomers", "terrain", "tally"):
        assert f'"{name}":' not in written


def test_an_unknown_name_is_refused_in_documents_of_before_too():
    with pytest.raises(ValidationError, match="wieght"):
        RunSpec.model_validate(SPEC | {"wieght": 1})
