"""How well tables are understood that people really have.

Run with ``python -m benchmarks.tables``. The corpus has tables of many trades, drawn by seed, with the roles and the
relations that an expert would name, and one small table in every kind of file that people send, with its right cells.
Each is read as the Data page reads it, with nothing chosen by hand. Tables with relations are searched, by the outcome
that a response surface fits to their rows, and the relations are looked for in the amounts that the lab sheet prints.

The last line is JSON. ``roles``: share of columns whose role is right. ``relations``: ``found``, the share of relations
found, and ``false``, how many were found that are none. ``values``: share of cells that are read right, a missing
column counting as wrong. ``units``: share of units that are read right. ``dead_ends``: files that end in an error.
``sums_kept``: share of printed results that meet every exact relation of their table.
"""

import argparse
import json
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.tables.case import Case
from benchmarks.tables.contents import contents
from benchmarks.tables.files import files
from benchmarks.timing import print_table
from models import Dataset
from services.catalog.loading import ModelWithData
from services.intake.roles.proposal import Roles as ProposedRoles, propose_roles
from services.intake.roles.summaries import summarise
from services.intake.tables.cleaning import clean
from services.intake.tables.limits import TableError
from services.intake.tables.reading import RawTable, read_table
from services.papers.lab_sheet.table import lab_columns, lab_frame
from services.problems.defaults import default_spec
from services.results.search import run_spec
from services.specs.outcomes import ModelRef
from services.specs.results import RunResult

EVALUATIONS = 1_000
CLOSE = 1e-9  # of a number: printed amounts are exact but for floating point


class Score(NamedTuple):
    """What became of one table: counts of what is right and of what there is.

    Attributes:
        cells: right, all.
        units: right, all.
        roles: right, all.
        relations: found, all, false.
        sums: printed results that meet every relation, all.
        error: why it cannot be read, "" where it can.
        wrong: what was read otherwise, in words.
    """

    cells: tuple[int, int] = (0, 0)
    units: tuple[int, int] = (0, 0)
    roles: tuple[int, int] = (0, 0)
    relations: tuple[int, int, int] = (0, 0, 0)
    sums: tuple[int, int] = (0, 0)
    error: str = ""
    wrong: tuple[str, ...] = ()


