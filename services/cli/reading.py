"""``read``: what is understood of a table, before anything is made of it."""

from argparse import Namespace
from typing import Any

from models import Dataset
from models.data.dataset import Column
from optimizer.constraints.constraint import listed
from services.catalog.loading import Catalog
from services.cli.printing import Printer
from services.cli.tables import GivenTable, file_options, find_table
from services.intake.from_file import FileTable
from services.problems.found_rules import found_rules
from services.specs.digits import counted, label
from services.texts.datasets import few_rows_words, table_warning


def read(given: Namespace, catalog: Catalog) -> None:
    """Say what is understood of a table: roles, units, relations, and all that was guessed or changed."""
    printer = Printer(given.json)
    table = find_table(given.table, catalog, file_options(given))
    printer.document(_document(table))
    if not given.json:
        printer.say(*_head(table), *_roles(table.dataset))
        if table.file is not None:
            printer.say(*(f"Left out: {name}: {words}." for name, words in table.file.left_out().items()))
        printer.say(*(f"Relation: {rule.words}." for rule in found_rules(table.dataset)))
        if table.file is not None:
            printer.say(*(f"Note: {notice}" for notice in table.file.notices))
        printer.say(table_warning(table.dataset), few_rows_words(table.dataset))


def _head(table: GivenTable) -> list[str]:
    dataset, file = table.dataset, table.file
    if file is None:
        return [f"{dataset.name}: {counted(dataset.n_rows, 'row')}, digest {dataset.digest}"]
    n_rows, n_columns = file.raw.frame.shape
    return [
        f"{dataset.name}: {counted(n_rows, 'row')}, {counted(n_columns, 'column')}, read as {_read_as(file)}; "
        f"{counted(dataset.n_rows, 'row')} can be used"
    ]


def _read_as(file: FileTable) -> str:
    raw = file.raw
    if raw.dialect is not None:
        return f"CSV, {raw.dialect.words}"
    return f"Excel, sheet '{raw.sheet}'" if raw.sheet else raw.kind.value.capitalize()


def _roles(dataset: Dataset) -> list[str]:
    lines = []
    for column in dataset.outcomes:
        limits = dataset.for_outcome(column.name).limits.words(column.unit)
        lines.append(f"Outcome: {column.label}" + (f", {limits}" if limits else ""))
    lines.append(f"Features: {listed([_described(column) for column in dataset.features])}")
    lines += [f"Curve over: {dataset.sweep}"] if dataset.sweep else []
    lines += [f"Parts that add up: {listed(list(dataset.parts))}"] if dataset.parts else []
    lines += [f"Labels: {listed([each.name for each in dataset.labels])}"] if dataset.labels else []
    lines += [f"Rows of one {dataset.group} belong together"] if dataset.group else []
    return lines + ([f"{dataset.order} tells the order of the rows"] if dataset.order else [])


def _described(column: Column) -> str:
    return f"{column.label} ({len(column.categories)} categories)" if column.categories else column.label


def _document(table: GivenTable) -> dict[str, Any]:
    """The same for machines."""
    dataset, file = table.dataset, table.file
    known: dict[str, Any] = {
        "name": dataset.name,
        "digest": dataset.digest,
        "n_rows": dataset.n_rows,
        "outcomes": [_outcome(dataset, column) for column in dataset.outcomes],
        "features": [_feature(dataset, j) for j in range(len(dataset.features))],
        "sweep": dataset.sweep,
        "parts": list(dataset.parts),
        "labels": [each.name for each in dataset.labels],
        "group": dataset.group,
        "order": dataset.order,
        "relations": [{"words": rule.words, "is_kept": rule.is_kept} for rule in found_rules(dataset)],
    }
    if file is None:
        return known
    raw = file.raw
    return known | {
        "file": {
            "kind": raw.kind.value,
            "read_as": _read_as(file),
            "sheet": raw.sheet,
            "sheets": list(raw.sheets),
            "header_row": raw.header_row,
            "n_rows": len(raw.frame),
            "columns": [label(str(name), raw.units.get(str(name), "")) for name in raw.frame.columns],
        },
        "left_out": file.left_out(),
        "n_rows_left_out": len(file.cleaned.dropped),
        "notices": list(file.notices),
    }


def _outcome(dataset: Dataset, column: Column) -> dict[str, Any]:
    rows = dataset.for_outcome(column.name)
    ends = {"lowest_possible": rows.limits.low, "highest_possible": rows.limits.high}
    return {"name": column.name, "unit": column.unit, "n_rows": rows.n_rows} | ends


def _feature(dataset: Dataset, j: int) -> dict[str, Any]:
    column, values = dataset.features[j], dataset.X[:, j]
    if column.categories:
        return {"name": column.name, "unit": column.unit, "categories": list(column.categories)}
    return {"name": column.name, "unit": column.unit, "low": float(values.min()), "high": float(values.max())}
