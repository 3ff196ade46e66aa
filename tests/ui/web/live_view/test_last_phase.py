"""The last phase of a search in the live view, the axes of the map, and the view before any run."""

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from optimizer import Candidates, Climb, Generation, LineageState
from services.jobs.store.job import JobState
from ui.web.live_view.component import RunStatus, ScoreScale, encode
from ui.web.live_view.row_block import RowBlock

pytestmark = pytest.mark.browser

BORN, STALLED = LineageState.BORN, LineageState.STALLED


def bests(X, scores):
    scores = np.array(scores, dtype=float)
    return Candidates(np.array(X, dtype=float), scores, -scores, np.zeros(len(scores)))


def a_run(n=20):
    """A lineage at rest for ``n`` generations, then a climb: three starts arrive at one top, one finds nothing."""
    told = [Generation(0, 10, np.arange(1), np.array([BORN]), bests([[0, 0]], [2.0]))]
    told += [Generation(g, 10 * g + 10, np.arange(1), np.array([STALLED]), told[0].bests) for g in range(1, n)]
    starts = bests([[0, 0], [-8, 8], [8, 8], [5, -5]], [2.0, 5.0, 6.0, 4.0])
    climb = Climb(
        starts,
        np.array([False, True, True, True]),
        np.array([1, 2, 1, -1]),
        np.array([True, False, False, False]),
    )
    ends = bests([[0, 0], [3, 3], [3.01, 3]], [2.0, 1.0, 1.001])
    states = np.array([STALLED, BORN, BORN])
    told.append(Generation(n, 10 * n + 300, np.arange(3), states, ends, climb=climb))
    return told


@pytest.fixture
def ended(new_stage, draw):
    """A run that ended with a climb, seen at its end."""
    block_of, map_scene = draw

    def see(scene=None, **options):
        stage = new_stage(**options)
        scene = replace(scene or map_scene(), budget=1_000)
        return stage.send(scene, block_of(a_run()), "done", end_note="the climb did not need them").wait(
            "state", "ended"
        )

    return see


def text(stage, role):
    return stage.page.locator(f"[data-role={role}]")


def test_the_last_phase_has_a_name_and_its_counts_are_true(ended):
    stage = ended()
    expect(text(stage, "climb-note")).to_have_text("4 climbed to 1 top")
    expect(text(stage, "born")).to_have_text("of 1 born")
    expect(text(stage, "generation")).to_have_text("20")
    expect(text(stage, "generation-of")).to_have_text("of 20")
    expect(text(stage, "best-note")).to_have_text("lineage 1, since the final climb")
    expect(text(stage, "end-note")).to_have_text("500 not needed")
    expect(text(stage, "end-note")).to_have_attribute("title", "the climb did not need them")
    expect(text(stage, "legend-climb")).to_be_visible()
    expect(text(stage, "summary")).to_contain_text("in the final climb 4 climbed to 1 top")
    stage.seek(10).wait("generation", "10.000")
    expect(text(stage, "climb-note")).to_have_text("then a final climb")
    expect(text(stage, "best-note")).to_have_text("lineage 0, since generation 1")
    expect(text(stage, "end-note")).to_have_text("")


def test_candidates_move_from_where_they_began_to_the_top(ended, draw):
    stage = ended()
    slider = stage.page.get_by_role("slider", name="Generation")
    low, high = 20, float(slider.get_attribute("max"))
    assert high > 21  # more room than one generation
    places = {}
    for share in (0.25, 0.5, 0.75):
        stage.seek(low + share * (high - low)).wait("climbing", "true")
        expect(text(stage, "status")).to_have_text("Final climb")
        places[share] = float(stage.tell("generation"))
    assert places == pytest.approx({share: 20 + share for share in places}, abs=0.01)
    evaluations = int(text(stage, "evaluations").inner_text())
    assert 200 < evaluations < 500  # counted on the way
    script = """([rows, climb, generations, width]) => {
        const encode = (values) => btoa(String.fromCharCode(...new Uint8Array(new Float32Array(values).buffer)));
        const store = inside.createStore(2);
        inside.merge(store, { after: 0, last: 21, width, rows: encode(rows), generations: encode(generations) });
        inside.takeClimb(store, new Float32Array(climb), width);
        const { a, b, u } = inside.segmentAt(store.byId.get(2), 20.5);
        const at = (row, column) => store.rows[row * store.width + column];
        return [at(a, 6), at(b, 6), u, store.climb.nLineages];
    }"""
    assert stage.page.evaluate(script, encoded(draw[0])) == pytest.approx([-8, 3.01, 0.5, 2], abs=1e-5)


def encoded(block_of):
    block = block_of(a_run())
    width = block.sent_rows.shape[1]
    climb = block.climb[:, :width]
    return [block.sent_rows.ravel().tolist(), climb.ravel().tolist(), block.generations.ravel().tolist(), width]


def test_it_is_played_for_seconds_though_it_is_one_generation(ended):
    stage = ended()
    stage.seek(20).wait("generation", "20.000")
    stage.page.get_by_role("button", name="Play", exact=True).click()
    stage.wait("climbing", "true")
    stage.page.wait_for_timeout(700)
    assert stage.tell("climbing") == "true"
    stage.wait("playing", "false")
    assert stage.tell("generation") == "21.000"


