import pytest

from optimizer import Choice, FloorKind, Goal, Summary
from services.jobs import JobKind, JobState, RunStore
from ui.optimize.reference_form import apply_edits, board_revision
from ui.web.feature_board.component import what_is_set

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


def test_a_plan_says_what_will_run_and_how_long_it_takes(page):
    assert page.says("15,000 evaluations at most; 5 results", "info")
    assert page.says(
        "once more without realism, that is without the penalty, the plausibility of at least 10 %", "info"
    )
    assert not page.one("button", "Start search").disabled


def test_goal_and_curve_become_the_specification(page):
    page.put("segmented_control", "Search for", "Min").put("selectbox", "Summary", "value at a point")
    page.put("number_input", "From", 2.0).put("number_input", "To", 90.0).put("number_input", "At", 28.0)
    spec = page.session.draft
    assert (spec.goal, spec.curve.summary, spec.curve.at) == (Goal.MINIMUM, Summary.POINT, 28.0)
    assert (spec.curve.feature, spec.curve.start, spec.curve.end) == ("age", 2.0, 90.0)
    assert not page.test.error


def test_the_outcome_itself_can_reach_a_value(page):
    page.put("segmented_control", "Of", "the outcome itself").put("segmented_control", "Search for", "Value")
    page.put("number_input", "The value [MPa]", 60.0)
    spec = page.session.draft
    assert (spec.goal, spec.value, spec.curve) == (Goal.VALUE, 60.0, None)
    assert page.board["swept"] is None
    page.put("segmented_control", "Of", "its curve")
    assert page.session.draft.curve.feature == "age"
    assert page.board["swept"] == "age"


def test_the_curve_can_run_over_another_feature(page):
    page.put("selectbox", "Curve over", "water")
    spec = page.session.draft
    assert (spec.curve.feature, spec.curve.start, spec.curve.end) == ("water", 121.8, 247.0)
    assert page.says("water is not searched: the curve runs over it.", "caption")
    assert page.board["swept"] == "water"


def test_density_and_search_become_the_specification(page):
    page.put("select_slider", "Density penalty", 5.0).put("number_input", "Target density [kg/m³]", 2400.0)
    page.put("number_input", "Tolerance [kg/m³]", 50.0).put("number_input", "Number of results", 3)
    page.put("number_input", "Budget [evaluations]", 9_000).put("number_input", "Seed", 11)
    spec = page.session.draft
    assert (spec.density.weight, spec.density.target, spec.density.tolerance) == (5.0, 2400.0, 50.0)
    assert (spec.n_results, spec.budget.evaluations, spec.seed) == (3, 9_000, 11)


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
            "water": {"low": 150.0, "high": 200.0, "weight": 0.5, "step": 5.0},
            "fly ash": {"step": None},
        }
    )
    assert (feature(page, "cement").is_free, feature(page, "cement").value) == (False, 300.0)
    water = feature(page, "water")
    assert (water.low, water.high, water.weight, water.step) == (150.0, 200.0, 0.5, 5.0)
    assert feature(page, "fly ash").step is None
    slag = feature(page, "blast furnace slag")
    page.go("start").go("optimize")
    assert feature(page, "blast furnace slag") == slag


def test_settings_are_kept_through_another_page(page):
    page.edit_features(cement={"is_free": False}).put("number_input", "Seed", 5).go("results").go("optimize")
    assert (feature(page, "cement").is_free, page.session.draft.seed) == (False, 5)
    assert not page.on_board("cement")["now"]["is_free"]
    assert page.one("number_input", "Seed").value == 5


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
    apply_edits(page.session, {"revision": old, "features": features}, page.session.dataset)
    assert page.session.draft.features == draft.features
    apply_edits(page.session, {"revision": board_revision(page.session), "features": features}, page.session.dataset)
    assert feature(page, "cement").low == 200.0


WRONG = {
    "swapped": ({"cement": {"low": 500.0, "high": 400.0}}, "'cement' lies between 500 and 400"),
    "frozen outside": (
        {"cement": {"is_free": False, "value": 9999.0}},
        "'cement' is frozen at 9999, outside its range",
    ),
    "negative weight": ({"cement": {"weight": -1.0}}, "cement"),
    "negative step": ({"cement": {"step": -1.0}}, "cement"),
    "no step inside": ({"cement": {"low": 101.0, "high": 109.0, "step": 100.0}}, "cement"),
    "all frozen": ({name: {"is_free": False} for name in PARTS}, "frozen"),
    "no number": ({"cement": {"low": "abc"}}, "Min of 'cement' is a number, got 'abc'"),
    "negative tolerance": ({"cement": {"tolerance": -1.0}}, "The tolerance of 'cement' is 0 or more, got -1"),
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


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [
        ("Tolerance [kg/m³]", 0.0, "tolerance"),
        ("Tolerance [kg/m³]", -5.0, "tolerance"),
        ("To", 0.5, "set its end above its start"),
        ("Lineages", 10_000, None),
    ],
)
def test_numbers_that_make_no_sense_are_refused_in_words(page, label, value, words):
    page.put("number_input", label, value)
    assert page.says(words, "error") if words else not page.test.error
    assert page.one("button", "Start search").disabled == bool(words)


