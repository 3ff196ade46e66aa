"""What realism costs, beside the settings: a curve that grows, a set of results per point, and its setting taken."""

import json

import pytest

from services.jobs import JobKind, JobState
from services.studies.tune import SweptSetting, TuneResult, TuneSpec
from ui.tune.tune_view import picked_setting


@pytest.fixture
def store(installation):
    return installation.supervisor.store


@pytest.fixture(scope="module")
def small_run():
    """The run of the concrete story with a small budget."""
    from services.problems.stories import story, story_spec
    from ui.shared import cache

    spec = story_spec(story("concrete"), cache.catalog())
    return spec.revised(budget=spec.budget.model_copy(update={"evaluations": 1_500}))


@pytest.fixture(scope="module")
def finished(installation, small_run):
    """The id of a finished tuning of the density penalty."""
    spec = TuneSpec(run=small_run, dial=SweptSetting.DENSITY, weights=(0.0, 0.5, 5.0))
    job = installation.supervisor.submit(JobKind.TUNE, small_run.name, spec.model_dump_json())
    assert installation.wait(job).state is JobState.DONE
    return job


def charts(page):
    return [json.loads(chart.proto.spec) for chart in page.figures]


def slider(page):
    return page.one("select_slider", "Results shown: density penalty")


def ask_price(page):
    """Open what realism costs, as the button beside the density penalty does."""
    page.session.tune.is_open = True
    return page.run()


def test_a_plan_comes_before_the_start(app):
    ask_price(app.use_concrete().go("optimize"))
    assert app.says("searches, one after the other, of 8,000 evaluations at most each. This takes", "info")
    assert app.one("text_input", "Settings to try").value == "0, 0.02, 0.05, 0.1, 0.2, 0.5, 5"
    assert app.says("It is 5 now.", "caption")
    assert not app.figures


def test_a_tuning_is_started_by_a_button_and_shown_when_it_is_done(app, installation, store):
    ask_price(app.use_concrete().go("optimize").set_on_board(evaluations=1_500))
    app.put("selectbox", "Dial", SweptSetting.DISTANCE).put("text_input", "Settings to try", "0 3")
    app.press("Start tuning")
    job = store.get(app.session.tune.job_id)
    spec = TuneSpec.model_validate_json(job.spec)
    assert (job.kind, spec.dial, spec.weights) == (JobKind.TUNE, SweptSetting.DISTANCE, (0.0, 3.0))
    assert spec.run == app.session.draft
    assert installation.wait(job.id).state is JobState.DONE
    app.run()
    assert app.test.query_params["tune"] in (job.id, [job.id])
    result = TuneResult.model_validate_json(store.get(job.id).result)
    traces = {trace["name"]: trace for trace in charts(app)[0]["data"]}
    assert traces["mean of results"]["customdata"] == [point.weight for point in result.points] == [0.0, 3.0]
    assert "Tune again" in app.labels


@pytest.mark.parametrize("text", ["", "0, a bit", "0, -1"])
def test_settings_that_cannot_be_tried_are_refused_on_the_page(app, text):
    ask_price(app.use_concrete().go("optimize")).put("text_input", "Settings to try", text)
    assert len(app.texts("error")) == 1
    assert app.one("button", "Start tuning").disabled


def test_a_run_that_cannot_be_searched_cannot_be_tuned(app):
    ask_price(app.use_concrete().go("optimize").set_on_board(start=400.0))
    assert app.says("The run that is set here cannot be searched", "error")
    assert app.one("button", "Start tuning").disabled


def test_a_link_shows_a_tuning_in_a_session_that_knew_nothing(open_app, finished, small_run):
    page = open_app("optimize", tune=finished)
    assert page.session.tune.job_id == finished
    assert page.session.draft == small_run
    assert len(page.figures) == 2  # the curve, and what the results of every setting weigh
    assert slider(page).value == 5.0  # the present setting
    assert page.one("button", "In use").disabled
    assert "All of the results with density penalty 5" in [each.label for each in page.test.expander]


