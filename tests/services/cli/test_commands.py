import json

import numpy as np
import pandas as pd
import pytest

from models import ModelStore, PhysicalLimits
from services.catalog.loading import Catalog
from services.catalog.settings import ROOT, Settings
from services.cli import main
from services.jobs.workers.traces import TracePiece
from services.papers.lab_sheet.table import lab_frame
from services.problems.stories import story, story_spec
from services.results.baselines import baseline_sentence
from services.results.search import run_spec
from services.specs.results import RunResult
from services.studies.proof import ProofResult
from services.texts.results import figures_frame, figures_sentence
from services.texts.tables import comparison_frame, verdict_words


def test_a_run_writes_what_the_page_would_show(bumps_spec, catalog, written, tmp_path, untimed, capsys):
    out = tmp_path / "made" / "here"
    assert main(["run", written(bumps_spec.model_dump_json()), "--out", str(out)]) == 0
    tables = ["figures.csv", "lab.csv", "labsheet.html", "result.json", "results.csv", "results.xlsx", "trace.npz"]
    assert sorted(path.name for path in out.iterdir()) == tables
    report = run_spec(bumps_spec, catalog.model_data(bumps_spec))
    result = RunResult.model_validate_json((out / "result.json").read_text("utf-8"))
    assert untimed(result) == untimed(report.result)
    trace = TracePiece.from_bytes((out / "trace.npz").read_bytes())
    np.testing.assert_array_equal(trace.events.bests.X, report.events.bests.X)
    np.testing.assert_array_equal(trace.generations, report.generations)
    table = pd.read_csv(out / "results.csv")
    pd.testing.assert_frame_equal(table, comparison_frame(report.result), check_dtype=False)
    pd.testing.assert_frame_equal(pd.read_csv(out / "figures.csv"), figures_frame(report.result))
    pd.testing.assert_frame_equal(pd.read_csv(out / "lab.csv"), lab_frame(report.result, range(5)))
    assert (out / "labsheet.html").read_text("utf-8").count('class="sheet"') == 5
    assert "Convergence" in pd.read_excel(out / "results.xlsx", sheet_name=None)
    said = capsys.readouterr().out
    assert said.startswith("5 results from ")
    assert said.endswith(f"{figures_sentence(report.result)}\n")


def test_the_example_of_a_story_runs(tmp_path):
    assert main(["run", str(ROOT / "examples" / "bumps.json"), "--out", str(tmp_path / "out")]) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"n_results": 0},
            "spec.json is not a specification that can be used: n_results: Input should be greater than or equal to 1",
        ),
        ({"wind": 1}, "wind: Extra inputs are not permitted"),
        ({"goal": "value"}, "Searching for a value needs that value as a number, got None"),
        ({"dataset": {"name": "x", "digest": "0" * 64}}, "is neither saved here nor shipped"),
        ({"model": {"name": "nobody"}}, "There is no saved model 'nobody'"),
        ({"model": {"kind": "function", "name": "waves"}}, "There is no function 'waves'"),
        ({"model": {"name": "../../etc/passwd"}}, "A model's name has"),
    ],
)
def test_a_specification_that_cannot_be_run_ends_with_the_reason(bumps_spec, written, tmp_path, capsys, changes, words):
    document = bumps_spec.model_dump(mode="json") | changes
    assert main(["run", written(json.dumps(document)), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert words in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "words"), [("", "document: Invalid JSON"), ("{", "document: Invalid JSON"), ("[]", "document: ")]
)
def test_a_file_that_is_no_specification_ends_with_the_reason(written, tmp_path, capsys, text, words):
    assert main(["run", written(text), "--out", str(tmp_path / "out")]) == 1
    assert words in capsys.readouterr().err


def test_a_file_that_is_not_there_ends_with_the_reason(tmp_path, capsys):
    assert main(["run", str(tmp_path / "none.json"), "--out", str(tmp_path)]) == 1
    assert "none.json" in capsys.readouterr().err


def test_an_environment_that_cannot_be_used_ends_with_the_reason(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("MIXWRIGHT_PARALLEL", "many")
    assert main(["run", str(ROOT / "examples" / "bumps.json"), "--out", str(tmp_path / "out")]) == 1
    assert "MIXWRIGHT_PARALLEL must be a whole number" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing", "--name", "m"], "There is no table 'nothing'"),
        (["concrete", "--name", "m", "--epochs", "0"], "number of epochs"),
        (["concrete", "--name", "m", "--widths", "0"], "number of neurons"),
        (["concrete", "--name", "m", "--members", "99"], "number of members"),
    ],
)
def test_a_training_that_cannot_be_done_ends_with_the_reason(capsys, arguments, words):
    assert main(["train", *arguments]) == 1
    assert words in capsys.readouterr().err


def test_a_command_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit) as refused:
        main(["dance"])
    assert refused.value.code == 2


@pytest.mark.tensorflow
def test_a_training_saves_a_model_and_is_repeatable(tmp_path, monkeypatch, capsys, catalog):
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(tmp_path / "models"))
    order = ["train", "production_yield", "--widths", "6", "4", "--epochs", "3", "--seed", "11", "--members", "2"]
    order.append("--name")
    assert main([*order, "first"]) == 0
    assert main([*order, "second"]) == 0
    assert capsys.readouterr().out.startswith("first: Neural network, R2 ")
    store = ModelStore(tmp_path / "models")
    assert store.names() == ["first", "second"]
    first, second = store.load("first"), store.load("second")
    assert first.card.settings.widths == (6, 4)
    assert first.card.settings.seed == 11
    assert first.card.settings.n_members == first.predictor.networks.n_members == 2
    assert first.card.dataset.digest == catalog.datasets.load("production_yield").digest
    rows = catalog.datasets.load("production_yield").X[:50]
    np.testing.assert_array_equal(first.predictor.predict(rows), second.predictor.predict(rows))
    assert first.card.history == second.card.history