def test_a_point_outside_the_curve_is_refused_in_words(page):
    page.put("selectbox", "Summary", "value at a point").put("number_input", "At", 9_999.0)
    assert page.test.error
    assert page.one("button", "Start search").disabled


def test_without_any_realism_there_is_nothing_to_compare(page):
    page.put("segmented_control", "How far to extrapolate", "free")
    assert page.says("once more without the penalty, to compare", "info")
    page.put("select_slider", "Density penalty", 0.0)
    assert not page.says("once more", "info")
    assert not page.one("button", "Start search").disabled


def test_other_settings_than_those_of_the_shown_run_are_said_in_yellow(open_app, finished_run):
    words = "The settings below differ"
    page = open_app("optimize", run=finished_run)
    assert not page.says(words, "warning")
    page.put("number_input", "Seed", 1)
    assert page.says(words, "warning")
    assert len(page.all("button", "Search again")) == 1  # beside the note
    page.put("number_input", "Seed", 0)
    assert not page.says(words, "warning")
    page.edit_features(water={"high": 200.0})
    assert page.says(words, "warning")
    page.edit_features(water={"high": 100.0})
    assert page.says("'water' lies between", "error") and not page.says(words, "warning")
    assert page.one("button", "Search again").disabled


def test_a_run_is_started_watched_stopped_and_kept(page, installation):
    page.put("number_input", "Budget [evaluations]", 90_000_000).press("Start search")
    run = page.session.run_id
    assert page.test.query_params["run"] in (run, [run])
    assert page.one("button", "Search again").disabled
    installation.wait_for(run, lambda job: job.n_pieces >= 3)
    page.press("Stop")
    assert installation.wait(run).state is JobState.CANCELLED
    page.run()
    assert page.says("what it had found until then is kept", "info")
    assert len(page.table_names) >= 5
    assert page.go("results").says("You stopped it")


def test_a_run_whose_id_has_two_underscores_is_drawn_like_any_other(open_app, installation, finished_run, monkeypatch):
    store = installation.supervisor.store
    monkeypatch.setattr("services.jobs.store.store.secrets.token_hex", lambda n: "an__id")
    run = store.add(JobKind.SEARCH, "Run", store.get(finished_run).spec)
    store.start(run, "server")
    page = open_app("optimize", run=run)  # and nothing is raised
    assert page.session.run_id == "an__id"
    assert page.labels[0] == "Stop"
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
        assert page.says("different ones were kept as results"), moment
        assert "Stop" not in page.labels


def test_a_second_run_waits_visibly_and_can_be_stopped_before_it_starts(page, open_app, installation):
    page.put("number_input", "Budget [evaluations]", 90_000_000).press("Start search")
    other = open_app().use_concrete().go("optimize").press("Start search")
    assert other.says("Queued: 1 job is before this one.", "caption")
    other.press("Stop")
    assert installation.wait(other.session.run_id).state is JobState.CANCELLED
    page.press("Stop")
    installation.wait(page.session.run_id)


def test_the_button_is_pressed_even_where_what_was_just_typed_moves_it(open_app, finished_run, installation):
    page = open_app("optimize", run=finished_run)
    page.one("number_input", "Number of results").set_value(3)  # as when a field is left by pressing the button
    page.press("Search again")
    assert page.session.run_id != finished_run
    assert installation.wait(page.session.run_id).state is JobState.DONE
    assert page.run().session.draft.n_results == 3


def test_searching_again_shows_the_new_run(open_app, finished_run, installation):
    page = open_app("optimize", run=finished_run).put("number_input", "Number of results", 2).press("Search again")
    assert page.session.run_id != finished_run
    installation.wait(page.session.run_id)
    page.run()
    assert [name for name in page.table_names if name.startswith("Result")] == ["Result 1", "Result 2"]


def test_a_model_trained_anew_since_the_run_says_so(open_app, installation, finished_run):
    card = installation.saved_models / "concrete.json"
    kept = card.read_text("utf-8")
    card.write_text(kept + " ", "utf-8")
    try:
        page = open_app("optimize", run=finished_run)
        assert page.says("trained anew", "error") or len(page.table_names) > 0
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
    page.put("segmented_control", "Of", "its curve")
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
