import numpy as np
import pytest

from models import PhysicalLimits

ROWS = {"temp": [1.5, 2.5, 4.0, 5.5], "speed": [2, 3, 4, 7], "yield": [3.25, 4.5, 5.0, 9.0]}


def measured(n=30, **columns):
    rng = np.random.default_rng(0)
    made = {
        "temp": rng.uniform(0, 9, n).round(2),
        "speed": rng.integers(1, 9, n),
        "yield": rng.uniform(1, 5, n).round(3),
    }
    return {name: list(values) for name, values in (made | columns).items()}


@pytest.fixture
def page(app):
    return app.go("data")


@pytest.fixture
def with_table(page, csv):
    """The Data page with a table in use."""
    return page.upload("earlier.csv", csv(ROWS)).take_table()


@pytest.mark.parametrize(
    ("name", "title", "n_rows"),
    [("concrete", "Concrete mixes", 1030), ("production_yield", "Production yield", 2000), ("bumps", "Bumps", None)],
)
def test_a_shipped_table_is_taken_at_once(page, name, title, n_rows):
    page.press_key(f"use-{name}")
    assert page.says(f"In use: {title}", "subheader")
    assert n_rows in (None, page.session.dataset.n_rows)
    assert len(page.figures) == 1
    assert page.press("Next: Model").title == "Model"


def test_shipped_tables_name_their_source(page):
    assert page.says("Source: I-C. Yeh", "caption")


def test_an_upload_proposes_roles_and_is_used_when_the_user_says_so(page, csv):
    page.upload("line 4.csv", csv(ROWS))
    assert page.says("4 rows, 3 columns", "markdown")
    assert page.one("selectbox", "Outcome").value == "yield"
    assert page.one("multiselect", "Features").value == ["temp", "speed"]
    assert page.session.dataset is None
    page.take_table()
    assert (page.session.dataset.name, page.session.dataset.n_rows) == ("line 4", 4)


def test_semicolons_and_decimal_commas_are_read_and_said(page, csv):
    page.upload("excel.csv", csv(ROWS, delimiter=";", decimal=","))
    assert page.says("semicolon, decimal comma", "markdown")
    assert page.says("Numbers were read with a decimal comma: '1,5' is 1.5.", "caption")
    page.take_table()
    np.testing.assert_array_equal(page.session.dataset.X[:, 0], ROWS["temp"])


def test_the_dialect_can_be_changed_where_the_evidence_misled(page):
    page.upload("marks.csv", b"a;b;y\n1,234;5;6\n2,345;6;8\n3,456;9;9\n")
    page.test.selectbox[1].set_value(".")
    page.test.selectbox[2].set_value(",")
    page.press("Read again").take_table()
    np.testing.assert_array_equal(page.session.dataset.X[:, 0], [1234, 2345, 3456])


def test_roles_units_and_name_are_the_users(page, csv):
    page.upload("x.csv", csv(measured()))
    page.put("selectbox", "Outcome", "speed").put("multiselect", "Features", ["temp", "yield"])
    page.put("selectbox", "Sweep feature (optional)", "temp").put("text_input", "Name of the table", "My line")
    key = next(table.key for table in page.test.dataframe if (table.key or "").startswith("columns-"))
    edits = {0: {"Unit": "°C"}, 1: {"Unit": "m/s"}}
    page.test.session_state[key] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    page.run().take_table()
    dataset = page.session.dataset
    assert (dataset.name, dataset.outcome.name, dataset.sweep) == ("My line", "speed", "temp")
    assert dataset.feature_names == ("temp", "yield")
    assert dataset.units == {"temp": "°C", "speed": "m/s"}


def test_parts_that_add_up_show_their_density(page, csv):
    sand = np.linspace(600, 700, 30)
    columns = {"cement": 1000 - sand, "sand": sand, "strength": np.sqrt(sand)}
    page.upload("mix.csv", csv(columns)).put("multiselect", "Parts that add up (optional)", ["cement", "sand"])
    assert page.says("2 parts add up.", "markdown")
    dataset = page.take_table().session.dataset
    assert dataset.parts == ("cement", "sand")
    page.use_table("bumps").press_key(f"open-{dataset.digest[:12]}")
    assert page.says("2 parts add up to 1,000", "markdown")


