"""Whatever stands around a table and however it is written, the same table comes out."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from services.intake.tables.reading import read_table
from tests.services.intake.tables.books import workbook

NAMES = ("Temp", "Druck", "Dosis", "Zeit", "Menge", "Härte")
UNITS = ("°C", "bar", "g/L", "min", "kg/m³", "MPa")
TITLES = ([], [["Versuchsbericht 2024"]], [["Versuchsbericht 2024"], ["Bearbeiter: Meier"], []])
NOTES = ([], [["* zweimal gemessen"]], [[], ["* zweimal gemessen"], ["Quelle: Labor Meier"]])
GAPS = ("-", "k.A.", "n.d.", "?", "", "#NV")


class Case:
    """A table with names of its rows, and what may stand around it."""

    def __init__(self, seed, n, d, n_decimals, gap):
        rng = np.random.default_rng(seed)
        self.values = rng.uniform(1, 1000, (n, d)).round(n_decimals)
        self.summed = [self.values.sum(axis=0).round(n_decimals), self.values.mean(axis=0).round(n_decimals + 2)]
        self.n_decimals, self.gap = n_decimals, gap
        self.rows = [[f"V{i + 1}", *row] for i, row in enumerate(self.values.tolist())]
        if gap is not None:
            i, j = int(rng.integers(n)), int(rng.integers(d))
            self.values[i, j], self.rows[i][j + 1] = np.nan, gap
            self.summed = []
        self.names = list(NAMES[:d])

    def around(self, titles, units, sums, notes):
        """Return all rows of the file."""
        d = len(self.names)
        header = [f"{name} [{unit}]" for name, unit in zip(self.names, UNITS, strict=False)]
        rows = [*titles, ["Probe", *(header if units == "header" else self.names)]]
        rows += [["", *(f"[{unit}]" for unit in UNITS[:d])]] if units == "row" else []
        rows += self.rows
        if self.summed and sums:
            rows += {
                "sum": [["", *self.summed[0]]],
                "labels": [[], ["Summe", *self.summed[0]], ["Mittelwert", *self.summed[1]]],
            }[sums]
        return [*rows, *notes]

    def check(self, table, units):
        """Compare what was read."""
        assert table.frame.columns.tolist() == ["Probe", *self.names]
        np.testing.assert_array_equal(table.frame[self.names].to_numpy(dtype=float), self.values)
        expected = dict(zip(self.names, UNITS, strict=False)) if units else {}
        assert dict(table.units) == expected
        assert len(table.unread) == (self.gap not in (None, ""))


cases = st.builds(
    Case,
    st.integers(0, 10**6),
    st.integers(4, 12),
    st.integers(2, 6),
    st.integers(0, 3),
    st.sampled_from([None, *GAPS]),
)
surroundings = st.tuples(
    st.sampled_from(TITLES),
    st.sampled_from(["", "header", "row"]),
    st.sampled_from(["", "sum", "labels"]),
    st.sampled_from(NOTES),
)


@settings(max_examples=60)
@given(
    case=cases,
    around=surroundings,
    marks=st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", ","), ("\t", ".")]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "cp850"]),
    tail=st.sampled_from(["", "mark"]),
    is_named=st.booleans(),
)
def test_the_same_table_comes_out_of_any_text_file(case, around, marks, encoding, tail, is_named):
    delimiter, decimal = marks
    lines = [f"sep={delimiter}"] if is_named else []
    for row in case.around(*around):
        cells = [f"{cell:.{case.n_decimals + 2}f}" if isinstance(cell, float) else cell for cell in row]
        written = [
            cell.replace(".", decimal) if isinstance(old, float) else cell for cell, old in zip(cells, row, strict=True)
        ]
        lines.append(delimiter.join(written) + (delimiter if tail and len(row) > 1 else ""))
    case.check(read_table("\r\n".join(lines).encode(encoding), "a.csv"), around[1])


@pytest.mark.parametrize("seed", range(6))
def test_the_same_table_comes_out_of_any_workbook(seed):
    rng = np.random.default_rng(seed)
    around = [
        choices[int(rng.integers(len(choices)))]
        for choices in (TITLES, ["", "header", "row"], ["", "sum", "labels"], NOTES)
    ]
    case = Case(seed, 8, 4, 2, None if seed % 2 else "k.A.")
    rows = [[None if cell == "" else cell for cell in row] for row in case.around(*around)]
    case.check(read_table(workbook(*rows, others=["Deckblatt"]), "a.xlsx"), around[1])
