"""Which table a command is about: one that ships, a file, or a saved one; and what is said about a file."""

import re
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from models import Dataset, DatasetError, ModelCard
from services.catalog.datasets import KeptTable
from services.catalog.loading import Catalog
from services.intake.from_file import FileOptions, FileTable, table_from_file
from services.intake.tables.cleaning import MissingPolicy
from services.intake.tables.limits import TableError
from services.specs.digits import counted
from services.specs.errors import UserError
from services.specs.run import DatasetRef

_DIGEST = re.compile("[0-9a-f]{8,64}")
_ALL = 1_000_000
_FILES = "of a file"
TABLE_HELP = "name of a table that ships, a CSV, Excel or Parquet file, or name or digest of a saved table"


@dataclass(frozen=True, slots=True, eq=False)
class GivenTable:
    """A table that a command was given.

    Attributes:
        file: how the file was understood; None for a table that ships or was saved.
    """

    dataset: Dataset
    file: FileTable | None = None

    @property
    def ref(self) -> DatasetRef:
        """What a specification names it by."""
        return DatasetRef(name=self.dataset.name, digest=self.dataset.digest)

    def keep(self, catalog: Catalog) -> None:
        """Save the rows of a file, so that a specification can name them."""
        if self.file is not None:
            catalog.datasets.save(self.file.dataset, dialect=self.file.raw.dialect)


def add_table_options(add: Callable[..., Any], *, has_outcomes: bool = True) -> None:
    """Add the options that say what the columns of a file are for.

    Args:
        has_outcomes: whether outcomes are named by this option, too.
    """
    if has_outcomes:
        add("--outcome", nargs="+", default=[], metavar="COLUMN", help=f"measured columns {_FILES}, the main one first")
    add("--features", nargs="+", default=[], metavar="COLUMN", help=f"columns {_FILES} that can be set")
    add("--drop", nargs="+", default=[], metavar="COLUMN", help=f"columns {_FILES} to leave out")
    add("--sweep", metavar="COLUMN", help=f"feature {_FILES} to see the outcome along, as a curve")
    add("--no-sweep", action="store_true", help="no feature of a file is swept: all are searched")
    add("--gaps", choices=list(MissingPolicy), help=f"what becomes of incomplete rows {_FILES} (default drop)")
    add_sheet_option(add)


def add_sheet_option(add: Callable[..., Any]) -> None:
    """Add the option that names a sheet of a workbook."""
    add("--sheet", default="", help="sheet of an Excel file (default: what looks most like a table)")


def file_options(given: Namespace) -> FileOptions:
    """What the options of a command say about a file.

    Raises:
        UserError: they contradict one another.
    """
    known = vars(given)
    if known.get("sweep") is not None and known.get("no_sweep"):
        raise UserError(f"--no-sweep: nothing is swept then, and --sweep names '{given.sweep}': give one of them.")
    outcomes = known.get("outcome") or ()
    return FileOptions(
        outcomes=(outcomes,) if isinstance(outcomes, str) else tuple(outcomes),
        features=tuple(known.get("features") or ()),
        drop=tuple(known.get("drop") or ()),
        sweep=known.get("sweep"),
        has_sweep=not known.get("no_sweep", False),
        sheet=known.get("sheet") or "",
        missing=MissingPolicy(known.get("gaps") or MissingPolicy.DROP),
    )


def find_table(name: str, catalog: Catalog, options: FileOptions | None = None) -> GivenTable:
    """The table of this name: one that ships, else a file, else a saved one.

    Args:
        options: what was said about a file; to any other table, which has its roles, nothing can be said.

    Raises:
        UserError: there is no such table, or several; or a file cannot be used. The text says how to mend it.
        DatasetError: a saved table was changed.
    """
    options = options or FileOptions()
    if name in catalog.datasets.shipped_names():
        _check_unsaid(options, f"'{name}' is a table that ships")
        return GivenTable(catalog.datasets.load(name))
    path = Path(name)
    if _is_there(path):
        if path.is_dir():
            raise UserError(f"{path} is a folder: name the file of a table.")
        try:
            read = table_from_file(path.read_bytes(), path.name, options)
        except (TableError, DatasetError) as error:
            raise UserError(f"{path}: {error}") from None
        return GivenTable(read.dataset, read)
    kept = _kept_table(name, catalog)
    _check_unsaid(options, f"'{kept.name}' is a saved table")
    return GivenTable(catalog.datasets.find(kept.digest))


