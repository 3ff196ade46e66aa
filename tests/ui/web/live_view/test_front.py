"""A run with several goals in the live view: the front grows beside the map; and limits of a run with one goal."""

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from optimizer import Candidates, FrontPlaces, Generation, LineageState
from optimizer.problem.limits import BROKEN
from services.jobs.workers.traces import TracePiece
from tests.ui.web.live_view.conftest import PROJECTION, RECORDED, map_scene
from ui.web.live_view.component import SceneGoal
from ui.web.live_view.row_block import RowBlock
from ui.web.scenes import LineageCounts, RowMaker

pytestmark = pytest.mark.browser

GOALS = (
    SceneGoal("strength", "MPa", True, None, 10.0),
    SceneGoal("cost", "US$", False, None, 5.0),
    SceneGoal("CO2", "kg", False, None, 50.0),
)


def front_run(n_goals=2, n=8, m=9):
    """Lineages that come to the front one after the other; the last two break a limit, the last one for good."""
    rng = np.random.default_rng(3)
    X = rng.uniform(-8, 8, (m, 2))
    told = []
    for number in range(n):
        shift = number / n
        outcomes = np.column_stack(
            [20 + 5 * np.arange(m) + 8 * shift, 40 + 4 * np.arange(m) - 5 * shift, 300 - 9 * X[:, 0]]
        )
        outcomes[4, 1] += 30  # behind the front
        violations = np.zeros(m)
        violations[-1] = 2.0
        violations[-2] = 1.0 if number < 4 else 0.0
        is_front = violations == 0
        is_front[4] = False
        behind = np.where(violations > 0, 1e3 + violations, np.where(is_front, 0.0, 0.4))
        states = np.full(m, LineageState.IMPROVED if number else LineageState.BORN)
        nothing = np.zeros(m, dtype=int)
        places = FrontPlaces(outcomes[:, :n_goals], violations, nothing, nothing, is_front)
        bests = Candidates(X + shift, behind, outcomes[:, 0], np.zeros(m))
        told.append(Generation(number, 50 * (number + 1), np.arange(m), states, bests, places=places))
    return told


def front_scene(n_goals=2):
    """The scene of such a run."""
    rng = np.random.default_rng(4)
    measured = np.column_stack([rng.uniform(10, 60, 150), rng.uniform(35, 90, 150), rng.uniform(200, 400, 150)])
    measured[::7, 1] = np.nan
    goals = {"goals": GOALS[:n_goals], "recorded_goals": measured[:, :n_goals], "broken_from": BROKEN}
    return replace(map_scene(), outcome_name="strength", outcome_unit="MPa", is_steerable=False, budget=1_000, **goals)


def rows_of(generations, n_goals=2):
    """The rows of such a run."""
    piece = TracePiece.of(generations, 2, n_goals=n_goals)
    return RowMaker(PROJECTION, (), range(n_goals)).block(piece, LineageCounts())


@pytest.fixture
def ended(new_stage):
    """Such a run, seen at its end."""

    def see(n_goals=2, **options):
        stage = new_stage(**options)
        results = np.column_stack(
            [np.arange(2), RECORDED[:2], PROJECTION.project(RECORDED[:2]), np.full((2, n_goals), 50)]
        )
        block = rows_of(front_run(n_goals), n_goals)
        return stage.send(front_scene(n_goals), block, "done", representatives=results).wait("state", "ended")

    return see


def text(stage, role):
    return stage.page.locator(f"[data-role={role}]")


def test_the_front_is_counted_and_told_with_the_best_of_each_goal(ended):
    stage = ended()
    assert stage.tell("front") == "7"  # nine lineages, of which one is behind and one breaks a limit
    expect(text(stage, "best-title")).to_have_text("On the front")
    expect(text(stage, "outcome")).to_have_text("7")
    cells = stage.page.locator(".strip .goal")
    expect(cells).to_have_text(["Highest strength62.0MPa", "Lowest cost35.6US$"])
    expect(text(stage, "summary")).to_contain_text(
        "7 candidates on the front: highest strength 62.0 MPa, lowest cost 35.6 US$"
    )
    expect(text(stage, "board-panel")).to_have_attribute("aria-label", "Front of the goals")
    stage.seek(2).wait("generation", "2.000").wait("front", "6")


