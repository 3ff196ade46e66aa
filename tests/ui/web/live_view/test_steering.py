"""What the user does with lineages in the live view, in a real browser, and what of it arrives."""

from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from optimizer import Candidates, Decision, Generation, LineageState
from ui.web.live_view.component import SteeringRequest, steering_request_of
from ui.web.live_view.row_block import RowBlock

BORN, IMPROVED, STALLED, EXTINCT, MERGED, DROPPED = LineageState
PLACES = np.array([[-6.0, -6.0], [6.0, 6.0], [-6.0, 6.0], [6.0, -6.0]])
DROP_ONE = Decision(9, "drop", 1)


def generation(number, states, decisions=()):
    """Four lineages at rest; number 1 is the best, then 0, 2, 3."""
    ids = np.array(sorted(states))
    scores = np.array([1.0, 0.0, 2.0, 3.0])[ids]
    bests = Candidates(PLACES[ids], scores, -scores, np.zeros(len(ids)))
    return Generation(number, 10 * number + 10, ids, np.array([states[k] for k in ids]), bests, decisions=decisions)


def a_run(n=10, dropped=()):
    """Ten generations of four lineages, the last of which goes extinct in the fifth; then some may be dropped."""
    told = [generation(0, dict.fromkeys(range(4), BORN))]
    told += [
        generation(g, {**dict.fromkeys(range(3), STALLED), **({3: EXTINCT} if g == 4 else {})}) for g in range(1, n)
    ]
    if dropped:
        states = {k: DROPPED if k in dropped else STALLED for k in {0, 1, 2, *dropped}}
        told.append(generation(n, states, (DROP_ONE,)))
        alive = [k for k in range(3) if k not in dropped]
        told += [generation(g, dict.fromkeys(alive, STALLED)) for g in range(n + 1, n + 4)]
    return told


def nothing_new(scene):
    return replace(RowBlock.empty(len(scene.features)), follows=10)


@pytest.fixture
def watched(new_stage, draw):
    """A search in the midst of its work, seen at its newest generation."""
    block_of, map_scene = draw

    def watch(generations=None, decisions=(), **options):
        stage = new_stage(**options)
        scene = replace(map_scene(), is_steerable=True)
        rows = block_of(generations or a_run())
        stage.send(scene, rows, decisions=decisions, is_open=True)
        stage.page.get_by_role("button", name="Jump to the newest generation").click()
        return stage.wait("generation", f"{rows.last}.000"), scene

    return watch


def card(stage):
    return stage.page.get_by_role("group", name="Chosen lineage")


def choose(stage, lineage):
    stage.page.get_by_label("Lineage to look at").select_option(str(lineage))
    expect(card(stage)).to_contain_text(f"Lineage {lineage}")


def test_a_lineage_is_chosen_by_a_click_and_let_go(watched):
    stage, _ = watched()
    box = stage.page.locator("[data-role=board]").bounding_box()
    tip = stage.page.locator("[data-role=tip]")
    x = box["x"] + 44 + (box["width"] - 58) * 0.12  # in the plot, among the ten generations
    for y in range(int(box["y"]) + 20, int(box["y"] + box["height"]), 5):
        stage.page.mouse.move(x, y)
        stage.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        if tip.is_visible():
            break
    lineage = tip.locator("strong").inner_text()
    stage.page.mouse.click(x, y)
    expect(card(stage)).to_contain_text(lineage)
    assert f"Lineage {stage.tell('chosen')}" == lineage
    stage.page.mouse.click(box["x"] + 50, box["y"] + box["height"] - 3)  # nothing is there
    expect(card(stage)).to_be_hidden()
    choose(stage, 2)
    stage.page.get_by_label("Lineage to look at").press("Escape")
    expect(card(stage)).to_be_hidden()
    choose(stage, 0)
    card(stage).get_by_role("button", name="Close").click()
    expect(card(stage)).to_be_hidden()
    assert (stage.tell("chosen"), stage.told) == ("", [])


def test_the_list_has_the_living_and_the_extinct_best_first(watched):
    stage, _ = watched()
    choices = stage.page.get_by_label("Lineage to look at")
    groups = choices.locator("optgroup")
    assert [groups.nth(k).get_attribute("label") for k in range(2)] == ["Living", "Extinct"]
    assert [text.split(":")[0] for text in groups.nth(0).locator("option").all_inner_texts()] == [
        "Lineage 1", "Lineage 0", "Lineage 2",
    ]  # fmt: skip
    assert groups.nth(1).locator("option").all_inner_texts()[0].startswith("Lineage 3")


