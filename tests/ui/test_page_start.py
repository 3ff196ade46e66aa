import pytest

from optimizer import Goal, Summary
from services.jobs import JobState
from ui.start.stories import PICTURES, STOPS

STORIES = {"concrete": "Concrete mixes", "production": "Production yield", "bumps": "Bumps"}


def test_start_shows_three_stories_and_the_steps_of_ones_own_data(app):
    assert len(app.all("button", "Watch it search")) == 3
    assert app.links == [
        "1. Bring a table",
        "2. Train a model",
        "3. Set goal and bounds, search",
        "4. Read the results",
    ]


@pytest.mark.parametrize("story", ["production", "bumps"])  # a journey in a real browser takes the first
def test_a_story_is_one_button_from_its_running_search(app, installation, story):
    app.press_key(f"story-{story}")
    assert app.title == "Optimize"
    run_id = app.session.run_id
    assert app.test.query_params["run"] in (run_id, [run_id])
    assert app.session.dataset.name == STORIES[story]
    assert installation.wait(run_id).state is JobState.DONE
    app.go("optimize")
    assert "Search again" in app.labels
    assert len(app.table_names) >= 3
    app.go("start")
    assert app.says("A run is done")
    assert app.says(STORIES[story])


def test_the_concrete_story_searches_the_curve_of_strength_with_a_believable_density(app, installation):
    app.press_key("story-concrete")
    spec = app.session.draft
    assert (spec.goal, spec.curve.feature, spec.curve.summary) == (Goal.MAXIMUM, "age", Summary.AREA)
    assert (spec.curve.start, spec.curve.end, spec.n_results) == (1, 100, 5)
    assert len(spec.density.parts) == 7 and spec.density.weight > 0
    installation.supervisor.stop(app.session.run_id)
    installation.wait(app.session.run_id)


def test_a_story_after_another_leaves_nothing_of_the_first(app, installation):
    for story in ("production", "bumps"):
        app.go("start").press_key(f"story-{story}")
        installation.wait(app.session.run_id)
    app.go("optimize")
    assert app.session.model.name == "bumps"
    assert [feature.name for feature in app.session.draft.features] == ["x"]
    assert not app.test.error


def test_a_story_whose_model_is_gone_says_so_and_starts_nothing(app, installation):
    model = installation.saved_models / "concrete.keras"
    kept = model.read_bytes()
    model.unlink()
    try:
        app.press_key("story-concrete")
        assert app.test.error and app.title != "Optimize"
        assert app.session.run_id is None
    finally:
        model.write_bytes(kept)


def test_an_address_that_names_a_story_runs_it_and_replays_it_until_somebody_ends_the_demo(open_app, installation):
    app = open_app(story="bumps")
    assert app.title == "Optimize"
    assert app.session.live.demo == app.session.run_id
    assert installation.wait(app.session.run_id).state is JobState.DONE
    app.run()
    assert app.says("Demo: this run replays by itself.")
    app.press("End the demo")
    assert app.session.live.demo is None and not app.says("Demo:")


def test_a_run_of_ones_own_after_a_demo_is_none(open_app, installation):
    app = open_app(story="bumps")
    installation.wait(app.session.run_id)
    app.run().press("Search again")
    assert app.session.live.demo != app.session.run_id
    installation.wait(app.session.run_id)
    assert not app.run().says("Demo:")


def test_an_address_with_an_unknown_story_says_which_there_are(open_app):
    app = open_app(story="**x**")
    assert app.title == "Several believable ways to the best outcome"
    assert app.says("There is no story '**x**'. The address knows these: concrete, production, bumps.")
    assert app.session.run_id is None


def test_the_tour_goes_from_stop_to_stop_and_ends(app):
    app.press("Take the tour")
    for number, stop in enumerate(STOPS, start=1):
        assert app.says(f"Tour, {number} of {len(STOPS)}") and app.says(stop.title)
        assert stop.link in app.links and (PICTURES / stop.picture).exists()
        if stop is not STOPS[-1]:
            app.press("Next")
    app.press("Back")
    assert app.says(STOPS[-2].title)
    app.press("End the tour")
    assert "Take the tour" in app.labels and not app.says("Tour, ")
