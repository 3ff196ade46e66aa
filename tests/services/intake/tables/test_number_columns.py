"""Columns of numbers in any notation, and each cell that says no number."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from services.intake.tables.number_columns import LimitPolicy, read_numbers
from services.intake.tables.reading import Reading, read_table


def numbers(cells, decimal=".", thousands="", below=LimitPolicy.MISSING):
    return read_numbers(pd.Series(cells, dtype="str"), decimal, thousands, below)


NOTATIONS = {
    "percent": (["12,5 %", "13 %", "14,25 %"], [12.5, 13, 14.25], "%"),
    "spread": (["40 ± 0.4", "41 ± 0.5", "42"], [40, 41, 42], ""),
    "unit": (["60 °C", "70 °C", "80"], [60, 70, 80], "°C"),
    "money": (["€ 10,50", "€ 11,00", "€ 12"], [10.5, 11, 12], "€"),
    "spaces": (["1 234,5", "2\u00a0234,5", "934,5"], [1234.5, 2234.5, 934.5], ""),
    "minus": (["\u221210,5", "–3", "4"], [-10.5, -3, 4], ""),
    "both marks": (["1.234,5", "2.234,5", "934,5"], [1234.5, 2234.5, 934.5], ""),
    "stars": (["1.5*", "2.5", "3.5 **"], [1.5, 2.5, 3.5], ""),
    "minus behind": (["10-", "5", "7.5-"], [-10, 5, -7.5], ""),
    "brackets": (["[10]", "5.5", "(7.5)"], [10, 5.5, -7.5], ""),  # in books what is in round ones is negative
    "powers": (["1.5·10³", "2x10^3", "3e3"], [1500, 2000, 3000], ""),
    "mixed marks": (["1,5", "2.5", "3,5", "4,25"], [1.5, 2.5, 3.5, 4.25], ""),
}


@pytest.mark.parametrize(("cells", "values", "unit"), NOTATIONS.values(), ids=NOTATIONS)
@pytest.mark.parametrize("decimal", [".", ","])
def test_notations_are_read_whatever_the_file_has_elsewhere(cells, values, unit, decimal):
    column = numbers(cells, decimal)
    assert column.numbers == pytest.approx(values)
    assert column.unit == unit
    assert column.unread == {}
    assert column.remarks or cells == NOTATIONS["both marks"][0] or decimal == ","


def test_a_mark_that_groups_elsewhere_in_the_column_divides_no_decimals():
    column = numbers(["1.234,5", "1.5", "2,5", "3,5", "4,5"], ",", ".")
    assert np.isnan(column.numbers[1]) and column.unread == {1: "missing"}
    # "1.234" could be a thousand and more beside decimal commas.
    column = numbers(["1.234", "1,5", "2,5", "3,5", "4,5", "5,5"], ".")
    assert np.isnan(column.numbers[0]) and column.unread == {0: "missing"}


def test_a_column_with_two_units_keeps_the_usual_one():
    column = numbers(["60 °C", "70 °C", "80 °C", "140 °F", "75 °C"])
    assert column.unit == "°C"
    assert np.isnan(column.numbers[3]) and column.unread == {3: "missing"}
    assert any("another unit" in remark for remark in column.remarks)


@pytest.mark.parametrize(
    ("name", "cells", "unit"),
    [
        ("T [°C]", [*(str(60 + j % 3 * 10) for j in range(19)), "343 K"], "°C"),
        ("m (g)", ["0.6", "0.7", "0.65", "700 mg"], "g"),
        ("m", ["0.6", "0.7", "0.65", "700 mg"], ""),
        ("T", [*["60 °C", "70 °C", "80 °C"] * 3, *["333 K"] * 3], "°C"),
    ],
)
def test_cells_of_another_unit_are_listed_not_mixed_in(name, cells, unit):
    table = read_table("\n".join([f"{name};y", *(f"{cell};{j}" for j, cell in enumerate(cells))]).encode(), "a.csv")
    column = name.split()[0]
    foreign = [cell for cell in cells if cell in ("343 K", "700 mg", "333 K")]
    assert table.unread["text"].tolist() == foreign
    assert table.frame[column].isna().sum() == len(foreign)
    assert table.units.get(column, "") == unit
    assert any(f"'{foreign[0]}' in row" in notice and "another unit" in notice for notice in table.notices)


@pytest.mark.parametrize(
    ("name", "cells", "numbers"),
    [
        ("t [h]", ["5", "6", "7 Std", "8 hours"], [5, 6, 7, 8]),
        ("x [wt%]", ["5", "6", "7 %"], [5, 6, 7]),
        ("x", ["5", "6", "7 h", "8"], [5, 6, 7, 8]),
    ],
)
def test_another_spelling_of_the_unit_is_the_same(name, cells, numbers):
    table = read_table("\n".join([f"{name};y", *(f"{cell};{j}" for j, cell in enumerate(cells))]).encode(), "a.csv")
    assert table.frame.iloc[:, 0].tolist() == numbers
    assert not any("check which" in notice for notice in table.notices)


MEASURED = [f"{20 + 37 * j % 71}.{j % 10}" for j in range(22)]


@pytest.mark.parametrize(
    "odd",
    [
        ["gerissen", "weich", "zerbrochen", "weich"] * 2,
        [f"siehe Notiz {j}" for j in range(6)],
        ["broken"] * 5 + ["lost", "n/a", "too soft"],
    ],
)
def test_words_among_measured_values_are_listed(odd):
    column = numbers([*MEASURED, *odd])
    assert column.numbers[:22].tolist() == [float(cell) for cell in MEASURED]
    assert list(column.unread) == list(range(22, 22 + len(odd)))
    assert column.remarks


def test_numbers_that_stay_words_are_said_to_be_some():
    text = "\n".join(
        ["kind;y", *(f"{cell};{j}" for j, cell in enumerate(["50", "60"] * 4 + ["thin", "thick", "thick"]))]
    )
    table = read_table(text.encode(), "a.csv")
    assert table.frame["kind"].tolist()[:2] == ["50", "60"]
    assert (
        "Column 'kind' was read as text although 8 of its first 11 cells are numbers: 'thin' is none." in table.notices
    )


WORDS = [
    "-",
    "–",
    "k.A.",
    "#NV",
    ".",
    "?",
    "#WERT!",
    "#BEZUG!",
    "n/a",
    "n.d.",
    "nd",
    "<LOD",
    "fehlt",
    "missing",
    "None",
]


@pytest.mark.parametrize("word", [*WORDS, *map(str.upper, WORDS), "1O", "broken"])
def test_one_cell_never_turns_numbers_into_words(word):
    cells = [*(f"{j}.5" for j in range(200)), word]
    column = numbers(cells)
    assert np.isnan(column.numbers[200])
    assert column.unread == {200: "missing"}
    assert any(f"'{word}'" in remark for remark in column.remarks)


@pytest.mark.parametrize(
    ("below", "values"),
    [
        (LimitPolicy.MISSING, [np.nan, np.nan, 1]),
        (LimitPolicy.LIMIT, [0.05, 100, 1]),
        (LimitPolicy.HALF, [0.025, 100, 1]),  # half of a lower limit makes no sense
    ],
)
def test_limits_stand_for_what_the_user_says(below, values):
    column = numbers(["<0,05", ">100", "1"], ",", below=below)
    assert np.array_equal(column.numbers, values, equal_nan=True)
    taken = "missing" if below is LimitPolicy.MISSING else f"{values[0]:g}"
    assert column.unread[0] == taken


@pytest.mark.parametrize(
    "cells",
    [
        ["none", "None", "NA", "PPh3"],
        ["A", "-", "B", "-"],
        ["x", "-", "x"],
        ["S1", "S2", "S3"],
        ["1", "2", "3", "4a", "5b", "6c", "7d", "8e", "9f"],
        ["low", "low", "high"],
        ["1", "2", "3", "4", "5", "A", "A", "B"],
        ["none", "none"],
        ["1A", "2A", "3B"],
        ["10-20", "20-30"],
        [*map(str, range(1, 13)), "13a", "13b", "14a", "14b"],
    ],
)
def test_words_stay_words(cells):
    assert numbers(cells) is None
    frame = read_table("\n".join(["kind,y", *(f"{cell},{j}" for j, cell in enumerate(cells))]).encode(), "a.csv").frame
    assert frame["kind"].tolist() == cells


def test_a_column_that_only_says_that_nothing_was_recorded_is_empty():
    for word in ("-", "n/a", "k.A."):
        assert np.isnan(numbers([word, word, ""]).numbers).all()


def test_unread_cells_are_listed_with_their_rows():
    table = read_table(b"a,b\n1,1\n-,2\n3,<0.5\n4,4\n1O,5\n6,6\n", "a.csv")
    assert table.unread.to_numpy().tolist() == [
        [3, "a", "-", "missing"],
        [6, "a", "1O", "missing"],
        [4, "b", "<0.5", "missing"],
    ]
    half = read_table(b"a,b\n1,1\n-,2\n3,<0.5\n4,4\n", "a.csv", Reading(limits=LimitPolicy.HALF))
    assert half.frame["b"].tolist() == [1, 2, 0.25, 4]
    assert half.unread["taken as"].tolist() == ["missing", "0.25"]


@settings(max_examples=80)
@given(
    st.lists(st.integers(-(10**7), 10**7).map(lambda x: x / 100), min_size=3, max_size=20),
    st.sampled_from([",", "."]),
    st.sampled_from(["{}", "{} %", "{} ± 0,1", "€ {}", "{} °C", "{}*", "ca. {}"]),
)
def test_any_numbers_are_taken_out_of_their_texts(values, decimal, pattern):
    cells = [pattern.format(f"{value:.2f}".replace(".", decimal)) for value in values]
    assert numbers(cells, decimal).numbers.tolist() == values
    assert numbers(cells, {",": ".", ".": ","}[decimal]).numbers.tolist() == values


def test_a_long_column_of_decorated_numbers_is_read_as_a_short_one():
    cells = [*(f"{j / 8:.3f} %".replace(".", ",") for j in range(4000)), "1O %", "7,5", "<3 %", "1.5 %", "8,25%"]
    column = numbers(cells, ",")
    assert column.numbers[:4000].tolist() == [j / 8 for j in range(4000)]
    assert np.array_equal(column.numbers[4000:], [np.nan, 7.5, np.nan, 1.5, 8.25], equal_nan=True)
    assert column.unit == "%" and column.unread == {4000: "missing", 4002: "missing"}
    assert any(f"the numbers of {4002:,} cells were taken out of their text" in remark for remark in column.remarks)
