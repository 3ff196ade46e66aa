from dataclasses import asdict

import pytest

from services.jobs import JobKind, JobState, RunFilter
from services.problems.stories import story, story_spec
from services.specs.run import RunSpec
from ui.optimize.search_form import NAMES
from ui.runs import run_table
from ui.shared.widgets import safe_label
from ui.web.run_list import Act


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
    with store._writing() as connection:
        connection.exec_driver_sql("DELETE FROM jobs")


@pytest.fixture
def shown(monkeypatch):
    """What the list was given, and a way to act in it as the browser would."""
    seen = {}

    def draw(items, chosen, turn, *, caption, key, on_act, on_choice):
        seen.update(items=items, chosen=chosen, caption=caption)

    monkeypatch.setattr(run_table, "run_list", draw)
    return seen


def names(shown):
    return [item.name for item in shown["items"]]


def choose(app, *run_ids):
    app.session.runs.chosen = run_ids
    return app.run()


def test_without_runs_it_says_how_to_get_one(open_app):
    app = open_app("runs")
    assert app.title == "Runs"
    assert app.says("There are no runs yet.")
    assert "Begin with a story" in app.links


def test_a_run_is_a_row(open_app, keep, found, shown):
    run_id = keep("Winter mix")
    open_app("runs")
    [item] = shown["items"]
    assert (item.id, item.name, item.dataset, item.model, item.goal) == (
        run_id,
        "Winter mix",
        "Bumps",
        "bumps",
        "Max y",
    )
    assert (item.state_word, item.n_results, item.opens) == ("Done", len(found[1].results), "Open its results")
    assert float(item.best) == pytest.approx(found[1].results.outcomes[0], abs=0.06)
    assert item.took.endswith(" s")
    assert shown["caption"] == "Runs 1 to 1 of 1"


def test_the_component_draws_what_it_is_given(open_app, keep):
    keep("Winter mix")
    open_app("runs")  # without the stand-in: the page draws with the component itself


def test_words_and_filters_narrow_the_list(open_app, keep, shown):
    for name, state in (("Winter", JobState.DONE), ("Summer", JobState.FAILED), ("Late summer", JobState.DONE)):
        keep(name, state, has_result=state is JobState.DONE)
    app = open_app("runs")
    assert names(shown) == ["Late summer", "Summer", "Winter"]
    app.put("text_input", "Search", "SUMMER bumps")
    assert names(shown) == ["Late summer", "Summer"]
    app.put("multiselect", "State", ["failed"])
    assert names(shown) == ["Summer"]
    app.put("text_input", "Search", "winter")
    assert app.says("No run is like that.")
    app.press("Show all")
    assert len(names(shown)) == 3
    app.put("selectbox", "Order", "name")
    assert names(shown) == ["Late summer", "Summer", "Winter"]


def test_pages_follow_one_another(open_app, keep, shown, installation, monkeypatch):
    monkeypatch.setattr(run_table, "PER_PAGE", 2)
    for number in range(5):
        keep(f"Run {number}")
    app = open_app("runs")
    assert names(shown) == ["Run 4", "Run 3"]
    app.test.session_state[run_table._page_key(RunFilter())] = 3
    app.run()
    assert (names(shown), shown["caption"]) == (["Run 0"], "Runs 5 to 5 of 5")
    installation.supervisor.store.delete([shown["items"][0].id])
    app.run()
    assert names(shown) == ["Run 2", "Run 1"]  # the last page that is left


def test_other_kinds_have_a_list_of_their_own(open_app, keep, found, shown):
    keep("A search")
    document = '{"dataset": {"name": "mixed"}, "model": {"kind": "saved", "name": "mlp"}}'
    keep("a9f3 saved mlp", kind=JobKind.QUALITY, has_result=False, document=document)
    keep("proof", kind=JobKind.PROOF, has_result=False, document="{}")
    app = open_app("runs")
    assert names(shown) == ["A search"]
    app.put("selectbox", "Show", "quality")
    assert names(shown) == ["Quality of mlp"]
    assert (shown["items"][0].is_named, shown["items"][0].opens) == (False, "Open it on Quality")


def test_one_run_can_be_opened_on_any_page(open_app, keep, shown):
    one, other = keep("One"), keep("Other")
    app = open_app("runs")
    assert all(app.one("button", label).disabled for label in ("Results", "What if", "Optimize", "Compare", "Delete"))
    choose(app, one, other)
    assert app.one("button", "Results").disabled
    assert not app.one("button", "Compare").disabled
    choose(app, one)
    app.press("Results")
    assert (app.title, app.session.run_id) == ("Results", one)
    choose(app.go("runs"), other).press("Optimize")
    assert (app.title, app.session.run_id) == ("Optimize", other)


