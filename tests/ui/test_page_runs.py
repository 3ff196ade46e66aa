import pytest

from services.jobs import JobKind, JobState, RunFilter
from services.problems.stories import story, story_spec
from services.specs.run import RunSpec
from ui.optimize.search_form import NAMES
from ui.runs import run_table
from ui.runs.run_table import DESCRIBE
from ui.shared.widgets import safe_label


@pytest.fixture(scope="module")
def found(installation):
    """A specification and its result: the bumps, searched once, in this process."""
    from services.results.search import run_spec
    from ui.shared import cache

    spec = story_spec(story("bumps"), cache.catalog())
    spec = spec.revised(budget={"evaluations": 600}, is_compared=False)
    return spec, run_spec(spec, cache.catalog().model_data(spec)).result


@pytest.fixture
def keep(installation, found):
    """Put runs into the store as a worker would have; they are gone after the test."""
    store, spec = installation.supervisor.store, found[0]

    def put(name="A run", state=JobState.DONE, has_result=True, kind=JobKind.SEARCH, document=None):
        run_id = store.add(kind, name, document or spec.revised(name=name).model_dump_json())
        if state is not JobState.QUEUED:
            store.start(run_id, "here")
            store.beat([run_id])
        if state.is_final:
            store.finish(run_id, state, result=found[1].model_dump_json() if has_result else None, error="")
        return run_id

    yield put
    with store._writer.begin() as connection:
        connection.exec_driver_sql("DELETE FROM jobs")


def column(app, name):
    """What a column of the list shows; a column without anything in it is not shown."""
    [table] = app.test.dataframe
    assert name in table.proto.column_order
    return list(table.value[name])


def names(app):
    if not app.test.dataframe:
        return []
    return column(app, "Run")


def choose(app, *chosen):
    """Tick runs of the list by their names, and no others."""
    rows = [names(app).index(name) for name in chosen]
    app.test.session_state[app.test.dataframe[0].key] = {"selection": {"rows": rows, "columns": [], "cells": []}}
    return app.run()


def test_without_runs_it_says_how_to_get_one(open_app):
    app = open_app("runs")
    assert app.title == "Runs"
    assert app.says("There are no runs yet.")
    assert "Begin with a story" in app.links


def test_a_run_is_a_row(open_app, keep, found):
    keep("Winter mix")
    app = open_app("runs")
    row = {name: column(app, name)[0] for name in app.test.dataframe[0].proto.column_order}
    assert names(app) == ["Winter mix"]
    assert (row["Table"], row["Model"], row["Goal"], list(row["State"])) == ("Bumps", "bumps", "Max y", ["Done"])
    assert row["Best outcome"] == pytest.approx(found[1].results.outcomes[0], abs=0.06)
    assert row["Results"] == len(found[1].results)
    assert row["Took"].endswith(" s")
    assert app.says("Runs 1 to 1 of 1", "caption")


def test_words_and_filters_narrow_the_list(open_app, keep):
    for name, state in (("Winter", JobState.DONE), ("Summer", JobState.FAILED), ("Late summer", JobState.DONE)):
        keep(name, state, has_result=state is JobState.DONE)
    app = open_app("runs")
    assert names(app) == ["Late summer", "Summer", "Winter"]
    app.put("text_input", "Search", "SUMMER bumps")
    assert names(app) == ["Late summer", "Summer"]
    app.put("multiselect", "State", ["failed"])
    assert names(app) == ["Summer"]
    app.put("text_input", "Search", "winter")
    assert app.says("No run is like that.")
    app.press("Show all")
    assert len(names(app)) == 3
    app.put("selectbox", "Order", "name")
    assert names(app) == ["Late summer", "Summer", "Winter"]


def test_pages_follow_one_another(open_app, keep, installation, monkeypatch):
    monkeypatch.setattr(run_table, "PER_PAGE", 2)
    first, *_ = [keep(f"Run {number}") for number in range(5)]
    app = open_app("runs")
    assert names(app) == ["Run 4", "Run 3"]
    app.test.session_state[run_table._page_key(RunFilter())] = 3
    app.run()
    assert names(app) == ["Run 0"] and app.says("Runs 5 to 5 of 5", "caption")
    installation.supervisor.store.delete([first])
    app.run()
    assert names(app) == ["Run 2", "Run 1"]  # the last page that is left


