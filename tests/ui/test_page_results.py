import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from services.baselines import baseline_sentence
from services.exports import to_csv
from services.figures import result_figures
from services.ordering import SortBy, order_of
from services.results import RunResult
from services.runs import JobKind, JobState
from services.sheets import result_names, results_frame
from services.wordings import facts, interval_words, nearest_sentence
from ui.components.downloads import file_stem, workbook
from ui.components.result_look import screen_frame, styled


@pytest.fixture
def page(open_app, finished_run):
    """The Results page with a finished run of the concrete story."""
    return open_app("results", run=finished_run)


@pytest.fixture
def result(installation, finished_run):
    """What that run found."""
    return RunResult.model_validate_json(installation.supervisor.store.get(finished_run).result)


def submit_result(installation, result):
    """Keep a result as if a run had found it; return the run's id."""
    store = installation.supervisor.store
    job = store.add(JobKind.SEARCH, result.spec.name, result.spec.model_dump_json())
    store.finish(job, JobState.DONE, result=result.model_dump_json())
    return job


def test_without_a_run_the_way_to_one_is_shown(app):
    app.go("results")
    assert app.says("There is no run yet")
    assert app.links == ["Start a search", "Begin with a story"]


def test_results_stand_beside_the_best_recorded_rows(page, result):
    table = page.test.dataframe[0].value
    n = len(result.results)
    assert n >= 2
    assert list(table["candidate"][:n]) == result_names(n)
    assert all(name.startswith("Row ") for name in table["candidate"][n:-1])
    assert table["candidate"].iloc[-1] == "Best of random"
    assert page.says(baseline_sentence(result), "markdown")
    np.testing.assert_allclose(table["density [kg/m³]"][:n], result.results.densities)
    assert "age [days]" not in table.columns
    assert page.says("Results are predictions, not measurements.", "caption")
    assert page.says(f"{result.tally.n_lineages} lineages tried", "markdown")


def test_what_counts_comes_first_and_settings_last(page, result):
    columns = list(page.test.dataframe[0].value)
    predicted = "predicted area [MPa·days]"
    assert columns[:4] == ["candidate", predicted, "plausibility", "second check"]
    assert columns[4:7] == ["density [kg/m³]", "worst case [MPa·days]", "penalty"]
    assert columns[7:] == [f"{f.name} [{f.unit}]" for f in result.features if f.name != "age"]
    np.testing.assert_allclose(page.test.dataframe[0].value[predicted][: len(result.results)], result.results.outcomes)


def test_the_table_is_sorted_by_what_is_asked_for(page, result):
    n = len(result.results)
    for by in (SortBy.WORST_CASE, SortBy.PLAUSIBILITY, SortBy.CHOSEN):
        page.put("segmented_control", "Sort by", by)
        table = page.test.dataframe[0].value
        names = [result_names(n)[place] for place in order_of(result, by)]
        assert list(table["candidate"][:n]) == names
        assert page.one("selectbox", "Look closer at").options == names
        worst = table["worst case [MPa·days]"][:n]
        assert by is not SortBy.WORST_CASE or worst.is_monotonic_decreasing


def test_one_result_is_looked_at_closely(page, result):
    for k, name in enumerate(result_names(len(result.results))[:2]):
        page.put("selectbox", "Look closer at", name)
        assert page.says(nearest_sentence(result, result.results, k), "markdown")
        for fact in facts(result, result.results, k):
            assert page.says(f"{fact.name}  \n{fact.value}", "markdown")
        assert page.says("in steps of 0.1: cement", "caption")


def test_notes_are_shown(open_app, installation, result):
    notes = ("The optimum sits on your bound for water.", "The optimum sits on your bound for <b>sand</b>.")
    page = open_app("results", run=submit_result(installation, result.model_copy(update={"notes": notes})))
    for note in notes:
        assert page.says(note, "info")
    nothing = {"X": (), "outcomes": (), "scores": (), "penalties": (), "densities": (), "curves": ()}
    empty = result.results.model_copy(update=nothing)
    told = result.model_copy(update={"results": empty, "notes": ("No candidate is plausible enough.",)})
    page = open_app("results", run=submit_result(installation, told))
    assert page.says("Nothing was found. No candidate is plausible enough.", "warning")


def test_checks_that_disagree_are_flagged(open_app, installation, result):
    n = len(result.results)
    doubtful = {"plausibility": (50.0,) * n, "second_check": (1.0,) * n, "disagrees": (True,) * n}
    told = result.model_copy(update={"results": result.results.model_copy(update=doubtful)})
    page = open_app("results", run=submit_result(installation, told))
    assert page.says("The two checks disagree: plausibility 50 %, second check 1 %.", "warning")
    assert page.says("⚠: the two checks disagree", "caption")
    display = styled(told, screen_frame(told), list(range(len(screen_frame(told))))).to_html()
    assert "⚠ 1 %" in display


