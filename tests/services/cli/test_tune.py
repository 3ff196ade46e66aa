import json

import pandas as pd
import pytest

from services.cli import main
from services.studies.tune import SweptSetting, TuneResult, TuneSpec, curve_frame, run_tune


@pytest.fixture
def small(bumps_spec):
    return bumps_spec.revised(budget={"evaluations": 600}, is_compared=False)


def _settings_in(said):
    return [float(row.split()[0]) for row in said.splitlines()[1:]]


def test_a_tuning_writes_the_curve_and_prints_it(small, catalog, written, tmp_path, untimed, capsys):
    out = tmp_path / "made" / "here"
    given = ["tune", written(small.model_dump_json()), "--dial", "distance", "--weights", "2", "0", "--out", str(out)]
    assert main(given) == 0
    assert sorted(path.name for path in out.iterdir()) == ["results.csv", "tune.csv", "tune.json"]
    tuned = TuneResult.model_validate_json((out / "tune.json").read_text("utf-8"))
    expected = run_tune(TuneSpec(run=small, dial=SweptSetting.DISTANCE, weights=(2.0, 0.0)), catalog.model_data(small))
    assert tuned.spec == expected.spec
    assert [untimed(p.result) for p in tuned.points] == [untimed(p.result) for p in expected.points]
    assert [p.figures for p in tuned.points] == [p.figures for p in expected.points]
    table = pd.read_csv(out / "tune.csv")
    pd.testing.assert_frame_equal(table, curve_frame(tuned), check_dtype=False)
    assert table["distance penalty"].tolist() == [0.0, 2.0]
    rows = pd.read_csv(out / "results.csv")
    assert rows["distance penalty"].value_counts().to_dict() == {
        point.weight: len(point.result.results) for point in tuned.points
    }
    lines = capsys.readouterr().out.splitlines()
    assert "distance penalty" in lines[0]
    assert len(lines) == 1 + 2


def test_without_weights_and_dial_the_usual_ones_are_tried(small, written, capsys):
    spec = small.revised(distance={"weight": 3.0}).model_dump_json()
    assert main(["tune", written(spec)]) == 0
    assert _settings_in(capsys.readouterr().out) == [0, 0.1, 0.25, 0.5, 1, 2, 3, 4]


def test_a_tuning_can_be_repeated_from_its_own_document(small, written, capsys):
    spec = TuneSpec(run=small, dial=SweptSetting.DISTANCE, weights=(1.0,))
    assert main(["tune", written(spec.model_dump_json())]) == 0
    assert _settings_in(capsys.readouterr().out) == [1]
    assert main(["tune", written(spec.model_dump_json()), "--weights", "0.5"]) == 0
    assert _settings_in(capsys.readouterr().out) == [0.5]
    assert main(["tune", written(spec.model_dump_json()), "--dial", "gate", "--weights", "30"]) == 0
    assert "plausibility at least [%]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--weights", "-1"], "Distance penalty: each setting must be between 0 and 100, got -1"),
        (["--weights", "1", "1"], "Each setting must be named once, got 1, 1"),
        (["--weights", "nan"], "finite number"),
        (
            ["--dial", "gate", "--weights", "100"],
            "each setting must be between 0 and 99 %, got 100",
        ),
        (["--dial", "density"], "The run has no density to turn"),
        (["--dial", "caution", "--weights", "1"], "no uncertainty"),
    ],
)
def test_a_tuning_that_cannot_be_done_ends_with_the_reason(small, written, capsys, arguments, words):
    spec = small.revised(distance={"weight": 1.0})
    assert main(["tune", written(spec.model_dump_json()), *arguments]) == 1
    said = capsys.readouterr()
    assert words in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("document", ["{", "[]", json.dumps({"run": {}, "dial": "density", "weights": [1]})])
def test_a_file_that_is_no_tuning_ends_with_the_reason(written, capsys, document):
    assert main(["tune", written(document)]) == 1
    assert "that can be used" in capsys.readouterr().err
