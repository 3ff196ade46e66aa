"""Tables in: from an uploaded file to a dataset, with nothing changed silently."""

from services.intake.tables.cleaning import CleanTable, MissingPolicy, as_numbers, clean
from services.intake.tables.csv_text import DECIMALS, DELIMITERS, ENCODINGS, THOUSANDS, Dialect, sniff_dialect
from services.intake.tables.limits import (
    MAX_BYTES,
    MAX_CATEGORIES,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    TableError,
    TableKind,
)
from services.intake.tables.reading import RawTable, read_table
from services.intake.tables.roles import Roles, propose_roles
from services.intake.tables.summary import ColumnSummary, SummaryKind, summarise

__all__ = [
    "DECIMALS",
    "DELIMITERS",
    "ENCODINGS",
    "MAX_BYTES",
    "MAX_CATEGORIES",
    "MAX_CELLS",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "THOUSANDS",
    "CleanTable",
    "ColumnSummary",
    "Dialect",
    "MissingPolicy",
    "RawTable",
    "Roles",
    "SummaryKind",
    "TableError",
    "TableKind",
    "as_numbers",
    "clean",
    "propose_roles",
    "read_table",
    "sniff_dialect",
    "summarise",
]
