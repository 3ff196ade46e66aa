"""Tables by name, from files and saved ones, on every command that takes a table."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from models import ModelStore
from services.catalog.loading import Catalog
from services.catalog.settings import ROOT, Settings
from services.cli import main
from services.cli.tables import find_table
from services.intake.from_file import FileOptions
from services.specs.errors import UserError
from services.specs.results import RunResult
from services.specs.run import RunSpec


@pytest.fixture
def own(monkeypatch, tmp_path):
    """The installation of the command line, with a folder of models of its own."""
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(tmp_path / "models"))
    return Catalog.of(Settings.from_environment())


@pytest.fixture
def frame():
    rng = np.random.default_rng(5)
    heat, time = rng.uniform(20, 90, 60).round(1), rng.uniform(1, 9, 60).round(2)
    made = 80 - ((heat - 60) / 12) ** 2 - ((time - 5) / 2) ** 2
    return pd.DataFrame(
        {
            "temperature [°C]": heat,
            "time [h]": time,
            "yield [%]": (made + rng.normal(0, 0.5, 60)).round(2),
            "impurity [%]": (5 + heat / 10 + rng.normal(0, 0.2, 60)).round(2),
        }
    )


@pytest.fixture
def path(frame, tmp_path):
    """A German CSV file."""
    path = tmp_path / "my batches.csv"
    frame.to_csv(path, index=False, sep=";", decimal=",")
    return path


def test_shipped_tables_go_by_name_and_saved_ones_by_name_and_digest(own, path):
    assert find_table("bumps", own).dataset.digest == own.datasets.load("bumps").digest
    table = find_table(str(path), own)
    table.keep(own)
    for name in ("my batches", table.dataset.digest, table.dataset.digest[:10]):
        assert find_table(name, own).dataset.digest == table.dataset.digest
    marks = own.datasets.marks(table.dataset.digest)
    assert (marks.delimiter, marks.decimal) == (";", ",")


def test_two_saved_tables_of_one_name_are_told_apart_by_their_digests(own, path):
    digests = set()
    for options in (FileOptions(), FileOptions(drop=("impurity",))):
        table = find_table(str(path), own, options)
        table.keep(own)
        digests.add(table.dataset.digest)
    with pytest.raises(UserError, match="There are 2 saved tables 'my batches': name one by its digest") as told:
        find_table("my batches", own)
    assert all(digest[:12] in str(told.value) for digest in digests)


@pytest.mark.parametrize("name", ["nothing", "no/such/file.csv", "x" * 300, "a\0b", "0123456789abcdef"])
def test_a_table_that_is_none_is_told_with_those_that_are(own, name):
    with pytest.raises(UserError, match="There is no table") as told:
        find_table(name, own)
    assert "concrete" in str(told.value)


def test_a_folder_is_no_table(own, tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        find_table(str(tmp_path), own)


@pytest.mark.parametrize("options", [["--features", "x"], ["--gaps", "fill"], ["--sheet", "a"], ["--no-sweep"]])
def test_what_is_said_of_a_file_is_not_said_of_another_table(capsys, options):
    assert main(["read", "bumps", *options]) == 1
    assert f"error: {options[0]} says what is in a file, and 'bumps' is a table that ships" in capsys.readouterr().err


def test_a_sweep_and_none_contradict_each_other(capsys, path):
    assert main(["read", str(path), "--sweep", "time", "--no-sweep"]) == 1
    assert "--no-sweep" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named(tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_bytes(b"%PDF-1.7")
    for command in (["read", str(path)], ["train", str(path), "--name", "m"], ["spec", str(path), "--goal", "y max"]):
        assert main(command) == 1
        assert f"{path}: The file is a PDF document" in capsys.readouterr().err


def test_reading_says_roles_units_relations_and_notices(path, capsys):
    assert main(["read", str(path), "--outcome", "yield"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("my batches: 60 rows, 4 columns, read as CSV, ")
    assert "Outcome: yield [%], 0 to 100 %" in said or "Outcome: yield [%], " in said
    assert "Features: temperature [°C] and time [h]" in said
    assert "Left out: impurity: " in said
    assert "Note: " in said  # of the decimal comma


def test_reading_for_machines_is_one_document(path, capsys):
    assert main(["read", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["file"]["kind"] == "csv" and told["n_rows"] == 60
    assert {each["name"] for each in told["outcomes"]} == {"yield", "impurity"}
    assert [each["name"] for each in told["features"]] == ["temperature", "time"]
    assert told["features"][0]["unit"] == "°C"
    assert main(["read", "concrete", "--json"]) == 0
    shipped = json.loads(capsys.readouterr().out)
    assert shipped["sweep"] == "age" and len(shipped["parts"]) == 7 and "file" not in shipped


def test_reading_saves_nothing(path, own):
    assert main(["read", str(path)]) == 0
    assert own.datasets.recent() == []


def test_a_file_is_trained_judged_asked_for_and_searched(own, path, tmp_path, monkeypatch, capsys):
    for outcome in ("yield", "impurity"):
        given = ["train", str(path), "--outcome", outcome, "--family", "quadratic", "--name", f"of {outcome}"]
        assert main(given) == 0
    cards = [ModelStore(tmp_path / "models").load(f"of {name}").card for name in ("yield", "impurity")]
    assert [column.name for column in cards[0].columns] == [column.name for column in cards[1].columns]
    assert main(["quality", str(path), "--model", "of yield", "--folds", "3"]) == 0
    spec, out = tmp_path / "spec.json", tmp_path / "out"
    words = ["--goal", "yield max", "--limit", "impurity <= 12", "--evaluations", "600", "--results", "2"]
    assert main(["spec", str(path), *words, "--out", str(spec)]) == 0
    monkeypatch.chdir(tmp_path.parent)
    assert main(["run", str(spec), "--out", str(out)]) == 0
    result = RunResult.model_validate_json((out / "result.json").read_text("utf-8"))
    assert result.n_recorded == 60 and len(result.results) >= 1
    assert ";" in (out / "lab.csv").read_text("utf-8").splitlines()[0]  # as the file was written
    capsys.readouterr()


def test_a_run_is_done_over_another_table_of_the_same_columns(own, frame, path, tmp_path, capsys):
    assert main(["train", str(path), "--outcome", "yield", "--family", "quadratic", "--name", "m"]) == 0
    spec = tmp_path / "spec.json"
    words = ["--goal", "yield max", "--evaluations", "500", "--results", "2"]
    assert main(["spec", str(path), *words, "--out", str(spec)]) == 0
    newer = tmp_path / "newer.xlsx"
    frame.iloc[:50].to_excel(newer, index=False)
    capsys.readouterr()
    assert main(["run", str(spec), "--table", str(newer), "--json"]) == 0
    result = RunResult.model_validate_json(capsys.readouterr().out)
    assert result.n_recorded == 50 and result.dataset_name == "newer"
    assert result.spec.dataset.digest != RunSpec.model_validate_json(spec.read_text("utf-8")).dataset.digest
    frame.drop(columns="time [h]").to_csv(tmp_path / "short.csv", index=False)
    assert main(["run", str(spec), "--table", str(tmp_path / "short.csv"), "--json"]) == 1
    assert "short.csv: The file has no column 'time'" in capsys.readouterr().err


def test_a_sheet_without_a_table_is_refused(bumps_spec, written, capsys):
    assert main(["run", written(bumps_spec.model_dump_json()), "--sheet", "a", "--json"]) == 1
    assert "--sheet names a sheet of the file that --table names" in capsys.readouterr().err


def test_tables_are_found_from_any_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIXWRIGHT_SAVED_MODELS")
    assert main(["read", "concrete"]) == 0
    assert main(["run", str(ROOT / "examples" / "bumps.json"), "--out", "here"]) == 0
    assert (tmp_path / "here" / "result.json").is_file()
    capsys.readouterr()


def test_the_command_line_runs_from_any_folder_without_being_installed(tmp_path):
    command = [sys.executable, str(ROOT / "services" / "cli"), "read", "bumps", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n_rows"] == 60
    assert list(tmp_path.iterdir()) == []
