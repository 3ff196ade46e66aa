import gc

import pytest

from services.jobs import JobState
from ui.shared.frame import DATA, set_modules_aside

TITLES = {
    "start": "Several believable ways to the best outcome",
    "data": "Data",
    "model": "Model",
    "optimize": "Optimize",
    "results": "Results",
    "how_it_works": "How it works",
}


@pytest.mark.parametrize("page", TITLES)
def test_each_page_opens_within_the_frame(app, page):
    assert app.go(page).title == TITLES[page]


@pytest.mark.parametrize("page", TITLES)
def test_a_cold_link_reaches_its_page_though_the_frame_had_not_run(open_app, page):
    app = open_app(page)
    assert app.title == TITLES[page]
    assert app.test.session_state["frame_has_run"]


@pytest.mark.parametrize("page", ["data", "start"])
def test_nothing_is_named_in_the_address_without_a_run(app, page):
    assert "run" not in app.go(page).test.query_params


@pytest.mark.parametrize("page", ["model", "optimize", "what_if"])
def test_without_a_table_the_way_to_one_is_shown(app, page):
    app.go(page)
    assert app.says("There is no table yet")
    assert app.links == ["Bring a table", "Begin with a story"]
    assert app.labels == []


@pytest.mark.parametrize("page", ["optimize", "results"])
def test_a_link_to_a_run_shows_it_in_a_session_that_knew_nothing(open_app, finished_run, page):
    app = open_app(page, run=finished_run)
    assert app.title == TITLES[page]
    assert app.session.run_id == finished_run
    assert app.session.dataset.name == "Concrete mixes"
    assert app.session.draft.budget.evaluations == 6_000
    assert app.test.query_params["run"] in (finished_run, [finished_run])
    assert page == "optimize" or len(app.table_names) == 11  # five results, five recorded rows, the best of random ones


@pytest.mark.parametrize("run", ["nothing", "", "'; drop table jobs", "x" * 5_000])
def test_a_link_to_a_run_that_is_not_kept_says_so_and_shows_the_last_one(open_app, finished_run, run):
    app = open_app("results", run=run)
    assert app.title == "Results"
    assert app.says("Your last run", "caption")
    assert app.says("a run that is not kept here", "warning") == (run != "")


def test_a_link_to_a_training_is_no_link_to_a_run(open_app, installation):
    training = installation.ended("training", "t", "{}", "cancelled")
    assert open_app("optimize", run=training).says("a run that is not kept here", "warning")


@pytest.mark.parametrize(
    ("page", "name", "what"), [("optimize", "tune", "tuning"), ("runs", "methods", "comparison of methods")]
)
def test_a_link_to_a_run_is_no_link_to_a_study(open_app, finished_run, page, name, what):
    app = open_app(page, **{name: finished_run})
    assert app.says(f"The link names a {what} that is not kept here.", "warning")


def test_a_run_whose_table_is_gone_says_so(open_app, installation, finished_run):
    digest = open_app("results", run=finished_run).session.dataset.digest
    spec = installation.supervisor.store.get(finished_run).spec.replace(digest, "0" * 64)
    app = open_app("results", run=installation.ended("search", "lost", spec, "failed", error="gone"))
    assert app.says("neither saved here nor shipped", "warning")
    assert app.says("Your last run", "caption")


def test_a_link_that_is_broken_keeps_the_session_that_follows_it(open_app, finished_run):
    app = open_app("results", run=finished_run)
    app.test.query_params["run"] = "nothing"
    app.run()
    assert app.session.run_id == finished_run
    assert app.says("a run that is not kept here", "warning")
    assert app.run().says("Density check")


def test_two_sessions_know_nothing_of_each_other(open_app):
    one, other = open_app(), open_app()
    one.use_concrete()
    assert one.session.dataset is not None
    assert other.go("data").session.dataset is None


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.INTERRUPTED])
def test_a_run_that_failed_says_why_on_both_pages(open_app, installation, finished_run, state):
    spec = installation.supervisor.store.get(finished_run).spec
    job = installation.ended("search", "failing", spec, state, error="The disk [is](http://evil) full.")
    for page in ("optimize", "results"):
        app = open_app(page, run=job)
        assert app.says("The disk [is](http://evil) full.", "error")
        assert not any("[is](" in text for text in app.raw_texts())
    assert "Back to Optimize" in app.links


def test_a_stopped_run_without_results_says_that_it_was_stopped(open_app, installation, finished_run):
    spec = installation.supervisor.store.get(finished_run).spec
    app = open_app("optimize", run=installation.ended("search", "stopped", spec, "cancelled"))
    assert app.says("The run was stopped.")
    assert "Search again" in app.labels


def test_modules_of_a_page_are_looked_through_once_only(monkeypatch):
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    set_modules_aside.cache_clear()
    for page in (DATA, DATA, "another page", DATA):
        set_modules_aside(page)
    assert len(frozen) == 2


def test_a_page_leaves_little_to_garbage_collection(open_app):
    set_modules_aside.cache_clear()
    open_app("data")
    assert gc.get_freeze_count() > 50_000  # modules of Streamlit, pandas and the app
