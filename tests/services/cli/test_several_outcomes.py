"""Several outcomes on the command line: a specification from words, its run, and no row that breaks a limit."""

import io

import numpy as np
import pandas as pd
import pytest

from models.formulas.parser import parse
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.cli import main
from services.papers.run_export import RunExport, workbook
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.results.search import run_spec
from services.specs.results import RunResult
from services.specs.run import RunSpec

LIMITED = ["--goal", "cost minimum", "--limit", "strength >= 40", "--limit", "water / cement <= 0.55"]
FRONT = ["--goal", "strength max", "--goal", "cost min", "--formula", "w/c = water / cement", "--limit", "w/c <= 0.55"]
BETWEEN = ["--goal", "strength = 45", "--limit", "cost <= 70", "--limit", "cost >= 55", "--by-prediction"]


def asked(tmp_path, words):
    path = tmp_path / "spec.json"
    given = ["spec", "concrete", *words, "--fix", "age = 28", "--evaluations", "2500", "--out", str(path)]
    assert main(given) == 0
    return path


@pytest.mark.parametrize("words", [LIMITED, FRONT, BETWEEN], ids=["limit", "front", "between"])
def test_no_listed_row_breaks_a_limit_on_any_path(tmp_path, words, capsys, catalog):
    path = asked(tmp_path, words)
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    spec = RunSpec.model_validate_json(path.read_text("utf-8"))
    model_data = catalog.model_data(spec)
    outcomes = RunOutcomes.of(spec, model_data)
    by_file = RunResult.model_validate_json((tmp_path / "out" / "result.json").read_text("utf-8"))
    by_python = run_spec(spec, model_data).result
    assert by_file.results == by_python.results and len(by_file.results) >= 1
    X = np.array(by_file.results.X)
    assert outcomes.limited and outcomes.keeps(X).all()
    assert "not kept" not in said and said.count(" kept") == len(X)

    features = [(feature.name, f"{feature.name} [{feature.unit}]") for feature in by_file.features]
    book = pd.read_excel(io.BytesIO((tmp_path / "out" / "results.xlsx").read_bytes()), sheet_name=None)
    tables = [frame.iloc[: len(X)] for frame in (pd.read_csv(tmp_path / "out" / "results.csv"), book["Results"])]
    for table in tables:
        written = table[[header for _, header in features]].to_numpy(float)
        np.testing.assert_allclose(written, X, rtol=1e-12)
        assert outcomes.keeps(written).all()
        keeps = [header for header in table if header.startswith("keeps ")]
        assert keeps and (table[keeps] == "yes").all(axis=None)
        rows = {name: table[header].to_numpy(float) for name, header in features}
        for info in by_file.outcomes:
            if not info.formula:
                continue
            (header,) = [name for name in table if name.startswith(f"calculated {info.name}") and "there" not in name]
            values = np.array([parse(info.formula).evaluate({n: v[k] for n, v in rows.items()}) for k in range(len(X))])
            np.testing.assert_allclose(table[header], values.ravel(), rtol=1e-9)
            assert info.at_most is None or (values <= info.at_most).all()
            assert info.at_least is None or (values >= info.at_least).all()
    assert len(book["Archive"]) == len(by_file.archive)
    lab = pd.read_csv(tmp_path / "out" / "lab.csv")
    assert [header for header in lab if header.startswith("measured")] == ["measured [MPa]"]  # nobody measures a cost
    assert workbook(RunExport.of(by_python, catalog))


def test_a_specification_is_printed_where_no_file_is_named(capsys):
    words = ["--goal", "strength max", "--goal", "CO2 min", "--combine", "desirability"]
    assert main(["spec", "concrete", *words, "--results", "3", "--seed", "7"]) == 0
    spec = RunSpec.model_validate_json(capsys.readouterr().out)
    assert spec.is_desirability and spec.n_results == 3 and spec.seed == 7
    assert [outcome.name for outcome in spec.outcomes] == ["compressive strength", "CO2"]
    assert spec.outcomes[0].curve is not None  # age is swept as long as nobody holds it


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--goal", "cost"], "A goal reads such as 'cost minimum'"),
        (["--goal", "wind max"], "names 'wind', for which there is neither a saved model nor a formula"),
        (["--goal", "cost min", "--limit", "strength > 40"], "A limit reads such as 'strength >= 40'"),
        (["--goal", "cost min", "--limit", "watr / cement <= 0.5"], "no feature or outcome 'watr'"),
        (
            ["--goal", "cost min", "--limit", "strength >= 40", "--limit", "strength <= 20"],
            "at least 40 and at most 20",
        ),
        (["--goal", "cost min", "--formula", "w/c: water"], "A formula reads such as"),
        (["--goal", "cost min", "--fix", "wind = 3"], "A feature is held such as"),
        (["--goal", "cost min", "--fix", "age = old"], "'age' is held at a number, got 'old'"),
        (["--goal", "cost min", "--model", "nobody"], "There is no saved model 'nobody'"),
        (["--goal", "c min", "--formula", "ca = 2 * water", "--formula", "cb = 3 * water"], "write its whole name"),
    ],
)
def test_words_that_cannot_be_meant_end_with_one_line(capsys, words, said):
    assert main(["spec", "concrete", *words]) == 1
    told = capsys.readouterr()
    assert told.out == "" and said in told.err
    assert told.err.startswith("error: ") and told.err.count("\n") == 1


def test_outcomes_without_a_model_are_told_of(capsys):
    assert main(["spec", "reactor", "--goal", "yield max"]) == 1
    assert "'yield', for which there is neither a saved model" in capsys.readouterr().err


def test_each_outcome_of_a_table_is_trained_and_then_searched(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(tmp_path / "models"))
    for outcome, name in (("yield", "of yield"), ("impurity", "of impurity")):
        given = ["train", "reactor", "--outcome", outcome, "--family", "gaussian_process", "--name", name]
        assert main(given) == 0
    path = tmp_path / "spec.json"
    words = ["--goal", "yield max", "--limit", "impurity <= 15", "--evaluations", "1500", "--results", "3"]
    assert main(["spec", "reactor", *words, "--out", str(path)]) == 0
    assert main(["run", str(path), "--out", str(tmp_path / "out")]) == 0
    lab = pd.read_csv(tmp_path / "out" / "lab.csv")
    assert [header for header in lab if "measured" in header] == ["measured yield [%]", "measured impurity [%]"]
    spec = RunSpec.model_validate_json(path.read_text("utf-8"))
    catalog = Catalog.of(Settings.from_environment())
    result = RunResult.model_validate_json((tmp_path / "out" / "result.json").read_text("utf-8"))
    outcomes = RunOutcomes.of(spec, catalog.model_data(spec))
    assert outcomes.keeps(np.array(result.results.X).reshape(len(result.results), -1)).all()
    told = dict(pd.read_excel(tmp_path / "out" / "results.xlsx", sheet_name="Provenance").to_numpy())
    assert told["model of yield"] == "of yield" and told["model of impurity"] == "of impurity"
    assert "model of impurity: R2" in told and "limit of impurity" in told
