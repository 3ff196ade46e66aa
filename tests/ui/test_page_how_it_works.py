import json

import pytest

from optimizer import Goal
from services.jobs import JobState
from services.specs.results import RunResult
from services.specs.run import RunSpec


@pytest.fixture
def page(app):
    return app.go("how_it_works")


def asked(page, installation):
    """The specification of the run that the page shows."""
    return RunSpec.model_validate_json(installation.supervisor.store.get(page.session.lesson_id).spec)


def test_the_lesson_runs_and_says_how_it_ended(page, installation):
    page.press("Watch it search")
    assert installation.wait(page.session.lesson_id).state is JobState.DONE
    page.run()
    assert page.says("lineages tried over", "markdown")
    assert page.says("different ones were kept as results", "markdown")
    assert page.test.get("bidi_component")


def test_a_run_is_drawn_from_its_start_until_another_page_was_looked_at(page, installation):
    page.press("Watch it search")
    installation.wait(page.session.lesson_id)
    assert progress(page.run())["is_new"] and progress(page)["is_final"]
    page.go("start").go("how_it_works")
    assert progress(page)["is_final"] and not progress(page)["is_new"]


def progress(page):
    """What the live view was told last."""
    told = [json.loads(each.proto.json) for each in page.test.get("bidi_component") if each.proto.json]
    return told[0]["progress"]


def test_knobs_become_the_specification(page, installation):
    page.put("segmented_control", "Search for", "Min").put("slider", "Lineages", 7).put("slider", "Patience", 3)
    page.put("slider", "Mutation strength", 0.5).put("number_input", "Seed", 4).press("Watch it search")
    spec = asked(page, installation)
    assert (spec.goal, spec.method.n_lineages, spec.method.patience) == (Goal.MINIMUM, 7, 3)
    assert (spec.features[0].weight, spec.seed) == (0.5, 4)
    assert installation.wait(page.session.lesson_id).state is JobState.DONE


def test_the_same_knobs_find_the_same(page, installation):
    results = []
    for _ in range(2):
        page.press("Watch it search")
        found = RunResult.model_validate_json(installation.wait(page.session.lesson_id).result)
        results.append(found.results)
        page.run()
    assert results[0] == results[1]


def test_the_lesson_leaves_the_users_own_work_alone(app, installation):
    app.use_concrete()
    before = app.session.draft
    app.go("how_it_works").press("Watch it search")
    installation.wait(app.session.lesson_id)
    app.run()
    assert (app.session.draft, app.session.run_id, app.session.dataset.name) == (before, None, "Concrete mixes")
    assert "run" not in app.test.query_params


def test_knobs_are_kept_through_another_page(page):
    page.put("slider", "Lineages", 3).go("start").go("how_it_works")
    assert page.one("slider", "Lineages").value == 3


@pytest.mark.parametrize("n_lineages", [1, 40])
def test_every_number_of_lineages_finds_something(page, installation, n_lineages):
    page.put("slider", "Lineages", n_lineages).press("Watch it search")
    assert installation.wait(page.session.lesson_id).state is JobState.DONE
    assert page.run().says("lineages tried over", "markdown")
