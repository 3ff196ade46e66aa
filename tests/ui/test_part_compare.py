"""Compare, a part of Runs: runs side by side, and methods on one problem."""

import json

import pytest

from services.jobs import JobKind, JobState
from services.jobs.workers.traces import TracePiece
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.studies.compare.methods import ComparisonResult, ComparisonSpec


@pytest.fixture
def store(installation):
    return installation.supervisor.store


@pytest.fixture(scope="module")
def bumps(installation):
    from ui.shared import cache

    return story_spec(story("bumps"), cache.catalog()).revised(budget={"evaluations": 600})


@pytest.fixture(scope="module")
def keep(installation):
    """Return a function that puts a run that has ended into the store, and gives its id."""
    from ui.shared import cache

    def put(spec):
        store = installation.supervisor.store
        report = run_spec(spec, cache.catalog().model_data(spec))
        job = store.add(JobKind.SEARCH, spec.name, spec.model_dump_json())
        assert store.start(job, "test")
        store.add_piece(job, TracePiece.of(report.trace, len(spec.features)).to_bytes())
        store.finish(job, JobState.DONE, result=report.result.model_dump_json())
        return job

    return put


@pytest.fixture(scope="module")
def runs(keep, bumps):
    """Three runs: two of the bumps, one of them narrower, and one of production."""
    from ui.shared import cache

    narrow = bumps.features[0].model_copy(update={"high": 6.0})
    production = story_spec(story("production"), cache.catalog()).revised(budget={"evaluations": 1_500})
    specs = (
        bumps,
        bumps.revised(name="Narrow", features=(narrow,), seed=4),
        production.revised(is_compared=False),
    )
    return tuple(map(keep, specs))


def table(page, first, number=0):
    """Return the table whose first column has that name; there may be several."""
    return [frame.value for frame in page.test.dataframe if frame.value.columns[0] == first][number]


def unfold(page, *keys):
    """Open these folds, which are drawn then."""
    for key in keys:
        page.test.session_state[key] = True
    return page.run()


def test_without_runs_the_way_to_one_is_shown(app):
    app.go("runs").put("segmented_control", "Show", "Compare runs")
    assert app.says("There are no finished runs with results yet.")
    assert app.links == ["Start a search", "Begin with a story"]
    app.put("segmented_control", "Show", "Compare methods")
    assert app.says("There is no table yet")


def test_a_link_shows_runs_side_by_side_with_what_differs(open_app, runs):
    page = open_app("runs", compare=",".join(runs[:2]))
    assert page.session.compare.runs == runs[:2]
    differ = table(page, "Setting")
    assert list(differ.columns) == ["Setting", "A: A curve with many peaks", "B: Narrow"]
    assert differ["Setting"].tolist() == ["x", "Seed"]
    assert differ.iloc[0, 2] == "Between 0 and 6"
    results = table(page, "Figure")
    assert results["Figure"].tolist()[0] == "Best y"
    assert not page.figures  # what is folded costs nothing
    unfold(page, "converged-A-B", "mapped")
    assert len(page.figures) == 2  # convergence and map
    course = json.loads(page.figures[0].proto.spec)
    assert [trace["name"] for trace in course["data"]][:2] == ["A: A curve with many peaks", "B: Narrow"]


def test_a_run_is_opened_from_the_comparison(open_app, runs):
    page = (
        open_app("runs")
        .put("segmented_control", "Show", "Compare runs")
        .put("multiselect", "Runs to compare", [runs[1], runs[0]])
        .press("Open B")
    )
    assert page.title == "Results"
    assert page.session.run_id == runs[0]
    assert page.go("runs").session.compare.runs == (runs[1], runs[0])


def test_runs_of_different_outcomes_are_shown_apart(open_app, runs):
    page = open_app("runs", compare=",".join(runs))
    assert page.says("These runs search for different outcomes, so their numbers are shown apart: A and B | C.", "info")
    assert len(table(page, "Figure").columns) == 3
    assert len(table(page, "Figure", 1).columns) == 2
    unfold(page, "converged-A-B", "converged-C", "mapped")
    assert page.says("so no one map holds them: A and B | C.", "info")
    assert len(page.figures) == 3  # two convergences, and the map of A and B


