import base64
import json

import numpy as np
import pytest
from hypothesis import given, strategies as st
from streamlit.testing.v1 import AppTest

from services.jobs.store.job import JobState
from ui.charts.style import result_style
from ui.web.live_view.component import (
    Limits,
    RunStatus,
    Scene,
    SceneDensity,
    SceneFeature,
    SceneLine,
    Sent,
    encode,
    next_block,
    recorded_width,
)
from ui.web.live_view.row_block import RowBlock, row_width


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


def a_trace(counts, d=3, shapes=False):
    """A block with `counts[g]` events in generation g + 1."""
    rng = np.random.default_rng(1)
    n, numbers = sum(counts), np.arange(1, len(counts) + 1)
    rows = rng.normal(size=(n, row_width(d))).astype(np.float32)
    rows[:, 0] = np.repeat(numbers, counts)
    rows[:, 1] = np.arange(n)
    rows[:, 2] = 0
    if not shapes:
        rows[:, -9:] = [*[np.nan] * 8, -1]
    born = np.cumsum(counts)
    generations = np.column_stack([numbers, 10 * numbers, born, 0 * born, 0 * born, 0 * born]).astype(np.float32)
    return RowBlock(rows, generations)


def message_of(scene, block, state="running", height=460, **status):
    return encode(scene, block, RunStatus(JobState(state), **status), height=height)


def floats(text):
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


@pytest.mark.parametrize("shapes", [False, True])
def test_message_is_plain_json_and_holds_the_very_rows(shapes):
    block = a_trace([4, 2], shapes=shapes)
    block.rows[0, 5] = np.nan
    message = json.loads(json.dumps(message_of(a_scene(), block), allow_nan=False))
    sent, width = message["progress"], row_width(3) - (0 if shapes else 9)
    assert sent["width"] == width
    np.testing.assert_array_equal(floats(sent["rows"]).reshape(-1, width), block.rows[:, :width])
    np.testing.assert_array_equal(floats(sent["generations"]).reshape(-1, 6), block.generations)
    assert (sent["after"], sent["last"]) == (0, 2)
    assert sent["representatives"] is None and sent["result_colours"] is None
    assert message["scene"]["outcome"] == {"name": "Strength", "unit": "MPa"}


def test_recorded_rows_travel_with_the_start_of_a_run_only():
    block = a_trace([4, 2, 3])
    assert message_of(a_scene(), block)["scene"]["recorded"] is not None
    assert message_of(a_scene(), block.after(2))["scene"]["recorded"] is None


def test_recorded_rows_come_back_within_a_part_in_65000_and_gaps_as_gaps():
    recorded = np.random.default_rng(2).normal(size=(50, 6)) * [1, 10, 100, 0, 1, 1]
    recorded[3, 1] = np.nan
    recorded[:, 5] = np.nan
    sent = message_of(a_scene(recorded=recorded), RowBlock.empty(3), "queued")["scene"]["recorded"]
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
    message = message_of(scene, RowBlock.empty(1), "done", 300, representatives=representatives)
    np.testing.assert_allclose(floats(message["scene"]["line"]["y"]), x**2, rtol=1e-6)
    assert message["scene"]["line"]["unit"] == 1.0
    assert message["scene"]["density"] == {"unit": "kg/m³", "target": 2350.0, "tolerance": 60.0, "usual": 1.1}
    np.testing.assert_array_equal(floats(message["progress"]["representatives"]), representatives.ravel())
    assert message["progress"]["result_colours"] == [result_style(number).colour for number in range(1, 9)]
    assert message["progress"]["is_final"]
    json.dumps(message, allow_nan=False)


def upto(block, number):
    return RowBlock(block.rows[block.rows[:, 0] <= number], block.generations[:number])