UNUSABLE = {
    "empty": (b"", "The file is empty"),
    "blank": (b"\n\n\n", "only blank lines"),
    "header only": (b"a,b,y\n", "but no rows: add at least one row"),
    "no numbers": (b"a,b\nx,y\nz,w\nx,w\n", "No column holds numbers that vary"),
    "all constant": (b"a,b,y\n1,2,3\n1,2,3\n", "No column holds numbers that vary"),
    "one column": (b"y\n1\n2\n3\n", "Only 'y' can be used"),
    "a picture": (b"\x89PNG\r\n\x1a\n0000", "a picture"),
    "a zip": (b"PK\x03\x04 broken", "damaged zip archive"),
    "zeros": (bytes(64), "NUL bytes"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_file_that_cannot_be_used_says_why_and_the_earlier_table_is_kept(with_table, kind):
    data, words = UNUSABLE[kind]
    with_table.upload("broken.csv", data)
    assert with_table.says(words, "error"), with_table.texts("error")
    assert with_table.session.dataset.name == "earlier"
    assert with_table.go("model").says("earlier")


def test_the_way_back_from_a_broken_file_is_another_upload(with_table, csv):
    with_table.upload("broken.csv", b"").upload("good.csv", csv(measured()))
    assert not with_table.test.error
    assert with_table.take_table().session.dataset.name == "good"


def test_names_that_occur_twice_are_told_apart(page):
    page.upload("twice.csv", b"a,a,y\n1,2,3\n2,3,4\n4,4,5\n")
    assert page.says("Several columns are named 'a': it is called 'a (2)' here.", "caption")
    assert page.take_table().session.dataset.feature_names == ("a", "a (2)")


def test_columns_that_never_vary_are_left_out_and_named(page):
    page.upload("constant.csv", b"a,b,y\n1,2,3\n2,2,4\n4,2,5\n")
    assert page.says("b is left out: constant (2 in every row)", "caption")
    assert page.take_table().session.dataset.feature_names == ("a",)


def test_no_feature_chosen_is_said_and_the_earlier_table_kept(with_table, csv):
    with_table.upload("more.csv", csv(measured())).put("multiselect", "Features", [])
    assert with_table.says("No feature is chosen", "error")
    assert "Use without training" not in with_table.labels
    assert with_table.session.dataset.name == "earlier"


def test_incomplete_rows_are_left_out_and_shown(page, csv):
    page.upload("gaps.csv", csv(measured(temp=["", "inf", *range(28)])))
    assert page.says("1 missing value and 1 infinite value.", "caption")
    assert page.says("2 of 30 rows are incomplete and left out", "caption")
    assert page.says("2 of 30 rows were left out:", "caption")
    assert page.take_table().session.dataset.n_rows == 28


def test_nothing_is_said_of_infinite_values_where_there_are_none(page, csv):
    page.upload("gaps.csv", csv(measured(temp=["", *range(29)])))
    assert page.says("1 missing value.", "caption") and not page.says("infinite value")


def test_incomplete_rows_can_refuse_the_table(with_table, csv):
    with_table.upload("gaps.csv", csv(measured(temp=["", *range(29)])))
    with_table.put("segmented_control", "Rows with missing or infinite values", "Refuse the table")
    assert with_table.says("Incomplete: 1 of 30 rows", "error")
    assert with_table.session.dataset.name == "earlier"


def test_text_in_a_column_of_numbers_is_missing_and_listed(page, csv):
    columns = measured(temp=["1O", *range(29)])
    columns["yield"][3] = "broken"
    page.upload("text.csv", csv(columns))
    assert page.says("'1O' in row 2 is no number and counts as missing.", "caption")
    assert page.says("2 cells were not numbers:", "caption")
    dataset = page.take_table().session.dataset
    assert (dataset.outcome.name, dataset.n_rows) == ("yield", 28)
    assert not dataset.features[dataset.index("temp")].is_categorical


def test_the_upload_is_still_there_after_another_page(page, csv):
    page.upload("kept.csv", csv(ROWS)).go("start").go("data")
    assert page.says("4 rows, 3 columns", "markdown")


def test_names_from_the_file_are_shown_and_never_obeyed(page, csv):
    names = ["![x](http://127.0.0.1:1/b.png)", "<img src=x>", ":red[x]", "[click](http://evil)"]
    rng = np.random.default_rng(1)
    page.upload("[n](http://e).csv", csv({name: list(rng.uniform(size=20).round(3)) for name in names}))
    page.put("text_input", "Name of the table", "**[bold](http://evil)**").take_table()
    assert page.session.dataset.feature_names == tuple(names[:3])
    assert page.says("**[bold](http://evil)**", "markdown")
    for text in page.raw_texts():
        assert not any(attack in text for attack in (*names, "http://", "**[bold]")), text


def shares(n=30):
    """Return a table whose outcome has its unit in its name."""
    rng = np.random.default_rng(2)
    return {"temp": list(rng.uniform(0, 9, n).round(2)), "yield [%]": list(rng.uniform(10, 99, n).round(2))}


def ends(page):
    return tuple(page.one("number_input", label).value for label in ("Lowest possible", "Highest possible"))


def type_unit(page, row, unit):
    key = next(table.key for table in page.test.dataframe if (table.key or "").startswith("columns-"))
    edits = {"edited_rows": {row: {"Unit": unit}}, "added_rows": [], "deleted_rows": []}
    page.test.session_state[key] = edits
    return page.run()


def test_limits_of_the_outcome_are_guessed_said_and_kept_with_the_table(page, csv):
    page.upload("line.csv", csv(shares()))
    assert ends(page) == (0, 100)
    assert page.says("Guessed from its unit, %: yield is always within 0 to 100 %.", "caption")
    dataset = page.take_table().session.dataset
    assert dataset.limits == PhysicalLimits(0, 100)
    page.press_key("use-bumps").press_key(f"open-{dataset.digest[:12]}")
    assert page.says("yield [%] from 1 feature. It is always within 0 to 100", "markdown")


def test_limits_are_the_users_to_change_and_to_take_away(page, csv):
    page.upload("line.csv", csv(shares())).put("number_input", "Lowest possible", 5.5)
    assert page.says("yield is always within 5.5 to 100 %.", "caption") and not page.says("Guessed", "caption")
    assert page.take_table().session.dataset.limits == PhysicalLimits(5.5, 100)
    page.put("number_input", "Lowest possible", None).put("number_input", "Highest possible", None)
    assert page.says("No limits: yield may have any value.", "caption")
    assert page.take_table().session.dataset.limits.is_open


def test_a_unit_typed_later_makes_a_guess_and_never_changes_what_was_typed(page, csv):
    rows = np.random.default_rng(3).normal(300, 20, 30).round(1)
    page.upload("mix.csv", csv({"water": list(range(30)), "strength": list(rows)}))
    assert ends(page) == (None, None)
    type_unit(page, 1, "MPa")
    assert ends(page) == (0, None)
    assert page.says("strength is never below 0 MPa.", "caption")
    page.put("number_input", "Highest possible", 900.0)
    type_unit(page, 1, "°C")
    assert ends(page) == (None, 900)
    page.put("number_input", "Lowest possible", 4.0)
    type_unit(page, 1, "%")
    assert ends(page) == (4, 900)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (50.0, 100.0, "'Lowest possible' of yield is set to 50 %, but "),
        (80.0, 20.0, "'Lowest possible' has to be below 'Highest possible'; got 80 and 20"),
        (0.0, 0.0, "'Lowest possible' has to be below 'Highest possible'; got 0 and 0"),
    ],
)
def test_limits_that_cannot_be_are_refused_and_nothing_typed_is_lost(with_table, csv, low, high, words):
    with_table.upload("line.csv", csv(shares())).put("text_input", "Name of the table", "My line")
    type_unit(with_table, 0, "°C")
    with_table.put("number_input", "Lowest possible", low).put("number_input", "Highest possible", high)
    assert with_table.says(words, "error")
    assert with_table.session.dataset.name == "earlier"
    assert ends(with_table) == (low, high)
    with_table.put("number_input", "Lowest possible", 0.0).put("number_input", "Highest possible", 100.0)
    dataset = with_table.take_table().session.dataset
    assert (dataset.name, dataset.limits, dataset.units) == (
        "My line",
        PhysicalLimits(0, 100),
        {"temp": "°C", "yield": "%"},
    )


def test_shipped_tables_are_as_they_were(page):
    page.press_key("use-concrete")
    assert page.session.dataset.limits.is_open


@pytest.mark.parametrize(
    ("n", "kind", "words"),
    [
        (14, "warning", "14 complete rows are too few to train a model: at least 15 are needed."),
        (15, "caption", "With 15 rows a model knows little: intervals are wide"),
        (50, "caption", "With 50 rows a model knows little: intervals are wide"),
    ],
)
def test_a_small_table_is_told_what_to_expect(page, csv, n, kind, words):
    page.upload("small.csv", csv(measured(n))).take_table()
    assert page.says(words, kind)
    assert page.go("model").says(words, kind)


def test_a_larger_table_is_taken_without_a_word(page, csv):
    page.upload("usual.csv", csv(measured(51))).take_table()
    assert not page.says("a model knows little")


def test_more_features_than_rows_are_warned_of(page, csv):
    rng = np.random.default_rng(4)
    page.upload("wide.csv", csv({f"x{j}": list(rng.uniform(size=16).round(3)) for j in range(18)}))
    page.take_table()
    assert page.says("There are more features (17) than rows (16): trust only regularised models", "warning")
