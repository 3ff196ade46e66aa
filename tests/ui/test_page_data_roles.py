"""What the Data page understood of a table's columns, and how the user puts it right."""

import numpy as np
import pytest

from services.intake.tables.reading import read_table
from ui.shared import cache

SWEEP, GROUP, ORDER = "Sweep feature (optional)", "Rows that belong together (optional)", "Order of the rows (optional)"


def design(n=24, **columns):
    rng = np.random.default_rng(0)
    temp, time = rng.choice([60, 70, 80], n), rng.choice([1, 2, 4], n)
    made = {
        "RunOrder": rng.permutation(n) + 1,
        "Batch": [f"B{i // 4}" for i in range(n)],
        "temp": temp,
        "time": time,
        "ligand": rng.choice(["none", "XPhos", "SPhos"], n),
        "yield": (temp / 2 + 5 * time + rng.normal(0, 1, n)).round(2),
        "purity": rng.uniform(90, 99, n).round(3),
    }
    return {name: list(values) for name, values in (made | columns).items()}


def ages(n=10):
    rng = np.random.default_rng(1)
    mixes = rng.uniform(100, 500, (n, 2)).round(1)
    rows = [(*mix, age) for mix in mixes.tolist() for age in (1, 7, 28)]
    names = ("cement", "water", "age")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) | {
        "strength": list(rng.uniform(10, 60, 3 * n).round(2))
    }


@pytest.fixture
def page(app):
    return app.go("data")


@pytest.fixture
def designed(page, csv):
    return page.upload("design.csv", csv(design()))


def edit(page, row, **values):
    """Change a row of the table of columns, as its editor would."""
    key = next(table.key for table in page.test.dataframe if (table.key or "").startswith("columns-"))
    page.test.session_state[key] = {"edited_rows": {row: values}, "added_rows": [], "deleted_rows": []}
    return page.run()


def question(page, name):
    return page.one("segmented_control", f"{name}: set or measured?")


def test_what_was_understood_is_said_in_one_paragraph(designed):
    assert designed.says("Models will predict yield and purity from 3 features.", "markdown")
    assert designed.says("RunOrder and Batch label the rows; no model learns from them.", "markdown")
    assert designed.says("Rows of one Batch stay together when a model is checked", "markdown")
    assert designed.says("RunOrder tells their order.", "markdown")
    assert designed.one("multiselect", "Features").value == ["temp", "time", "ligand"]


def test_labels_group_and_order_are_kept_with_the_table(designed):
    dataset = designed.take_table().session.dataset
    assert [label.name for label in dataset.labels] == ["RunOrder", "Batch"]
    assert (dataset.group, dataset.order) == ("Batch", "RunOrder")
    assert cache.catalog().datasets.find(dataset.digest).group == "Batch"


def test_a_label_becomes_a_feature_by_choice(designed):
    designed.put("multiselect", "Features", ["temp", "time", "RunOrder"])
    assert designed.says("Batch labels the rows; no model learns from it.", "markdown")
    dataset = designed.take_table().session.dataset
    assert dataset.feature_names == ("RunOrder", "temp", "time")
    assert ([label.name for label in dataset.labels], dataset.order) == (["Batch"], None)


def test_group_and_order_can_be_cleared_and_set(designed):
    designed.put("selectbox", GROUP, None).put("selectbox", ORDER, None)
    dataset = designed.take_table().session.dataset
    assert (dataset.group, dataset.order) == (None, None)
    designed.put("multiselect", "Features", ["temp", "time"]).put("selectbox", GROUP, "ligand")
    assert designed.take_table().session.dataset.group == "ligand"


def test_a_table_without_labels_has_no_controls_for_them(page, csv):
    columns = design()
    page.upload("plain.csv", csv({name: columns[name] for name in ("temp", "time", "yield")}))
    labels = {box.label for box in page.test.selectbox}
    assert GROUP not in labels and ORDER not in labels


def test_chips_say_the_roles(designed):
    chips = [popover.proto.popover.label for popover in designed.test.get("popover")]
    assert {"yield", "3 features", "Grouped by Batch", "In order of RunOrder", "No curve", "No parts"} <= set(chips)


def test_what_was_chosen_is_still_chosen_after_another_page(designed):
    designed.put("multiselect", "Features", ["temp", "time"]).put("selectbox", GROUP, None)
    designed.go("start").go("data")
    assert designed.one("multiselect", "Features").value == ["temp", "time"]
    assert designed.one("selectbox", GROUP).value is None


def test_other_likely_outcomes_are_buttons(designed):
    assert designed.one("selectbox", "Outcome").value == "yield"
    designed.press("purity")
    assert designed.one("selectbox", "Outcome").value == "purity"
    assert designed.one("multiselect", "Features").value == ["temp", "time", "ligand"]
    assert designed.take_table().session.dataset.outcome.name == "purity"
    designed.press("yield")
    assert designed.one("selectbox", "Outcome").value == "yield"


def test_what_looks_measured_is_asked_about_and_no_feature_until_the_user_says_set(designed):
    assert designed.says("Is purity set or measured?", "markdown")
    assert question(designed, "purity").value == "Measured"
    designed.put("segmented_control", "purity: set or measured?", "Set")
    assert designed.one("multiselect", "Features").value == ["temp", "time", "ligand", "purity"]
    assert "purity" in designed.take_table().session.dataset.feature_names
    designed.put("multiselect", "Features", ["temp", "time"])
    assert question(designed, "purity").value == "Measured"


