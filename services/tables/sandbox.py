"""Excel and Parquet files are read in a sandboxed child process."""

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from services.sandbox import Ended, Limits, run_in_sandbox
from services.sandbox.refusal import ExitCode

from .errors import TableError
from .limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS

MEMORY = 2 * 2**30
CPU_SECONDS = 60
WALL_SECONDS = 90
ANSWER = 256 * 2**20
_KINDS = {"excel": "an Excel workbook", "parquet": "a Parquet file"}


@dataclass(frozen=True, slots=True)
class ChildTable:
    """What the child read.

    Attributes:
        names: the header's texts, as they are in the file.
        columns: one series per name, float64 or texts with None.
        rows: row numbers as a spreadsheet shows them.
        about: sheet, sheets and columns left out, as the child wrote them.
    """

    names: list[str]
    columns: list[pd.Series]
    rows: pd.Index
    about: dict[str, Any]


def read_in_child(data: bytes, kind: str, sheet: str | None = None) -> ChildTable:
    """Return what a limited child process reads from an Excel ("excel") or Parquet ("parquet") file.

    Raises:
        TableError: the file is damaged, too large, or takes too much memory or time.
    """
    task = {"kind": kind, "sheet": sheet, "rows": MAX_ROWS, "columns": MAX_COLUMNS, "cells": MAX_CELLS}
    limits = Limits(MEMORY, CPU_SECONDS, WALL_SECONDS, ANSWER)
    ended = run_in_sandbox("services.tables.child", data, task, limits)
    if ended.code is not ExitCode.ANSWERED:
        raise TableError(_refusal(ended, _KINDS[kind]))
    return _received(ended.answer)


def _refusal(ended: Ended, what: str) -> str:
    """Return the sentence for a child that ended without a table."""
    if ended.code is ExitCode.REFUSED:
        return ended.refusal
    if ended.code is ExitCode.DAMAGED:
        return f"The file could not be read as {what}: it seems damaged. Open and save it again, or save it as CSV."
    return (
        f"Reading the file as {what} took more memory or time than one file may take: save it as CSV, which reads far "
        "faster, or keep fewer rows and columns."
    )


def _received(stream: bytes) -> ChildTable:
    """Return the table in the child's Arrow stream."""
    import pyarrow as pa

    table = pa.ipc.open_stream(pa.py_buffer(stream)).read_all()
    table.validate(full=True)
    about = json.loads(table.schema.metadata[b"about"])
    columns = [table.column(j).to_pandas() for j in range(table.num_columns - 1)]
    rows = pd.Index(table.column("row").to_numpy(), name="row")
    return ChildTable(about["names"], columns, rows, about)
