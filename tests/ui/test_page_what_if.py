import io
import json

import pandas as pd
import pytest

from services.papers.variants import Variants
from services.results.names import titles
from services.studies.what_if.explorer import DEFERRED
from ui.what_if.what_if_view import A_ROW


@pytest.fixture
def page(open_app, finished_run):
    """What if with a finished run of the concrete story."""
    return open_app("what_if", run=finished_run)


@pytest.fixture
def no_variants(installation, finished_run):
    """The run without any variant, before and after."""
    yield
    Variants.change(installation.supervisor.store, finished_run, lambda _: Variants())


def message(page):
    """What the profiler was told."""
    drawn = [json.loads(each.proto.json) for each in page.test.get("bidi_component") if each.proto.json]
    return next(each for each in drawn if "answer" in each)


def begin_from(page, name):
    page.one("selectbox", "Begin from").set_value(name)
    return page.run()


def move(page, setting):
    """Move features as the browser's message does."""
    page.session.what_if.setting = tuple(setting)
    return page.run()


def test_it_begins_from_the_first_result(page, result):
    assert page.one("selectbox", "Begin from").value == titles(result)[0]
    assert page.session.what_if.setting == result.results.X[0]
    assert message(page)["answer"]["setting"] == pytest.approx(result.results.X[0])


def test_results_recorded_rows_and_the_best_can_be_begun_from(page, result):
    names = titles(result)
    best = result.best_recorded.rows[0]
    assert page.one("selectbox", "Begin from").options == [*names, f"Row {best}, the best recorded", A_ROW]
    begin_from(page, names[1])
    assert page.session.what_if.setting == result.results.X[1]
    begin_from(page, f"Row {best}, the best recorded")
    assert page.session.what_if.setting == result.best_recorded.X[0]
    begin_from(page, A_ROW).put("number_input", "Recorded row", 5)
    assert page.session.what_if.setting == tuple(page.session.dataset.X[4])
    assert page.one("number_input", "Recorded row").value == 5
    assert begin_from(page, names[0]).session.what_if.setting == result.results.X[0]
    assert not page.all("number_input", "Recorded row")


def test_start_over_goes_back_to_where_it_began(page, result):
    move(page, page.session.dataset.X[9]).press("Start over")
    assert page.session.what_if.setting == result.results.X[0]


def test_the_best_with_the_others_moves_what_is_not_locked(page, result):
    x = list(result.results.X[0])
    x[3] += 20.0  # water: the rest is at its best with less of it
    page.session.what_if.locked = (0, 1, 2, 4, 5, 6)
    move(page, x)
    before = message(page)["answer"]["figures"][0]["value"]
    page.press("Best with the others")
    assert [page.session.what_if.setting[j] for j in (0, 1, 2, 4, 5, 6, 7)] == [x[j] for j in (0, 1, 2, 4, 5, 6, 7)]
    assert page.session.what_if.setting[3] != x[3]
    assert message(page)["answer"]["figures"][0]["value"] != before
    page.session.what_if.locked = tuple(range(8))
    page.press("Best with the others")
    assert page.test.toast[0].value.startswith("Every feature is locked")


def test_variants_are_kept_with_the_run_renamed_deleted_and_had_back(page, open_app, finished_run, no_variants):
    assert page.says("None yet.")
    move(page, page.session.dataset.X[9]).press("Keep this variant").press("Keep this variant")
    table = page.test.dataframe[0].value
    assert list(table["variant"])[-2:] == ["Variant 1", "Variant 2"]
    assert table["variant"].iloc[0].startswith("Row ")  # the reference
    other = open_app("what_if", run=finished_run)  # another session, as after a restart
    assert list(other.test.dataframe[0].value["variant"])[-2:] == ["Variant 1", "Variant 2"]
    other.session.what_if.setting = None
    begin_from(other.run(), "Variant 1")
    assert other.session.what_if.setting == tuple(page.session.dataset.X[9])


def choose(page, row):
    """Choose a row of the table of variants."""
    page.test.session_state[page.test.dataframe[0].key] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return page.run()


def test_a_chosen_variant_is_renamed_opened_deleted_and_restored(page, installation, finished_run, no_variants):
    move(page, page.session.dataset.X[9]).press("Keep this variant")
    last = len(page.test.dataframe[0].value) - 1
    choose(page, last).put("text_input", "Name", "  less water ")
    kept = Variants.of(installation.supervisor.store, finished_run).of_features(8)
    assert [row.name for row in kept.rows] == ["less water"]
    move(page, page.session.dataset.X[3])
    choose(page, last).press("Open")
    assert page.session.what_if.setting == tuple(page.session.dataset.X[9])
    choose(page, len(page.test.dataframe[0].value) - 1).press("Delete")
    assert page.says("Deleted: less water.") and page.says("None yet.")
    page.press("Undo")
    assert list(page.test.dataframe[0].value["variant"])[-1] == "less water"


def test_variants_are_taken_away(page, no_variants):
    page.press("Keep this variant")
    assert [button.label for button in page.test.get("download_button")] == ["Download CSV"]
    frame = page.test.dataframe[0].value
    assert "predicted area [MPa·days]" in frame.columns and "cement [kg/m³]" in frame.columns
    assert pd.read_csv(io.StringIO(frame.to_csv())).shape[0] == len(frame)