def test_other_kinds_have_a_list_of_their_own(open_app, keep, found):
    keep("A search")
    document = '{"dataset": {"name": "mixed"}, "model": {"kind": "saved", "name": "mlp"}}'
    keep("a9f3 saved mlp", kind=JobKind.QUALITY, has_result=False, document=document)
    keep("proof", kind=JobKind.PROOF, has_result=False, document="{}")
    app = open_app("runs")
    assert names(app) == ["A search"]
    app.put("selectbox", "Show", "quality")
    assert names(app) == ["Quality of mlp"]
    choose(app, "Quality of mlp")
    app.test.session_state[f"runs-{DESCRIBE}"] = True
    assert app.run().one("text_input", "Name").disabled


def more(app, act):
    """Choose something of the menu for what is done less often."""
    [menu] = [menu for menu in app.test.menu_button if menu.label == "More"]
    menu.click(act)
    return app.run()


def acts(app):
    """What the menu offers."""
    [menu] = [menu for menu in app.test.menu_button if menu.label == "More"]
    return list(menu.options)


def test_one_run_can_be_opened_on_any_page(open_app, keep):
    one, other = keep("One"), keep("Other")
    failed = keep("Failed", JobState.FAILED, has_result=False)
    app = open_app("runs")
    assert not {"Open", "Compare"} & set(app.labels) and not app.test.menu_button
    choose(app, "One", "Other")
    assert app.one("button", "Open").disabled
    assert not app.one("button", "Compare").disabled
    choose(app, "One")
    app.press("Open")
    assert (app.title, app.session.run_id) == ("Results", one)
    more(choose(app.go("runs"), "Other"), "Watch it on Optimize")
    assert (app.title, app.session.run_id) == ("Optimize", other)
    choose(app.go("runs"), "Failed")
    assert acts(app) == ["Watch it on Optimize", "Use its settings", "Delete"]
    app.press("Open")
    assert (app.title, app.session.run_id) == ("Optimize", failed)


def test_a_run_that_is_gone_is_not_opened(open_app, keep, installation, monkeypatch):
    keep("One")
    app = choose(open_app("runs"), "One")
    monkeypatch.setattr(installation.supervisor.store, "get", lambda run_id: None)
    assert app.press("Open").says("This run is not kept any more.")


def test_several_runs_are_compared(open_app, keep):
    runs = {keep("One"), keep("Other")}
    app = choose(open_app("runs"), "One", "Other").press("Compare")
    assert app.title == "Runs"
    assert app.one("segmented_control", "Show").value == "Compare runs"
    assert set(app.session.compare.runs) == runs
    assert app.run().says("Settings that differ")


def test_a_duplicate_is_a_draft_and_runs_nothing(open_app, keep, installation):
    run_id = keep("Winter mix")
    app = more(choose(open_app("runs"), "Winter mix"), "Use its settings")
    assert app.title == "Optimize"
    assert app.session.run_id is None
    kept = RunSpec.model_validate_json(installation.supervisor.store.get(run_id).spec)
    assert app.session.draft == kept.revised(name="Copy of Winter mix")
    assert installation.supervisor.store.runs().n_found == 1


def test_what_is_deleted_comes_back_by_undo_or_from_its_shelf(open_app, keep, installation):
    store = installation.supervisor.store
    one = keep("One")
    keep("Other")
    app = more(choose(open_app("runs"), "One"), "Delete")
    assert names(app) == ["Other"]
    assert app.says("1 run was deleted.")
    app.press("Undo")
    assert names(app) == ["Other", "One"]
    assert "Undo" not in app.labels
    more(choose(app, "One", "Other"), "Delete")
    assert app.says("There is none of these yet.")
    app.put("selectbox", "Show", "deleted")
    assert names(app) == ["Other", "One"]
    choose(app, "One").press("Restore")
    assert names(app) == ["Other"]
    assert not store.is_deleted(one)


def test_what_another_tab_deleted_is_chosen_no_longer(open_app, keep, installation):
    store, run_id = installation.supervisor.store, keep("One")
    keep("Other")
    app = choose(open_app("runs"), "One", "Other")
    store.delete([run_id])
    assert app.run().says("1 chosen: Other")
    app.put("selectbox", "Show", "deleted")
    assert app.says("1 chosen: One")
    assert not app.one("button", "Restore").disabled