def test_a_click_on_a_name_opens_it(open_app, keep, shown):
    run_id, failed = keep("One"), keep("Two", JobState.FAILED, has_result=False)
    app = open_app("runs")
    app.session.runs.opening = run_id
    assert app.run().title == "Results"
    app.go("runs").session.runs.opening = failed
    assert app.run().title == "Optimize"
    app.go("runs").session.runs.opening = "nobody"
    assert app.run().says("This run is not kept any more.")


def test_several_runs_are_compared(open_app, keep, shown):
    runs = [keep("One"), keep("Other")]
    app = choose(open_app("runs"), *runs).press("Compare")
    assert app.title == "Compare"
    assert app.session.compared == tuple(runs)


def test_a_duplicate_is_a_draft_and_runs_nothing(open_app, keep, shown, installation):
    run_id = keep("Winter mix")
    app = choose(open_app("runs"), run_id).press("Duplicate")
    assert app.title == "Optimize"
    assert app.session.run_id is None
    kept = RunSpec.model_validate_json(installation.supervisor.store.get(run_id).spec)
    assert app.session.draft == kept.revised(name="Copy of Winter mix")
    assert installation.supervisor.store.runs().n_found == 1


def test_what_is_deleted_comes_back_by_undo_or_from_its_shelf(open_app, keep, shown, installation):
    store = installation.supervisor.store
    one, other = keep("One"), keep("Other")
    app = choose(open_app("runs"), one).press("Delete")
    assert names(shown) == ["Other"]
    assert app.says("1 run was deleted.")
    app.press("Undo")
    assert names(shown) == ["Other", "One"]
    assert "Undo" not in app.labels
    choose(app, one, other).press("Delete")
    assert app.says("There is none of these yet.")
    app.put("selectbox", "Show", "deleted")
    assert names(shown) == ["Other", "One"]
    assert all(item.is_deleted for item in shown["items"])
    choose(app, one).press("Restore")
    assert names(shown) == ["Other"]
    assert not store.is_deleted(one)


def test_what_another_tab_deleted_is_chosen_no_longer(open_app, keep, shown, installation):
    store, run_id = installation.supervisor.store, keep("One")
    app = choose(open_app("runs"), run_id, keep("Other"))
    store.delete([run_id])
    assert app.run().says("1 chosen: Other")
    app.put("selectbox", "Show", "deleted")
    assert app.says("1 chosen: One")
    assert not app.one("button", "Restore").disabled


def test_what_goes_on_is_not_deleted_but_stopped(open_app, keep, shown, installation):
    waiting = keep("Waiting", JobState.QUEUED)
    running = keep("Running", JobState.RUNNING)
    installation.supervisor.store.set_phase(running, "Searching")
    app = choose(open_app("runs"), waiting)
    assert app.one("button", "Delete").disabled
    by_name = {item.name: asdict(item) for item in shown["items"]}
    assert (by_name["Waiting"]["stops"], by_name["Waiting"]["since"]) == ("Cancel", None)
    assert (by_name["Running"]["stops"], by_name["Running"]["detail"]) == ("Stop", "Searching")
    assert by_name["Running"]["since"] > 0


def test_acts_in_a_row_reach_the_store(open_app, keep, shown, installation, monkeypatch):
    store, run_id, queued = installation.supervisor.store, keep("Before"), keep("Queued", JobState.QUEUED)
    app = open_app("runs")
    monkeypatch.setattr(run_table.AppSession, "current", classmethod(lambda cls: app.session))
    run_table._do(Act("rename", run_id, "  After \n all "))
    run_table._do(Act("note", run_id, " <b>ask</b> "))
    assert (store.get(run_id).name, store.get(run_id).note) == ("After all", "<b>ask</b>")
    run_table._do(Act("rename", run_id, "   "))
    run_table._do(Act("note", run_id, ""))
    assert (store.get(run_id).name, store.get(run_id).note) == ("After all", "")
    run_table._do(Act("stop", queued))
    assert store.get(queued).state is JobState.CANCELLED
    store.delete([run_id])
    run_table._do(Act("restore", run_id))
    assert not store.is_deleted(run_id)
    run_table._choose((run_id,), 3)
    assert (app.session.runs.chosen, app.session.runs.turn) == ((run_id,), 3)


def test_names_are_shown_and_never_obeyed(open_app, keep, shown):
    name = "**bold** [x](http://evil) :material/home:"
    app = choose(open_app("runs"), keep(name))
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


def test_a_run_goes_on_with_a_larger_budget(open_app, keep, shown, installation):
    run_id = keep("Winter mix")
    app = choose(open_app("runs"), run_id)
    app.test.session_state["runs-continue"] = True
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
    app.test.button(key="story-bumps").click()
    app.run()
    job = installation.wait(app.session.run_id)
    assert job.story == "bumps"