def test_what_belongs_to_one_goal_is_not_there(ended):
    stage = ended()
    for role in ("density-block", "hold", "chosen", "measure", "legend-best", "legend-climb", "legend-size"):
        expect(text(stage, role)).to_be_hidden()
    for role in ("legend-front", "legend-broken", "legend-results"):
        expect(text(stage, role)).to_be_visible()


def test_three_goals_leave_a_choice_of_the_two_on_the_axes(ended):
    stage = ended(3)
    choice = stage.page.get_by_role("combobox", name="Goals on the axes")
    expect(choice.locator("option")).to_have_text(["strength, cost", "strength, CO2", "cost, CO2"])
    expect(text(stage, "legend-size")).to_have_text("larger: more CO2")
    before = text(stage, "board").screenshot()
    choice.select_option("cost, CO2")
    expect(text(stage, "legend-size")).to_have_text("larger: more strength")
    assert text(stage, "board").screenshot() != before


def test_a_lineage_under_the_pointer_tells_all_goals_in_both_pictures(ended):
    stage = ended()
    box = text(stage, "board").bounding_box()
    for share in np.linspace(0.3, 0.95, 40):  # along the front, from one end to the other
        stage.page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] * 0.5)
        if text(stage, "tip").is_visible() and "Lineage" in text(stage, "tip").inner_text():
            break
    expect(text(stage, "tip")).to_contain_text("strength")
    expect(text(stage, "tip")).to_contain_text("cost")


def test_before_there_is_a_run_it_says_what_will_be_there(new_stage):
    stage = new_stage()
    stage.send(front_scene(), RowBlock.empty(2, 2), None).wait("state", "none")
    expect(text(stage, "outcome")).to_have_text("–")
    expect(text(stage, "summary")).to_contain_text("No generation yet")


def test_one_look_is_enough_where_motion_is_not_wanted(ended):
    stage = ended(reduced_motion="reduce")
    assert (stage.tell("front"), stage.tell("playing")) == ("7", "false")


def limited_run(scores):
    """One lineage after another, each with its scores over the generations."""
    told = []
    for number, now in enumerate(np.array(scores, dtype=float).T):
        ids = np.arange(len(now))
        states = np.full(len(now), LineageState.IMPROVED if number else LineageState.BORN)
        bests = Candidates(np.zeros((len(now), 2)) + ids[:, None], now, now, np.zeros(len(now)))
        told.append(Generation(number, 10 * (number + 1), ids, states, bests))
    return told


def test_what_breaks_a_limit_has_no_place_on_the_score_axis(new_stage, draw):
    block_of, scene_of = draw
    scene = replace(scene_of(), broken_from=BROKEN, is_higher_better=False)
    generations = limited_run([[2 * BROKEN, BROKEN + 5, 3.0], [5.0, 4.0, 2.0], [9 * BROKEN, 8 * BROKEN, 7 * BROKEN]])
    stage = new_stage().send(scene, block_of(generations), "done").wait("state", "ended")
    expect(text(stage, "legend-broken")).to_be_visible()
    expect(text(stage, "best-note")).to_have_text("lineage 1, since generation 3")
    worst, best = stage.page.evaluate(
        """([message]) => {
            const { createStore, merge, boardRange } = window.inside;
            const store = createStore(2, { brokenFrom: 1e6 });
            merge(store, message.progress);
            return boardRange(message.scene, store, 3);
        }""",
        [stage.message],
    )
    assert 1 < best < 2 < 5 < worst < 6


def test_a_run_of_which_nothing_keeps_the_limits_says_so(new_stage, draw):
    block_of, scene_of = draw
    scene = replace(scene_of(), broken_from=BROKEN)
    stage = new_stage().send(scene, block_of(limited_run([[2 * BROKEN] * 3])), "done").wait("state", "ended")
    expect(text(stage, "outcome")).to_have_text("–")
    expect(text(stage, "best-note")).to_have_text("none keeps the limits")
    expect(text(stage, "summary")).to_contain_text("no candidate keeps the limits")
