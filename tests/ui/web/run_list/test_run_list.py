"""The list alone in a real browser: no server, messages as Python sends them."""

from dataclasses import asdict, replace

import pytest
from playwright.sync_api import expect

from ui.web import bundle_scripts
from ui.web.run_list import RunItem
from ui.web.run_list.component import FOLDER, SCRIPTS

pytestmark = pytest.mark.browser

AT = 1_772_359_200_000.0  # 2026-03-01 10:00 in UTC
RUN = RunItem(
    id="a",
    name="Winter mix",
    opens="Open its results",
    is_named=True,
    note="",
    story="",
    story_help="",
    dataset="concrete",
    model="mlp",
    goal="Max strength",
    best="81.5",
    unit="MPa",
    n_results=5,
    state="done",
    state_word="Done",
    detail="",
    stops="",
    is_deleted=False,
    at=AT,
    took="12 s",
    since=None,
)


def read(name):
    return (FOLDER / name).read_text(encoding="utf-8")


class WhatIfContext:
    """A page that holds the list and nothing else."""

    def __init__(self, page):
        self.page = page
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_content(f"<style>{read('run_list.css')}</style><main>{read('run_list.html')}</main>")
        script = bundle_scripts([read(name) for name in SCRIPTS])
        told = "window.told = []; Object.assign(window, { agoWords, spanWords, runList });"
        page.add_script_tag(type="module", content=f"{script}\n{told}")
        page.wait_for_function("Boolean(window.runList)")

    def send(self, *items, chosen=(), turn=0):
        """Give the list a message, as Streamlit would."""
        data = {"runs": [asdict(item) for item in items], "chosen": list(chosen), "turn": turn, "caption": "All"}
        self.page.evaluate(
            """data => { runList({ data, parentElement: document.querySelector("main"),
                setTriggerValue: (name, value) => told.push([name, value]) }); }""",
            data,
        )
        return self

    def row(self, name):
        """Return the row of a run."""
        return self.page.locator("tbody tr").filter(has_text=name)

    @property
    def told(self):
        """What the list told the server, without the numbers that count it."""
        return [(name, {k: v for k, v in value.items() if k != "number"}) for name, value in self.page.evaluate("told")]


@pytest.fixture
def stage(browser):
    context = browser.new_context(viewport={"width": 1200, "height": 600}, timezone_id="Europe/Berlin")
    made = WhatIfContext(context.new_page())
    yield made
    assert made.errors == []
    context.close()


OTHER = replace(RUN, id="b", name="Summer mix")


def test_texts_of_users_are_no_markup(stage):
    evil = "<img src=x onerror=\"throw Error('obeyed')\">"
    stage.send(replace(RUN, name=evil, note=evil, dataset=evil, model=evil, goal=evil, detail=evil, story=evil))
    expect(stage.row(evil)).to_have_count(1)
    assert stage.page.locator("tbody img").count() == 0


def test_what_is_ticked_is_told_and_an_older_answer_does_not_untick_it(stage):
    stage.send(RUN, OTHER)
    stage.row("Winter").get_by_role("checkbox").check()
    stage.row("Summer").get_by_role("checkbox").check()
    assert stage.told[-1] == ("chosen", {"ids": ["a", "b"], "turn": 2})
    stage.send(RUN, OTHER, chosen=["a"], turn=1)  # the answer to the first tick, come late
    expect(stage.row("Summer").get_by_role("checkbox")).to_be_checked()
    stage.send(RUN, OTHER, chosen=[], turn=2)  # the server chose none
    expect(stage.row("Winter").get_by_role("checkbox")).not_to_be_checked()
    expect(stage.row("Summer").get_by_role("checkbox")).not_to_be_checked()


def test_all_that_are_shown_are_ticked_at_once_and_others_stay(stage):
    stage.send(RUN, OTHER, chosen=["elsewhere"], turn=0)
    every = stage.page.get_by_role("checkbox", name="Choose all runs shown")
    every.check()
    assert set(stage.told[-1][1]["ids"]) == {"elsewhere", "a", "b"}
    every.uncheck()
    assert stage.told[-1][1]["ids"] == ["elsewhere"]
    stage.row("Winter").get_by_role("checkbox").check()
    assert every.evaluate("box => box.indeterminate")