def test_without_a_run_it_begins_from_the_row_measured_best_and_keeps_variants(open_app):
    app = open_app().use_concrete().go("what_if")
    start = app.one("selectbox", "Begin from").value
    assert start.endswith("measured best")
    app.press("Keep this variant")
    assert list(app.test.dataframe[0].value["variant"])[-1] == "Variant 1"
    app.go("data").go("what_if")
    assert list(app.test.dataframe[0].value["variant"])[-1] == "Variant 1"
    assert app.one("selectbox", "Begin from").value == start


def test_a_search_from_here_has_the_setting_as_its_reference(page, result):
    move(page, page.session.dataset.X[9]).press("Search from here")
    reference = page.session.draft.reference
    assert page.title == "Optimize"
    assert reference.values == pytest.approx(tuple(page.session.dataset.X[9]))
    assert reference.name == "What if from Result 1"


def test_another_run_begins_anew(page, result, finished_run):
    move(page, page.session.dataset.X[9])
    page.session.run_id = None
    page.run()
    assert page.session.what_if.setting != tuple(page.session.dataset.X[9])


def test_a_result_is_taken_here_from_the_results_page(open_app, finished_run, result):
    app = open_app("results", run=finished_run)
    button = next(button for button in app.test.button if button.label == "What if")
    place = int(button.key.removeprefix("explore-"))
    button.click()
    app.run()
    assert app.title == "What if"
    assert app.session.what_if.setting == result.results.X[place]


def test_settings_that_cannot_be_searched_are_refused_in_words(open_app):
    app = open_app().use_concrete()
    draft = app.session.draft
    frozen = tuple(feature.model_copy(update={"is_free": False}) for feature in draft.features)
    app.session.draft = draft.revised(features=frozen)
    app.go("what_if")
    assert app.says("These settings cannot be explored: All features are frozen", "error")
    assert app.links == ["Change them on Optimize"]


def test_a_model_that_needs_tensorflow_is_deferred_in_words(open_app, monkeypatch):
    from services.catalog.loading import ModelWithData

    app = open_app().use_concrete()
    monkeypatch.setattr(ModelWithData, "is_deferred", property(lambda self: True))
    app.go("what_if")
    assert app.says(DEFERRED, "info")


@pytest.fixture(scope="module")
def front_run(installation):
    """The id of a finished run for strength and cost at 28 days, the water/cement ratio limited, with its result."""
    from optimizer import Goal
    from services.catalog.loading import Catalog
    from services.catalog.settings import Settings
    from services.problems.defaults import default_spec
    from services.results.search import run_spec
    from services.specs.outcomes import ModelRef, OutcomeSpec

    catalog = Catalog.of(Settings.from_environment())
    dataset = catalog.datasets.load("concrete")
    model = ModelRef(name="concrete", digest=catalog.models.load("concrete").digest)
    spec = default_spec(catalog.pair(dataset, model), dataset, model).revised(curve=None)
    outcomes = (
        OutcomeSpec(name=dataset.outcome.name, model=model, goal=Goal.MAXIMUM),
        OutcomeSpec(name="cost", formula="0.1 * cement + 2 * superplasticizer", unit="€/m³", goal=Goal.MINIMUM),
        OutcomeSpec(name="w/c", formula="water / cement", at_most=0.55),
    )
    spec = spec.revised(outcomes=outcomes, budget={"evaluations": 1_500}, n_results=3, is_compared=False)
    result = run_spec(spec, catalog.model_data(spec)).result
    run = installation.ended("search", spec.name, spec.model_dump_json(), result=result.model_dump_json())
    return run, result


def test_a_result_of_a_front_is_shown_with_all_outcomes(open_app, front_run):
    run, found = front_run
    page = open_app("what_if", run=run)
    assert page.session.what_if.setting == found.results.X[0]
    drawn = message(page)
    assert [row["name"] for row in drawn["scene"]["others"]] == ["cost", "w/c"]
    names = [figure["name"] for figure in drawn["answer"]["figures"]]
    assert names[:3] == ["Expected compressive strength", "cost", "w/c"]
    assert "at most 0.55: kept" in drawn["answer"]["figures"][2]["notes"]
    page.press("Keep this variant")
    frame = page.test.dataframe[0].value
    assert {"cost [€/m³]", "w/c", "limits kept"} <= set(frame.columns)
    assert frame["limits kept"].iloc[-1] == "1 of 1"


def test_one_goal_of_a_front_is_chosen_and_improved(open_app, front_run):
    run, found = front_run
    page = open_app("what_if", run=run)
    assert page.one("selectbox", "Improve").options == ["compressive strength", "cost"]
    x = list(found.results.X[-1])
    x[4] += 10.0  # superplasticizer, which costs
    move(page, x)
    page.put("selectbox", "Improve", "cost")
    before = message(page)["answer"]["figures"]
    page.press("Best with the others")
    after = message(page)["answer"]["figures"]
    assert float(after[1]["value"]) < float(before[1]["value"])
    assert float(after[0]["value"]) >= float(before[0]["value"])


def test_a_run_with_one_goal_has_no_choice_of_goals(page):
    assert not page.all("selectbox", "Improve")
