"""Kinds of file that people send: one small table, written in each of them, with the cells that are to be read."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.tables.case import Case, csv_bytes

N = 24
_MADE: dict[str, Callable[[], Case]] = {}


def files() -> Iterator[Case]:
    """Yield the table in every kind of file."""
    for make in _MADE.values():
        yield make()


def _table(n: int = N) -> pd.DataFrame:
    """The table itself: two settings, a category, an amount and an outcome."""
    rng = np.random.default_rng(3)
    temp, pressure = rng.integers(60, 96, n), np.round(rng.uniform(1, 9, n), 1)
    dose = np.round(rng.uniform(0.5, 3, n), 2)
    columns = {
        "Temp": temp,
        "Druck": pressure,
        "Medium": rng.choice(["Wasser", "Öl"], n),
        "Dosis": dose,
        "Ausbeute": np.round(20 + 0.5 * temp + 2 * dose + rng.normal(0, 1, n), 1),
    }
    return pd.DataFrame(columns)


UNITS = {"Temp": "°C", "Druck": "bar", "Dosis": "g/L", "Ausbeute": "%"}


def _add(
    name: str,
    ending: str,
    data: bytes,
    values: pd.DataFrame | None = None,
    units: Mapping[str, str] | None = None,
) -> None:
    case = Case(name, f"{name}.{ending}", data, _table() if values is None else values, units=units or {})
    _MADE[name] = lambda: case


def _lines(frame: pd.DataFrame, delimiter: str = ";", decimal: str = ",") -> list[str]:
    return csv_bytes(frame, delimiter, decimal).decode().splitlines()


def _joined(lines: Sequence[str], encoding: str = "utf-8", end: str = "\n") -> bytes:
    return (end.join(lines) + end).encode(encoding)


def _with(**columns: Sequence[Any]) -> pd.DataFrame:
    """The table with other cells in some columns, as texts where they are."""
    return _table().assign(**columns)


def _excel(sheets: Mapping[str, Sequence[Sequence[Any]]], merges: Sequence[tuple[int, int, int, str]] = ()) -> bytes:
    """A workbook of rows of cells; merges are of the first sheet: row, first and last column, text."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False}) as book:
        for number, (name, rows) in enumerate(sheets.items()):
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if cell is not None and cell != "":
                        sheet.write(row, column, cell)
            for row, first, last, text in merges if number == 0 else ():
                sheet.merge_range(row, first, row, last, text)
    return buffer.getvalue()


def _cells(frame: pd.DataFrame) -> list[list[Any]]:
    return [list(frame.columns), *frame.astype(object).to_numpy().tolist()]


def _dialects() -> None:
    table = _table()
    for name, delimiter, decimal, ending in (
        ("commas", ",", ".", "csv"),
        ("semicolons", ";", ",", "csv"),
        ("tabs", "\t", ".", "txt"),
        ("bars", "|", ".", "csv"),
        ("tabs and decimal commas", "\t", ",", "txt"),
    ):
        _add(name, ending, csv_bytes(table, delimiter, decimal))
    spaced = [line.replace(";", "   ") for line in _lines(table, ";", ".")]
    _add("spaces", "txt", _joined(spaced))
    _add("carriage returns", "csv", _joined(_lines(table), end="\r\n"))
    _add("named delimiter", "csv", _joined(["sep=;", *_lines(table)]))
    _add("delimiter after every row", "csv", _joined([_lines(table)[0], *(f"{line};" for line in _lines(table)[1:])]))
    _add("delimiter after the header", "csv", _joined([f"{_lines(table)[0]};", *_lines(table)[1:]]))
    quoted = [_lines(table)[0].replace("Temp", '"Temp\nVorlauf"'), *_lines(table)[1:]]
    _add("line end in a name", "csv", _joined(quoted), table.rename(columns={"Temp": "Temp Vorlauf"}))


def _encodings() -> None:
    table = _table()
    for name in ("utf-8-sig", "utf-16", "cp1252", "mac_roman", "cp437", "cp850"):
        _add(name, "csv", _joined(_lines(table), name))
    others = {
        "cp1250": {"Temp": "Temperatura [°C]", "Druck": "Ciśnienie", "Medium": "Środek", "Ausbeute": "Wydajność"},
        "shift_jis": {"Temp": "温度", "Druck": "圧力", "Medium": "溶媒", "Dosis": "添加量", "Ausbeute": "収率"},
        "gb18030": {"Temp": "温度", "Druck": "压力", "Medium": "溶剂", "Dosis": "用量", "Ausbeute": "收率"},
    }
    for name, words in others.items():
        plain = table.assign(Medium=table["Medium"].replace("Öl", "X"))
        named = plain.rename(columns=words)
        right = named.rename(columns={"Temperatura [°C]": "Temperatura"})
        units = {"Temperatura": "°C"} if name == "cp1250" else {}
        _add(name, "csv", _joined(_lines(named), name), right, units)


