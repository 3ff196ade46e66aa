import pytest

from optimizer import Goal, Summary
from services.jobs import JobState

STORIES = {"concrete": "Concrete mixes", "production": "Production yield", "bumps": "Bumps"}


def test_start_shows_four_stories_a_picture_and_the_ways_to_ones_own_table_and_to_the_lesson(app):
    assert len(app.all("button", "Watch it search")) == 4
    assert len(app.test.image) == 1 and app.links == ["How it works"]
    assert not app.says("Go on with your work")
    assert app.press("Bring your own table").title == "Data"


def test_runs_and_tables_of_ones_own_are_found_in_a_new_browser(open_app, installation, result, csv):
    rows = range(20)
    columns = {"dose": rows, "speed": [i % 7 for i in rows], "gain": [i % 5 for i in rows]}
    open_app("data").upload("line 4.csv", csv(columns)).take_table()
    n_pictures = len(open_app().test.image)
    run = installation.keep(result)
    app = open_app()
    assert app.says("Go on with your work", "header")
    assert len(app.test.image) == n_pictures + 1
    app.press_key(f"continue-{run}")
    assert (app.title, app.session.run_id) == ("Results", run)
    app = open_app().press("line 4")
    assert app.title == "Data" and app.session.dataset.name == "line 4"
    assert app.says("In use: line 4", "subheader")


def test_stories_are_no_work_of_ones_own(open_app, installation, finished_run):
    names = [label for label in open_app().labels if label == "Continue"]
    job = installation.supervisor.store.get(finished_run)
    installation.supervisor.store.add("search", job.name, job.spec, "concrete")
    assert [label for label in open_app().labels if label == "Continue"] == names


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
    app.press_key("see-results")
    assert len(app.table_names) >= 3


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
    assert app.says("There is no story '**x**'. The address knows these: concrete, front, production, bumps.")
    assert app.session.run_id is None
