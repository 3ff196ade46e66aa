import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.studies.what_if.outcomes import Band
from services.studies.what_if.settings import start_of_recorded
from services.texts.distance import AMONG_PERCENT
from ui.web.profiler import component
from ui.web.profiler.component import SettingChange, read_change
from ui.web.profiler.figures import figures


@pytest.fixture
def stage(stages):
    return stages()


def told(stage, setting, start=None):
    start = start or start_of_recorded(stage.explorer.dataset, 1)
    answer = stage.explorer.answer(setting)
    return answer, stage.answer(answer, start, float(stage.explorer.outcomes(np.array([start.setting])).mean[0]))


def numbers(text, kind="<f4"):
    return np.frombuffer(base64.b64decode(text), dtype=kind)


def test_an_answer_holds_the_profiles_one_after_the_other(stage):
    answer, message = told(stage, [60.0, 4.0, 0.0, 7.0])
    means = [answer.outcome.mean, *(profile.band.mean for profile in answer.profiles if profile)]
    bands = numbers(message["bands"]).reshape(3, -1)
    np.testing.assert_allclose(bands[0], np.concatenate(means), rtol=1e-6)
    np.testing.assert_array_equal(bands[0], bands[2])  # this model knows no interval
    assert not message["has_band"]
    assert bands.shape[1] == len(base64.b64decode(message["percent"]))
    np.testing.assert_allclose(numbers(message["curve"]).reshape(3, -1)[0], answer.curve.mean, rtol=1e-6)


def test_messages_are_small_json(stage):
    assert len(json.dumps(stage.scene)) < 20_000
    assert len(json.dumps(told(stage, [60.0, 4.0, 0.0, 7.0])[1])) < 8_000


def test_recorded_rows_come_back_from_their_levels(stage):
    recorded, dataset = stage.scene["recorded"], stage.explorer.dataset
    low, high = np.array(recorded["low"]), np.array(recorded["high"])
    rows = low + numbers(recorded["levels"], "<u2").reshape(-1, len(low)) / 65_534 * (high - low)
    np.testing.assert_allclose(rows, np.column_stack([dataset.X, dataset.y]), atol=1e-3)


def test_predictions_are_compared_with_start_and_reference(stage, a_result):
    x = list(stage.reference.setting)
    answer, message = told(stage, x, start=a_result([60.0, 4.0, 0.0, 7.0]))
    gap = answer.outcome.mean[0] - stage.explorer.outcomes(np.array([[60.0, 4, 0, 7]])).mean[0]
    notes = message["figures"][0]["notes"]
    assert notes == [
        "nobody knows how far to trust it",
        f"{gap:+,.0f} against Result 2",
        f"±0 against {stage.reference.name}",
    ]
    assert message["start"]["colour"].startswith("#")


@pytest.mark.parametrize(
    ("plausibility", "second", "disagrees", "value", "tone"),
    [
        (64.0, 20.0, False, "among the records", ""),
        (64.0, 2.0, True, "beyond them", "doubt"),
        (12.0, 90.0, False, "at their edge", "doubt"),
        (1.0, np.nan, False, "beyond them", "doubt"),
        (np.nan, np.nan, False, "–", ""),
    ],
)
def test_the_distance_from_records_is_said_in_words(stage, plausibility, second, disagrees, value, tone):
    answer, _ = told(stage, [60.0, 4.0, 0.0, 7.0])
    changed = answer._replace(plausibility=plausibility, second_check=second, disagrees=disagrees)
    figure = next(f for f in stage.answer(changed, stage.reference, 1.0)["figures"] if f["name"].startswith("Distance"))
    assert (figure["value"], figure["tone"]) == (value, tone)
    assert "plausib" not in json.dumps(figure).lower()


@pytest.mark.parametrize(
    ("goal", "words"),
    [("maximum", "at least 80, up to 120"), ("minimum", "at most 120, down to 80"), ("value", "between 80 and 120")],
)
def test_a_prediction_is_told_with_what_it_is_at_least(stage, goal, words):
    explorer = replace(stage.explorer, spec=stage.explorer.spec.revised(goal=goal, value=100.0))
    answer, _ = told(stage, [60.0, 4.0, 0.0, 7.0])
    band = Band(np.array([100.0]), np.array([80.0]), np.array([120.0]))
    figure = figures(explorer, answer._replace(outcome=band), [])[0]
    assert figure["notes"][0] in (words, words.replace("80", "80.0").replace("120", "120.0"))


