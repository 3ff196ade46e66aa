import io
import json

import numpy as np
import pandas as pd
import pytest

from services.jobs import JobKind
from services.papers.exports import to_csv
from services.results.names import result_names, titles
from services.specs.results import USUAL_TOLERANCES, MeasuredThere, RunResult
from services.specs.run import RunSpec
from services.texts.results import (
    facts,
    interval_words,
    light_of,
    nearest_sentence,
    result_summaries,
    variety_sentence,
)
from services.texts.tables import results_frame
from tests.ui.conftest import as_shown


@pytest.fixture
def page(open_app, finished_run):
    """The Results page with a finished run of the concrete story."""
    return open_app("results", run=finished_run)


def test_without_a_run_the_last_one_is_shown(app, finished_run, installation, result):
    newest = installation.keep(result)
    app.go("results")
    assert app.session.run_id == newest
    assert app.says("Your last run: ", "caption")
    assert app.test.query_params["run"] in (newest, [newest])
    assert any(button.key == f"last-{finished_run}" for button in app.test.button)


def test_whoever_works_on_a_table_is_offered_the_last_runs(app, installation, result):
    run = installation.keep(result)
    app.use_concrete().go("results")
    assert app.session.run_id is None and app.says("No run is shown. These are the last ones:", "markdown")
    next(button for button in app.test.button if button.key == f"last-{run}").click()
    app.run()
    assert app.session.run_id == run and app.title == "Results"


def test_results_stand_beside_the_best_recorded_rows(page, result):
    n = len(result.results)
    assert n >= 2
    reference, *names = page.table_names
    assert names[:n] == result_names(n)
    assert all(name.startswith("Row ") for name in (reference, *names[n:-1]))
    assert names[-1] == "Best of random"
    assert page.says(result.verdict.words, "markdown") and page.says(result.verdict.next_step, "markdown")
    assert all(light is not None for light in page.row_fields("light")[1 : n + 1])
    assert "age" not in [column["name"] for column in page.result_view["table"]["columns"]]
    assert page.says("Blue cells differ from the reference.", "caption")


def test_what_to_expect_comes_first_then_all_settings_then_the_light(page, result):
    columns = page.result_view["table"]["columns"]
    names, n = [column["name"] for column in columns], len(result.results)
    settings = [feature.name for feature in result.features if feature.name != "age"]
    assert names == ["Predicted area", *settings, "Trust"]
    assert [column["unit"] for column in columns][1:-1] == ["kg/m³"] * 7
    np.testing.assert_allclose(page.table_column("Predicted area")[1 : n + 1], result.results.outcomes, atol=1e-5)


def test_one_result_is_looked_at_closely(page, result):
    for k, name in enumerate(result_names(len(result.results))[:2]):
        page.put("selectbox", "Look closer at", name)
        assert page.says(nearest_sentence(result, result.results, k), "markdown")
        for fact in facts(result, result.results, k)[:2]:
            assert page.says(f"{fact.name}  \n{fact.value}", "markdown")
        for chip in result_summaries(result, result.results, k):
            assert page.says(chip.line, "markdown")
        light = light_of(result, result.results, k)
        assert page.says(light.words, "markdown") and page.says(light.reasons[0], "markdown")
        assert page.says("in steps of 0.1: cement", "caption")


def test_the_view_and_the_card_look_at_the_same_result(page, result):
    assert page.result_view["chosen"] == 0
    page.put("selectbox", "Look closer at", "Result 2")
    assert page.result_view["chosen"] == 1 and page.session.results.chosen == 1
    assert page.says(titles(result)[1], "markdown")
    page.go("start").go("results")  # and it is remembered
    assert page.result_view["chosen"] == 1
    assert page.one("selectbox", "Look closer at").value == "Result 2"


def test_another_run_begins_with_its_first_result(page, installation, result):
    page.put("selectbox", "Look closer at", "Result 2")
    page.session.run_id = installation.keep(result)
    del page.test.query_params["run"]
    page.run()
    assert page.result_view["chosen"] == 0
    assert page.one("selectbox", "Look closer at").value == "Result 1"