def _headers() -> None:
    table, lines = _table(), _lines(_table())
    bare = ["[°C]", "[bar]", "", "[g/L]", "[%]"]
    _add("row of units", "csv", _joined([lines[0], ";".join(bare), *lines[1:]]), units=UNITS)
    plain = ["°C", "bar", "-", "g/L", "%"]
    _add("row of plain units", "csv", _joined([lines[0], ";".join(plain), *lines[1:]]), units=UNITS)
    cells = _cells(table)
    _add("row of units in a workbook", "xlsx", _excel({"Daten": [cells[0], bare, *cells[1:]]}), units=UNITS)
    named = table.rename(columns={"Temp": "Temp [°C]", "Druck": "Druck (bar)", "Dosis": "Dosis [g/L]"})
    some = {name: UNITS[name] for name in ("Temp", "Druck", "Dosis")}
    _add("units in names", "csv", csv_bytes(named, ";", ","), units=some)
    kept = table.rename(columns={"Ausbeute": "Ausbeute (28d)", "Dosis": "Dosis (neu)"})
    _add("brackets that hold no unit", "csv", csv_bytes(kept, ";", ","), kept)
    two = table.set_axis(["Feed Temp", "Feed Druck", "Feed Medium", "Reactor Dosis", "Reactor Ausbeute"], axis=1)
    _add("two header rows", "csv", _joined(["Feed;;;Reactor;", *lines]), two)
    merged = _excel({"Daten": [[None] * 5, *cells]}, [(0, 0, 2, "Feed"), (0, 3, 4, "Reactor")])
    _add("merged header cells", "xlsx", merged, two)
    _add("title above", "csv", _joined(["Versuchsreihe 12, Mai 2024;;;;", ";;;;", *lines]))
    _add("bare title above", "csv", _joined(["Report of line 4", "", *lines]))
    _add("comments above", "csv", _joined(["# exported 2024-05-03", "# line 4", *lines]))
    long = "Particle size distribution of the milled product measured wet "
    names = {"Temp": f"{long}D10", "Druck": f"{long}D50", "Dosis": f"{long}D90"}
    _add("long names", "csv", csv_bytes(table.rename(columns=names), ";", ","), table.rename(columns=names))


def _below() -> None:
    table, lines = _table(), _lines(_table())
    sums = [table["Temp"].sum(), round(table["Druck"].sum(), 1), "", round(table["Dosis"].sum(), 2)]
    outcome = round(table["Ausbeute"].sum(), 1)

    def german(values: Sequence[Any]) -> str:
        return ";".join(str(value).replace(".", ",") for value in values)

    numbered = table.copy()
    numbered.insert(0, "Nr.", np.arange(1, N + 1))
    labelled = [f"{cells}" for cells in _lines(numbered)]
    _add("row of sums", "csv", _joined([*labelled, f"Summe;{german([*sums, outcome])}"]), numbered)
    _add("sums without a label", "csv", _joined([*labelled, f";{german([*sums, outcome])}"]), numbered)
    means = [round(float(table[name].mean()), 2) for name in ("Temp", "Druck")]
    more = [round(float(table[name].mean()), 2) for name in ("Dosis", "Ausbeute")]
    stds = [round(float(table[name].std()), 2) for name in ("Temp", "Druck")]
    rest = [round(float(table[name].std()), 2) for name in ("Dosis", "Ausbeute")]
    ends = [f"Mittelwert;{german([*means, '', *more])}", f"StdAbw;{german([*stds, '', *rest])}"]
    _add("means and deviations", "csv", _joined([*labelled, ";;;;;", *ends]), numbered)
    cells = _cells(numbered)
    total = ["Total", *sums, outcome]
    _add("total in a workbook", "xlsx", _excel({"Daten": [*cells, total]}), numbered)
    _add("footnote", "csv", _joined([*lines, "", "* measured twice"]))
    _add("source below", "csv", _joined([*lines, "Quelle: Labor 3, Mai 2024;;;;"]))
    _add("blank rows between", "csv", _joined([*lines[:8], ";;;;", "", *lines[8:]]))


