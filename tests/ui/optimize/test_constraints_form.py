import pytest

from services.specs.run import (
    AtMostConstraintSpec,
    CategoriesSpec,
    ConditionalConstraintSpec,
    ForbiddenConstraintSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    SumConstraintSpec,
)

SUM, RATIO, ORDER = "Sum of features", "Ratio of features", "One feature at most another"
AT_MOST, FORBIDDEN = "At most so many of some features", "Categories that never go together"
WEIGHTED, ENOUGH, IF = "Weighted sum of features", "Zero, or at least so much", "If a category, then an amount"
RELATION = r"A\_pct + B\_pct = 100 in all 40 rows"
BINDER = ("cement", "blast furnace slag", "fly ash")
CEMENT, SLAG = 0, 1


def with_rules(page, *constraints):
    """Return the page, entered anew with these rules set."""
    page.go("start").session.draft = page.session.draft.revised(constraints=constraints)
    return page.go("optimize")


def constraints(page):
    return page.session.draft.constraints


def test_a_sum_rule_is_added_by_form_with_the_parts_proposed_and_their_recorded_range_shown(page):
    page.put("selectbox", "Add a rule", SUM)
    assert page.one("multiselect", "Features that add up").value == list(page.session.dataset.parts)
    assert page.says("Recorded: this sum lies between 2,195 and 2,551 kg/m³, on average 2,344", "caption")
    page.put("number_input", "At least", 2300.0).put("number_input", "At most", 2400.0).press("Add the rule")
    assert constraints(page) == (SumConstraintSpec(features=page.session.dataset.parts, low=2300.0, high=2400.0),)
    assert page.says("fine aggregate is between 2,300 and 2,400 kg/m³", "markdown")
    assert page.says("50 % of the recorded rows meet it", "caption")
    assert page.one("selectbox", "Add a rule").value is None
    assert page.all("button", "Add the rule") == []
    assert not page.one("button", "Start search").disabled


def test_a_sum_may_be_one_number_or_have_one_limit_only(page):
    page.put("selectbox", "Add a rule", SUM).put("multiselect", "Features that add up", list(BINDER))
    page.put("segmented_control", "is", "equal to").put("number_input", "Value", 400.0).press("Add the rule")
    page.put("selectbox", "Add a rule", SUM).put("multiselect", "Features that add up", ["water"])
    page.put("number_input", "At most", 200.0).press("Add the rule")
    assert constraints(page) == (
        SumConstraintSpec(features=BINDER, low=400.0, high=400.0),
        SumConstraintSpec(features=("water",), high=200.0),
    )


def test_every_other_kind_becomes_the_specification_with_its_own_fields_only(page):
    page.put("selectbox", "Add a rule", RATIO).put("multiselect", "Above the line", ["water"])
    page.put("multiselect", "Below the line", list(BINDER))
    assert page.says("Recorded: this ratio lies between 0.23", "caption")
    page.put("number_input", "At least", 0.35).put("number_input", "At most", 0.5).press("Add the rule")
    page.put("selectbox", "Add a rule", ORDER).put("selectbox", "This feature", "fly ash")
    assert page.all("multiselect", "Above the line") == []
    page.put("selectbox", "is at most this one", "cement").press("Add the rule")
    page.put("selectbox", "Add a rule", AT_MOST)
    suggested = page.one("multiselect", "Of these features").value
    assert suggested == ["blast furnace slag", "fly ash", "superplasticizer"]  # what may be 0 by its bounds
    page.put("number_input", "at most", 1).put("number_input", "are above", 2.0).press("Add the rule")
    assert constraints(page) == (
        RatioConstraintSpec(numerator=("water",), denominator=BINDER, low=0.35, high=0.5),
        OrderConstraintSpec(smaller="fly ash", larger="cement"),
        AtMostConstraintSpec(features=tuple(suggested), most=1, threshold=2.0),
    )
    assert page.says("water / (cement + blast furnace slag + fly ash) is between 0.35 and 0.5", "markdown")
    assert page.says("at most 1 of blast furnace slag, fly ash and superplasticizer is above 2 kg/m³", "markdown")
    assert not page.test.error