def test_the_view_has_axes_the_archive_on_the_map_and_curves_with_intervals(page, result):
    view = page.result_view
    assert [axis["name"] for axis in view["axes"]][1:] == [f.name for f in result.features if f.name != "age"]
    assert all(axis["shares"] for axis in view["axes"])
    assert view["map"]["lineages"] >= result.statistics.n_lineages - result.statistics.n_merged
    assert len(view["map"]["archive"]["x"]) > 5 and len(view["map"]["recorded"]["x"]) > 100
    low, high = (view["table"]["rows"][1][end] for end in ("low", "high"))
    curve = view["table"]["rows"][1]["curve"]
    assert all(a < b < c for a, b, c in zip(low, curve, high, strict=True))
    assert len(json.dumps(view)) < 150_000


def test_a_model_trained_anew_since_takes_the_map_away_and_nothing_else(open_app, installation, result):
    run = installation.keep(result)
    card = installation.saved_models / "concrete.json"
    kept = card.read_text("utf-8")
    card.write_text(kept + " ", "utf-8")
    try:
        page = open_app("results", run=run)
        assert page.result_view["map"] is None and page.result_view["curves"] is not None
        assert len(page.result_view["axes"]) == 8
    finally:
        card.write_text(kept, "utf-8")


def test_notes_are_shown(open_app, installation, result):
    notes = ("The optimum sits on your bound for water.", "The optimum sits on your bound for <b>sand</b>.")
    page = open_app("results", run=installation.keep(result.model_copy(update={"notes": notes})))
    for note in notes:
        assert page.says(note, "caption")
    nothing = {"X": (), "outcomes": (), "scores": (), "penalties": (), "densities": (), "curves": ()}
    empty = result.results.model_copy(update=nothing)
    told = result.model_copy(update={"results": empty, "notes": ("No candidate is plausible enough.",)})
    page = open_app("results", run=installation.keep(told))
    assert page.says("Nothing was found. No candidate is plausible enough.", "warning")


def test_checks_that_disagree_are_flagged(open_app, installation, result):
    n = len(result.results)
    doubtful = {"plausibility": (50.0,) * n, "second_check": (1.0,) * n, "disagrees": (True,) * n}
    told = result.model_copy(update={"results": result.results.model_copy(update=doubtful)})
    page = open_app("results", run=installation.keep(told))
    assert page.says("disagree: among the records by one, beyond them by the other.", "warning")
    light = page.row_fields("light")[1]
    assert light["tone"] == "bad" and "Distance, another way: beyond them, disagrees" in light["reasons"]


def test_what_to_expect_is_three_numbers_on_one_scale(open_app, installation, result):
    rows = result.results
    known = rows.model_copy(update={"lows": rows.robust_low, "highs": rows.robust_high})
    told = result.model_copy(update={"results": known})
    page = open_app("results", run=installation.keep(told))
    span = page.row_fields("span")[1]
    assert interval_words(told, known, 0) in span["words"] and span["words"].startswith("at least ")
    assert span["texts"][1] == f"{rows.outcomes[0]:,.0f}"
    low, expected, high = span["places"]
    assert 0 <= low < expected < high <= 1 and 0 <= page.result_view["table"]["best"] <= 1


def test_a_result_of_before_is_shown_as_it_was(open_app, installation, result):
    document = result.model_dump(mode="json")
    for rows in (document["results"], document["best_recorded"], document["unpenalised"]):
        for name in ("lows", "highs", "plausibility", "second_check", "disagrees", "nearest"):
            del rows[name]
        del rows["robust_low"], rows["robust_high"]
    del document["baseline_random"], document["notes"], document["verdict"]
    page = open_app("results", run=installation.keep(RunResult.model_validate(document)))
    columns = [column["name"] for column in page.result_view["table"]["columns"]]
    assert columns[0] == "Predicted area" and page.row_fields("span")[1]["places"][0] is None
    assert page.says("nothing is known of the model's error", "markdown")


@pytest.fixture
def unfolded(page):
    """The page once How the search went was opened, as a click does."""
    page.test.session_state["search-story"] = True
    return page.run()