def test_runs_are_chosen_on_the_page_and_named_in_the_address(open_app, runs):
    page = open_app("runs").put("segmented_control", "Show", "Compare runs")
    assert len(page.session.compare.runs) == 1  # the newest, which alone has its table
    assert page.says("Choose two or more runs", "info")
    page.put("multiselect", "Runs to compare", [runs[1], runs[0]])
    assert page.session.compare.runs == (runs[1], runs[0])
    page.run()
    assert page.test.query_params["compare"] in (f"{runs[1]},{runs[0]}", [f"{runs[1]},{runs[0]}"])
    assert list(table(page, "Setting").columns)[1] == "A: Narrow"


def test_what_a_link_names_and_is_not_kept_is_said(open_app, runs, store, installation):
    without = installation.ended("search", "lost", store.get(runs[0]).spec, "failed", error="no")
    page = open_app("runs", compare=f"{runs[0]},nonsense,{without},{runs[1]}")
    assert page.session.compare.runs == (runs[0], runs[1])
    assert page.says("Some runs that the link names are not kept here, or have no results.", "warning")


def test_the_address_names_what_is_compared_while_that_is_shown(open_app, runs):
    page = open_app("runs", compare=",".join(runs[:2]))
    assert "compare" in page.test.query_params
    page.put("segmented_control", "Show", "All runs")
    assert "compare" not in page.test.query_params
    page.test.query_params["compare"] = ",".join(runs[:2])  # as by the browser's way back
    page.run()
    assert page.one("segmented_control", "Show").value == "Compare runs"


def test_runs_with_the_same_settings_are_said_to_be_alike(open_app, keep, runs, bumps):
    page = open_app("runs", compare=f"{runs[0]},{keep(bumps.revised(name='Twin'))}")
    assert page.says("None: these runs have the same settings.")


@pytest.fixture
def methods(open_app, runs):
    """The comparison of methods, in a session that works with the bumps."""
    page = open_app("results", run=runs[0]).go("runs")
    return page.put("segmented_control", "Show", "Compare methods")


def test_a_plan_and_what_to_know_come_before_the_start(methods):
    assert methods.says("7 searches of 600 evaluations at most each. This takes", "info")
    assert methods.says("Bayesian (TPE): It gets 500 evaluations only", "caption")
    methods.test.multiselect[0].set_value([])
    methods.run()
    assert methods.says("Choose at least one method.", "error")
    assert methods.one("button", "Compare methods").disabled


def test_methods_are_compared_by_a_button_and_one_goes_to_optimize(methods, installation, store):
    methods.put("multiselect", "Methods", ["lineages", "random_search"]).put("number_input", "Seeds", 2)
    methods.press("Compare methods")
    job = store.get(methods.session.compare.methods_id)
    spec = ComparisonSpec.model_validate_json(job.spec)
    assert (job.kind, spec.methods, spec.n_seeds) == (JobKind.METHODS, ("lineages", "random_search"), 2)
    assert installation.wait(job.id).state is JobState.DONE
    methods.run()
    assert methods.test.query_params["methods"] in (job.id, [job.id])
    comparison = ComparisonResult.model_validate_json(store.get(job.id).result)
    assert set(table(methods, "method")["method"]) == {"Lineages", "Random search"}
    assert len(comparison.entries) == 4
    assert len(methods.figures) == 1
    assert methods.says("found the best y")
    assert "Compare again" in methods.labels
    methods.put("number_input", "Seeds", 1)
    assert methods.says("The settings differ from those of the comparison shown here.", "warning")
    methods.put("selectbox", "Search by", "random_search").press("Use it on Optimize")
    assert methods.title == "Optimize"
    assert methods.session.draft.method.name == "random_search"


def test_a_comparison_that_goes_on_can_be_stopped_and_keeps_what_is_done(open_app, installation, store, bumps):
    run = bumps.revised(budget={"evaluations": 10**7})
    spec = ComparisonSpec(run=run, methods=("lineages", "bayesian"))
    job = installation.supervisor.submit(JobKind.METHODS, "slow", spec.model_dump_json())
    installation.wait_for(job, lambda job: "searching" in job.progress)
    page = open_app("runs", methods=job)
    assert page.one("button", "Compare again").disabled
    page.press("Stop")
    assert installation.wait(job).state is JobState.CANCELLED
    page.run()
    assert page.says("You stopped the comparison;", "info")