def test_a_sweep_is_proposed_where_rows_show_it_and_can_be_cleared(page, csv):
    page.upload("ages.csv", csv(ages()))
    assert page.one("selectbox", SWEEP).value == "age"
    assert page.says("as a curve over age", "markdown") and page.says("age will not be searched", "caption")
    page.put("selectbox", SWEEP, None)
    assert not page.says("age will not be searched", "caption")
    dataset = page.take_table().session.dataset
    assert dataset.sweep is None and "age" in dataset.feature_names


def test_a_time_that_was_set_is_no_sweep_until_the_user_says_so(designed):
    assert designed.one("selectbox", SWEEP).value is None
    dataset = designed.put("selectbox", SWEEP, "time").take_table().session.dataset
    assert dataset.sweep == "time"


def test_a_number_can_be_made_a_category_and_back(designed):
    edit(designed, 3, Type="category")
    dataset = designed.take_table().session.dataset
    assert dataset.features[dataset.index("time")].categories == ("1", "2", "4")
    edit(designed, 3, Type="number")
    dataset = designed.take_table().session.dataset
    assert not dataset.features[dataset.index("time")].is_categorical


def test_a_number_can_be_made_a_text_that_only_labels(designed):
    edit(designed, 2, Type="text")
    assert designed.says("RunOrder, Batch and temp label the rows", "markdown")
    dataset = designed.take_table().session.dataset
    assert dataset.feature_names == ("time", "ligand") and dataset.label("temp").is_number


def test_texts_can_be_made_numbers_and_what_is_lost_is_said(page, csv):
    words = ["low", "high"]
    columns = design(dose=[words[i % 2] if i < 14 else i % 5 for i in range(24)])
    page.upload("words.csv", csv(columns))
    edit(page, 7, Type="number")
    assert page.says("text in 14 cells counts as missing, the first is 'low' in row 2", "caption")


def test_a_type_that_cannot_be_is_refused_and_the_table_of_types_is_still_there(designed):
    edit(designed, 4, Type="number")
    assert designed.says("Column 'ligand' holds no numbers: leave it a category.", "error")
    edit(designed, 4, Type="category")
    assert not designed.test.error
    assert designed.take_table().session.dataset.n_rows == 24


def test_where_no_column_holds_numbers_the_type_mends_it(page, csv):
    page.upload("words.csv", csv({"kind": ["a", "b", "c", "a", "b"], "y": ["off", "3", "off", "2", "off"]}))
    assert page.says("No column holds numbers that vary", "error") and page.says("change their type", "error")
    edit(page, 1, Type="number")
    assert page.take_table().session.dataset.n_rows == 2


def test_none_is_a_category_until_the_user_says_missing(designed):
    pills = designed.one("pills", "Words that count as missing")
    assert (list(pills.options), list(pills.value)) == (["none"], [])
    dataset = designed.take_table().session.dataset
    assert "none" in dataset.features[dataset.index("ligand")].categories
    designed.put("pills", "Words that count as missing", ["none"]).take_table()
    dataset = designed.session.dataset
    assert dataset.n_rows < 24 and "none" not in dataset.features[dataset.index("ligand")].categories


def test_gaps_are_filled_by_choice_and_the_table_in_use_says_so(page, csv):
    columns = design()
    columns["temp"][3] = columns["temp"][5] = ""
    columns["ligand"][7] = ""
    page.upload("gaps.csv", csv(columns))
    page.put("segmented_control", "Rows with missing or infinite values", "Fill features in").take_table()
    dataset = page.session.dataset
    assert dataset.n_rows == 24
    page.press_key("use-bumps").press_key(f"open-{dataset.digest[:12]}")
    assert page.says("Filled in: temp in 2 rows with its median", "caption")
    assert page.says("ligand in 1 row with the category 'missing'", "caption")
    found = cache.catalog().datasets.find(dataset.digest)
    assert [(gaps.feature, gaps.n_cells) for gaps in found.filled] == [("temp", 2), ("ligand", 1)]


def test_gaps_of_the_outcome_alone_cannot_be_filled(page, csv):
    columns = design()
    columns["yield"][3] = ""
    page.upload("gaps.csv", csv(columns)).press("Take it off")
    control = page.one("segmented_control", "Rows with missing or infinite values")
    assert list(control.options) == ["Leave such rows out", "Refuse the table"]
    assert page.take_table().session.dataset.n_rows == 23


def test_a_mostly_empty_column_costs_no_rows(page, csv):
    page.upload("rare.csv", csv(design(dose=["", "", ""] * 7 + [1, 2, 3])))
    assert page.says("dose is left out: 21 of its 24 cells are empty.", "caption")
    dataset = page.take_table().session.dataset
    assert dataset.n_rows == 24 and "dose" not in dataset.feature_names


def test_units_of_the_reader_stand_in_the_table_of_columns(page, csv, monkeypatch):
    data = csv(design())
    raw = read_table(data, "design.csv")

    class WithUnits:
        """A table as a reader gives it that knows units and dates."""

        units, dates = {"yield": "%", "temp": "°C"}, ("RunOrder",)

        def __getattr__(self, name):
            return getattr(raw, name)

    monkeypatch.setattr("ui.data.source.cache.raw_table", lambda *_: WithUnits())
    page.upload("design.csv", data)
    assert page.says("Guessed from its unit, %: yield is always within 0 to 100 %.", "caption")
    assert page.take_table().session.dataset.units == {"yield": "%", "temp": "°C"}
