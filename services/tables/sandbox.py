"""Excel and Parquet files are read in a child process with little memory, little time and nothing of ours in reach."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .child import DAMAGED, REFUSED
from .errors import TableError
from .limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS

MEMORY = 2 * 2**30
CPU_SECONDS = 60
WALL_SECONDS = 90
OUTPUT = 256 * 2**20
_CHILD = Path(__file__).with_name("child.py")
_PASSED_ON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")
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
    task = {
        "kind": kind,
        "sheet": sheet,
        "rows": MAX_ROWS,
        "columns": MAX_COLUMNS,
        "cells": MAX_CELLS,
        "memory": MEMORY,
        "cpu_seconds": CPU_SECONDS,
        "output": OUTPUT,
    }
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryDirectory() as nowhere,
    ):
        given.write(data)
        given.seek(0)
        try:
            code = subprocess.run(
                [sys.executable, "-I", "-W", "ignore", str(_CHILD), json.dumps(task)],
                stdin=given,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd=nowhere,
                timeout=WALL_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
        answer.seek(0)
        if code != 0:
            raise TableError(_refusal(code, _KINDS[kind], answer.read(2_000)))
        return _received(answer.read())


def _refusal(code: int | None, what: str, text: bytes) -> str:
    """Return the sentence for a child that ended without a table."""
    if code == REFUSED:
        return text.decode(errors="replace")
    if code == DAMAGED:
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