def test_how_good_and_how_different_the_results_are_is_said_in_the_fold(unfolded, result):
    page = unfolded
    searched = result.statistics.n_lineages - result.statistics.climb.n_lineages
    assert page.says(f"{searched} lineages tried", "markdown")
    folded = next(expander for expander in page.test.expander if expander.label == "How the search went")
    assert any(as_shown(text.value) == variety_sentence(result) for text in folded.markdown)


def test_the_density_check_is_drawn_and_all_else_is_folded(page):
    assert page.says("Density check", "markdown")
    assert [figure.key for figure in page.figures] == ["density-check"]
    folded = {expander.label: expander.proto.expanded for expander in page.test.expander}
    assert not any(folded.values())


def test_the_convergence_is_drawn_for_whoever_opens_it(unfolded):
    assert {"density-check", "convergence"} <= {figure.key for figure in unfolded.figures}


def test_results_of_the_concrete_story_can_be_mixed(result):
    densities = np.array(result.results.densities)
    assert (np.abs(result.density.tolerances_off(densities)) <= USUAL_TOLERANCES).all()
    assert max(result.results.outcomes) > max(result.best_recorded.outcomes)


def test_the_csv_holds_what_the_table_shows(page, result):
    read = pd.read_csv(io.BytesIO(to_csv(results_frame(result))))
    assert len(read) == len(result.results) >= 2
    np.testing.assert_allclose(read["cement [kg/m³]"], page.table_column("cement")[1 : len(read) + 1], atol=1e-5)


def test_results_are_kept_while_another_page_is_looked_at(page, finished_run):
    page.go("start").go("results")
    assert page.session.run_id == finished_run
    assert page.test.query_params["run"] in (finished_run, [finished_run])
    assert page.figures


def test_a_run_that_goes_on_is_waited_for(open_app, installation, result):
    spec = result.spec.revised(budget={"evaluations": 90_000_000})
    run = installation.supervisor.submit(JobKind.SEARCH, "long", spec.model_dump_json())
    page = open_app("results", run=run)
    assert page.test.get("plotly_chart") == [] or not page.figures
    assert any(text.endswith("…") for text in page.texts("caption"))
    installation.wait_for(run, lambda job: job.n_pieces >= 3)  # a stop before the first generation finds nothing
    installation.supervisor.stop(run)
    installation.wait(run)
    assert page.run().says("what it had found until then is kept", "info")
    assert page.says("Density check", "markdown")


def test_a_run_that_found_nothing_says_so(open_app, installation, result):
    empty = result.results.model_copy(update={"X": (), "outcomes": (), "scores": (), "penalties": ()})
    empty = empty.model_copy(update={"densities": (), "curves": ()})
    run = installation.keep(result.model_copy(update={"results": empty}))
    page = open_app("results", run=run)
    assert page.says("Nothing was found", "warning")
    assert "Change what is asked for" in page.links
    assert not page.figures and not page.test.get("download_button")


def test_a_result_that_was_measured_says_so_in_the_headline_and_in_its_card(open_app, installation, result):
    known = MeasuredThere(rows=(182,), n=1, mean=82.6, at=91.0)
    already = (known, *[None] * (len(result.results) - 1))
    rows = result.results.model_copy(update={"already": already})
    told = result.model_copy(update={"results": rows, "verdict": None})
    page = open_app("results", run=installation.keep(told))
    assert page.says("Result 1 was already measured: row 182, measured 82.6 MPa at age 91 day", "markdown")
    assert page.says("Already measured: row 182, measured 82.6 MPa at age 91 day", "markdown")
    assert page.says("The result differs from it by less than the dosing tolerance.", "markdown")
    assert page.says("Already measured  \n82.6 MPa at age 91 day", "markdown")
    page.put("selectbox", "Look closer at", "Result 2")
    assert not page.says("The result differs from it by less than the dosing tolerance.", "markdown")


def test_names_in_a_result_are_shown_and_never_obeyed(open_app, installation, result):
    hostile = {
        "spec": result.spec.revised(name="![x](http://127.0.0.1:1/b.png)"),
        "objective_name": "[click](http://evil)",
        "objective_short": "<img src=x>",
        "outcome_name": ":red[x]",
        "dataset_name": "**[bold](http://evil)**",
    }
    run = installation.keep(result.model_copy(update=hostile))
    for name in ("results", "optimize"):
        page = open_app(name, run=run)
        for text in page.raw_texts():
            assert not any(bad in text for bad in ("](http", " <img", ":red[", "http://")), text