def test_intervals_are_shown_beside_predictions(result):
    rows = result.results
    known = rows.model_copy(update={"lows": rows.robust_low, "highs": rows.robust_high})
    told = result.model_copy(update={"results": known})
    display = styled(told, screen_frame(told), list(range(len(screen_frame(told))))).to_html()
    assert f">{interval_words(told, known, 0)}<" in display
    assert f"{rows.outcomes[0]:,.0f} (" in display


def test_a_result_of_before_is_shown_as_it_was(open_app, installation, result):
    document = result.model_dump(mode="json")
    for rows in (document["results"], document["best_recorded"], document["unpenalised"]):
        for name in ("lows", "highs", "plausibility", "second_check", "disagrees", "nearest"):
            del rows[name]
        del rows["robust_low"], rows["robust_high"]
    del document["baseline_random"], document["notes"]
    page = open_app("results", run=submit_result(installation, RunResult.model_validate(document)))
    assert list(page.test.dataframe[0].value)[:3] == ["candidate", "predicted area [MPa·days]", "density [kg/m³]"]
    assert page.all("segmented_control", "Sort by") == []
    assert page.says("Best result: predicted", "markdown")


def test_how_good_and_how_different_the_results_are_stands_below_them(page, result):
    figures = result_figures(result)
    assert len(figures) == 5
    shown = [caption for caption in page.test.caption if caption.help]
    assert [caption.help for caption in shown] == [figure.meaning for figure in figures]
    for figure in figures:
        assert page.says(f"{figure.name}: {figure.value}", "caption")


def test_the_workbook_carries_the_figures(result):
    book = openpyxl.load_workbook(io.BytesIO(workbook(result)))
    rows = list(book["Figures"].values)
    assert rows[0] == ("what", "number", "reads", "meaning")
    assert [row[1] for row in rows[1:]] == pytest.approx([figure.number for figure in result_figures(result)])


def test_density_check_curves_and_all_features_are_drawn(page):
    assert page.texts("subheader") == [
        "Density check",
        "Compressive strength over age",
        "All features at a glance",
        "How much better could it get?",
    ]
    assert {"density-check", "curves", "parallel"} <= {figure.key for figure in page.figures}


def test_results_of_the_concrete_story_can_be_mixed(result):
    densities = np.array(result.results.densities)
    assert (np.abs(densities - result.density.mean) <= result.density.std).all()
    assert max(result.results.outcomes) > max(result.best_recorded.outcomes)


def test_three_files_can_be_taken_away(page):
    buttons = page.test.get("download_button")
    assert [button.label for button in buttons] == ["Download CSV", "Download Excel", "Download specification"]
    assert not any(button.disabled for button in buttons)


def test_the_csv_holds_what_the_table_shows(page, result):
    read = pd.read_csv(io.BytesIO(to_csv(results_frame(result))))
    shown = page.test.dataframe[0].value
    assert len(read) == len(result.results) >= 2
    np.testing.assert_allclose(read["cement [kg/m³]"], shown["cement [kg/m³]"][: len(read)])


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
    installation.supervisor.stop(run)
    installation.wait(run)
    assert page.run().says("what it had found until then is kept", "info")
    assert page.says("Density check", "subheader")


def test_a_run_that_found_nothing_says_so(open_app, installation, result):
    empty = result.results.model_copy(update={"X": (), "outcomes": (), "scores": (), "penalties": ()})
    empty = empty.model_copy(update={"densities": (), "curves": ()})
    run = submit_result(installation, result.model_copy(update={"results": empty}))
    page = open_app("results", run=run)
    assert page.says("Nothing was found", "warning")
    assert not page.figures and not page.test.get("download_button")


def test_names_in_a_result_are_shown_and_never_obeyed(open_app, installation, result):
    hostile = {
        "spec": result.spec.revised(name="![x](http://127.0.0.1:1/b.png)"),
        "objective_name": "[click](http://evil)",
        "objective_short": "<img src=x>",
        "outcome_name": ":red[x]",
        "dataset_name": "**[bold](http://evil)**",
    }
    run = submit_result(installation, result.model_copy(update=hostile))
    for name in ("results", "optimize"):
        page = open_app(name, run=run)
        for text in page.raw_texts():
            assert not any(bad in text for bad in ("](http", " <img", ":red[", "http://")), text


def test_cells_that_differ_from_the_reference_are_tinted(page):
    assert "background-color" in page.test.dataframe[0].proto.arrow_data.styler.styles


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Strong concrete that can be mixed", "strong-concrete-that-can-be-mixed"),
        ("../../etc/passwd", "etc-passwd"),
        ("<img src=x>", "img-src-x"),
        ("Überdruck 5 °C", "berdruck-5-c"),
        ("", "results"),
        ("…", "results"),
        ("x" * 200, "x" * 60),
    ],
)
def test_files_get_a_name_that_every_system_takes(name, stem):
    assert file_stem(name) == stem