def test_a_name_that_is_being_written_survives_news(stage):
    stage.send(RUN, OTHER)
    stage.row("Winter").get_by_role("button", name="Rename").focus()
    stage.page.keyboard.press("Enter")
    stage.page.keyboard.type("Gran")
    stage.send(replace(RUN, took="13 s"), replace(OTHER, name="Autumn mix"))
    stage.page.keyboard.type("ite")
    stage.page.keyboard.press("Enter")
    assert stage.told == [("act", {"name": "rename", "id": "a", "text": "Granite"})]
    expect(stage.row("Autumn mix")).to_have_count(1)
    stage.send(replace(RUN, name="Granite"), OTHER)
    expect(stage.row("Granite").get_by_role("button", name="Rename")).to_be_focused()


def test_news_that_came_while_a_note_was_written_are_shown_in_the_end(stage):
    running = replace(RUN, state="running", state_word="Running", stops="Stop", took="", since=AT)
    stage.send(running)
    stage.row("Winter").get_by_role("button", name="Add a note").click()
    stage.send(RUN)  # it ended
    stage.page.keyboard.press("Escape")
    expect(stage.row("Winter")).to_contain_text("Done")
    expect(stage.row("Winter").get_by_role("button", name="Add a note")).to_be_focused()
    expect(stage.row("Winter").locator("[data-since]")).to_have_count(0)  # no clock goes on


@pytest.mark.parametrize("end", ["Escape", "Enter"])
def test_what_was_not_changed_or_not_kept_is_not_told(stage, end):
    stage.send(RUN)
    stage.row("Winter").get_by_role("button", name="Add a note").click()
    if end == "Escape":
        stage.page.keyboard.type("never mind")
    stage.page.keyboard.press(end)
    assert stage.told == []
    expect(stage.row("Winter").get_by_role("button", name="Add a note")).to_have_text("Add a note")


def test_rows_that_stay_the_same_stay_untouched(stage):
    stage.send(RUN, OTHER)
    stage.row("Winter").evaluate("row => row.isKnown = true")
    stage.send(RUN, replace(OTHER, state="failed", state_word="Failed", detail="why"))
    assert stage.row("Winter").evaluate("row => row.isKnown")
    expect(stage.row("Failed")).to_contain_text("why")


def test_what_goes_on_can_be_stopped_and_what_is_deleted_restored(stage):
    running = replace(RUN, state="running", state_word="Running", stops="Stop", took="", since=AT)
    stage.send(running, replace(OTHER, is_deleted=True))
    stage.row("Winter").get_by_role("button", name="Stop Winter mix").click()
    stage.row("Summer").get_by_role("button", name="Restore Summer mix").click()
    stage.row("Summer").get_by_role("button", name="Summer mix", exact=True).click()
    acts = [(value["name"], value["id"]) for name, value in stage.told if name == "act"]
    assert acts == [("stop", "a"), ("restore", "b"), ("open", "b")]
    expect(stage.row("Summer")).to_contain_text("deleted ")


def test_times_are_told_as_people_say_them(stage):
    ago = "([at, now]) => agoWords(at, now)"
    minute, hour, day = 60_000, 3_600_000, 86_400_000
    expected = {
        10_000: "just now",
        -5_000: "just now",  # the server's clock is ahead
        50_000: "1 min ago",
        59 * minute: "59 min ago",
        3 * hour: "3 h ago",
        12 * hour: "yesterday, 23:00",
        2 * day: "2 days ago",
        20 * day: "9 Feb",
        90 * day: "1 Dec 2025",
    }
    assert {back: stage.page.evaluate(ago, [AT - back, AT]) for back in expected} == expected
    spans = {0: "0 s", -3: "0 s", 59.9: "59 s", 65: "1 min 05 s", 7800: "2 h 10 min"}
    assert {seconds: stage.page.evaluate("s => spanWords(s)", seconds) for seconds in spans} == spans


def test_a_phone_shows_everything_within_its_width(stage):
    stage.page.set_viewport_size({"width": 360, "height": 640})
    running = replace(RUN, name="A long name " * 6, state="running", state_word="Running", stops="Stop", since=AT)
    stage.send(running, replace(OTHER, note="A long note " * 9, detail="A long reason " * 9))
    for cell in stage.page.locator("tbody td, tbody th, tbody button").all():
        box = cell.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
