"""Reads one Excel or Parquet file inside a sandboxed process; imports nothing of the project but how to refuse.

The answer is an Arrow stream: for every column its texts (`t0`, `t1`, ...; null for a number) and its numbers (`n0`,
...; null for a text), and a last field `row` with the row numbers a spreadsheet would show. Of a sheet all rows are
sent, titles and header included: where the table is in them is found outside. The schema's metadata holds what is known
about the file as JSON: names of columns (Parquet), sheets and tables (Excel).
"""

import datetime
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from services.intake.sandbox.limits import Refusal

MAX_UNPACKED = 100 * 2**20
MAX_RATIO = 50  # honest sheets measured 4 to 14, a bomb 141
MAX_MEMBERS = 2_000
SMALL_MEMBER = 2**20
EXCEL_LAST_ROW = 1_048_576
MAX_LOOKED_AT = 40  # sheets
LOOKED_AT_ROWS = 60
LOOKED_AT_COLUMNS = 60
MAX_TABLES = 20
MAX_MERGED = 5_000
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_LONGEST_MERGED = 100  # bytes of one such element


def check_archive(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that unpacks to far more than it should, from its table of contents alone."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED:
        raise Refusal(
            f"The Excel file unpacks to {unpacked / 2**20:,.0f} MB in {len(members):,} parts, at most "
            f"{MAX_UNPACKED / 2**20:,.0f} MB are read: save the sheet as CSV, or keep fewer rows and columns."
        )
    for member in members:
        if member.flag_bits & 1:
            raise Refusal("The Excel file is password protected: save it without a password.")
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > SMALL_MEMBER and ratio > MAX_RATIO:
            raise Refusal(
                f"The Excel file holds a part that unpacks to {ratio:,.0f} times its size, "
                f"at most {MAX_RATIO} times are read: copy the values into a new workbook, or save as CSV."
            )


def read_excel(file: BinaryIO, limits: dict[str, Any]) -> Any:
    """One sheet, or one named table of it, as an Arrow table: the wanted one, else what looks most like a table.

    What may be wanted is listed with the best guess first: visible sheets, their named tables where a sheet holds more
    than that, then hidden sheets.
    """
    with zipfile.ZipFile(file) as archive:
        check_archive(archive)
        import openpyxl

        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        hidden = {sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"}
        sheets = {sheet.title: sheet for sheet in sorted(book.worksheets, key=lambda sheet: sheet.title in hidden)}
        heads = {name: first_rows(sheet) for name, sheet in list(sheets.items())[:MAX_LOOKED_AT]}
        places: dict[str, tuple[str, Area | None]] = {name: (name, None) for name in sheets}
        scores = {name: table_score(rows) * (0.2 if name in hidden else 1.0) for name, rows in heads.items()}
        for name, sheet in sheets.items():
            for title, area in tables_of(archive, sheet) if name in heads else ():
                if not is_all_of(area, heads[name]):
                    places[f"{name}: {title}"] = name, area
                    # Who named a table meant it, even where the whole sheet looks like one as well.
                    score = table_score([row[area[0] - 1 : area[2]] for row in heads[name][area[1] - 1 : area[3]]])
                    scores[f"{name}: {title}"] = 1.5 * score * (0.2 if name in hidden else 1.0)
    best = max(scores, key=lambda name: scores[name], default="")
    names = sorted(places, key=lambda name: (name != best, places[name][0] in hidden))
    about: dict[str, Any] = {"sheets": names, "hidden": sorted(hidden)}
    wanted = limits.get("sheet") or best
    if limits.get("sheet") and wanted not in places:
        raise Refusal(f"The workbook has no sheet '{wanted}': it has {', '.join(names)}.")
    if limits.get("only_names") or not wanted:
        return arrow_table([], [], about | {"sheet": wanted})
    name, cells = places[wanted]
    left, top = cells[:2] if cells else (1, 1)
    bounds = dict(zip(("min_col", "min_row", "max_col", "max_row"), cells or (), strict=False))
    numbers, rows = sheet_rows(sheets[name].iter_rows(values_only=True, **bounds), limits)
    with zipfile.ZipFile(file) as archive:
        merged = [(j - left, first, last) for j, first, last in merged_cells(archive, sheets[name]) if j >= left]
    about |= {"sheet": wanted, "merged": merged, "durations": durations_of(rows)}
    return arrow_from_rows([number + top - 1 for number in numbers], rows, about)


def merged_cells(archive: zipfile.ZipFile, sheet: Any) -> list[tuple[int, int, int]]:
    """Column, first and last row, from 1, of the cells of a sheet that are merged with those below them.

    A workbook that is read row by row does not tell them, so they are looked for in the text of the sheet's part.
    """
    from openpyxl.utils.cell import range_boundaries

    found: list[tuple[int, int, int]] = []
    rest = b""
    with archive.open(str(getattr(sheet, "_worksheet_path", "")).removeprefix("/")) as part:
        while (piece := part.read(2**20)) and len(found) < MAX_MERGED:
            text = rest + piece
            rest = text[-_LONGEST_MERGED:]
            for area in _MERGED.findall(text):
                left, top, _, bottom = range_boundaries(area.decode("ascii"))
                if bottom > top:
                    found.append((left, top, bottom))
    return sorted(set(found))[:MAX_MERGED]


def durations_of(rows: Sequence[Sequence[Any]]) -> list[int]:
    """Positions of the columns whose cells, but for words such as the header, are all durations or times of day."""
    kinds: dict[int, set[bool]] = {}
    for row in rows:
        for j, value in enumerate(row):
            if is_filled(value) and not isinstance(value, str):
                kinds.setdefault(j, set()).add(isinstance(value, (datetime.timedelta, datetime.time)))
    return [j for j, found in kinds.items() if found == {True}]


def first_rows(sheet: Any) -> list[list[Any]]:
    """The first rows of a sheet, a few columns of them: what shows whether it holds a table."""
    rows = sheet.iter_rows(values_only=True, max_row=LOOKED_AT_ROWS, max_col=LOOKED_AT_COLUMNS)
    return [list(row) for row in rows]


def table_score(rows: Sequence[Sequence[Any]]) -> float:
    """How much rows look like a table: numbers that stand below each other in rows of one width."""
    filled = [[is_filled(value) for value in row] for row in rows]
    widths = [sum(row) for row in filled if sum(row) > 1]
    if not widths:
        return 0.001 * sum(map(sum, filled))
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    numeric = [[looks_numeric(value) for value in row] for row in rows]
    n_columns = max(map(len, rows))
    columns = [sum(j < len(row) and row[j] for row in numeric) for j in range(n_columns)]
    n_numbers = sum(n for n in columns if n >= min(3, max(len(widths) - 1, 1)))
    n_full = sum(abs(width - usual) <= max(1, usual // 5) for width in widths)
    return (1.0 + n_numbers) * n_full / len(rows) if n_numbers else 0.1 * n_full / len(rows)


def looks_numeric(value: Any) -> bool:
    """Whether a cell is a number, or a text that is mostly digits."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return True
    text = value.strip() if isinstance(value, str) else ""
    return 0 < len(text) < 20 and 2 * sum(letter.isdigit() for letter in text) >= len(text)


Area = tuple[int, int, int, int]
"""First column, first row, last column and last row of some cells, from 1."""


def tables_of(archive: zipfile.ZipFile, sheet: Any) -> list[tuple[str, Area]]:
    """Names and areas of the tables that somebody made of a sheet's cells, without their rows of totals."""
    from xml.etree import ElementTree

    from openpyxl.utils.cell import range_boundaries

    path = str(getattr(sheet, "_worksheet_path", ""))
    folder, _, file = path.rpartition("/")
    found: list[tuple[str, Area]] = []
    try:
        links = ElementTree.fromstring(archive.read(f"{folder}/_rels/{file}.rels"))
        targets = [link.get("Target", "") for link in links if link.get("Type", "").endswith("/table")]
        for target in targets[:MAX_TABLES]:
            member = target.removeprefix("/") if target.startswith("/") else f"xl/{target.removeprefix('../')}"
            table = ElementTree.fromstring(archive.read(member))
            left, top, right, bottom = range_boundaries(table.get("ref", ""))
            bottom -= int(table.get("totalsRowCount", "0"))
            if None not in (left, top, right, bottom) and bottom > top:
                found.append((table.get("displayName") or table.get("name") or "table", (left, top, right, bottom)))
    except (KeyError, ValueError, TypeError, ElementTree.ParseError):
        return found
    return found


def is_all_of(area: Area, rows: Sequence[Sequence[Any]]) -> bool:
    """Whether nothing of a sheet's first rows lies outside an area."""
    left, top, right, bottom = area
    return not any(
        is_filled(value)
        for i, row in enumerate(rows, start=1)
        for j, value in enumerate(row, start=1)
        if not (left <= j <= right and top <= i <= bottom)
    )


def sheet_rows(rows: Iterable[Sequence[Any]], limits: dict[str, Any]) -> tuple[list[int], list[list[Any]]]:
    """Row numbers and cells of the rows that hold a value; too many of them are refused."""
    numbers: list[int] = []
    kept: list[list[Any]] = []
    n_cells = 0
    for number, row in enumerate(rows, start=1):
        n_cells += len(row)
        last = len(row)
        while last and not is_filled(row[last - 1]):
            last -= 1
        if last > limits["columns"]:
            raise Refusal(
                f"The sheet has a value in row {number:,}, column {last:,}; at most {limits['columns']:,} columns are "
                "read: delete stray cells beside the table, or keep only the columns that matter."
            )
        if number > EXCEL_LAST_ROW or (last and len(kept) > limits["rows"]) or (last and number > 2 * limits["rows"]):
            raise Refusal(
                f"The sheet has a value in row {number:,}; at most {limits['rows']:,} rows are read: delete stray "
                "cells below the table, or keep a sample of the rows."
            )
        if n_cells > limits["cells"]:
            raise Refusal(
                f"The sheet has more than {limits['cells']:,} cells: keep fewer columns or a sample of the rows."
            )
        if last:
            numbers.append(number)
            kept.append(list(row[:last]))
    return numbers, kept


def arrow_from_rows(numbers: list[int], rows: list[list[Any]], about: dict[str, Any]) -> Any:
    """Rows as an Arrow table."""
    width = max(map(len, rows), default=0)
    columns = [[row[j] if j < len(row) else None for row in rows] for j in range(width)]
    for j in about.get("durations", ()):
        columns[j] = [hours_of(value) for value in columns[j]]
    return arrow_table([arrow_pair(values) for values in columns], numbers, about)


def arrow_table(columns: list[tuple[Any, Any]], rows: Iterable[int], about: dict[str, Any]) -> Any:
    """An Arrow table of columns (texts and numbers each) and row numbers, with what is known about the file."""
    import pyarrow as pa

    names = [name for j in range(len(columns)) for name in (f"t{j}", f"n{j}")]
    arrays = [array for pair in columns for array in pair]
    table = pa.table([*arrays, pa.array(rows, pa.int64())], names=[*names, "row"])
    return table.replace_schema_metadata({"about": json.dumps(about)})


def arrow_pair(values: list[Any]) -> tuple[Any, Any]:
    """The texts of a column and its numbers, null where a cell is of the other kind."""
    import pyarrow as pa

    is_number = [isinstance(value, (int, float)) and not isinstance(value, bool) for value in values]
    pairs = list(zip(values, is_number, strict=True))
    texts = pa.array([None if is_one else text_of(value) for value, is_one in pairs], pa.string())
    return texts, pa.array([float(value) if is_one else None for value, is_one in pairs], pa.float64())


def hours_of(value: Any) -> Any:
    """A duration or a time of day as a number of hours; any other value as it is."""
    if isinstance(value, datetime.time):
        value = datetime.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    return value.total_seconds() / 3600 if isinstance(value, datetime.timedelta) else value


def is_filled(value: Any) -> bool:
    """Whether a cell holds something."""
    return value is not None and value != ""


def text_of(value: Any) -> str | None:
    """A cell as text; a date without a time stays a date."""
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "seconds")
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def read_parquet(file: BinaryIO, limits: dict[str, Any]) -> Any:
    """A Parquet file as an Arrow table of numbers and texts; one that is too large is refused by its footer."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    parquet = pq.ParquetFile(file)
    n_rows, n_columns = parquet.metadata.num_rows, parquet.metadata.num_columns
    if n_rows > limits["rows"] or n_columns > limits["columns"] or n_rows * n_columns > limits["cells"]:
        raise Refusal(
            f"The Parquet file declares {n_rows:,} rows and {n_columns:,} columns; at most {limits['rows']:,} rows, "
            f"{limits['columns']:,} columns and {limits['cells']:,} cells are read: keep a sample of the rows."
        )
    table = parquet.read(use_threads=False)
    names, pairs, left_out = [], [], []
    for name, column in zip(table.column_names, table.columns, strict=True):
        simple = simple_column(column.combine_chunks())
        if simple is None or name.startswith("__index_level_"):
            left_out.append(name)
            continue
        names.append(name)
        is_text = pa.types.is_string(simple.type)
        nulls = pa.nulls(len(simple), pa.float64() if is_text else pa.string())
        pairs.append((simple, nulls) if is_text else (nulls, simple))
    return arrow_table(pairs, range(1, table.num_rows + 1), {"names": names, "left_out": left_out})


def simple_column(column: Any) -> Any:
    """An Arrow column as numbers or texts, or None for lists, records and raw bytes."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return None
    if pa.types.is_null(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64(), safe=False)
    if pa.types.is_boolean(kind) or pa.types.is_temporal(kind):
        return pa.array([text_of(value) for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def answer(file: BinaryIO, limits: dict[str, Any], out: BinaryIO) -> None:
    """Write the table in a file as an Arrow stream.

    Raises:
        Refusal: the table is larger than the limits, or declares to be.
    """
    table = (read_excel if limits["kind"] == "excel" else read_parquet)(file, limits)
    import pyarrow as pa

    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