@given(counts=st.lists(st.integers(0, 40), min_size=1, max_size=30), looks=st.lists(st.integers(1, 30), max_size=6))
def test_pieces_of_a_running_trace_join_to_the_whole(counts, looks):
    block, sent, known = a_trace(counts), Sent(), RowBlock.empty(3)
    for number in sorted({*looks, 30}):
        seen = upto(block, number)
        piece, sent = next_block(sent, seen, is_final=False)
        assert piece.follows == known.last
        known = known.joined(piece)
        assert sent == Sent(seen.last)
    np.testing.assert_array_equal(known.rows, block.rows)
    np.testing.assert_array_equal(known.generations, block.generations)


def test_a_browser_never_falls_behind_a_fast_run_and_gets_all_of_it_in_the_end():
    block = a_trace([40] * 300)
    _, sent = next_block(Sent(), upto(block, 10), is_final=False)
    assert sent == Sent(10)
    news, sent = next_block(sent, block, is_final=False, news=Limits(50, 4_000))
    assert news.follows == 10 and news.last == 300
    assert len(news.generations) <= 50 and 4 * news.sent_rows.size * 4 / 3 <= 4_000
    assert sent == Sent(300, is_thinned=True)
    final, sent = next_block(sent, block, is_final=True)
    assert final.follows == 0 and sent == Sent(300)
    np.testing.assert_array_equal(final.rows, block.rows)
    again, sent = next_block(sent, block, is_final=True)
    assert again.follows == 300 and not len(again.rows)


def test_a_final_piece_holds_all_the_rest():
    piece, sent = next_block(Sent(2), a_trace([50] * 40), is_final=True, news=Limits(1, 1))
    assert len(piece.rows) == 1900
    assert len(piece.generations) == 38
    assert sent == Sent(40)


def test_a_browser_that_knows_more_than_there_is_gets_the_run_anew():
    piece, sent = next_block(Sent(7), a_trace([3, 3]), is_final=False)
    assert (piece.follows, sent) == (0, Sent(2))


@pytest.mark.parametrize("shapes", [False, True])
def test_a_tick_of_a_run_stays_small(shapes):
    """600 recorded rows, 8 features: less than 50 kB, however much happened since the last one."""
    scene = a_scene(d=8, n=600)
    for count in (20, 2_000):
        piece, _ = next_block(Sent(1), a_trace([45] * count, d=8, shapes=shapes), is_final=False)
        assert piece.last == count
        assert len(json.dumps(message_of(scene, piece))) < 50_000


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: a_scene(recorded=np.zeros((4, 5))), "6 columns"),
        (lambda: a_scene(n=601), "At most 600"),
        (lambda: a_scene(line=SceneLine(3, np.arange(2.0), np.arange(2.0))), "3 features"),
        (lambda: SceneLine(0, np.arange(3.0), np.arange(2.0)), "one length"),
        (lambda: SceneFeature("water", low=0.0, high=np.inf), "finite bounds"),
        (lambda: message_of(a_scene(), RowBlock(np.zeros((2, 4)), np.zeros((1, 6)))), "20 col"),
        (lambda: message_of(a_scene(), RowBlock.empty(3), representatives=np.zeros((2, 4))), "6 col"),
    ],
)
def test_what_does_not_fit_is_refused_with_both_numbers(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_component_draws_in_a_script_and_misses_nothing():
    def script():
        import numpy as np
        import streamlit as st

        from services.jobs.store.job import JobState
        from ui.web.live_view.component import RunStatus, Scene, SceneFeature, live_view
        from ui.web.live_view.row_block import RowBlock

        scene = Scene("r", (SceneFeature("x"), SceneFeature("z")), np.zeros((3, 5)), "y")
        gaps = []
        heard = {"on_gap": gaps.append, "on_request": gaps.append}
        live_view(scene, RowBlock.empty(2), RunStatus(JobState.QUEUED), key="view", height=460, **heard)
        st.write(f"{len(gaps)} gaps")

    page = AppTest.from_function(script, default_timeout=30).run()
    assert not page.exception
    assert page.markdown[0].value == "0 gaps"
