ROW = 182


def compare_with(page, kind):
    return page.put("segmented_control", "Compare results with", kind)


def features(page):
    return {feature.name: feature for feature in page.session.draft.features}


def free(page):
    return [name for name, feature in features(page).items() if feature.is_free and name != "age"]


def test_results_are_compared_with_the_best_recorded_row_at_first(page):
    assert page.one("segmented_control", "Compare results with").value == "Best recorded"
    assert page.session.draft.reference is None
    assert page.says("To improve a setting that you have, choose it here.", "caption")


def test_the_row_that_was_measured_best_is_proposed_and_shown(page):
    compare_with(page, "A recorded row")
    reference = page.session.draft.reference
    assert page.one("number_input", "Row").value == reference.row == ROW
    assert page.says("cement 389.9 kg/m³, blast furnace slag 189.0 kg/m³", "caption")
    assert page.says("measured 82.6 MPa at age 91 days", "caption")
    assert page.board["reference"] == "Row 182"
    assert page.on_board("cement")["reference"] == 389.9


def test_all_that_may_not_move_is_frozen_at_the_reference(page):
    compare_with(page, "A recorded row").put("number_input", "Row", 10)
    page.put("multiselect", "Moving at most these features", ["cement", "water"])
    draft = page.session.draft
    assert free(page) == ["cement", "water"]
    held = dict(zip(features(page), draft.reference.values, strict=True))
    assert features(page)["fine aggregate"].value == held["fine aggregate"]
    assert not page.on_board("fine aggregate")["now"]["is_free"]
    page.put("number_input", "Row", 11)
    held = dict(zip(features(page), page.session.draft.reference.values, strict=True))
    assert features(page)["fine aggregate"].value == held["fine aggregate"]  # it follows
    assert not page.one("button", "Start search").disabled
    page.put("multiselect", "Moving at most these features", [])
    assert page.says("All features are frozen", "error")
    assert page.one("button", "Start search").disabled


def test_what_may_move_is_what_is_free_on_the_board(page):
    compare_with(page, "A recorded row").edit_features(water={"is_free": False})
    moving = page.one("multiselect", "Moving at most these features")
    assert "water" not in moving.value and set(moving.value) == set(free(page))


def test_a_row_that_is_not_there_is_said_and_starts_nothing(page):
    compare_with(page, "A recorded row")
    page.session.draft = page.session.draft.revised(
        reference=page.session.draft.reference.model_copy(update={"row": 99_999})
    )
    page.run()
    assert page.says("There is no recorded row 99999: rows are numbered 1 to ", "error")
    assert page.one("button", "Start search").disabled
    compare_with(page, "Best recorded")
    assert not page.test.error


def test_a_setting_is_typed_in_and_has_a_name(page):
    compare_with(page, "My own setting").put("text_input", "Called", "  Monday's\n mix ")
    page.put("number_input", "cement [kg/m³]", 320.0)
    reference = page.session.draft.reference
    assert (reference.row, reference.name, reference.values[0]) == (None, "Monday's mix", 320.0)
    assert reference.values[3] == 145.9  # as in the best recorded row
    page.put("multiselect", "Moving at most these features", ["water"])
    assert (features(page)["cement"].is_free, features(page)["cement"].value) == (False, 320.0)
    page.put("number_input", "cement [kg/m³]", 330.0)
    assert features(page)["cement"].value == 330.0
    page.go("results").go("optimize")
    assert page.one("number_input", "cement [kg/m³]").value == 330.0
    assert not page.test.error


def test_a_setting_outside_the_bounds_is_noted(page):
    compare_with(page, "My own setting").put("number_input", "cement [kg/m³]", 600.0)
    assert page.says("The search cannot return to the reference itself: cement 600 kg/m³ is not between 102", "caption")
    assert not page.one("button", "Start search").disabled


def test_what_was_just_set_on_the_board_is_kept_when_the_reference_sets_it_anew(page):
    page.edit_features(cement={"low": 200.0})
    compare_with(page, "A recorded row")
    assert features(page)["cement"].low == 200.0 == page.on_board("cement")["now"]["low"]
