import pytest

from optimizer import Choice, Decision, DecisionKind, FloorKind, Goal, Summary
from services.jobs import JobKind, JobState, RunStore
from ui.optimize.bench import apply_edits, board_revision
from ui.shared.session import MAX_CHANGES
from ui.web.settings_board.component import what_is_set

PARTS = ("cement", "blast furnace slag", "fly ash", "water", "superplasticizer", "coarse aggregate", "fine aggregate")


@pytest.fixture
def page(app):
    """The Optimize page with the shipped concrete table and model, before any run."""
    return app.use_concrete().go("optimize")


def feature(page, name):
    return next(feature for feature in page.session.draft.features if feature.name == name)


def test_without_a_model_the_way_to_one_is_shown(app):
    app.use_table("concrete").go("optimize")
    assert app.says("There is no model for Concrete mixes yet")
    assert app.links == ["Get a model"]


def test_a_search_can_be_started_at_once_and_says_how_long_it_takes(page):
    assert page.says("A search takes ", "caption")
    assert not page.one("button", "Start search").disabled


def test_decisions_about_another_run_go_with_the_first_setting_that_is_changed(page):
    steered = page.session.draft.revised(name="A run, without Result 1", decisions=(Decision(3, DecisionKind.DROP, 0),))
    page.session.draft = steered
    page.run()
    assert page.session.draft.decisions == steered.decisions
    page.set_on_board(seed=4)
    assert (page.session.draft.decisions, page.session.draft.name) == ((), "A run")
    page.press(page.session.history.past[0].words)
    assert page.session.draft == steered


def test_goal_and_curve_become_the_specification(page):
    page.set_on_board(goal="minimum", of="point").set_on_board(start=2.0, end=90.0, at=28.0)
    spec = page.session.draft
    assert (spec.goal, spec.curve.summary, spec.curve.at) == (Goal.MINIMUM, Summary.POINT, 28.0)
    assert (spec.curve.feature, spec.curve.start, spec.curve.end) == ("age", 2.0, 90.0)
    assert not page.test.error


def test_the_outcome_itself_can_reach_a_value(page):
    page.set_on_board(goal="value", of="outcome")
    usual = page.board["goal"]["now"]["value"]
    assert 20 < usual < 50 and page.board["goal"]["unit"] == "MPa"
    assert page.board["goal"]["range"].startswith("By the model, the recorded rows reach")
    page.set_on_board(value=60.0)
    spec = page.session.draft
    assert (spec.goal, spec.value, spec.curve) == (Goal.VALUE, 60.0, None)
    assert page.board["swept"] is None
    page.set_on_board(of="area")
    assert page.session.draft.curve.feature == "age"
    assert page.board["swept"] == "age"
    assert page.session.draft.value > 1000  # of another objective


def test_the_curve_can_run_over_another_feature(page):
    page.set_on_board(feature="water")
    spec = page.session.draft
    assert (spec.curve.feature, spec.curve.start, spec.curve.end) == ("water", 121.8, 247.0)
    assert page.board["swept"] == "water"
    assert page.board["goal"]["now"]["start"] == 121.8


def test_density_and_search_become_the_specification(page):
    page.set_on_board(density=2.0, n_results=3, evaluations=9_000, seed=11)
    page.put("number_input", "Usual density [kg/m³]", 2400.0).put("number_input", "Tolerance [kg/m³]", 50.0)
    spec = page.session.draft
    assert (spec.density.weight, spec.density.target, spec.density.tolerance) == (2.0, 2400.0, 50.0)
    assert (spec.n_results, spec.budget.evaluations, spec.seed) == (3, 9_000, 11)


def test_a_method_without_strengths_says_so_beside_them(page):
    assert page.board["strength_note"] == ""
    page.put("selectbox", "Search by", "Dual annealing")
    assert page.board["strength_note"] == "Dual annealing takes steps of its own"


