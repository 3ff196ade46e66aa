"""The Data page with a table in which several things were measured."""

import numpy as np
import pytest

FURTHER = "Further outcomes (optional)"
PARAGRAPH = "A model will predict yield from 3 features."


def lab(n=24, **columns):
    """Return a lab's table: three settings, and what was measured of most batches."""
    rng = np.random.default_rng(0)
    temp, time = rng.choice([60, 70, 80], n), rng.choice([1, 2, 4], n)
    made = {
        "temp": temp,
        "time": time,
        "ligand": rng.choice(["none", "XPhos", "SPhos"], n),
        "yield": (temp / 2 + 5 * time + rng.normal(0, 1, n)).round(2),
        "purity": rng.uniform(90, 99, n).round(3),
    }
    made = {name: list(values) for name, values in made.items()}
    made["purity"][2] = made["purity"][5] = ""
    return made | columns


@pytest.fixture
def page(app):
    return app.go("data")


@pytest.fixture
def measured(page, csv):
    return page.upload("lab.csv", csv(lab()))


def chips(page):
    return [popover.proto.popover.label for popover in page.test.get("popover")]


def test_what_else_was_measured_is_an_outcome_too_and_its_gaps_cost_no_rows(measured):
    words = "Models will predict yield (24 rows) and purity (22 rows) from 3 features."
    assert measured.says(words, "markdown")
    assert {"yield", "purity", "3 features"} <= set(chips(measured))
    assert not measured.says("incomplete", "caption")
    dataset = measured.take_table().session.dataset
    assert (dataset.outcome_names, dataset.n_rows) == (("yield", "purity"), 24)
    assert np.isnan(dataset.measured("purity")).sum() == 2
    measured.press_key("use-bumps").press_key(f"open-{dataset.digest[:12]}")
    assert measured.says("Models predict yield (24 rows) and purity (22 rows) from 3 features.", "markdown")
    assert measured.session.dataset.outcome_names == ("yield", "purity")


def test_outcomes_are_taken_off_and_added_again(measured):
    measured.press("Take it off")
    assert measured.says(PARAGRAPH, "markdown") and "purity" not in chips(measured)
    assert measured.take_table().session.dataset.outcome_names == ("yield",)
    measured.put("multiselect", FURTHER, ["purity"])
    assert measured.take_table().session.dataset.outcome_names == ("yield", "purity")


def test_a_column_that_was_set_is_no_outcome(measured):
    measured.put("segmented_control", "purity: set or measured?", "Set")
    assert measured.says("A model will predict yield from 4 features.", "markdown")
    measured.put("segmented_control", "purity: set or measured?", "Measured")
    assert measured.take_table().session.dataset.outcome_names == ("yield", "purity")


def test_a_feature_that_becomes_an_outcome_is_no_feature_any_more(measured):
    measured.put("multiselect", FURTHER, ["purity", "time"])
    assert measured.one("multiselect", "Features").value == ["temp", "ligand"]
    assert measured.take_table().session.dataset.outcome_names == ("yield", "time", "purity")
    measured.put("multiselect", "Features", ["temp", "purity"])
    dataset = measured.take_table().session.dataset
    assert (dataset.outcome_names, dataset.feature_names) == (("yield", "time"), ("temp", "purity"))


def test_another_outcome_can_go_first(measured):
    measured.put("multiselect", "Features", ["temp", "time"]).press("Make it the first")
    dataset = measured.take_table().session.dataset
    assert (dataset.outcome_names, dataset.feature_names) == (("purity", "yield"), ("temp", "time"))


def test_outcomes_have_units_and_limits_of_their_own(page, csv):
    columns = {("purity [%]" if name == "purity" else name): values for name, values in lab().items()}
    page.upload("lab.csv", csv(columns))
    assert page.says("Guessed from its unit, %: purity is always within 0 to 100 %.", "caption")
    dataset = page.take_table().session.dataset
    assert dataset.for_outcome("purity").limits.high == 100 and dataset.limits.high is None
    page.press_key("use-bumps").press_key(f"open-{dataset.digest[:12]}")
    assert page.says("purity is always within 0 to 100 %.", "markdown")


def test_every_outcome_has_a_histogram(measured):
    words = measured.figures[0].proto.alt if hasattr(measured.figures[0].proto, "alt") else ""
    spec = measured.figures[0].proto.spec + words
    assert "yield" in spec and "purity" in spec


def test_a_copy_of_another_outcome_is_refused_beside_the_button_that_takes_it_off(page, csv):
    columns = lab()
    page.upload("copy.csv", csv(columns | {"yield again": columns["yield"]}))
    assert not page.test.error
    page.put("multiselect", FURTHER, ["purity", "yield again"])
    assert page.says("'yield again' says the same as 'yield' in all 24 rows that have both", "error")
    assert "Use without training" not in page.labels
    page.press_key(next(button.key for button in page.test.button if button.key.startswith("wrong-")))
    assert not page.test.error
    assert page.take_table().session.dataset.outcome_names == ("yield", "purity")


def test_too_few_rows_for_a_model_are_said_with_how_many_there_are(page, csv):
    columns = lab()
    page.upload("few.csv", csv(columns | {"colour number": [1.5, 2.5, 3.0] * 3 + [""] * 15}))
    page.put("multiselect", FURTHER, ["purity", "colour number"])
    assert page.says("'colour number' was measured in 9 rows; a model needs at least 15.", "warning")
    assert page.take_table().session.dataset.outcome_names == ("yield", "purity", "colour number")
    page.go("model").put("segmented_control", "Outcome", "colour number")
    assert page.says("'colour number' was measured in 9 rows; a model needs at least 15.", "warning")
    assert page.one("button", "Train so").disabled


def test_an_outcome_that_became_a_text_says_what_mends_it(measured):
    key = next(table.key for table in measured.test.dataframe if (table.key or "").startswith("columns-"))
    edits = {"edited_rows": {4: {"Type": "category"}}, "added_rows": [], "deleted_rows": []}
    measured.test.session_state[key] = edits
    measured.run()
    assert measured.says("An outcome has to be a number, but 'purity' holds text in 22 rows", "error")
    measured.test.session_state[key] = edits | {"edited_rows": {}}
    assert not measured.run().test.error


def test_a_shipped_table_keeps_its_outcomes(page):
    page.use_table("reactor")
    assert page.session.dataset.outcome_names == ("yield", "impurity", "energy consumption")
    assert page.says("Models predict yield [%] (", "markdown")
    page.press("Change the roles")
    assert page.says("energy consumption [kWh/kg] (", "markdown")
    assert page.take_table().session.dataset.outcome_names == ("yield", "impurity", "energy consumption")
