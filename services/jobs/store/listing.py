"""Lists of runs: searched, filtered, sorted and cut into pages by the database.

No list reads a document: what it shows of a run is taken from its documents once, when they are written.
"""

import json
import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func

from services.jobs.store.database import jobs
from services.jobs.store.job import JobKind, JobState

FRONT = "Front of "
"""How the goal of a run with several begins."""


class RunOrder(StrEnum):
    """What comes first in a list; what has no such value comes last."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    HIGHEST = "highest"
    LOWEST = "lowest"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs a list shows, and in which order; an empty tuple lets everything through.

    Attributes:
        text: words that all have to be part of name, note, dataset or model, in any case.
        kinds: what jobs do; proofs and judgements belong to others and are no runs of their own.
        is_deleted: whether those are shown that were deleted, instead of those that were not.
    """

    text: str = ""
    kinds: tuple[JobKind, ...] = (JobKind.SEARCH,)
    states: tuple[JobState, ...] = ()
    datasets: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    is_deleted: bool = False
    order: RunOrder = RunOrder.NEWEST


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of a list: a job without its documents; see `Job` and `summary_of`.

    Attributes:
        seconds: from its start to its end, or None where it has not had both.
    """

    id: str
    kind: JobKind
    name: str
    state: JobState
    error: str
    progress: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    note: str
    story: str
    deleted_at: datetime | None
    dataset: str
    model: str
    goal: str
    best: float | None
    unit: str
    n_results: int | None
    seconds: float | None

    @property
    def is_front(self) -> bool:
        """Whether several goals make a front, on which no result is the best."""
        return self.goal.startswith(FRONT)


@dataclass(frozen=True, slots=True)
class RunPage:
    """A piece of a list.

    Attributes:
        rows: the runs of the piece, in order.
        n_found: how many runs the whole list has.
    """

    rows: tuple[RunRow, ...]
    n_found: int


@dataclass(frozen=True, slots=True)
class RunChoices:
    """What lists can be filtered by: each value with the number of runs that have it.

    Attributes:
        n_deleted: how many were deleted and can be had back.
    """

    kinds: dict[JobKind, int]
    states: dict[JobState, int]
    datasets: dict[str, int]
    models: dict[str, int]
    n_deleted: int

    @property
    def n_runs(self) -> int:
        """How many there are."""
        return sum(self.kinds.values())


ORDERS: dict[RunOrder, list[ColumnElement[Any]]] = {
    RunOrder.NEWEST: [jobs.c.number.desc()],
    RunOrder.OLDEST: [jobs.c.number],
    RunOrder.NAME: [func.lower(jobs.c.name), jobs.c.number.desc()],
    RunOrder.HIGHEST: [jobs.c.best.is_(None), jobs.c.best.desc(), jobs.c.number.desc()],
    RunOrder.LOWEST: [jobs.c.best.is_(None), jobs.c.best, jobs.c.number.desc()],
    RunOrder.LONGEST: [jobs.c.seconds.is_(None), jobs.c.seconds.desc(), jobs.c.number.desc()],
}


def conditions_of(wanted: RunFilter) -> list[ColumnElement[bool]]:
    """What the rows of a list fulfil."""
    is_deleted = jobs.c.deleted_at.is_not(None) if wanted.is_deleted else jobs.c.deleted_at.is_(None)
    conditions = [jobs.c.kind.in_(wanted.kinds), is_deleted]
    chosen = {"state": wanted.states, "dataset": wanted.datasets, "model": wanted.models}
    conditions += [jobs.c[name].in_(values) for name, values in chosen.items() if values]
    return conditions + [jobs.c.words.contains(word, autoescape=True) for word in wanted.text.casefold().split()]


_GOALS = {"maximum": "Max", "minimum": "Min"}
_LONGEST = 200  # characters, as the columns hold


def summary_of(kind: JobKind, spec: str, result: str | None = None) -> dict[str, Any]:
    """What the columns of the store hold of a job's documents; documents that cannot be read say nothing.

    Names of its table and its model, "" where it has none; the goal, such as "Max strength, area over age" or "Front of
    max strength and min cost"; the objective of its first result and its unit, nothing of a front; how many results it
    has, None before it has ended.
    """
    given, found = _read(spec), _read(result)
    run = _part(given, "run") if kind in (JobKind.TUNE, JobKind.METHODS) else given
    goal, best, n_results = "", None, None
    if kind is JobKind.SEARCH:
        goal = _goal(run, _text(found, "outcome_name"))
        if found:
            outcomes = _part(found, "results").get("outcomes")
            outcomes = outcomes if isinstance(outcomes, list) else []
            is_known = bool(outcomes) and isinstance(outcomes[0], int | float) and math.isfinite(outcomes[0])
            best, n_results = outcomes[0] if is_known else None, len(outcomes)
        if goal.startswith(FRONT):
            best = None
    elif kind is JobKind.TUNE:
        goal = f"{_goal(run, '')}, tuned by {_text(given, 'dial') or 'weights'}"
    elif kind is JobKind.METHODS:
        goal = f"{_goal(run, '')}, by several methods"
    words = {
        "dataset": _text(_part(run, "dataset"), "name"),
        "model": _text(_model(run), "name"),
        "goal": goal,
        "unit": _text(found, "objective_unit") if kind is JobKind.SEARCH and not goal.startswith(FRONT) else "",
    }
    cut = {name: value[:_LONGEST] for name, value in words.items()}
    return cut | {"best": best, "n_results": n_results}


def search_words(name: str, note: str, dataset: str, model: str) -> str:
    """What the search over runs looks through: folded here, for databases fold case differently."""
    return "\n".join((name, note, dataset, model)).casefold()


def _goal(run: dict[str, Any], outcome: str) -> str:
    """What a run searches for, such as "Max strength, area over age"; only results name the outcome."""
    if not run:
        return ""
    goals = [each for each in _outcomes(run) if each.get("goal")]
    if len(goals) > 1:
        names = [f"{_wanted(each).lower()} {_text(each, 'name')}" for each in goals]
        several = f"{', '.join(names[:-1])} and {names[-1]}"
        return f"Desirability of {several}" if _text(run, "combine") == "desirability" else f"{FRONT}{several}"
    own = goals[0] if goals else run
    outcome, goal, curve = _text(own, "name") or outcome, _wanted(own), _part(own, "curve")
    over = f", {_text(curve, 'summary')} over {_text(curve, 'feature')}" if curve else ""
    between = " of " if goal.startswith("Value") else " "
    return f"{goal or 'Max'}{between + outcome if outcome else ''}{over}"


def _wanted(outcome: dict[str, Any]) -> str:
    value = outcome.get("value")
    return _GOALS.get(_text(outcome, "goal"), "") or (f"Value {value:g}" if isinstance(value, int | float) else "")


def _outcomes(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The outcomes of a run; none of one of version 1, which says of its one outcome what it says of itself."""
    outcomes = run.get("outcomes")
    return [each for each in outcomes if isinstance(each, dict)] if isinstance(outcomes, list) else []


def _model(run: dict[str, Any]) -> dict[str, Any]:
    """The model of the first goal that has one, else of the first outcome that has one; see `RunSpec.model`."""
    outcomes = sorted(_outcomes(run), key=lambda each: not each.get("goal"))
    return next((model for each in outcomes if (model := _part(each, "model"))), _part(run, "model"))


def _read(document: str | None) -> dict[str, Any]:
    try:
        read = json.loads(document or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}


def _text(document: dict[str, Any], name: str) -> str:
    text = document.get(name)
    return text if isinstance(text, str) else ""