def main() -> None:
    """Print a line for every table that is not understood whole, then one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="tables whose name holds this")
    wanted = parser.parse_args().only or ""
    cases = [case for case in (*contents(), *files()) if wanted in case.name]
    scores = {case.name: score_of(case) for case in cases}
    lines = [
        [
            name,
            f"{one.cells[0]} of {one.cells[1]}",
            f"{one.roles[0]} of {one.roles[1]}",
            "; ".join(one.wrong) or one.error,
        ]
        for name, one in scores.items()
        if one.wrong or one.error
    ]
    print_table(
        f"{len(cases)} tables, those that are not understood whole", ["table", "cells", "roles", "wrong"], lines
    )
    print(json.dumps(report(list(scores.values()))))


def report(scores: list[Score]) -> dict[str, object]:
    """The figures of the last line."""

    def share(name: str) -> float:
        right, total = np.array([getattr(one, name)[:2] for one in scores], dtype=float).reshape(-1, 2).sum(axis=0)
        return round(float(right / total), 4) if total else 1.0

    return {
        "tables": len(scores),
        "roles": share("roles"),
        "relations": {"found": share("relations"), "false": sum(one.relations[2] for one in scores)},
        "values": share("cells"),
        "units": share("units"),
        "dead_ends": sum(bool(one.error) for one in scores),
        "sums_kept": share("sums"),
    }


def score_of(case: Case) -> Score:
    """How well one table is understood."""
    n_cells = case.values.size
    try:
        raw = read_table(case.data, case.filename)
    except TableError as error:
        return Score(cells=(0, n_cells), units=(0, len(case.units)), error=str(error))
    n_right, wrong = _cells_right(case, raw)
    bad_units = {name: raw.units.get(name, "") for name, unit in case.units.items() if raw.units.get(name) != unit}
    wrong += [f"unit of {name}: {found!r}" for name, found in bad_units.items()]
    score = Score((n_right, n_cells), (len(case.units) - len(bad_units), len(case.units)), wrong=tuple(wrong))
    if case.roles is None:
        return score
    try:
        roles = propose_roles(raw.frame, summarise(raw.frame), dates=raw.dates, units=raw.units)
        n_roles, wrong_roles = _roles_right(case, raw, roles)
        score = score._replace(roles=(n_roles, raw.frame.shape[1] + 2), wrong=score.wrong + wrong_roles)
        dataset = clean(
            raw.frame,
            name=case.name,
            outcome=case.roles.outcome,
            features=roles.features if roles.outcome == case.roles.outcome else _right_features(case),
            sweep=case.roles.sweep,
            parts=roles.parts,
        ).dataset
    except TableError as error:
        return score._replace(error=str(error))
    found = {relation.words for relation in dataset.relations}
    missed, false = set(case.roles.relations) - found, found - set(case.roles.relations)
    words = [f"not found: {each}" for each in sorted(missed)] + [f"false: {each}" for each in sorted(false)]
    relations = len(case.roles.relations) - len(missed), len(case.roles.relations), len(false)
    sums = _sums_kept(dataset) if case.roles.relations else (0, 0)
    return score._replace(relations=relations, sums=sums, wrong=score.wrong + tuple(words))


def _right_features(case: Case) -> list[str]:
    assert case.roles is not None
    return [name for name in case.values.columns if case.roles.role_of(name) == "feature"]


def _cells_right(case: Case, raw: RawTable) -> tuple[int, list[str]]:
    """How many cells are as they should be, and which columns have others."""
    n_right, wrong = 0, []
    for position, name in enumerate(case.values.columns):
        right = case.values[name]
        found = _column(raw, name, position, n_columns=case.values.shape[1])
        if found is None or len(found) != len(right):
            rows = "no such column" if found is None else f"{len(found)} rows for {len(right)}"
            wrong.append(f"{name}: {rows}")
            continue
        is_right = _equal(right, found)
        n_right += int(is_right.sum())
        if not is_right.all():
            first = int(np.flatnonzero(~is_right)[0])
            wrong.append(f"{name}: {found.iloc[first]!r} for {right.iloc[first]!r}")
    return n_right, wrong


def _column(raw: RawTable, name: str, position: int, n_columns: int) -> pd.Series | None:
    """A column by its name, or, where that was cut because it is long, by its place and its end."""
    if name in raw.frame.columns:
        return raw.frame[name]
    if len(name) > 60 and raw.frame.shape[1] == n_columns and str(raw.frame.columns[position]).endswith(name[-3:]):
        return raw.frame.iloc[:, position]
    return None


def _equal(right: pd.Series, found: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(right):
        if not pd.api.types.is_numeric_dtype(found):
            return np.zeros(len(right), dtype=bool)
        return np.isclose(right.to_numpy(float), found.to_numpy(float), rtol=1e-12, atol=0, equal_nan=True)
    both_missing = right.isna().to_numpy() & found.isna().to_numpy()
    return both_missing | (right.astype(object).to_numpy() == found.astype(object).to_numpy())


def _roles_right(case: Case, raw: RawTable, roles: ProposedRoles) -> tuple[int, tuple[str, ...]]:
    """How many columns have the right role; sweep and group count as one each."""
    assert case.roles is not None
    given = {roles.outcome: "outcome", **dict.fromkeys(roles.features, "feature")}
    given |= dict.fromkeys(roles.labels, "label") | dict.fromkeys(roles.other_outcomes, "other")
    wrong = []
    for name in map(str, raw.frame.columns):
        found, right = given.get(name, "left out"), case.roles.role_of(name)
        if found != right:
            wrong.append(f"{name} is {found}, not {right}")
    n_right = raw.frame.shape[1] - len(wrong) + (roles.sweep == case.roles.sweep) + (roles.group == case.roles.group)
    if roles.sweep != case.roles.sweep:
        wrong.append(f"sweep {roles.sweep}")
    if roles.group != case.roles.group:
        wrong.append(f"group {roles.group}")
    return n_right, tuple(wrong)


def _sums_kept(dataset: Dataset) -> tuple[int, int]:
    """How many results of a search meet every exact relation in what the lab sheet prints, and how many there are."""
    model_data = ModelWithData.of_callable(dataset, _surface(dataset), is_fast=True)
    run = default_spec(model_data, dataset, ModelRef(kind="callable", name=dataset.name)).revised(risk_aversion=0.0)
    run = run.revised(budget=run.budget.model_copy(update={"evaluations": EVALUATIONS}), is_compared=False)
    result = run_spec(run, model_data, is_beside_random=False).result
    printed = _printed(result)
    is_met = np.ones(len(printed), dtype=bool)
    for relation in dataset.relations:
        if relation.is_firm:
            sums = printed[list(relation.names)].to_numpy(float) @ np.array(relation.weights)
            size = np.abs(printed[list(relation.names)].to_numpy(float)) @ np.abs(relation.weights)
            slack = 0.0 if relation.is_sum else relation.tolerance
            is_met &= np.abs(sums - relation.value) <= slack + CLOSE * (size + abs(relation.value))
    return int(is_met.sum()), len(is_met)


def _surface(dataset: Dataset) -> Callable[[np.ndarray], np.ndarray]:
    """A quadratic response surface of the rows, fitted by least squares with a small ridge."""
    mean, std = dataset.X.mean(axis=0), dataset.X.std(axis=0)

    def terms(X: np.ndarray) -> np.ndarray:
        Z = (X - mean) / std
        return np.hstack([np.ones((len(Z), 1)), Z, Z**2])

    A = terms(dataset.X)
    weights = np.linalg.solve(A.T @ A + 1e-3 * np.eye(A.shape[1]), A.T @ dataset.y)
    return lambda X: terms(X) @ weights


def _printed(result: RunResult) -> pd.DataFrame:
    """The settings of all results as the lab sheet prints them, by the names of their features."""
    headers = lab_columns(result).settings
    frame = lab_frame(result, range(len(result.results)))
    return pd.DataFrame({name: frame[header] for name, header in headers.items()})


if __name__ == "__main__":
    main()
