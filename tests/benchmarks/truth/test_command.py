import json

import numpy as np
import pytest

from benchmarks.truth import PLANTS, __main__ as command
from benchmarks.truth.asking import Answer, Table
from benchmarks.truth.plant import Half


def run(monkeypatch, *given: str, found=None) -> None:
    """Run the command with results that need no model: the best recorded rows, unless said otherwise."""

    def best_rows(case, table, level):
        best = np.argsort(-table.dataset.y)[:5]
        y = table.dataset.y[best]
        return Answer.of(case, table, table.dataset.X[best], y, y - 1, y + 1, seconds=2.0)

    monkeypatch.setattr("sys.argv", ["truth", "--no-concrete", *given])
    monkeypatch.setattr(command, "answer_of", found or best_rows)
    command.main()


def asked_of(monkeypatch, *given: str):
    monkeypatch.setattr("sys.argv", ["truth", *given])
    return command.parse_arguments()


def test_nothing_said_means_all_plants_600_rows_and_the_default(monkeypatch):
    asked = asked_of(monkeypatch)
    assert (asked.plants, asked.rows, asked.noise) == (list(PLANTS), [600], [0.05])
    assert (asked.seeds, asked.families, asked.half) == (3, ["default"], "all")


@pytest.mark.parametrize("half", Half)
def test_a_half_has_its_own_plants(monkeypatch, half):
    plants = asked_of(monkeypatch, "--half", half).plants
    assert {PLANTS[name].half for name in plants} == {half}


def test_an_unknown_family_is_refused(monkeypatch, capsys):
    with pytest.raises(SystemExit):
        asked_of(monkeypatch, "--families", "astrology")
    assert "gaussian_process" in capsys.readouterr().err


def test_every_table_has_a_line_and_the_last_one_all_figures(monkeypatch, capsys, tmp_path):
    file = tmp_path / "truth.json"
    given = ("--plants", "ishigami", "--rows", "40", "60", "--seeds", "1", "--families", "default", "boosting")
    run(monkeypatch, *given, "--half", "reporting", "--json", str(file))
    lines = capsys.readouterr().out.splitlines()
    progress = [json.loads(line) for line in lines if line.startswith('{"done"')]
    assert [(line["done"], line["asked"]) for line in progress] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [(line["rows"], line["family"]) for line in progress[:2]] == [(40, "default"), (40, "boosting")]
    report = json.loads(lines[-1])
    assert report == json.loads(file.read_text())
    assert (report["half"], report["asked"]) == ("reporting", 4)
    assert report["by_rows"]["60"]["0.05"]["gain"] == {"ishigami": 0.0}


def test_an_interrupted_run_keeps_what_it_has(monkeypatch, capsys):
    tables: list[Table] = []

    def interrupted(case, table, level):
        tables.append(table)
        if len(tables) == 2:
            raise KeyboardInterrupt
        x, y = table.dataset.X[:1], table.dataset.y[:1]
        return Answer.of(case, table, x, y, y - 1, y + 1, seconds=2.0)

    run(monkeypatch, "--plants", "ishigami", "--rows", "40", "--seeds", "3", found=interrupted)
    out, err = capsys.readouterr()
    report = json.loads(out.splitlines()[-1])
    assert report["by_rows"]["40"]["0.05"]["tables"] == 1 and (report["done"], report["asked"]) == (1, 3)
    assert "Interrupted" in err
