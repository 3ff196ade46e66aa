"""The run store: every run and every training, with its state, its trace and its result, in a database."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, make_url, select, update
from sqlalchemy.exc import ArgumentError, DatabaseError

from services.jobs.store.database import chunks, connect, in_utc, jobs, now, outputs, prepare
from services.jobs.store.job import Job, JobKind, JobState, StoreError
from services.jobs.store.listing import (
    RunChoices,
    RunFilter,
    RunPage,
    RunRow,
    list_choices,
    list_named,
    list_runs,
)
from services.jobs.store.papers import read_attachment, write_attachment
from services.jobs.store.summary import search_words, summary_of

_SHOWN = [outputs.c.result if name == "result" else jobs.c[name] for name in Job.__dataclass_fields__]
_WITH_OUTPUT = jobs.outerjoin(outputs, outputs.c.job == jobs.c.id)


class RunStore:
    """Jobs in a database; one supervisor writes, any page reads.

    Args:
        url: SQLAlchemy URL. SQLite is used in WAL mode, with one writing connection.

    Raises:
        StoreError: the database cannot be opened, or was made by a newer version.
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
            with self._writing() as connection:
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
        """Return a job, or None where there is none of that id."""
        with self._reading() as connection:
            row = (
                connection.execute(select(*_SHOWN).select_from(_WITH_OUTPUT).where(jobs.c.id == job_id))
                .mappings()
                .first()
            )
        return _job(row) if row else None

    def latest(self, kind: JobKind, name: str) -> Job | None:
        """Return the newest job of a kind and a name that was not deleted, or None."""
        is_it = (jobs.c.kind == kind) & (jobs.c.name == name) & jobs.c.deleted_at.is_(None)
        query = select(*_SHOWN).select_from(_WITH_OUTPUT).where(is_it)
        with self._reading() as connection:
            row = connection.execute(query.order_by(jobs.c.number.desc()).limit(1)).mappings().first()
        return _job(row) if row else None

    def is_deleted(self, job_id: str) -> bool:
        """Return whether a job was deleted and can still be restored."""
        with self._reading() as connection:
            return connection.execute(select(jobs.c.deleted_at).where(jobs.c.id == job_id)).scalar() is not None

    def chunks(self, job_id: str, first: int = 0, at_most: int | None = None) -> list[bytes]:
        """Return the pieces of a job's trace from number ``first`` on, in order."""
        query = select(chunks.c.payload).where(chunks.c.job == job_id, chunks.c.number >= first)
        with self._reading() as connection:
            return list(connection.execute(query.order_by(chunks.c.number).limit(at_most)).scalars())

    def artifact(self, job_id: str) -> bytes | None:
        """Return the file that a job made, such as a trained model, or None."""
        with self._reading() as connection:
            return connection.execute(select(outputs.c.artifact).where(outputs.c.job == job_id)).scalar()

    def n_ahead(self, job_id: str) -> int:
        """Return how many unfinished jobs were submitted before this one."""
        number = select(jobs.c.number).where(jobs.c.id == job_id).scalar_subquery()
        unfinished = [JobState.QUEUED, JobState.RUNNING]
        query = select(func.count()).where(jobs.c.number < number, jobs.c.state.in_(unfinished))
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def paper(self, job_id: str, name: str) -> str | None:
        """Return a small document that belongs to a job, or None where it has none of that name."""
        with self._reading() as connection:
            return read_attachment(connection, job_id, name)

    def runs(self, wanted: RunFilter | None = None, first: int = 0, at_most: int = 50) -> RunPage:
        """Return a page of a list of runs, without their documents: from number ``first`` on, counted from 0."""
        with self._reading() as connection:
            return list_runs(connection, wanted or RunFilter(), first, at_most)

    def runs_named(self, job_ids: Sequence[str]) -> tuple[RunRow, ...]:
        """Return the rows of some runs in the order of these ids; ids that are not there are left out."""
        with self._reading() as connection:
            return list_named(connection, job_ids)

    def run_choices(self, kinds: tuple[JobKind, ...] = (JobKind.SEARCH,)) -> RunChoices:
        """Return what lists of runs of these kinds can be filtered by."""
        with self._reading() as connection:
            return list_choices(connection, kinds)

    # -- what users write -----------------------------------------------------------------------------------------

    def keep_attachment(self, job_id: str, name: str, text: str) -> None:
        """Keep a small document with a job, in the place of the one that it had under that name.

        Raises:
            StoreError: there is no such job.
        """
        self.change_paper(job_id, name, lambda _: text)

    def change_paper(self, job_id: str, name: str, change: Callable[[str | None], str]) -> None:
        """Keep what ``change`` makes of a small document of a job, or of None; nobody else writes it meanwhile.

        Raises:
            StoreError: there is no such job.
        """
        with self._writing() as connection:
            write_attachment(connection, job_id, name, change)

    def describe(self, job_id: str, *, name: str | None = None, note: str | None = None) -> None:
        """Change the name of a job, the note on it, or both."""
        is_it = jobs.c.id == job_id
        with self._writing() as connection:
            of_it = select(jobs.c.name, jobs.c.note, jobs.c.dataset, jobs.c.model).where(is_it)
            was = connection.execute(of_it.with_for_update()).first()
            if was is not None:
                called, noted = was.name if name is None else name[:200], was.note if note is None else note
                words = search_words(called, noted, was.dataset, was.model)
                connection.execute(update(jobs).where(is_it).values(name=called, note=noted, words=words))

    def delete(self, job_ids: Sequence[str]) -> None:
        """Throw jobs that have ended away; they can be restored until they are removed."""
        self._set_deleted(job_ids, is_deleted=True)

    def restore(self, job_ids: Sequence[str]) -> None:
        """Have deleted jobs back."""
        self._set_deleted(job_ids, is_deleted=False)

    def remove_deleted(self, older_than: timedelta) -> int:
        """Remove for good what was deleted longer ago than this, with all that belongs to it; return how many jobs."""
        is_old = jobs.c.deleted_at < now() - older_than
        with self._writing() as connection:
            ids = list(connection.execute(select(jobs.c.id).where(is_old)).scalars())
            proofs = (jobs.c.kind == JobKind.PROOF) & jobs.c.name.in_(select(jobs.c.id).where(is_old))
            connection.execute(delete(jobs).where(proofs))
            connection.execute(delete(jobs).where(is_old))
        return len(ids)

    def _set_deleted(self, job_ids: Sequence[str], *, is_deleted: bool) -> None:
        unfinished = [JobState.QUEUED, JobState.RUNNING]
        change = update(jobs).where(jobs.c.id.in_(job_ids), jobs.c.state.not_in(unfinished))
        with self._writing() as connection:
            connection.execute(change.values(deleted_at=now() if is_deleted else None))

    # -- what the supervisor writes -------------------------------------------------------------------------------

    def add(self, kind: JobKind, name: str, spec: str, story: str = "") -> str:
        """Queue a job and return its id."""
        job_id, summary = secrets.token_urlsafe(12), summary_of(kind, spec)
        values = {
            "id": job_id,
            "kind": kind,
            "name": name,
            "spec": spec,
            "state": JobState.QUEUED,
            "created_at": now(),
            "story": story,
            "words": search_words(name, "", summary.dataset, summary.model),
            **summary.columns,
        }
        with self._writing() as connection:
            connection.execute(insert(jobs).values(**values))
        return job_id

    def next_queued(self, kinds: list[JobKind]) -> Job | None:
        """Return the job of these kinds that has waited longest, or None."""
        query = select(*_SHOWN).select_from(_WITH_OUTPUT).where(jobs.c.state == JobState.QUEUED, jobs.c.kind.in_(kinds))
        with self._reading() as connection:
            row = connection.execute(query.order_by(jobs.c.number).limit(1)).mappings().first()
        return _job(row) if row else None

    def start(self, job_id: str, server: str) -> bool:
        """Mark a queued job as running on this server; return whether it was still queued."""
        change = update(jobs).where(jobs.c.id == job_id, jobs.c.state == JobState.QUEUED)
        with self._writing() as connection:
            changed = connection.execute(
                change.values(state=JobState.RUNNING, started_at=now(), heartbeat_at=now(), server=server)
            )
            return changed.rowcount == 1

    def add_chunk(self, job_id: str, payload: bytes) -> None:
        """Append a piece of trace to a job."""
        with self._writing() as connection:
            number = connection.execute(select(jobs.c.n_chunks).where(jobs.c.id == job_id)).scalar_one()
            connection.execute(insert(chunks).values(job=job_id, number=number, payload=payload))
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(n_chunks=number + 1))

    def set_phase(self, job_id: str, phase: str) -> None:
        """Say what a running job is doing now."""
        change = update(jobs).where(jobs.c.id == job_id, jobs.c.state == JobState.RUNNING)
        with self._writing() as connection:
            connection.execute(change.values(phase=phase))

    def finish(
        self,
        job_id: str,
        state: JobState,
        *,
        result: str | None = None,
        artifact: bytes | None = None,
        error: str = "",
    ) -> None:
        """Mark a job as ended; one that has ended already stays as it is."""
        ended_at, is_unfinished = now(), jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING])
        with self._writing() as connection:
            of_it = select(jobs.c.kind, jobs.c.spec, jobs.c.started_at).where(jobs.c.id == job_id, is_unfinished)
            was = connection.execute(of_it).first()
            if was is None:
                return
            started_at = in_utc(was.started_at)
            values = {"state": state, "error": error, "phase": "", "finished_at": ended_at}
            values |= summary_of(JobKind(was.kind), was.spec, result).columns
            values["seconds"] = (ended_at - started_at).total_seconds() if started_at else None
            connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
            if result is not None or artifact is not None:
                connection.execute(insert(outputs).values(job=job_id, result=result, artifact=artifact))

    def beat(self, job_ids: list[str]) -> None:
        """Say that these jobs' worker is alive."""
        if job_ids:
            with self._writing() as connection:
                connection.execute(update(jobs).where(jobs.c.id.in_(job_ids)).values(heartbeat_at=now()))

    def sweep(self, stale_after: timedelta) -> None:
        """Mark running jobs whose server has given no sign of life for a while as interrupted."""
        is_stale = (jobs.c.state == JobState.RUNNING) & (jobs.c.heartbeat_at < now() - stale_after)
        error = "The server stopped while this was running. Start it again: the specification is kept."
        values = {"state": JobState.INTERRUPTED, "error": error, "phase": "", "finished_at": now()}
        with self._writing() as connection:
            connection.execute(update(jobs).where(is_stale).values(**values))

    # -- connections ----------------------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._reader.connect() as connection:
            yield connection


def _job(row: Any) -> Job:
    times = {name: in_utc(row[name]) for name in ("created_at", "started_at", "finished_at", "deleted_at")}
    return Job(**(dict(row) | times | {"kind": JobKind(row["kind"]), "state": JobState(row["state"])}))