def test_the_board_tells_scores_in_the_unit_of_the_outcome(ended, draw):
    _, map_scene = draw
    scene = replace(
        map_scene(), outcome_unit="MPa", score_scale=ScoreScale(-3.5, "Outcome after penalties"), is_steerable=True
    )
    stage = ended(scene)
    assert stage.page.get_by_label("Measure of the lineages").locator("option").all_inner_texts() == [
        "After penalties",
        "Outcome",
    ]
    stage.page.get_by_label("Lineage to look at").select_option("2")
    card = stage.page.get_by_role("group", name="Chosen lineage")
    expect(card).to_contain_text("Rose in the final climb from a fresh start")
    expect(card).to_contain_text("Outcome after penalties−3.5")
    plain = ended(replace(scene, is_penalised=False))
    expect(plain.page.get_by_label("Measure of the lineages")).to_be_hidden()


def axes_of(stage):
    return [text(stage, role).input_value() for role in ("axis-x", "axis-y")]


def test_the_map_turns_to_what_parts_the_results_unless_the_user_chose(new_stage, niching):
    scene, rows, generations = niching
    scene = replace(scene, axes=(1, 0))
    first = RowBlock(rows.rows[rows.rows[:, 0] <= 20], rows.generations[:20])
    for is_chosen in (False, True):
        stage = new_stage().send(scene, first, is_new=True).wait("generations", "20")
        assert axes_of(stage) == ["feature-1", "feature-0"]
        if is_chosen:
            stage.page.locator("[data-role=axes] summary").click()
            stage.page.get_by_label("Vertical axis of the map").select_option("component-1")
            stage.page.mouse.click(5, 5)
            stage.page.locator("[data-role=board]").click(position={"x": 3, "y": 3})
            expect(stage.page.get_by_label("Vertical axis of the map")).to_be_hidden()
        stage.send(scene, rows.after(20), "done", representatives=scene.recorded[:3], axes=(0, 1))
        assert axes_of(stage)[0] == "feature-1"  # steady until all is shown
        stage.page.get_by_role("button", name="Jump to the newest generation").click()
        stage.wait("state", "ended").wait("generation", f"{len(generations)}.000")
        assert axes_of(stage) == (["feature-1", "component-1"] if is_chosen else ["feature-0", "feature-1"])


def test_before_any_run_the_recorded_rows_wait(new_stage, draw):
    _, map_scene = draw
    stage = new_stage().send(replace(map_scene("waiting"), axes=(0, 1)), RowBlock.empty(2), None)
    stage.wait("state", "none")
    expect(text(stage, "waiting-text")).to_have_text("Press Start search")
    expect(text(stage, "legend-outcome")).to_contain_text("recorded, −")
    expect(text(stage, "status")).to_have_text("Ready")
    for name in ("play", "slider"):
        expect(text(stage, name)).to_be_disabled()


def test_recorded_rows_have_the_colour_of_their_outcome_and_a_field_behind_them(new_stage, draw):
    _, map_scene = draw
    scene = replace(map_scene(), axes=(0, 1))
    flat = scene.recorded.copy()
    flat[:, 0] = 3.0
    shades = []
    for given in (scene, replace(scene, recorded=flat)):
        stage = new_stage().send(given, RowBlock.empty(2), None).wait("state", "none")
        stage.page.wait_for_timeout(300)
        script = """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const seen = new Set();
            for (let i = 0; i < data.length; i += 4) if (data[i + 3]) seen.add([data[i] >> 5, data[i + 2] >> 5].join());
            return seen.size;
        }"""
        shades.append(text(stage, "map").evaluate(script))
    assert shades[0] > 2 * shades[1]
    expect(text(stage, "legend-outcome")).to_have_text("recorded row")


@pytest.mark.parametrize(("width", "height"), [(560, 440), (600, 640), (760, 560), (950, 640), (350, 500)])
def test_everything_stands_within_the_view(ended, draw, width, height):
    _, map_scene = draw
    stage = ended(width=width + 40)
    stage.send(replace(map_scene(), budget=1_000), RowBlock.empty(2), "done", height=height)
    stage.page.wait_for_timeout(300)
    box = stage.view.bounding_box()
    assert box["height"] <= height + 1 or width < 520
    for role in ("map", "board", "slider", "end-note", "legend-outcome", "speed"):
        part = text(stage, role).bounding_box()
        assert part["x"] >= box["x"] - 1 and part["x"] + part["width"] <= box["x"] + box["width"] + 1
        assert part["y"] + part["height"] <= box["y"] + box["height"] + 1
    sizes = [text(stage, role).bounding_box() for role in ("map", "board")]
    assert min(size["height"] for size in sizes) > 130 and min(size["width"] for size in sizes) > 200


def test_help_is_asked_for(new_stage, draw):
    block_of, map_scene = draw
    stage = new_stage()
    stage.give(encode(map_scene(), block_of(a_run()), RunStatus(JobState.DONE), height=440, has_help=True))
    stage.page.get_by_role("button", name="How it works").click()
    assert stage.told == [True]
    bare = new_stage().send(map_scene(), block_of(a_run()), "done")
    expect(bare.page.get_by_role("button", name="How it works")).to_be_hidden()
