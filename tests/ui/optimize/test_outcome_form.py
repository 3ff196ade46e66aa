import pytest

from optimizer import Goal
from ui.optimize.bench import act_on_outcome, apply_edits, board_revision
from ui.web.settings_board.component import knobs_now, what_is_set
from ui.web.settings_board.outcomes import rows_now


@pytest.fixture
def type_formula(monkeypatch):
    """Type into the field of a formula, which draws in a browser only."""

    def put(text):
        monkeypatch.setattr("ui.optimize.outcome_form.typed_formula", lambda key, given: (text, len(text)))

    return put


def ask(page, act, name=""):
    """Ask for something of an outcome as the board does."""
    act_on_outcome(page.session, {"act": act, "name": name})
    return page.run()


def set_rows(page, combine="front", **rows):
    """Set outcomes as the board does."""
    draft, own = page.session.draft, page.session.dataset
    sent = {
        "revision": board_revision(page.session),
        "features": [{"name": each.name} | what_is_set(each) for each in draft.features],
        "outcomes": [now | rows.get(now["name"].split()[-1], {}) for now in rows_now(draft, own)],
        "combine": combine,
        "knobs": knobs_now(draft),
    }
    apply_edits(page.session, sent)
    return page.run()


@pytest.fixture
def priced(page):
    """The page with cost and CO2 by the prices that ship."""
    ask(page, "add").put_kind("Prices and CO₂")
    return page.press("Add cost and CO₂")


@pytest.fixture(autouse=True)
def _kinds(page):
    def put_kind(label):
        control = next(each for each in page.test.segmented_control if each.label == "What it is")
        control.set_value(next(option for option in control.options if label in str(option)))
        return page.run()

    page.put_kind = put_kind


def names(page):
    return [each.name for each in page.session.draft.outcomes]


def test_one_outcome_is_drawn_as_ever_and_no_form_is_open(page):
    assert page.board["outcomes"]["rows"] == []
    assert "Add the outcome" not in page.labels


def test_a_formula_is_added_with_its_unit_and_its_recorded_range_shown(page, type_formula):
    type_formula("cement + [fly ash]")
    ask(page, "add")
    assert page.says("On recorded rows: 102.0 to 614.0 kg/m³")
    assert page.one("button", "Add the outcome").disabled  # it has no name yet
    page.put("text_input", "Name", "binder").press("Add the outcome")
    assert names(page) == ["compressive strength", "binder"]
    assert page.session.draft.outcomes[1].goal is None and page.session.optimize.open_outcome is None
    row = page.board["outcomes"]["rows"][1]
    assert (row["unit"], row["now"]["want"], row["recorded"][0]) == ("kg/m³", "shown", 102)
    assert page.session.history.past[0].words == "binder added"
    page.press("binder added")
    assert names(page) == [""]


def test_a_formula_is_changed_and_removed(page, type_formula):
    type_formula("cement + water")
    ask(page, "add").put("text_input", "Name", "sum").press("Add the outcome")
    type_formula("cement + [fly ash]")
    ask(page, "edit", "sum")
    assert page.one("text_input", "Name").value == "sum"
    page.press("Keep the change")
    assert page.session.draft.outcomes[1].formula == "cement + [fly ash]"
    ask(page, "remove", "sum")
    assert names(page) == [""] and page.board["outcomes"]["rows"] == []


@pytest.mark.parametrize("text", ["cement / [fly ash]", "2 * cemnt", "2 *"])
def test_a_formula_that_makes_no_sense_cannot_be_added(page, type_formula, text):
    type_formula(text)
    ask(page, "add").put("text_input", "Name", "x")
    assert page.one("button", "Add the outcome").disabled


def test_a_name_that_is_taken_is_refused_beside_it(page, type_formula):
    type_formula("cement + water")
    ask(page, "add").put("text_input", "Name", "cement")
    assert page.says("A feature is called 'cement' already")
    assert page.one("button", "Add the outcome").disabled


