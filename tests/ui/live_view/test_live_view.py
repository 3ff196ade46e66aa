import base64
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from ui.live_view import (
    Progress,
    Scene,
    SceneDensity,
    SceneFeature,
    SceneLine,
    Sent,
    encode,
    event_width,
    progress_after,
    recorded_width,
)
from ui.live_view.component import SCRIPTS, bundle_scripts

FOLDER = Path(__file__).parents[3] / "ui" / "live_view"


def a_scene(d=3, n=20, **changes):
    rng = np.random.default_rng(0)
    features = tuple(SceneFeature(f"part {j}", "kg/m³", 0.0, 10.0) for j in range(d))
    given = {
        "run_id": "r1",
        "features": features,
        "recorded": rng.normal(size=(n, recorded_width(d))).astype(np.float32),
        "outcome_name": "Strength",
        "outcome_unit": "MPa",
    }
    return Scene(**(given | changes))


def a_trace(counts, d=3):
    """Events, `counts[g]` of them in generation g + 1, and the generations."""
    rng = np.random.default_rng(1)
    events = rng.normal(size=(sum(counts), event_width(d))).astype(np.float32)
    events[:, 0] = np.repeat(np.arange(1, len(counts) + 1), counts)
    generations = np.column_stack([np.arange(1, len(counts) + 1), 10 * np.arange(1, len(counts) + 1)])
    return events, generations.astype(np.float32)


def floats(text):
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


def test_message_is_plain_json_and_holds_the_very_events():
    events, generations = a_trace([4, 2])
    events[0, 5] = np.nan
    progress = Progress("running", events, 7, generations, 3)
    message = json.loads(json.dumps(encode(a_scene(), progress, height=460), allow_nan=False))
    np.testing.assert_array_equal(floats(message["progress"]["events"]).reshape(events.shape), events)
    np.testing.assert_array_equal(floats(message["progress"]["generations"]).reshape(-1, 2), generations)
    assert (message["progress"]["first_event"], message["progress"]["first_generation"]) == (7, 3)
    assert message["progress"]["representatives"] is None
    assert message["scene"]["outcome"] == {"name": "Strength", "unit": "MPa"}


def test_recorded_rows_come_back_within_a_part_in_65000_and_gaps_as_gaps():
    recorded = np.random.default_rng(2).normal(size=(50, 6)) * [1, 10, 100, 0, 1, 1]
    recorded[3, 1] = np.nan
    recorded[:, 5] = np.nan
    sent = encode(a_scene(recorded=recorded), Progress("queued"), height=460)["scene"]["recorded"]
    levels = np.frombuffer(base64.b64decode(sent["levels"]), dtype="<u2").reshape(recorded.shape).astype(float)
    low, high = np.array(sent["low"]), np.array(sent["high"])
    back = np.where(levels == 65_535, np.nan, low + levels / 65_534 * (high - low))
    np.testing.assert_array_equal(np.isnan(back), np.isnan(recorded))
    assert np.nanmax(np.abs(back - recorded) / np.where(high > low, high - low, 1)) < 1e-5


def test_line_density_and_representatives_travel():
    x = np.linspace(0, 1, 5)
    scene = a_scene(
        d=1,
        line=SceneLine(0, x, x**2),
        density=SceneDensity("kg/m³", 2350.0, 60.0),
        recorded=np.zeros((0, 4)),
        explained=(0.4, 0.2),
    )
    representatives = np.arange(8, dtype=np.float32).reshape(2, 4)
    message = encode(scene, Progress("done", representatives=representatives), height=300)
    np.testing.assert_allclose(floats(message["scene"]["line"]["y"]), x**2, rtol=1e-6)
    assert message["scene"]["density"] == {"unit": "kg/m³", "target": 2350.0, "tolerance": 60.0}
    np.testing.assert_array_equal(floats(message["progress"]["representatives"]), representatives.ravel())
    assert message["progress"]["is_final"]
    json.dumps(message, allow_nan=False)


@given(counts=st.lists(st.integers(0, 40), min_size=1, max_size=30), max_bytes=st.integers(1, 4000))
def test_pieces_of_a_running_trace_join_to_the_whole_and_end_with_whole_generations(counts, max_bytes):
    events, generations = a_trace(counts)
    sent, pieces = Sent(), []
    for _ in range(len(counts) + 2):
        piece, sent = progress_after(sent, state="running", events=events, generations=generations, max_bytes=max_bytes)
        assert piece.first_event == sum(len(former.events) for former in pieces)
        assert piece.first_generation == sum(len(former.generations) for former in pieces)
        pieces.append(piece)
        if sent.events < len(events):
            assert events[sent.events, 0] > piece.events[-1, 0]
            assert sent.generations == np.searchsorted(generations[:, 0], events[sent.events, 0])
    np.testing.assert_array_equal(np.concatenate([piece.events for piece in pieces]), events)
    np.testing.assert_array_equal(np.concatenate([piece.generations for piece in pieces]), generations)
    assert sent == Sent(len(events), len(generations))


def test_a_final_piece_holds_all_the_rest():
    events, generations = a_trace([50] * 40)
    piece, sent = progress_after(Sent(100, 2), state="done", events=events, generations=generations, max_bytes=10)
    assert len(piece.events) == 1900
    assert len(piece.generations) == 38
    assert sent == Sent(2000, 40)


def test_a_tick_of_a_usual_run_stays_small():
    """600 recorded rows, 8 features, 20 generations of 45 events: less than 50 kB."""
    events, generations = a_trace([45] * 20, d=8)
    scene = a_scene(d=8, n=600)
    piece, _ = progress_after(Sent(), state="running", events=events, generations=generations)
    assert len(json.dumps(encode(scene, piece, height=460))) < 50_000


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: a_scene(recorded=np.zeros((4, 5))), "6 columns"),
        (lambda: a_scene(n=601), "At most 600"),
        (lambda: a_scene(line=SceneLine(3, np.arange(2.0), np.arange(2.0))), "3 features"),
        (lambda: SceneLine(0, np.arange(3.0), np.arange(2.0)), "one length"),
        (lambda: SceneFeature("water", low=0.0, high=np.inf), "finite bounds"),
        (lambda: Progress("started"), "'started'"),
        (lambda: encode(a_scene(), Progress("running", events=np.zeros((2, 4))), height=1), "11 columns"),
    ],
)
def test_what_does_not_fit_is_refused_with_both_numbers(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_scripts_become_one_module_with_one_export():
    text = bundle_scripts([(FOLDER / name).read_text(encoding="utf-8") for name in SCRIPTS])
    assert text.count("export ") == 1
    assert "export default function" in text
    assert "\nimport " not in text
    assert {path.name for path in FOLDER.glob("*.js")} == set(SCRIPTS)


def test_component_draws_in_a_script_and_misses_nothing():
    def script():
        import numpy as np
        import streamlit as st

        from ui.live_view import Progress, Scene, SceneFeature, live_view

        scene = Scene("r", (SceneFeature("x"), SceneFeature("z")), np.zeros((3, 5)), "y")
        gaps = []
        live_view(scene, Progress("queued"), key="view", on_gap=gaps.append)
        st.write(f"{len(gaps)} gaps")

    page = AppTest.from_function(script, default_timeout=30).run()
    assert not page.exception
    assert page.markdown[0].value == "0 gaps"