def test_the_reference_as_start_is_named_once(stage):
    _, message = told(stage, [60.0, 4.0, 0.0, 7.0], start=stage.reference)
    assert len(message["figures"][0]["notes"]) == 2


def test_nothing_is_sent_for_numbers_that_are_none(stage):
    answer, _ = told(stage, [60.0, 4.0, 0.0, 7.0])
    broken = answer._replace(outcome=answer.outcome._replace(mean=np.array([np.nan])))
    message = stage.answer(broken, stage.reference, 1.0)
    assert np.isnan(numbers(message["bands"])[0])
    assert message["figures"][0]["value"] == "–"
    json.dumps(message, allow_nan=False)


def test_what_a_browser_says_is_read_or_left():
    said = {"values": [1, 2.5], "locked": [1, 0], "times": 3, "number": 9, "scene": "x"}
    assert read_change(said) == SettingChange(3, (1.0, 2.5), (0, 1))
    for broken in ({}, said | {"values": None}, said | {"values": ["a"]}, said | {"locked": 3}, said | {"times": None}):
        assert read_change(broken) is None


def test_the_browser_calls_doubtful_what_the_table_does():
    source = (Path(component.__file__).parent / "browser" / "plots.js").read_text(encoding="utf-8")
    assert f"const DOUBT = {AMONG_PERCENT:g};" in source


@pytest.fixture(scope="module")
def rows_stage(rows_stages):
    return rows_stages()


def test_every_outcome_has_a_row_with_its_unit_range_and_limit(rows_stage):
    scene = rows_stage.scene
    waste, share = scene["others"]
    assert (scene["outcome"]["name"], scene["limits"]) == ("yield", [])
    assert (waste["name"], waste["unit"], waste["limits"]) == ("waste", "kg", [{"bound": 12.0, "is_low": False}])
    assert (share["name"], share["limits"], share["is_measured"]) == ("share", [], True)
    assert waste["range"][0] < 12.0 < waste["range"][1]
    recorded = scene["recorded"]
    assert len(recorded["low"]) == 2 + 3  # features, then outcomes
    codes = numbers(recorded["levels"], "<u2").reshape(-1, 5)
    assert (codes[::3, 3] == 65_535).all() and (codes[1::3, 3] < 65_535).all()  # gaps stay gaps
    json.dumps(scene, allow_nan=False)


def test_an_answer_has_the_profiles_of_every_outcome(rows_stage):
    answer, message = told(rows_stage, [4.0, 5.0])
    for other, sent in zip(answer.others, message["others"], strict=True):
        means = [other.outcome.mean, *(profile.mean for profile in other.profiles)]
        np.testing.assert_allclose(numbers(sent["bands"]).reshape(3, -1)[0], np.concatenate(means), rtol=1e-6)
        assert not sent["has_band"]
    assert len(message["others"]) == 2


def test_a_broken_limit_is_doubtful_and_says_by_how_much(rows_stage):
    start = start_of_recorded(rows_stage.explorer.table, 1)
    for speed, note, tone in [(5.0, "at most 12: kept", ""), (6.75, "at most 12: over by 1.5", "doubt")]:
        message = told(rows_stage, [4.0, speed], start)[1]
        figure = next(each for each in message["figures"] if each["name"] == "Expected waste")
        assert figure["tone"] == tone
        assert note in figure["notes"]
    assert [each["name"] for each in message["figures"][:3]] == ["Expected yield", "Expected waste", "share"]
    assert "waste: expect 13.5" in message["words"]
    assert "Limit not kept: waste at most 12 kg." in message["words"]


def test_other_outcomes_are_compared_with_start_and_reference(rows_stage):
    start = start_of_recorded(rows_stage.explorer.table, 1)
    message = told(rows_stage, [4.0, 5.0], start)[1]
    row = rows_stage.reference.name.partition(",")[0]
    notes = message["figures"][1]["notes"][-2:]
    at_start, at_reference = (2 * each.setting[1] for each in (start, rows_stage.reference))
    assert notes[0].startswith(f"{10 - at_start:+.1f}".replace("-", "−")) and notes[0].endswith("against Row 1")
    assert notes[1].startswith(f"{10 - at_reference:+.1f}".replace("-", "−")) and notes[1].endswith(f"against {row}")


def test_with_one_outcome_nothing_of_others_is_sent(stage):
    assert not {"others", "limits"} & stage.scene.keys()
    assert "others" not in told(stage, [60.0, 4.0, 0.0, 7.0])[1]
