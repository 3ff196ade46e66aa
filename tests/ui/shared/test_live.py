"""What the live view is told before there is a run."""

import json

from streamlit.testing.v1 import AppTest


def waiting_page():
    import streamlit as st

    from services.problems.stories import story, story_spec
    from ui.shared import cache
    from ui.shared.live import show_waiting
    from ui.shared.session import AppSession

    spec = story_spec(story("concrete"), cache.catalog())
    if st.toggle("No penalties"):
        spec = spec.revised(density=None, plausibility=None, risk_aversion=0.0)
    if st.toggle("All frozen"):
        spec = spec.revised(features=tuple(each.model_copy(update={"is_free": False}) for each in spec.features))
    budget = st.number_input("Budget", value=15_000)
    show_waiting(AppSession.current(), spec.revised(budget={"evaluations": budget}))


def told(page):
    """What the live view was told."""
    messages = [json.loads(each.proto.json) for each in page.get("bidi_component") if each.proto.json]
    return next(message for message in messages if "scene" in message)


def test_before_a_run_the_view_has_the_recorded_rows_of_its_settings(installation):
    page = AppTest.from_function(waiting_page, default_timeout=240).run()
    assert not page.exception
    message = told(page)
    assert (message["progress"]["state"], message["progress"]["last"]) == ("none", 0)
    assert not message["progress"]["is_final"] and message["scene"]["recorded"] is not None
    assert message["scene"]["budget"] == 15_000 and message["scene"]["is_penalised"]
    assert message["has_help"]
    names = [message["scene"]["features"][j]["name"] for j in message["scene"]["axes"]]
    assert names[0] == "cement"
    page.number_input[0].set_value(900).run()
    changed = told(page)["scene"]
    assert changed["budget"] == 900 and changed["run_id"] == message["scene"]["run_id"]
    page.toggle[0].set_value(True).run()
    free = told(page)["scene"]
    assert not free["is_penalised"] and free["run_id"] != message["scene"]["run_id"]


def test_settings_that_make_no_sense_leave_the_picture_as_it_was(installation):
    page = AppTest.from_function(waiting_page, default_timeout=240).run()
    before = told(page)["scene"]["run_id"]
    page.toggle[1].set_value(True).run()
    assert not page.exception and told(page)["scene"]["run_id"] == before
