import json

import pandas as pd
import pytest

from services.cli import main
from services.studies.compare.methods import ComparisonResult, ComparisonSpec


@pytest.fixture(autouse=True)
def one_lane(monkeypatch):
    monkeypatch.setenv("MIXWRIGHT_LANES", "1")


@pytest.fixture
def small(bumps_spec):
    return bumps_spec.revised(budget={"evaluations": 300})


def test_a_comparison_writes_a_row_per_method_and_prints_it(small, written, tmp_path, capsys):
    out = tmp_path / "made" / "here"
    given = ["compare", written(small.model_dump_json()), "--methods", "lineages", "random_search", "--seeds", "2"]
    assert main([*given, "--out", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["methods.csv", "methods.json", "searches.csv"]
    comparison = ComparisonResult.model_validate_json((out / "methods.json").read_text("utf-8"))
    assert comparison.spec == ComparisonSpec(run=small, methods=("lineages", "random_search"), n_seeds=2)
    assert len(comparison.entries) == 4
    assert set(pd.read_csv(out / "methods.csv")["method"]) == {"Lineages", "Random search"}
    assert len(pd.read_csv(out / "searches.csv")) == 4
    said = capsys.readouterr()
    assert said.err == ""  # progress is for people: nobody watches here
    said = said.out
    assert "distinct: within 10 % of the best that any method found" in said


def test_a_comparison_can_be_repeated_from_its_own_document(small, written, capsys):
    spec = ComparisonSpec(run=small, methods=("random_search",))
    assert main(["compare", written(spec.model_dump_json())]) == 0
    assert "Random search" in capsys.readouterr().out
    assert main(["compare", written(spec.model_dump_json()), "--methods", "lineages"]) == 0
    said = capsys.readouterr().out
    assert "Lineages" in said
    assert "Random" not in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seeds", "0"], "--seeds: Input should be greater than or equal to 1"),
        (["--methods", "cma_es", "cma_es"], "--methods: Each method must be named once"),
    ],
)
def test_a_comparison_that_cannot_be_ends_with_the_reason(small, written, capsys, arguments, words):
    assert main(["compare", written(small.model_dump_json()), *arguments]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("document", ["{", "[]", json.dumps({"run": {}})])
def test_a_file_that_is_no_comparison_ends_with_the_reason(written, capsys, document):
    assert main(["compare", written(document)]) == 1
    assert "that can be used" in capsys.readouterr().err