def test_a_rule_is_changed_in_its_place_and_a_change_can_be_dropped(page):
    with_rules(
        page,
        OrderConstraintSpec(smaller="fly ash", larger="cement"),
        SumConstraintSpec(features=BINDER, low=300, high=400),
    )
    page.press("Edit", 1)
    assert page.one("multiselect", "Features that add up").value == list(BINDER)
    assert (page.one("number_input", "At least").value, page.one("number_input", "At most").value) == (300.0, 400.0)
    page.put("number_input", "At most", 450.0).press("Cancel")
    assert constraints(page)[1].high == 400
    page.press("Edit", 1)
    assert page.one("number_input", "At most").value == 400.0
    page.put("number_input", "At most", 450.0).press("Keep the change")
    assert constraints(page)[0] == OrderConstraintSpec(smaller="fly ash", larger="cement")
    assert constraints(page)[1] == SumConstraintSpec(features=BINDER, low=300, high=450)
    assert page.all("button", "Keep the change") == []


def test_rules_are_removed_one_at_a_time(page):
    with_rules(page, *(SumConstraintSpec(features=("water",), high=high) for high in (200.0, 210.0, 220.0)))
    page.press("Edit", 2).press("Remove", 0)
    assert [rule.high for rule in constraints(page)] == [210.0, 220.0]
    assert page.one("number_input", "At most").value == 220.0  # the same rule stays open
    page.press("Keep the change").press("Remove", 1).press("Remove", 0)
    assert constraints(page) == ()
    assert not page.test.error


def test_adding_a_rule_keeps_what_was_set_elsewhere_and_it_outlives_another_page(page):
    page.edit_features(cement={"is_free": False}).set_on_board(seed=8)
    page.put("selectbox", "Add a rule", SUM).put("number_input", "At most", 2400.0)
    page.set_on_board(density=5.0).press("Add the rule").press("Remove")
    page.put("selectbox", "Add a rule", SUM).put("number_input", "At most", 2390.0).press("Add the rule")
    page.set_on_board(n_results=3)
    for _ in range(2):
        spec = page.session.draft
        assert (spec.seed, spec.n_results, spec.density.weight) == (8, 3, 5.0)
        assert not spec.features[CEMENT].is_free
        assert [rule.high for rule in spec.constraints] == [2390.0]
        page.go("results").go("optimize")


