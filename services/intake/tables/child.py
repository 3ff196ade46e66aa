"""Reads one Excel or Parquet file inside a sandboxed process; imports nothing of the project but how to refuse.

The answer is an Arrow stream: one field per column, texts or numbers, and a last field `row` with the row numbers a
spreadsheet would show. The schema's metadata holds names and sheets as JSON.
"""

import datetime
import json
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from services.intake.sandbox.limits import Refusal

MAX_UNPACKED = 100 * 2**20
MAX_RATIO = 50  # honest sheets measured 4 to 14, a bomb 141
MAX_MEMBERS = 2_000
SMALL_MEMBER = 2**20
EXCEL_LAST_ROW = 1_048_576


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
    """One sheet as an Arrow table: the named one, else the first visible one that holds values."""
    with zipfile.ZipFile(file) as archive:
        check_archive(archive)
    import openpyxl

    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    names = [sheet.title for sheet in sheets]
    wanted = limits.get("sheet")
    if wanted and wanted not in names:
        raise Refusal(f"The workbook has no sheet '{wanted}': it has {', '.join(names)}.")
    for sheet in sheets:
        if wanted and sheet.title != wanted:
            continue
        numbers, rows = sheet_rows(sheet.iter_rows(values_only=True), limits)
        if rows or wanted:
            return arrow_from_rows(numbers, rows, {"sheet": sheet.title, "sheets": names})
    return arrow_from_rows([], [], {"sheet": names[0] if names else "", "sheets": names})


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
    """Rows as an Arrow table; the header is the first row with at least half of its cells filled."""
    width = max(map(len, rows), default=0)
    top = next((i for i, row in enumerate(rows) if width < 3 or 2 * sum(map(is_filled, row)) >= width), 0)
    header = [text_of(value) or "" for value in (rows[top] if rows else [])]
    about["names"] = header + [""] * (width - len(header))
    about["titles"] = [next(text_of(value) for value in row if is_filled(value)) for row in rows[:top]]
    columns = [[row[j] if j < len(row) else None for row in rows[top + 1 :]] for j in range(width)]
    return arrow_table([arrow_column(values) for values in columns], numbers[top + 1 :], about)


def arrow_table(columns: list[Any], rows: Iterable[int], about: dict[str, Any]) -> Any:
    """An Arrow table of columns and row numbers, with what is known about the file."""
    import pyarrow as pa

    names = [*(f"c{j}" for j in range(len(columns))), "row"]
    table = pa.table([*columns, pa.array(rows, pa.int64())], names=names)
    return table.replace_schema_metadata({"about": json.dumps(about)})


def arrow_column(values: list[Any]) -> Any:
    """Numbers as an Arrow column of numbers, anything else as one of texts."""
    import pyarrow as pa

    if all(value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([text_of(value) for value in values], pa.string())


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
    names, arrays, left_out = [], [], []
    for name, column in zip(table.column_names, table.columns, strict=True):
        simple = simple_column(column.combine_chunks())
        if simple is None or name.startswith("__index_level_"):
            left_out.append(name)
            continue
        names.append(name)
        arrays.append(simple)
    return arrow_table(arrays, range(1, table.num_rows + 1), {"names": names, "left_out": left_out})


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