def of_outcome(name: str, catalog: Catalog, options: FileOptions) -> GivenTable:
    """The table with the rows of one outcome: the one that is named, else its first; errors as `find_table`.

    What is proposed for a file holds for all its outcomes, so models of each of them take the same features.
    """
    wanted, proposed = next(iter(options.outcomes), None), replace(options, outcomes=())
    if wanted is None or not is_file(name, catalog):
        table = find_table(name, catalog, proposed)
    elif (found := _with_outcome(wanted, name, catalog, proposed)) is not None:
        table = found
    else:
        table = find_table(name, catalog, options)
        wanted = table.dataset.outcome.name  # in the file it may be named with its unit
    return replace(table, dataset=table.dataset.for_outcome(wanted or table.dataset.outcome.name))


def for_model(name: str, catalog: Catalog, card: ModelCard, options: FileOptions) -> GivenTable:
    """The table with the columns that a model takes, where nothing else is said of a file; errors as `find_table`."""
    if options.outcomes or options.features or options.drop:
        return find_table(name, catalog, options)
    columns, sweep = tuple(column.name for column in card.columns), options.sweep
    if sweep is None and options.has_sweep:
        sweep = card.sweep
    asked = replace(options, outcomes=(card.outcome.name,), features=columns, sweep=sweep)
    return find_table(name, catalog, asked if is_file(name, catalog) else options)


def is_file(name: str, catalog: Catalog) -> bool:
    """Whether a name means a file, not a table at hand."""
    return name not in catalog.datasets.shipped_names() and _is_there(Path(name))


def _with_outcome(wanted: str, name: str, catalog: Catalog, options: FileOptions) -> GivenTable | None:
    """A file as it is proposed, if that has the wanted outcome; else None."""
    try:
        table = find_table(name, catalog, options)
    except UserError:
        return None  # with the outcome it may be another matter
    return table if wanted in table.dataset.outcome_names else None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # no name that a file can have
        return False


def _check_unsaid(options: FileOptions, what: str) -> None:
    """Raise UserError where something is said about a table that is no file."""
    usual = FileOptions()
    said = [each.name for each in fields(FileOptions) if getattr(options, each.name) != getattr(usual, each.name)]
    if said:
        names = {"outcomes": "--outcome", "has_sweep": "--no-sweep", "missing": "--gaps"}
        option = names.get(said[0], f"--{said[0]}")
        raise UserError(f"{option} says what is in a file, and {what}, which has its roles: leave it out.")


def _kept_table(name: str, catalog: Catalog) -> KeptTable:
    """The saved table of this name, or of the digest that begins so."""
    kept = catalog.datasets.recent(_ALL)
    found = [table for table in kept if table.name == name]
    if not found and _DIGEST.fullmatch(name):
        found = [table for table in kept if table.digest.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        each = "; ".join(f"{one.digest[:12]}: {counted(one.n_rows, 'row')}, {one.outcome_words}" for one in found[:5])
        raise UserError(f"There are {len(found)} saved tables '{name}': name one by its digest ({each}).")
    saved = ", ".join(dict.fromkeys(table.name for table in kept[:10])) or "none"
    ships = ", ".join(catalog.datasets.shipped_names())
    raise UserError(
        f"There is no table '{name}': no file of that name in {Path.cwd()}, none that ships ({ships}), none that was "
        f"saved ({saved})."
    )