def test_what_goes_on_is_not_deleted_but_stopped(open_app, keep, installation):
    store = installation.supervisor.store
    waiting, running = keep("Waiting", JobState.QUEUED), keep("Running", JobState.RUNNING)
    store.set_progress(running, "Searching")
    app = open_app("runs")
    columns = (column(app, name) for name in ("State", "Details", "Took"))
    rows = {name: row for name, *row in zip(names(app), *columns, strict=True)}
    assert (list(rows["Waiting"][0]), rows["Waiting"][2]) == (["Queued"], "")
    assert (list(rows["Running"][0]), rows["Running"][1]) == (["Running"], "Searching")
    assert rows["Running"][2].endswith(" s")
    choose(app, "Waiting")
    assert "Delete" not in acts(app)
    more(app, "Stop")
    assert store.get(waiting).state is JobState.CANCELLED
    assert "Stop" not in acts(app) and "Delete" in acts(app)


def test_a_run_is_renamed_and_noted_on(open_app, keep, installation):
    store, run_id = installation.supervisor.store, keep("Before")
    app = choose(open_app("runs"), "Before")

    def describe(name, note):
        app.test.session_state[f"runs-{DESCRIBE}"] = True
        app.run().one("text_input", "Name").set_value(name)
        app.one("text_area", "Note").set_value(note)
        app.press("Save")
        return store.get(run_id).name, store.get(run_id).note

    assert describe("  After   all ", " <b>ask</b> ") == ("After all", "<b>ask</b>")
    assert (names(app), column(app, "Note")) == (["After all"], ["<b>ask</b>"])
    assert not app.all("text_input", "Name")
    assert app.says("1 chosen: After all")
    assert describe("   ", "") == ("After all", "")


def test_what_is_chosen_on_another_page_stays_chosen(open_app, keep, monkeypatch):
    monkeypatch.setattr(run_table, "PER_PAGE", 2)
    for number in range(3):
        keep(f"Run {number}")
    app = choose(open_app("runs"), "Run 1")
    page = run_table._page_key(RunFilter())
    app.test.session_state[page] = 2
    assert choose(app.run(), "Run 0").says("2 chosen: ")
    app.test.session_state[page] = 1
    assert app.run().says("2 chosen: ")
    app.press("Choose none")
    assert "Open" not in app.labels and not app.says("chosen: ")
    app.test.session_state[page] = 2
    assert not app.run().says("chosen: ")


def test_names_are_shown_and_never_obeyed(open_app, keep):
    name = "**bold** [x](http://evil) :material/home:"
    keep(name)
    app = choose(open_app("runs"), name)
    [words] = [text for text in app.raw_texts() if text.startswith("1 chosen: ")]
    assert words == f"1 chosen: {safe_label(name)}"


def test_a_link_to_a_deleted_run_says_so_and_restores_it(open_app, keep, installation):
    run_id = keep("One")
    installation.supervisor.store.delete([run_id])
    app = open_app("results", run=run_id)
    assert app.says("This was deleted.", "warning")
    app.press("Restore")
    assert not app.says("This was deleted.", "warning")
    assert not installation.supervisor.store.is_deleted(run_id)
    assert app.session.run_id == run_id


def test_a_run_goes_on_with_a_larger_budget(open_app, keep, installation):
    run_id = keep("Winter mix")
    app = choose(open_app("runs"), "Winter mix")
    app.test.session_state["runs-Continue"] = True
    app.run().put("number_input", "Evaluations", 900).press("Continue the run")
    assert app.title == "Optimize"
    store = installation.supervisor.store
    more = installation.wait(app.session.run_id)
    spec = RunSpec.model_validate_json(more.spec)
    assert (more.state, more.name) == (JobState.DONE, "Winter mix, continued")
    assert (spec.continues, spec.budget.evaluations) == (run_id, 900)
    assert store.runs().rows[0].best >= store.runs().rows[1].best - 1e-9
    app.go("optimize").put("selectbox", "Search by", NAMES["random_search"])  # which takes no settings to begin at
    assert not app.texts("error")
    assert (app.session.draft.starts, app.session.draft.continues) == ((), "")


def test_a_story_keeps_its_name(open_app, installation):
    app = open_app().go("start")
    app.press_key("story-bumps")
    job = installation.wait(app.session.run_id)
    assert job.story == "bumps"
