"""Lists of runs: searched, filtered, sorted and cut into pages by the database, which never reads a result for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from services.jobs.store.database import in_utc, jobs
from services.jobs.store.job import JobKind, JobState


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
    """One line of a list: a job without its documents; see `Job` and `RunSummary`.

    Attributes:
        seconds: from its start to its end, or None where it has not had both.
    """

    id: str
    kind: JobKind
    name: str
    state: JobState
    error: str
    phase: str
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


_LISTED = [jobs.c[name] for name in RunRow.__dataclass_fields__]
_ORDERS: dict[RunOrder, list[ColumnElement[Any]]] = {
    RunOrder.NEWEST: [jobs.c.number.desc()],
    RunOrder.OLDEST: [jobs.c.number],
    RunOrder.NAME: [func.lower(jobs.c.name), jobs.c.number.desc()],
    RunOrder.HIGHEST: [jobs.c.best.is_(None), jobs.c.best.desc(), jobs.c.number.desc()],
    RunOrder.LOWEST: [jobs.c.best.is_(None), jobs.c.best, jobs.c.number.desc()],
    RunOrder.LONGEST: [jobs.c.seconds.is_(None), jobs.c.seconds.desc(), jobs.c.number.desc()],
}


def list_runs(connection: Connection, wanted: RunFilter, first: int, at_most: int) -> RunPage:
    """Return the runs of a list from number ``first`` on, counted from 0."""
    conditions = _conditions(wanted)
    n_found = connection.execute(select(func.count()).select_from(jobs).where(*conditions)).scalar_one()
    query = select(*_LISTED).where(*conditions).order_by(*_ORDERS[wanted.order]).limit(at_most).offset(first)
    return RunPage(tuple(_row(row) for row in connection.execute(query)), n_found)


def list_named(connection: Connection, job_ids: Sequence[str]) -> tuple[RunRow, ...]:
    """Return the rows of some runs in the order of these ids; ids that are not there are left out."""
    found = {row.id: _row(row) for row in connection.execute(select(*_LISTED).where(jobs.c.id.in_(job_ids)))}
    return tuple(found[job_id] for job_id in job_ids if job_id in found)


def list_choices(connection: Connection, kinds: tuple[JobKind, ...]) -> RunChoices:
    """Return what runs of these kinds that were not deleted can be filtered by, alphabetically."""
    is_listed = jobs.c.kind.in_(kinds)

    def counted(name: str) -> dict[str, int]:
        column = jobs.c[name]
        query = select(column, func.count()).where(is_listed, jobs.c.deleted_at.is_(None)).group_by(column)
        return {value: n for value, n in sorted((str(value), n) for value, n in connection.execute(query)) if value}

    n_deleted = select(func.count()).select_from(jobs).where(is_listed, jobs.c.deleted_at.is_not(None))
    return RunChoices(
        kinds={JobKind(kind): n for kind, n in counted("kind").items()},
        states={JobState(state): n for state, n in counted("state").items()},
        datasets=counted("dataset"),
        models=counted("model"),
        n_deleted=connection.execute(n_deleted).scalar_one(),
    )


def _conditions(wanted: RunFilter) -> list[ColumnElement[bool]]:
    """Return what a run must fulfil to be listed."""
    is_deleted = jobs.c.deleted_at.is_not(None) if wanted.is_deleted else jobs.c.deleted_at.is_(None)
    conditions = [jobs.c.kind.in_(wanted.kinds), is_deleted]
    chosen = {"state": wanted.states, "dataset": wanted.datasets, "model": wanted.models}
    conditions += [jobs.c[name].in_(values) for name, values in chosen.items() if values]
    return conditions + [jobs.c.words.contains(word, autoescape=True) for word in wanted.text.casefold().split()]


def _row(row: Any) -> RunRow:
    values = dict(row._mapping)
    times = {name: in_utc(values[name]) for name in ("created_at", "started_at", "finished_at", "deleted_at")}
    return RunRow(**(values | times | {"kind": JobKind(values["kind"]), "state": JobState(values["state"])}))