WRONG = {
    "no features": (SUM, [("multiselect", "Features that add up", [])], "A sum rule needs features"),
    "no limit": (SUM, [], "A sum rule has no limit: give a minimum, a maximum or both"),
    "low above high": (
        SUM,
        [("number_input", "At least", 9.0), ("number_input", "At most", 3.0)],
        "the minimum is above the maximum, swap them",
    ),
    "no denominator": (RATIO, [("multiselect", "Above the line", ["water"])], "The denominator of a ratio rule needs"),
    "one of two": (ORDER, [("selectbox", "This feature", "water")], "choose both"),
    "the same twice": (
        ORDER,
        [("selectbox", "This feature", "water"), ("selectbox", "is at most this one", "water")],
        "got 'water' twice",
    ),
    "as many as there are": (AT_MOST, [("number_input", "at most", 3)], "expected a whole number from 0 to 2, got 3"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_makes_no_rule_is_refused_in_words_and_what_was_typed_stays(page, kind):
    chosen, steps, words = WRONG[kind]
    page.put("selectbox", "Add a rule", chosen)
    for step in steps:
        page.put(*step)
    assert not page.test.error  # nobody is scolded while typing
    page.press("Add the rule")
    assert page.says(words, "error"), page.texts("error")
    assert constraints(page) == ()
    for widget, label, value in steps:
        assert page.one(widget, label).value == value
    page.press("Cancel")
    assert not page.test.error
    assert page.one("selectbox", "Add a rule").value is None


def test_the_same_rule_twice_is_refused(page):
    with_rules(page, OrderConstraintSpec(smaller="fly ash", larger="cement"))
    page.put("selectbox", "Add a rule", ORDER).put("selectbox", "This feature", "fly ash")
    page.put("selectbox", "is at most this one", "cement").press("Add the rule")
    assert page.says("There is this rule already: fly ash is at most cement", "error")
    page.press("Edit", 0).press("Keep the change")  # a rule may stay what it is
    assert len(constraints(page)) == 1


def test_rules_in_conflict_are_named_beside_them_and_nothing_can_be_started(page):
    with_rules(page, SumConstraintSpec(features=BINDER, high=300.0), SumConstraintSpec(features=("cement",), low=350.0))
    conflict = (
        "These 2 rules cannot be met together: 'the sum of cement, blast furnace slag and fly ash is at most 300'"
    )
    assert [conflict in text for text in page.texts("error")] == [True, True]  # beside the rules, and by the button
    assert page.one("button", "Start search").disabled
    page.press("Edit", 1).put("number_input", "At least", 250.0).press("Keep the change")
    assert not page.test.error
    assert not page.one("button", "Start search").disabled


def test_a_rule_that_bounds_or_frozen_features_leave_no_room_for_says_so(page):
    with_rules(page, SumConstraintSpec(features=("cement", "blast furnace slag"), low=700.0))
    assert not page.test.error
    page.edit_features(cement={"is_free": False, "value": 300.0})
    assert page.says("cannot be met", "error")
    assert page.says("cement is frozen at 300 kg/m³", "caption")
    assert page.one("button", "Start search").disabled
    page.edit_features(cement={"is_free": False, "value": 400.0})
    assert not page.test.error


def test_a_rule_over_the_sweep_feature_of_a_curve_says_so_and_works_without_the_curve(page):
    page.set_on_board(of="outcome").put("selectbox", "Add a rule", SUM)
    page.put("multiselect", "Features that add up", ["age"]).put("number_input", "At most", 28.0)
    page.press("Add the rule")
    assert not page.test.error
    page.set_on_board(of="area")
    assert page.says("The curve runs over all values of 'age', so no rule can speak of it", "error")
    assert page.says("age is at most 28", "markdown")
    page.put("selectbox", "Add a rule", SUM)
    assert "age" not in page.one("multiselect", "Features that add up").options
    page.press("Remove")
    assert not page.test.error


def test_another_table_and_model_have_rules_of_their_own(page):
    with_rules(page, SumConstraintSpec(features=("water",), high=200.0))
    page.press("Edit").use_table("production_yield")
    page.go("model").test.button(key="use-model-production_yield").click()
    assert constraints(page.run().go("optimize")) == ()
    assert page.all("button", "Keep the change") == []


def test_combinations_are_forbidden_by_form_and_names_are_shown_not_obeyed(app, csv, save_linear_model):
    binders, sands = ["OPC", "slag", ":red[x]"] * 20, ["fine", "coarse", "fine", "fine"] * 15
    columns = {"[binder](http://evil)": binders, "sand": sands, "temp": [j % 9 for j in range(60)]}
    data = csv(columns | {"y": [j * j % 13 for j in range(60)]})
    page = app.go("data").upload("mix.csv", data).take_table()
    save_linear_model(page.session.dataset, "sands")
    page.go("model").press_key("use-model-sands").go("optimize").put("selectbox", "Add a rule", FORBIDDEN)
    page.put("multiselect", "Features", ["[binder](http://evil)", "sand"])
    page.put("multiselect", "[binder](http://evil)", [":red[x]"]).press("Add the rule")
    assert page.says("choose one of 'sand'", "error")
    page.put("multiselect", "sand", ["coarse"]).press("Add the rule")
    parts = (("[binder](http://evil)", (":red[x]",)), ("sand", ("coarse",)))
    combination = tuple(CategoriesSpec(feature=name, categories=chosen) for name, chosen in parts)
    assert constraints(page) == (ForbiddenConstraintSpec(combination=combination),)
    assert page.says("never [binder](http://evil) :red[x] together with sand coarse", "markdown")
    for text in page.raw_texts():
        assert "[binder](" not in text and "http://evil" not in text and ":red[" not in text, text


def test_forbidden_combinations_are_offered_where_there_are_categories_to_combine(page):
    assert page.one("selectbox", "Add a rule").options == [SUM, WEIGHTED, RATIO, ORDER, AT_MOST, ENOUGH]


def test_a_weighted_sum_and_zero_or_enough_are_added_and_changed_by_their_own_forms(page):
    page.put("selectbox", "Add a rule", WEIGHTED).put("multiselect", "Features that add up", ["cement", "fly ash"])
    page.put("number_input", "cement times", 0.4).put("number_input", "fly ash times", 0.6)
    assert page.says("Recorded: this sum lies between", "caption")
    page.put("number_input", "At most", 300.0).press("Add the rule")
    page.put("selectbox", "Add a rule", ENOUGH).put("multiselect", "Each of these features is 0, or", ["fly ash"])
    page.press("Add the rule")
    assert page.says("give the least amount that is worth dosing", "error")
    page.put("number_input", "at least", 60.0).press("Add the rule")
    weighted = SumConstraintSpec(features=("cement", "fly ash"), high=300.0, weights=(0.4, 0.6))
    assert constraints(page) == (weighted, AtMostConstraintSpec(features=("fly ash",), most=1, least=60.0))
    assert page.says("0.4 cement + 0.6 fly ash is at most 300", "markdown")
    assert page.says("fly ash is 0 or at least 60 kg/m³", "markdown")
    page.press("Edit", 1).put("number_input", "at least", 90.0).press("Keep the change")
    page.press("Edit", 0).put("number_input", "fly ash times", -0.6).press("Keep the change")
    assert (constraints(page)[0].weights, constraints(page)[1].least) == ((0.4, -0.6), 90.0)
    assert not page.test.error


def test_a_category_holds_an_amount_by_form(app, csv, save_linear_model):
    catalysts, doses = ["none", "Pd", "Ni"] * 20, [0.0, 1.5, 2.5] * 20
    data = csv({"catalyst": catalysts, "dose": doses, "temp": list(range(60)), "y": [j % 7 for j in range(60)]})
    page = app.go("data").upload("catalysts.csv", data).take_table()
    save_linear_model(page.session.dataset, "catalysts")
    page.go("model").press_key("use-model-catalysts").go("optimize").put("selectbox", "Add a rule", IF)
    page.put("multiselect", "is", ["none"]).press("Add the rule")
    assert page.says("needs a category, and a feature that it holds", "error")
    page.put("selectbox", "then", "dose").put("segmented_control", "is", "equal to")
    page.put("number_input", "Value", 0.0).press("Add the rule")
    rule = ConditionalConstraintSpec(feature="catalyst", categories=("none",), then="dose", low=0.0, high=0.0)
    assert constraints(page) == (rule,)
    assert page.says("if catalyst is none then dose is 0", "markdown")
    assert page.says("every recorded row meets it", "caption")
    page.press("Edit").put("multiselect", "is", ["none", "Ni"]).press("Keep the change")
    assert constraints(page)[0].categories == ("none", "Ni")


def test_relations_of_the_table_are_rules_from_the_start_and_come_back_by_one_click(app, csv, save_linear_model):
    a, temp = [(7 * j) % 81 + 10 for j in range(40)], [(11 * j) % 37 + 60 for j in range(40)]
    columns = {"A_pct": a, "B_pct": [100 - x for x in a], "temp": temp, "gloss": [x * (90 - x) % 97 for x in a]}
    page = app.go("data").upload("paint.csv", csv(columns)).take_table()
    save_linear_model(page.session.dataset, "paint")
    assert page.one("checkbox", RELATION).value
    page.go("model").press_key("use-model-paint").go("optimize")
    rule = SumConstraintSpec(features=("A_pct", "B_pct"), low=100.0, high=100.0)
    assert constraints(page) == (rule,) and page.session.draft.density is None
    page.press("Remove")
    assert page.says(f"Found in the table: {RELATION}", "caption")
    page.press("Add as a rule")
    assert constraints(page) == (rule,)
    page.go("data").put("checkbox", RELATION, False)
    assert constraints(page.go("optimize")) == ()