def test_cells_that_differ_from_the_reference_are_tinted(page):
    reference, *others = page.table_column("cement", "tint")
    assert reference is None
    assert any(others)


def test_a_line_says_what_automatic_expects(page, result):
    assert page.says("Automatic (Gaussian process) says of the best result: at least ", "caption")


def act(page, action, k):
    """Press a button of the card of a result."""
    names = result_names(9)
    page.put("selectbox", "Look closer at", names[k])
    next(button for button in page.test.button if button.key == f"{action}-{k}").click()
    return page.run()


@pytest.fixture
def own(open_app, installation, result):
    """The Results page with a run that nobody else looks at."""
    run = installation.keep(result)
    return open_app("results", run=run)


def test_a_basket_goes_to_the_laboratory_and_is_kept_with_the_run(own, open_app, installation, result):
    act(act(own, "lab", 1), "lab", 0)
    popovers = [block.proto.popover.label for block in own.test.get("popover")]
    assert "Lab sheet (2)" in popovers
    assert own.result_view["lab"] == [0, 1]
    again = open_app("results", run=own.session.run_id)  # in another browser
    assert again.result_view["lab"] == [0, 1] and again.says("Result 1, Result 2", "markdown")
    act(own, "lab", 0)
    assert own.result_view["lab"] == [1]


def test_a_result_is_left_out_everywhere_and_comes_back(own, result, installation):
    first = result.verdict.first
    act(own, "leave_out", first - 1)
    name = f"Result {first}"
    assert name not in own.table_names and len(own.table_names) > 2
    assert own.says(f"Left out: {name}.", "caption")
    assert not own.says(f"{name} may", "markdown") and name not in own.one("selectbox", "Look closer at").options
    own.press("Undo")
    assert name in own.table_names and not own.says("Left out", "caption")


def test_the_last_result_stays(own, result):
    n = len(result.results)
    for k in range(n - 1):
        act(own, "leave_out", k)
    assert [name for name in own.table_names if name.startswith("Result ")] == [f"Result {n}"]
    assert own.one("button", "Exclude").disabled


def test_more_like_a_result_is_a_draft_near_it(own, result):
    act(own, "more", 1)
    draft = own.session.draft
    assert own.title == "Optimize" and own.session.run_id is None
    assert draft.name.startswith("Like Result 2 of ") and draft.starts == (result.results.X[1],)
    assert own.says("narrow around Result 2", "info")
    own.session.draft = draft.revised(seed=draft.seed + 1)
    assert not own.run().says("narrow around Result 2", "info")


def test_what_if_begins_from_a_result(own, result):
    act(own, "explore", 1)
    assert own.title == "What if" and own.session.what_if.start is not None
    np.testing.assert_allclose(own.session.what_if.setting, result.results.X[1])


def test_the_search_goes_on_without_a_result(open_app, installation, finished_run, result):
    pieces, spec = installation.supervisor.store.pieces(finished_run), result.spec.model_dump_json()
    run = installation.ended("search", "Mixes", spec, pieces=pieces, result=result.model_dump_json())
    own = act(open_app("results", run=run), "leave_out", 0)
    own.press("Search again without it")
    job = installation.supervisor.store.get(own.session.run_id)
    installation.supervisor.stop(job.id)
    installation.wait(job.id)
    assert own.title == "Optimize" and job.name == "Mixes, without Result 1"
    assert [one.kind for one in RunSpec.model_validate_json(job.spec).decisions] == ["drop"]


def test_a_limit_that_is_searched_with_goes_into_the_draft(open_app, installation, result):
    limited = result.spec.objective.model_copy(update={"at_least": 40.0, "confidence": None})
    told = result.model_copy(update={"spec": result.spec.revised(outcomes=(limited,))})
    page = open_app("results", run=installation.keep(told))
    page.test.session_state["result-limits"] = [50.0]
    page.run()
    assert page.title == "Optimize"
    assert page.session.draft.objective.at_least == 50.0