@pytest.mark.parametrize(("button", "kind"), [("Drop", "drop"), ("More like this", "more")])
def test_a_request_is_sent_once_and_by_keyboard_too(watched, button, kind):
    stage, scene = watched()
    choose(stage, 1)
    pressed = card(stage).get_by_role("button", name=button)
    pressed.focus()
    stage.page.keyboard.press("Enter")
    expect(pressed).to_be_disabled()
    stage.page.keyboard.press("Enter")
    assert stage.told == [{"kind": kind, "lineage": 1}]
    stage.send(scene, nothing_new(scene), decisions=(Decision(9, kind, 1),), is_open=True)
    words = "Dropped by you after generation 10" if kind == "drop" else "More of these since generation 10"
    expect(card(stage)).to_contain_text(words)
    expect(pressed).to_be_disabled()


def test_what_is_dropped_has_a_sign_a_word_and_leads_no_more(watched):
    stage, _ = watched(a_run(dropped=(1, 3)), (DROP_ONE,))
    stage.wait("dropped", "2").wait("extinct", "0").wait("living", "2")
    expect(stage.page.locator("[data-role=legend-dropped]")).to_be_visible()
    expect(stage.page.locator("[data-role=ended]")).to_have_text("0 extinct, 2 dropped")
    expect(stage.page.locator("[data-role=best-note]")).to_have_text("lineage 0, since generation 11")
    stage.seek(8).wait("dropped", "0").wait("extinct", "1")
    expect(stage.page.locator("[data-role=best-note]")).to_have_text("lineage 1, since generation 1")


def test_when_the_run_has_ended_buttons_are_gone_and_nothing_moves(watched):
    stage, scene = watched()
    choose(stage, 2)
    hold = stage.page.locator("[data-role=hold]")
    before = [stage.page.locator(f"[data-role={role}]").bounding_box() for role in ("card", "slider", "map")]
    expect(hold).to_be_visible()
    stage.send(scene, nothing_new(scene), "done")
    stage.wait("state", "ended")
    for name in ("Drop", "More like this"):
        expect(card(stage).locator("button", has_text=name)).to_have_css("visibility", "hidden")
    expect(hold).to_have_css("visibility", "hidden")
    assert [stage.page.locator(f"[data-role={role}]").bounding_box() for role in ("card", "slider", "map")] == before


def test_the_search_is_paused_and_resumed(watched):
    stage, scene = watched()
    hold = stage.page.locator("[data-role=hold]")
    hold.click()
    expect(hold).to_have_text("Pausing …")
    stage.send(scene, nothing_new(scene), is_open=True, is_held=True)
    expect(hold).to_have_text("Resume search")
    expect(stage.page.locator("[data-role=status]")).to_have_text("Search paused")
    hold.click()
    assert stage.told == [{"kind": "hold", "lineage": None}, {"kind": "resume", "lineage": None}]


def test_a_search_that_cannot_be_steered_offers_nothing(new_stage, draw):
    block_of, map_scene = draw
    stage = new_stage().send(map_scene(), block_of(a_run()))
    expect(stage.page.locator("[data-role=hold]")).to_be_hidden()
    expect(stage.page.locator("[data-role=chosen]")).to_be_hidden()


@pytest.mark.parametrize(
    ("sent", "request_"),
    [
        ({"kind": "drop", "lineage": 12}, SteeringRequest("drop", 12)),
        ({"kind": "more", "lineage": 0.0}, SteeringRequest("more", 0)),
        ({"kind": "hold", "lineage": None}, SteeringRequest("hold")),
        ({"kind": "resume"}, SteeringRequest("resume")),
        ({"kind": "drop", "lineage": 1.5}, None),
        ({"kind": "drop", "lineage": -1}, None),
        ({"kind": "drop", "lineage": float("nan")}, None),
        ({"kind": "drop", "lineage": True}, None),
        ({"kind": "drop", "lineage": "12"}, None),
        ({"kind": "drop"}, None),
        ({"kind": "erase", "lineage": 1}, None),
        (None, None),
        ([1], None),
    ],
)
def test_only_requests_are_heard(sent, request_):
    assert steering_request_of(sent) == request_