def test_what_is_good_enough_and_how_results_are_chosen_become_the_specification(page):
    assert (page.session.draft.floor.kind, page.session.draft.choice) == (FloorKind.WITHIN_PERCENT, Choice.SPREAD)
    page.put("number_input", "Within [%]", 4.0).put("selectbox", "Chosen", "K-Means, as published")
    spec = page.session.draft
    assert (spec.floor.kind, spec.floor.amount, spec.choice) == (FloorKind.WITHIN_PERCENT, 4.0, Choice.KMEANS)
    page.put("selectbox", "Results come from", "the best share").put("number_input", "Best share [%]", 20.0)
    spec = page.session.draft
    assert (spec.floor.kind, spec.floor.amount) == (FloorKind.BEST_SHARE, 0.2)


def test_what_is_set_on_the_board_becomes_the_specification(page):
    page.edit_features(
        **{
            "cement": {"is_free": False, "value": 300.0},
            "water": {"low": 150.0, "high": 200.0, "mutation_strength": 0.5, "step": 5.0},
            "fly ash": {"step": None},
        }
    )
    assert (feature(page, "cement").is_free, feature(page, "cement").value) == (False, 300.0)
    water = feature(page, "water")
    assert (water.low, water.high, water.mutation_strength, water.step) == (150.0, 200.0, 0.5, 5.0)
    assert feature(page, "fly ash").step is None
    slag = feature(page, "blast furnace slag")
    page.go("start").go("optimize")
    assert feature(page, "blast furnace slag") == slag


def test_settings_are_kept_through_another_page(page):
    page.edit_features(cement={"is_free": False}).set_on_board(seed=5).go("results").go("optimize")
    assert (feature(page, "cement").is_free, page.session.draft.seed) == (False, 5)
    assert not page.on_board("cement")["now"]["is_free"]
    assert page.board["knobs"]["now"]["seed"] == 5


def test_the_board_is_told_of_every_feature_with_its_recorded_rows(page):
    assert [feature["name"] for feature in page.board["features"]] == [*PARTS, "age"]
    water = page.on_board("water")
    assert (water["recorded"], water["unit"], water["reference"]) == ([121.8, 247.0], "kg/m³", None)
    assert sum(water["bins"]["shares"]) == pytest.approx(1, abs=0.01)


def test_what_was_sent_for_features_of_before_is_left_alone(page):
    draft = page.session.draft
    old = board_revision(page.session)
    page.go("start").go("optimize")
    features = [{"name": "cement", "low": 200.0}]
    apply_edits(page.session, {"revision": old, "features": features})
    assert page.session.draft.features == draft.features
    apply_edits(page.session, {"revision": board_revision(page.session), "features": features})
    assert feature(page, "cement").low == 200.0