def test_prices_that_ship_make_cost_and_co2_with_their_sources_shown(page):
    ask(page, "add").put_kind("Prices and CO₂")
    table = page.test.dataframe[-1].value if page.test.dataframe else None
    assert table is None or "Source" in table.columns
    assert page.says("cost on recorded rows: 45.0 to 147.5 US$/m³")
    page.press("Add cost and CO₂")
    assert names(page) == ["compressive strength", "cost", "CO2"]
    assert page.session.draft.outcomes[1].unit == "US$/m³"


def test_a_second_goal_makes_a_front_and_what_a_front_cannot_do_is_off(priced):
    page = set_rows(priced, cost={"want": "minimum"})
    spec = page.session.draft
    assert spec.is_front and (spec.n_results, spec.distinct) == (10, 0.3)
    assert page.board["knobs"]["no_price"] and page.board["knobs"]["now"]["n_results"] == 10
    assert page.one("selectbox", "Search by").disabled
    assert page.says("A search takes ", "caption")
    assert page.session.history.past[0].words.startswith("cost: min")
    page = set_rows(page, cost={"want": "at_most", "at_most": 100.0})
    assert (page.session.draft.n_results, page.session.draft.distinct) == (5, 1.0)
    assert page.session.history.past[0].words == "cost: at most 100 US$/m³"
    assert not page.one("selectbox", "Search by").disabled and not page.board["knobs"]["no_price"]


def test_the_last_goal_stays_and_the_page_says_why(priced):
    page = set_rows(priced, strength={"want": "at_least", "at_least": 40.0})
    assert page.session.draft.goal is Goal.MAXIMUM
    assert page.board["outcomes"]["note"].startswith("Nothing would be searched for")
    page = set_rows(page, cost={"want": "minimum"})
    assert page.board["outcomes"]["note"] == ""
    page = set_rows(page, strength={"want": "at_least", "at_least": 40.0})
    spec = page.session.draft
    assert (spec.objective.name, spec.goal, spec.outcomes[0].at_least) == ("cost", Goal.MINIMUM, 40.0)
    ask(page, "remove", "cost")
    assert "cost" in names(page) and page.board["outcomes"]["note"].startswith("Nothing would be searched for")


def test_a_limit_that_no_recorded_row_meets_is_warned_of_beside_it(priced):
    page = set_rows(priced, strength={"at_least": 90_000.0})
    row = page.board["outcomes"]["rows"][0]
    assert row["warning"].startswith("No recorded row has compressive strength at least 90,000 MPa·days")
    assert not page.test.error


def test_limits_that_contradict_each_other_are_refused(priced):
    page = set_rows(priced, cost={"want": "between", "at_least": 90.0, "at_most": 50.0})
    assert page.says("'cost' cannot be at least 90 and at most 50: swap the two", "error")
    assert page.one("button", "Start search").disabled


def test_what_another_formula_needs_is_not_removed(priced, type_formula):
    type_formula("cost / cement")
    ask(priced, "add").put("text_input", "Name", "relative").press("Add the outcome")
    ask(priced, "remove", "cost")
    assert "cost" in names(priced)
    assert priced.board["outcomes"]["note"].startswith("'cost' is in the formula of 'relative'")


def test_prices_of_the_run_stand_in_the_form_again(priced):
    ask(priced, "edit", "cost")
    assert priced.says("cost on recorded rows: 45.0 to 147.5 US$/m³")
    priced.press("Keep the prices")
    assert names(priced) == ["compressive strength", "cost", "CO2"]


def test_one_outcome_can_have_a_limit_of_its_own(page):
    ask(page, "add").put_kind("A limit")
    page.put("number_input", "At least [MPa·days]", 40.0).press("Add the limit")
    spec = page.session.draft
    assert (spec.goal, spec.objective.at_least, spec.objective.name) == (Goal.MAXIMUM, 40.0, "")
    assert [each["now"]["want"] for each in page.board["outcomes"]["rows"]] == ["maximum"]


def test_what_the_browser_asks_may_be_anything(page):
    before = page.session.draft
    for sent in (None, 3, {}, {"act": "remove", "name": "other"}, {"act": "edit", "name": 3}, {"act": ["add"]}):
        act_on_outcome(page.session, sent)
    assert page.session.draft == before and page.session.optimize.open_outcome is None
