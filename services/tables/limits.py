"""How large a table may be, and the refusals beyond that."""

from .errors import TableError

MAX_BYTES = 50 * 2**20
MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELLS = 5_000_000
MAX_LINE = 1_000_000  # characters; a line of 500 cells is far shorter
MAX_NAME = 60
MAX_CATEGORIES = 50


def check_bytes(n_bytes: int) -> None:
    """Refuse an empty file and one that is too large to upload.

    Raises:
        TableError: the file has no bytes or more than `MAX_BYTES`.
    """
    if n_bytes == 0:
        raise TableError("The file is empty: expected a table with a header row and at least one row of values.")
    if n_bytes > MAX_BYTES:
        raise TableError(
            f"The file has {n_bytes / 2**20:,.0f} MB, at most {MAX_BYTES / 2**20:,.0f} MB are read: "
            "keep only the columns and rows that matter."
        )


def check_shape(n_rows: int, n_columns: int) -> None:
    """Refuse a table of too many rows, columns or cells.

    Raises:
        TableError: naming the number found and the number allowed.
    """
    if n_columns > MAX_COLUMNS:
        raise TableError(
            f"The table has {n_columns:,} columns, at most {MAX_COLUMNS:,} are read: keep only the columns that matter."
        )
    if n_rows > MAX_ROWS:
        raise TableError(
            f"The table has more than {MAX_ROWS:,} rows: keep a sample of the rows, for example every tenth one."
        )
    if n_rows * n_columns > MAX_CELLS:
        raise TableError(
            f"The table has more than {MAX_CELLS:,} cells ({n_columns:,} columns): keep fewer columns or rows."
        )
