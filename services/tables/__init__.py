"""Tables in: from an uploaded file to a dataset, with nothing changed silently."""

from .cleaning import CleanTable, MissingPolicy, as_numbers, clean
from .dialect import DECIMALS, DELIMITERS, ENCODINGS, THOUSANDS, Dialect, sniff_dialect
from .errors import TableError
from .kinds import TableKind
from .limits import MAX_BYTES, MAX_CATEGORIES, MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from .reading import RawTable, read_table
from .roles import Roles, propose_roles
from .summary import ColumnSummary, SummaryKind, summarise

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