def _workbooks() -> None:
    cells = _cells(_table())
    cover: list[list[Any]] = [
        ["Versuchsbericht"],
        [],
        ["Projekt", "Linie 4"],
        ["Datum", "2024-05-03"],
        ["Autor", "Labor"],
    ]
    _add("cover sheet", "xlsx", _excel({"Deckblatt": cover, "Messdaten": cells}))
    lists: list[list[Any]] = [["Medium", "Dichte"], ["Wasser", 1.0], ["Öl", 0.9]]
    _add("several sheets", "xlsx", _excel({"Listen": lists, "Notizen": [["nichts"]], "Daten": cells}))
    shifted: list[list[Any]] = [[], [None, "Linie 4"], [], *([None, *row] for row in cells)]
    _add("table not in the corner", "xlsx", _excel({"Daten": shifted}))
    texts = [[str(cell).replace(".", ",") if isinstance(cell, float) else cell for cell in row] for row in cells]
    _add("numbers as texts in a workbook", "xlsx", _excel({"Daten": texts}))
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(_table(), preserve_index=False), sink)
    _add("parquet", "parquet", sink.getvalue())


def _numbers() -> None:
    table = _table()
    druck, dosis, temp = (table[name].tolist() for name in ("Druck", "Dosis", "Temp"))

    def comma(value: float) -> str:
        return str(value).replace(".", ",")

    def written(name: str, cells: Mapping[str, Sequence[str]], units: Mapping[str, str] | None = None) -> None:
        lines = _lines(_with(**cells))
        _add(name, "csv", _joined(lines), units=units)

    written("percent signs", {"Ausbeute": [f"{comma(value)} %" for value in table["Ausbeute"]]}, {"Ausbeute": "%"})
    written("plus or minus", {"Druck": [f"{comma(value)} ± 0,1" for value in druck]})
    written("units in cells", {"Temp": [f"{value} °C" for value in temp]}, {"Temp": "°C"})
    written("money", {"Dosis": [f"€ {comma(value)}" for value in dosis]}, {"Dosis": "€"})
    big = [1000 * value + 0.5 for value in temp]
    spaced = [f"{value:,.1f}".replace(",", " ").replace(".", ",") for value in big]
    right = _table().assign(Temp=big)
    _add("spaces between thousands", "csv", _joined(_lines(_with(Temp=spaced))), right)
    points = [f"{value:,.1f}".replace(",", "|").replace(".", ",").replace("|", ".") for value in big]
    _add("points between thousands", "csv", _joined(_lines(_with(Temp=points))), right)
    quotes = [f"{value:,.1f}".replace(",", "'") for value in big]
    _add("apostrophes between thousands", "csv", _joined(_lines(_with(Temp=quotes), ";", ".")), right)
    minus = [-value for value in druck]
    texts = [comma(value).replace("-", "\u2212") for value in minus]
    _add("typographic minus", "csv", _joined(_lines(_with(Druck=texts))), _table().assign(Druck=minus))
    mixed = [comma(value) if row % 3 else str(value) for row, value in enumerate(druck)]
    _add("mixed decimal marks", "csv", _joined(_lines(_with(Druck=mixed))))


def _gaps() -> None:
    table = _table()
    for word in ("-", "k.A.", "#NV", ".", "?", "#WERT!", "n/a", "NA", "NaN", "fehlt"):
        cells = [word if row in (4, 11) else str(value).replace(".", ",") for row, value in enumerate(table["Druck"])]
        right = table.assign(Druck=np.where(np.isin(np.arange(N), (4, 11)), np.nan, table["Druck"]))
        _add(f"missing as {word}", "csv", _joined(_lines(_with(Druck=cells))), right)
    below = ["<0,5" if row == 6 else str(value).replace(".", ",") for row, value in enumerate(table["Dosis"])]
    right = table.assign(Dosis=np.where(np.arange(N) == 6, np.nan, table["Dosis"]))
    _add("below the limit", "csv", _joined(_lines(_with(Dosis=below))), right)
    slips = ["1O" if row == 9 else str(value) for row, value in enumerate(table["Temp"])]
    right = table.assign(Temp=np.where(np.arange(N) == 9, np.nan, table["Temp"]))
    _add("one slip of the pen", "csv", _joined(_lines(_with(Temp=slips))), right)
    dates = [f"{row + 1:02d}.05.2024" if row % 3 == 0 else "" for row in range(N)]
    iso = [f"2024-05-{row + 1:02d}" if row % 3 == 0 else None for row in range(N)]
    right = table.copy()
    right.insert(0, "Datum", iso)
    written = table.copy()
    written.insert(0, "Datum", dates)
    _add("a date in every third row", "csv", _joined(_lines(written)), right)


for _make in (_dialects, _encodings, _headers, _below, _workbooks, _numbers, _gaps):
    _make()