def test_a_training_makes_a_model_of_the_family_asked_for(tmp_path, monkeypatch, capsys, catalog):
    family = "gaussian_process"
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(tmp_path / "models"))
    assert main(["train", "bumps", "--family", family, "--seed", "2", "--name", "mine"]) == 0
    saved = ModelStore(tmp_path / "models").load("mine")
    assert capsys.readouterr().out.startswith(f"mine: {saved.card.family.words.label}, R2 ")
    assert (saved.card.family, saved.card.settings.seed) == (family, 2)
    assert np.isfinite(saved.predictor.predict(catalog.datasets.load("bumps").X)).all()


def test_a_training_without_a_family_compares_them_and_says_how_they_did(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(tmp_path / "models"))
    assert main(["train", "bumps", "--name", "mine"]) == 0
    card = ModelStore(tmp_path / "models").load("mine").card
    assert card.family in {score.family for score in card.leaderboard.scores if score.r2 is not None}
    head, compared, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith(f"mine: {card.family.words.label}, R2 ")
    assert compared.startswith("Families compared on 51 rows in 5 parts")
    assert [line.split("  ")[1] for line in lines[:5]] == [s.family.words.label for s in card.leaderboard.scores]
    assert any("Taken: " in line for line in lines)


def test_a_training_takes_limits_of_the_outcome_and_a_run_can_name_that_table(tmp_path, monkeypatch, capsys, catalog):
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(tmp_path / "models"))
    given = ["train", "bumps", "--family", "random_forest", "--name", "mine"]
    assert main([*given, "--lowest-possible", "-5", "--highest-possible", "20"]) == 0
    card = ModelStore(tmp_path / "models").load("mine").card
    assert card.outcome.limits == PhysicalLimits(-5, 20)
    bumps = catalog.datasets.load("bumps")
    limited = Catalog.of(Settings.from_environment()).datasets.find(card.dataset.digest)
    assert (limited.limits, limited.n_rows) == (card.outcome.limits, bumps.n_rows)
    assert main([*given, "--overwrite"]) == 0
    assert ModelStore(tmp_path / "models").load("mine").card.dataset.digest == bumps.digest
    assert "a model knows little" not in capsys.readouterr().out  # 60 rows


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--lowest-possible", "9"], "'Lowest possible' of y is set to 9, but"),
        (
            ["--highest-possible", "nan"],
            "'Highest possible' has to be a finite number",
        ),
        (["--lowest-possible", "3", "--highest-possible", "1"], "has to be below 'Highest possible'; got 3 and 1"),
    ],
)
def test_limits_that_cannot_be_end_with_the_reason(tmp_path, monkeypatch, capsys, given, words):
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(tmp_path / "models"))
    assert main(["train", "bumps", "--name", "mine", *given]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "models").exists()


def test_limits_that_are_no_numbers_are_refused(capsys):
    with pytest.raises(SystemExit):
        main(["train", "bumps", "--name", "mine", "--lowest-possible", "none"])
    assert "--lowest-possible: invalid float value: 'none'" in capsys.readouterr().err


def test_a_proof_says_how_much_better_any_candidate_could_be(catalog, written, tmp_path, capsys):
    run = story_spec(story("production"), catalog).revised(plausibility=None, risk_aversion=0.0)
    spec = run.revised(budget={"evaluations": 2_000}).model_dump_json()
    assert main(["run", written(spec), "--out", str(tmp_path / "run")]) == 0
    out = tmp_path / "proofs" / "proof.json"
    given = ["prove", written(spec), "--result", str(tmp_path / "run" / "result.json"), "--out", str(out)]
    assert main(given) == 0
    result = ProofResult.model_validate_json(out.read_text("utf-8"))
    assert result.is_proven
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"{result.sentence} (proven; ")


def test_what_cannot_be_proven_is_an_error_of_the_command_line(bumps_spec, written, capsys):
    assert main(["prove", written(bumps_spec.model_dump_json())]) == 1
    assert "A proof needs a trained network" in capsys.readouterr().err


def test_a_run_says_what_its_results_have_to_beat_and_what_holds_them_back(catalog, written, tmp_path, capsys):
    spec = story_spec(story("production"), catalog).revised(
        goal="maximum", value=None, plausibility=None, risk_aversion=0.0
    )
    spec = spec.revised(budget={"evaluations": 5_000}, is_compared=False)
    assert main(["run", written(spec.model_dump_json()), "--out", str(tmp_path)]) == 0
    result = RunResult.model_validate_json((tmp_path / "result.json").read_text("utf-8"))
    said = capsys.readouterr().out.splitlines()
    assert said[1] == verdict_words(result)
    assert said[2] == baseline_sentence(result)
    assert result.notes and said[3 : 3 + len(result.notes)] == list(result.notes)
    table = pd.read_csv(tmp_path / "results.csv").iloc[: len(result.results)]
    assert list(table["nearest recorded row"]) == [one.row for one in result.results.nearest]
    assert tuple(table["plausibility [%]"]) == result.results.plausibility
    assert list(table["predicted robust low [%]"]) == list(result.results.robust_low)
