"""The run store: every run and every training, with its state, its trace and its result, in a database."""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Executable, RowMapping, Select, delete, func, insert, make_url, select, update
from sqlalchemy.exc import ArgumentError, DatabaseError

from services.jobs.store.database import attachments, connect, in_utc, jobs, now, outputs, pieces, prepare
from services.jobs.store.job import EXPECTED, Job, JobKind, JobState, StoreError
from services.jobs.store.listing import (
    ORDERS,
    RunChoices,
    RunFilter,
    RunPage,
    RunRow,
    conditions_of,
    search_words,
    summary_of,
)

_JOBS = select(*((outputs if name == "result" else jobs).c[name].label(name) for name in Job.__dataclass_fields__))
_JOBS = _JOBS.select_from(jobs.outerjoin(outputs, outputs.c.job == jobs.c.id))
_LISTED = select(*(jobs.c[name].label(name) for name in RunRow.__dataclass_fields__))
_UNFINISHED = [JobState.QUEUED, JobState.RUNNING]

_Listed = TypeVar("_Listed", Job, RunRow)


class RunStore:
    """Jobs in a database; one supervisor writes, any page reads.

    Args:
        url: SQLAlchemy URL. SQLite is used in WAL mode, with one writing connection.

    Raises:
        StoreError: the database cannot be opened, or was made by another version.
    """

    def __init__(self, url: str) -> None:
        try:
            self._writer, self._reader = connect(url)
        except (ArgumentError, ImportError) as error:
            raise StoreError(
                f"MIXWRIGHT_DATABASE cannot be used ({error}): give an SQLAlchemy URL whose driver is installed, or "
                "leave it out."
            ) from None
        where = make_url(url).render_as_string(hide_password=True)
        try:
            with self._writer.begin() as connection:
                prepare(connection, where)
        except DatabaseError as error:
            self.close()
            raise StoreError(
                f"The run store at {where} cannot be opened ({error.orig}): mend it or move it away, or set "
                "MIXWRIGHT_HOME to another folder."
            ) from None
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Give back every connection."""
        self._reader.dispose()
        self._writer.dispose()

    # -- what pages read ------------------------------------------------------------------------------------------

    def get(self, job_id: str) -> Job | None:
        """A job, or None where there is none of that id."""
        return self._job(_JOBS.where(jobs.c.id == job_id))

    def latest(self, kind: JobKind, name: str) -> Job | None:
        """The newest job of a kind and a name that was not deleted, or None."""
        is_it = (jobs.c.kind == kind) & (jobs.c.name == name) & jobs.c.deleted_at.is_(None)
        return self._job(_JOBS.where(is_it).order_by(jobs.c.number.desc()).limit(1))

    def is_deleted(self, job_id: str) -> bool:
        """Whether a job was deleted and can still be restored."""
        return self._value(select(jobs.c.deleted_at).where(jobs.c.id == job_id)) is not None

    def pieces(self, job_id: str, first: int = 0, at_most: int | None = None) -> list[bytes]:
        """The pieces of a job's trace from number ``first`` on, in order."""
        query = select(pieces.c.payload).where(pieces.c.job == job_id, pieces.c.number >= first)
        with self._reader.connect() as connection:
            return list(connection.execute(query.order_by(pieces.c.number).limit(at_most)).scalars())

    def artifact(self, job_id: str) -> bytes | None:
        """The file that a job made, such as a trained model, or None."""
        artifact: bytes | None = self._value(select(outputs.c.artifact).where(outputs.c.job == job_id))
        return artifact

    def attachment(self, job_id: str, name: str) -> str | None:
        """A small document that was written for a job later, such as measured values, or None."""
        text: str | None = self._value(_attachment(job_id, name))
        return text

    def durations(self, kind: JobKind, n: int) -> list[tuple[float, float]]:
        """What the last ``n`` jobs of a kind that were done were expected to take, and took to a result, in seconds."""
        query = (
            select(attachments.c.text, jobs.c.seconds)
            .join(attachments, (attachments.c.job == jobs.c.id) & (attachments.c.name == EXPECTED))
            .where(jobs.c.kind == kind, jobs.c.state == JobState.DONE, jobs.c.seconds.is_not(None))
            .order_by(jobs.c.number.desc())
            .limit(n)
        )
        with self._reader.connect() as connection:
            rows = connection.execute(query).all()
        return [(float(text), seconds) for text, seconds in rows]

    def unfinished(self) -> list[tuple[float, float | None]]:
        """For how many seconds each unfinished job has been running, and how many it is expected to take, if known."""
        is_it = (attachments.c.job == jobs.c.id) & (attachments.c.name == EXPECTED)
        query = select(jobs.c.started_at, attachments.c.text).outerjoin(attachments, is_it)
        with self._reader.connect() as connection:
            rows = connection.execute(query.where(jobs.c.state.in_(_UNFINISHED))).all()
        begun = [(in_utc(started), text) for started, text in rows]
        return [
            ((now() - started).total_seconds() if started else 0.0, None if text is None else float(text))
            for started, text in begun
        ]

    def n_ahead(self, job_id: str) -> int:
        """How many unfinished jobs were submitted before this one."""
        number = select(jobs.c.number).where(jobs.c.id == job_id).scalar_subquery()
        return int(self._value(select(func.count()).where(jobs.c.number < number, jobs.c.state.in_(_UNFINISHED))))

    def runs(self, wanted: RunFilter | None = None, first: int = 0, at_most: int = 50) -> RunPage:
        """A page of a list of runs, without their documents: from number ``first`` on, counted from 0."""
        wanted = wanted or RunFilter()
        conditions = conditions_of(wanted)
        query = _LISTED.where(*conditions).order_by(*ORDERS[wanted.order]).limit(at_most).offset(first)
        with self._reader.connect() as connection:
            n_found = connection.execute(select(func.count()).select_from(jobs).where(*conditions)).scalar_one()
            return RunPage(tuple(_made(RunRow, row) for row in connection.execute(query).mappings()), n_found)

    def runs_named(self, job_ids: Sequence[str]) -> tuple[RunRow, ...]:
        """The rows of some runs in the order of these ids; ids that are not there are left out."""
        with self._reader.connect() as connection:
            rows = connection.execute(_LISTED.where(jobs.c.id.in_(job_ids))).mappings()
            found = {row["id"]: _made(RunRow, row) for row in rows}
        return tuple(found[job_id] for job_id in job_ids if job_id in found)

    def run_choices(self, kinds: tuple[JobKind, ...] = (JobKind.SEARCH,)) -> RunChoices:
        """What lists of runs of these kinds that were not deleted can be filtered by, alphabetically."""
        is_listed, is_kept = jobs.c.kind.in_(kinds), jobs.c.deleted_at.is_(None)

        def counted(name: str) -> dict[str, int]:
            column = jobs.c[name]
            rows = connection.execute(select(column, func.count()).where(is_listed, is_kept).group_by(column))
            return {value: n for value, n in sorted((str(value), n) for value, n in rows) if value}

        with self._reader.connect() as connection:
            n_deleted = select(func.count()).select_from(jobs).where(is_listed, ~is_kept)
            return RunChoices(
                kinds={JobKind(kind): n for kind, n in counted("kind").items()},
                states={JobState(state): n for state, n in counted("state").items()},
                datasets=counted("dataset"),
                models=counted("model"),
                n_deleted=connection.execute(n_deleted).scalar_one(),
            )

    # -- what users write -----------------------------------------------------------------------------------------

    def change_attachment(self, job_id: str, name: str, change: Callable[[str | None], str]) -> None:
        """Keep what ``change`` makes of a job's attachment, or of None where it has none of that name.

        Raises:
            StoreError: there is no such job.
        """
        with self._writer.begin() as connection:
            # The job's row is locked meanwhile: two that change the same attachment do so one after the other.
            is_there = connection.execute(select(jobs.c.number).where(jobs.c.id == job_id).with_for_update()).first()
            if is_there is None:
                raise StoreError(f"'{name}' cannot be kept: the run {job_id} is not in the run store any more.")
            text = change(connection.execute(_attachment(job_id, name)).scalar())
            is_it = (attachments.c.job == job_id) & (attachments.c.name == name)
            connection.execute(delete(attachments).where(is_it))
            connection.execute(insert(attachments).values(job=job_id, name=name, text=text))

    def describe(self, job_id: str, *, name: str | None = None, note: str | None = None) -> None:
        """Change the name of a job, the note on it, or both."""
        is_it = jobs.c.id == job_id
        with self._writer.begin() as connection:
            of_it = select(jobs.c.name, jobs.c.note, jobs.c.dataset, jobs.c.model).where(is_it)
            was = connection.execute(of_it.with_for_update()).first()
            if was is None:
                return
            values = {"name": was.name if name is None else name[:200], "note": was.note if note is None else note}
            values["words"] = search_words(values["name"], values["note"], was.dataset, was.model)
            connection.execute(update(jobs).where(is_it).values(**values))

    def delete(self, job_ids: Sequence[str]) -> None:
        """Throw jobs that have ended away; they can be restored until they are removed."""
        self._set_deleted(job_ids, is_deleted=True)

    def restore(self, job_ids: Sequence[str]) -> None:
        """Have deleted jobs back."""
        self._set_deleted(job_ids, is_deleted=False)

    def _set_deleted(self, job_ids: Sequence[str], *, is_deleted: bool) -> None:
        change = update(jobs).where(jobs.c.id.in_(job_ids), jobs.c.state.not_in(_UNFINISHED))
        self._write(change.values(deleted_at=now() if is_deleted else None))

    # -- what the supervisor writes -------------------------------------------------------------------------------

    def add(self, kind: JobKind, name: str, spec: str, story: str = "") -> str:
        """Queue a job; its id."""
        job_id, summary = secrets.token_hex(8), summary_of(kind, spec)
        values = {
            "id": job_id,
            "kind": kind,
            "name": name,
            "spec": spec,
            "state": JobState.QUEUED,
            "created_at": now(),
            "story": story,
            "words": search_words(name, "", summary["dataset"], summary["model"]),
            **summary,
        }
        self._write(insert(jobs).values(**values))
        return job_id

    def next_queued(self, kinds: list[JobKind]) -> Job | None:
        """The job of these kinds that has waited longest, or None."""
        is_next = (jobs.c.state == JobState.QUEUED) & jobs.c.kind.in_(kinds)
        return self._job(_JOBS.where(is_next).order_by(jobs.c.number).limit(1))

    def start(self, job_id: str, server: str) -> bool:
        """Mark a job as running on this server; whether it was still queued."""
        change = update(jobs).where(jobs.c.id == job_id, jobs.c.state == JobState.QUEUED)
        values = {"state": JobState.RUNNING, "started_at": now(), "heartbeat_at": now(), "server": server}
        with self._writer.begin() as connection:
            return connection.execute(change.values(**values)).rowcount == 1

    def add_piece(self, job_id: str, payload: bytes) -> None:
        """Append a piece of trace to a job."""
        with self._writer.begin() as connection:
            number = connection.execute(select(jobs.c.n_pieces).where(jobs.c.id == job_id)).scalar_one()
            connection.execute(insert(pieces).values(job=job_id, number=number, payload=payload))
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(n_pieces=number + 1))

    def set_progress(self, job_id: str, words: str) -> None:
        """Keep what a running job is doing now."""
        change = update(jobs).where(jobs.c.id == job_id, jobs.c.state == JobState.RUNNING)
        self._write(change.values(progress=words))

    def set_result(self, job_id: str, result: str) -> None:
        """Keep the result of a running job, which took it until now."""
        with self._writer.begin() as connection:
            is_running = (jobs.c.id == job_id) & (jobs.c.state == JobState.RUNNING)
            if (found := connection.execute(select(jobs.c.started_at).where(is_running)).first()) is not None:
                at = now()
                seconds = (at - (in_utc(found.started_at) or at)).total_seconds()
                connection.execute(update(jobs).where(is_running).values(seconds=seconds))
                connection.execute(delete(outputs).where(outputs.c.job == job_id))
                connection.execute(insert(outputs).values(job=job_id, result=result))

    def finish(
        self,
        job_id: str,
        state: JobState,
        *,
        result: str | None = None,
        artifact: bytes | None = None,
        error: str = "",
    ) -> None:
        """Mark a job as ended, with the result that it had before where there is no other.

        One that has ended already stays as it is.
        """
        ended_at = now()
        with self._writer.begin() as connection:
            of_it = select(jobs.c.kind, jobs.c.spec, jobs.c.started_at, jobs.c.seconds)
            was = connection.execute(of_it.where(jobs.c.id == job_id, jobs.c.state.in_(_UNFINISHED))).first()
            if was is None:
                return
            before = connection.execute(select(outputs.c.result).where(outputs.c.job == job_id)).scalar()
            result = before if result is None else result
            started_at = in_utc(was.started_at)
            values = {"state": state, "error": error, "progress": "", "finished_at": ended_at}
            values |= summary_of(JobKind(was.kind), was.spec, result)
            if was.seconds is None:  # else its result was there before
                values["seconds"] = (ended_at - started_at).total_seconds() if started_at else None
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
            if result is not None or artifact is not None:
                connection.execute(delete(outputs).where(outputs.c.job == job_id))
                connection.execute(insert(outputs).values(job=job_id, result=result, artifact=artifact))

    def beat(self, job_ids: list[str]) -> None:
        """Note that the server of these jobs is alive."""
        if job_ids:
            self._write(update(jobs).where(jobs.c.id.in_(job_ids)).values(heartbeat_at=now()))

    def sweep(self, stale_after: timedelta) -> None:
        """Mark running jobs whose server has given no sign of life for a while as interrupted."""
        is_stale = (jobs.c.state == JobState.RUNNING) & (jobs.c.heartbeat_at < now() - stale_after)
        error = "The server stopped while this was running. Start it again: the specification is kept."
        values = {"state": JobState.INTERRUPTED, "error": error, "progress": "", "finished_at": now()}
        self._write(update(jobs).where(is_stale).values(**values))

    def remove_deleted(self, older_than: timedelta) -> int:
        """Remove for good what was deleted longer ago than this, with all that belongs to it; how many jobs."""
        is_old = jobs.c.deleted_at < now() - older_than
        with self._writer.begin() as connection:
            ids = list(connection.execute(select(jobs.c.id).where(is_old)).scalars())
            # A proof is named by the run that it is about, and goes with it.
            of_old = jobs.c.name.in_(select(jobs.c.id).where(is_old))
            connection.execute(delete(jobs).where(jobs.c.kind == JobKind.PROOF, of_old))
            connection.execute(delete(jobs).where(is_old))
        return len(ids)

    def _write(self, statement: Executable) -> None:
        with self._writer.begin() as connection:
            connection.execute(statement)

    def _value(self, query: Select[Any]) -> Any:
        with self._reader.connect() as connection:
            return connection.execute(query).scalar()

    def _job(self, query: Select[Any]) -> Job | None:
        with self._reader.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _made(Job, row)


def _made(kind: type[_Listed], row: RowMapping) -> _Listed:
    """A row of the database as a `Job` or a `RunRow`."""
    times = {name: in_utc(row[name]) for name in ("created_at", "started_at", "finished_at", "deleted_at")}
    return kind(**(dict(row) | times | {"kind": JobKind(row["kind"]), "state": JobState(row["state"])}))


def _attachment(job_id: str, name: str) -> Select[Any]:
    return select(attachments.c.text).where(attachments.c.job == job_id, attachments.c.name == name)