WRONG = {
    "swapped": ({"cement": {"low": 500.0, "high": 400.0}}, "'cement' lies between 500 and 400"),
    "frozen outside": (
        {"cement": {"is_free": False, "value": 9999.0}},
        "'cement' is frozen at 9999, outside its range",
    ),
    "negative strength": ({"cement": {"mutation_strength": -1.0}}, "cement"),
    "negative step": ({"cement": {"step": -1.0}}, "cement"),
    "no step inside": ({"cement": {"low": 101.0, "high": 109.0, "step": 100.0}}, "cement"),
    "all frozen": ({name: {"is_free": False} for name in PARTS}, "frozen"),
    "no number": ({"cement": {"low": "abc"}}, "Min of 'cement' is a number, got 'abc'"),
    "negative tolerance": ({"cement": {"tolerance": -1.0}}, "The dosing tolerance of 'cement' is 0 or more, got -1"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_settings_that_cannot_be_searched_say_why_and_start_nothing(page, kind):
    edits, words = WRONG[kind]
    features = page.session.draft.features
    page.edit_features(**edits)
    assert page.says(words, "error"), page.texts()
    assert page.one("button", "Start search").disabled
    page.edit_features(**{feature.name: what_is_set(feature) for feature in features})
    assert not page.test.error
    assert not page.one("button", "Start search").disabled


@pytest.mark.parametrize("tolerance", [0.0, -5.0])
def test_a_density_without_tolerance_is_refused_in_words(page, tolerance):
    page.put("number_input", "Tolerance [kg/m³]", tolerance)
    assert page.says("tolerance", "error")
    assert page.one("button", "Start search").disabled


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"end": 0.5}, "set its end above its start"),
        ({"of": "point", "at": 9_999.0}, "9999"),
        ({"start": "early"}, "From is a number, got 'early'"),
        ({"n_results": 0}, "Results wanted is a whole number from 1 to 50, got 0"),
        ({"evaluations": 1.5}, "The budget is a whole number"),
        ({"seed": None}, "The seed is a whole number"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_in_words(page, settings, words):
    page.set_on_board(**settings)
    assert page.says(words, "error"), page.texts()
    assert page.one("button", "Start search").disabled


def test_every_level_says_how_far_to_go_and_what_is_set_by_hand_is_none(page):
    page.set_on_board(level="free")
    assert (page.session.draft.plausibility, page.session.draft.risk_aversion) == (None, 0.0)
    page.put("slider", "Risk aversion", 2.0)
    assert page.board["knobs"]["now"]["level"] is None
    page.set_on_board(level="near")
    assert page.one("slider", "Risk aversion").value == 1.0


def test_other_settings_than_those_of_the_shown_run_are_said_in_yellow(open_app, finished_run):
    words = "Settings differ from the run shown"
    page = open_app("optimize", run=finished_run)
    assert not page.says(words, "markdown")
    page.set_on_board(seed=1)
    assert page.says(words, "markdown")
    assert not page.one("button", "Search again").disabled
    page.set_on_board(seed=0)
    assert not page.says(words, "markdown")
    page.edit_features(water={"high": 200.0})
    assert page.says(words, "markdown")
    page.edit_features(water={"high": 100.0})
    assert page.says("'water' lies between", "error")
    assert page.one("button", "Search again").disabled


def test_a_run_is_started_watched_stopped_and_kept(page, installation):
    page.set_on_board(evaluations=90_000_000).press("Start search")
    run = page.session.run_id
    assert page.test.query_params["run"] in (run, [run])
    assert page.one("button", "Search again").disabled
    installation.wait_for(run, lambda job: job.n_pieces >= 3)
    page.press("Stop")
    assert installation.wait(run).state is JobState.CANCELLED
    page.run()
    assert page.says("what it had found until then is kept", "info")
    assert page.labels.count("See the results") == 1
    page.go("results").test.session_state["search-story"] = True  # opens the fold
    assert page.run().says("You stopped it")


def test_a_run_whose_id_has_two_underscores_is_drawn_like_any_other(open_app, installation, finished_run, monkeypatch):
    store = installation.supervisor.store
    monkeypatch.setattr("services.jobs.store.store.secrets.token_hex", lambda n: "an__id")
    run = store.add(JobKind.SEARCH, "Run", store.get(finished_run).spec)
    store.start(run, "server")
    page = open_app("optimize", run=run)  # and nothing is raised
    assert page.session.run_id == "an__id"
    assert "Stop" in page.labels
    store.finish(run, JobState.CANCELLED)


def test_a_run_that_ends_while_the_page_is_drawn_is_shown_as_ended(open_app, installation, finished_run, monkeypatch):
    store = installation.supervisor.store
    ended, get = store.get(finished_run), RunStore.get

    def open_while_it_ends(moment):
        """Return the page, and how often it looked at the run, which ended just after one of the looks."""
        run = store.add(JobKind.SEARCH, ended.name, ended.spec)
        store.start(run, "server")
        looks = []

        def look(self, job_id):
            seen = get(self, job_id)
            looks.append(job_id)
            if looks.count(run) == moment:
                self.finish(run, JobState.DONE, result=ended.result)
            return seen

        with monkeypatch.context() as patch:
            patch.setattr(RunStore, "get", look)
            page = open_app("optimize", run=run)
        store.finish(run, JobState.CANCELLED)
        return page, looks.count(run)

    _, n_looks = open_while_it_ends(moment=0)
    assert n_looks > 1
    for moment in range(1, n_looks):  # the last look is that of the live view
        page, _ = open_while_it_ends(moment)
        assert "See the results" in page.labels, moment
        assert "Stop" not in page.labels


def test_a_second_run_waits_visibly_and_can_be_stopped_before_it_starts(page, open_app, installation):
    page.set_on_board(evaluations=90_000_000).press("Start search")
    other = open_app().use_concrete().go("optimize").press("Start search")
    assert other.says("Queued: 1 job is before this one.", "caption")
    other.press("Stop")
    assert installation.wait(other.session.run_id).state is JobState.CANCELLED
    page.press("Stop")
    installation.wait(page.session.run_id)


def test_what_was_typed_right_before_the_button_is_searched_with(open_app, finished_run, installation):
    page = open_app("optimize", run=finished_run)
    page.edit_board({}, {"n_results": 2})  # as when a field is left by pressing the button
    page.press("Search again")
    assert page.session.run_id != finished_run
    assert installation.wait(page.session.run_id).state is JobState.DONE
    assert page.run().session.draft.n_results == 2
    assert page.says("esult", "markdown") and "See the results" in page.labels
    page.press_key("see-results")
    assert page.title == "Results"


def test_other_settings_can_be_searched_while_a_search_runs(page, installation):
    page.set_on_board(evaluations=90_000_000).press("Start search")
    first = page.session.run_id
    assert page.one("button", "Search again").disabled
    page.set_on_board(n_results=3, evaluations=1_500)
    assert page.says("Settings differ from the run shown", "markdown")
    page.press("Search again")
    assert installation.wait(first).state is JobState.CANCELLED
    assert installation.wait(page.session.run_id).state is JobState.DONE
    assert page.session.draft.n_results == 3


def test_the_last_changes_are_named_and_taken_back(page):
    assert [label for label in page.labels if "→" in label] == []
    first = page.session.draft
    page.set_on_board(density=2.0).set_on_board(seed=7).edit_features(water={"is_free": False})
    second = page.session.draft
    assert [label for label in page.labels if "→" in label][1:] == ["seed 0 → 7", "density penalty 5 → 2"]
    page.press_key("undo-1")
    assert feature(page, "water").is_free and page.board["knobs"]["now"]["seed"] == 7
    page.press_key("redo")
    assert page.session.draft == second
    page.press_key("undo-3")
    assert page.session.draft == first and page.board["knobs"]["now"]["density"] == 5.0
    page.set_on_board(seed=1)
    assert not any(label.startswith("Again") for label in page.labels)
    for seed in range(2, 15):
        page.set_on_board(seed=seed)
    assert len([label for label in page.labels if "→" in label]) == MAX_CHANGES


def test_a_model_trained_anew_since_the_run_says_so(open_app, installation, finished_run):
    card = installation.saved_models / "concrete.json"
    kept = card.read_text("utf-8")
    card.write_text(kept + " ", "utf-8")
    try:
        page = open_app("optimize", run=finished_run)
        assert page.says("trained anew", "error") or "See the results" in page.labels
    finally:
        card.write_text(kept, "utf-8")


def with_category(app, csv, name="[binder](http://evil)"):
    """The Data page with a table that has a category in use."""
    categories = ["OPC", "slag", ":red[x]"] * 20
    columns = {name: categories, "temp": [j % 9 for j in range(60)], "y": [j * j % 13 for j in range(60)]}
    return app.go("data").upload("mix.csv", csv(columns)).take_table()


def test_names_of_columns_are_escaped_wherever_the_page_shows_them(app, csv, save_linear_model):
    page = with_category(app, csv)
    save_linear_model(page.session.dataset, "hostile")
    page.go("model")
    page.press_key("use-model-hostile").go("optimize")
    binder = page.on_board("[binder](http://evil)")
    assert binder["now"]["allowed"] == binder["categories"] == [":red[x]", "OPC", "slag"]
    page.put("segmented_control", "Compare results with", "My own setting")
    assert page.one("selectbox", "[binder](http://evil)").options == [":red[x]", "OPC", "slag"]
    page.set_on_board(of="area")
    for text in page.raw_texts():
        assert "[binder](" not in text and "http://evil" not in text, text


def test_categories_become_the_specification(app, csv, save_linear_model):
    page = with_category(app, csv, name="binder")
    save_linear_model(page.session.dataset, "binders")
    page.go("model")
    page.press_key("use-model-binders").go("optimize").edit_features(binder={"allowed": ["slag", "OPC"]})
    assert page.session.draft.features[0].allowed == ("OPC", "slag")
    page.edit_features(binder={"allowed": []})
    assert page.says("'binder' has no allowed category", "error")
    assert page.one("button", "Start search").disabled
    page.edit_features(binder={"is_free": False, "value": "slag"})
    assert (page.session.draft.features[0].is_free, page.session.draft.features[0].value) == (False, "slag")
    assert not page.test.error