def test_the_slider_shows_another_set_of_results(open_app, finished):
    page = open_app("optimize", tune=finished)
    slider(page).set_value(0.5)
    page.run()
    assert page.says("With density penalty 0.5 the results promise")
    assert "All of the results with density penalty 0.5" in [each.label for each in page.test.expander]
    assert page.session.tune.setting == 0.5


def test_use_sets_the_density_penalty_beside_the_curve(open_app, finished, small_run):
    page = open_app("optimize", tune=finished)
    slider(page).set_value(0.5)
    page.run().press("Use 0.5")
    assert page.board["knobs"]["now"]["density"] == 0.5
    assert page.session.draft.density == small_run.density.model_copy(update={"weight": 0.5})
    assert not page.says("The settings differ", "warning")  # what is turned itself does not count
    assert page.one("button", "In use").disabled


def test_the_price_can_be_closed_and_is_no_part_of_the_address_then(open_app, finished):
    page = open_app("optimize", tune=finished)
    page.press("Close")
    assert not page.figures and not page.says("What does realism cost?", "subheader")
    assert "tune" not in page.run().test.query_params
    assert len(ask_price(page).figures) == 2
    assert page.run().test.query_params["tune"] in (finished, [finished])


def test_other_settings_than_the_curves_are_told_in_yellow(open_app, finished):
    page = open_app("optimize", tune=finished)
    assert not page.says("The settings differ", "warning")
    page.put("text_input", "Settings to try", "0, 1")
    assert page.says("The settings differ from those of the curve shown here.", "warning")
    page.set_on_board(seed=5)
    assert page.says("The settings differ from those of the curve shown here.", "warning")


def test_a_tuning_that_goes_on_shows_what_it_has_and_can_be_stopped(open_app, installation, store, small_run):
    slow = small_run.revised(budget={"evaluations": 10**8, "seconds": 2.0})
    spec = TuneSpec(run=slow, dial=SweptSetting.DENSITY, weights=tuple(range(25)))
    job = installation.supervisor.submit(JobKind.TUNE, "slow", spec.model_dump_json())
    installation.wait_for(job, lambda job: job.n_pieces >= 2)
    page = open_app("optimize", tune=job)
    assert page.one("button", "Tune again").disabled
    assert page.figures
    page.press("Stop tuning")
    assert installation.wait(job).state is JobState.CANCELLED
    page.run()
    n_done = store.get(job).n_pieces
    assert page.says(f"You stopped the tuning; {n_done} of 25 settings were done and are kept.", "info")
    assert page.figures


def test_points_survive_a_tuning_that_was_ended_by_force(open_app, store, finished):
    job = store.add(JobKind.TUNE, "lost", store.get(finished).spec)
    store.add_piece(job, store.pieces(finished)[0])
    store.finish(job, JobState.INTERRUPTED, error="The server [stopped](http://evil).")
    page = open_app("optimize", tune=job)
    assert page.says("The tuning was interrupted: The server [stopped](http://evil).", "error")
    assert page.says("With density penalty 0 the results promise")


def test_another_table_takes_the_curve_away(open_app, finished):
    page = open_app("optimize", tune=finished)
    page.use_table("production_yield")
    assert page.session.tune.job_id is None


@pytest.mark.parametrize(
    ("event", "setting"),
    [
        (None, None),
        ({}, None),
        ({"selection": {"points": []}}, None),
        ({"selection": {"points": [{"curve_number": 0}]}}, None),
        ({"selection": {"points": [{"customdata": 0.0}]}}, 0.0),
        ({"selection": {"points": [{"customdata": [2.5]}]}}, 2.5),
    ],
)
def test_a_click_on_a_point_chooses_its_setting(event, setting):
    assert picked_setting(event) == setting


def test_the_address_of_the_former_page_opens_the_panel_once(open_app, finished, store):
    page = open_app("optimize", tune=finished)
    page.press("Close").session.former = "tune"
    assert page.go("start").go("optimize").says("What does realism cost?", "subheader")
    assert not page.press("Close").go("start").go("optimize").says("What does realism cost?", "subheader")
