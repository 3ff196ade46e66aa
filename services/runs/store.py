"""The run store: every run and every training, with its state, its trace and its result, in a database."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, make_url, select, update
from sqlalchemy.exc import ArgumentError, DatabaseError

from services.runs.database import SCHEMA_VERSION, chunks, connect, jobs, metadata, schema


class JobKind(StrEnum):
    """What a job does."""

    SEARCH = "search"
    TRAINING = "training"
    PROOF = "proof"
    TUNE = "tune"
    JUDGEMENT = "judgement"
    QUALITY = "quality"

    @property
    def worker(self) -> "JobKind":
        """The kind of worker that does it: all but these need what a search does."""
        takes_tensorflow = (JobKind.TRAINING, JobKind.QUALITY, JobKind.JUDGEMENT)
        return JobKind.TRAINING if self in takes_tensorflow else JobKind.SEARCH


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


class StoreError(RuntimeError):
    """The run store cannot be used, or does not hold what was asked for."""


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the store.

    Attributes:
        id: unguessable.
        spec: JSON document of what to do.
        result: JSON document of what came out, or None.
        error: why it failed, in words for the user, or "".
        phase: what it is doing now, in words for the user.
        n_chunks: how many pieces of its trace are stored.
        created_at: like the other times in UTC.
    """

    id: str
    kind: JobKind
    name: str
    state: JobState
    spec: str
    result: str | None
    error: str
    phase: str
    n_chunks: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


_SHOWN = [jobs.c[name] for name in Job.__dataclass_fields__]


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
            self._prepare(where)
        except DatabaseError as error:
            self.close()
            raise StoreError(
                f"The run store at {where} cannot be opened ({error.orig}): mend it or move it away, or set "
                "MIXWRIGHT_HOME to another folder."
            ) from None
        except StoreError:
            self.close()
            raise

    def _prepare(self, where: str) -> None:
        """Make the tables that are not there yet; raise StoreError for those of a newer version."""
        with self._writing() as connection:
            metadata.create_all(connection)
            version = connection.execute(select(schema.c.version)).scalar()
            if version is None:
                connection.execute(insert(schema).values(version=SCHEMA_VERSION))
            elif version > SCHEMA_VERSION:
                raise StoreError(
                    f"The run store at {where} was made by a newer Mixwright (schema {version}, this one knows "
                    f"{SCHEMA_VERSION}): update it, or set MIXWRIGHT_HOME to another folder."
                )

    def close(self) -> None:
        """Give back every connection."""
        self._reader.dispose()
        self._writer.dispose()

    # -- what pages read ------------------------------------------------------------------------------------------

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None where there is none of that id."""
        with self._reading() as connection:
            row = connection.execute(select(*_SHOWN).where(jobs.c.id == job_id)).mappings().first()
        return _job(row) if row else None

    def latest(self, kind: JobKind, name: str) -> Job | None:
        """Return the newest job of a kind and a name, or None."""
        query = select(*_SHOWN).where(jobs.c.kind == kind, jobs.c.name == name)
        with self._reading() as connection:
            row = connection.execute(query.order_by(jobs.c.number.desc()).limit(1)).mappings().first()
        return _job(row) if row else None

    def chunks(self, job_id: str, first: int = 0, at_most: int | None = None) -> list[bytes]:
        """Return the pieces of a job's trace from number ``first`` on, in order."""
        query = select(chunks.c.payload).where(chunks.c.job == job_id, chunks.c.number >= first)
        with self._reading() as connection:
            return list(connection.execute(query.order_by(chunks.c.number).limit(at_most)).scalars())

    def artifact(self, job_id: str) -> bytes | None:
        """Return the file that a job made, such as a trained model, or None."""
        with self._reading() as connection:
            return connection.execute(select(jobs.c.artifact).where(jobs.c.id == job_id)).scalar()

    def n_ahead(self, job_id: str) -> int:
        """Return how many unfinished jobs were submitted before this one."""
        number = select(jobs.c.number).where(jobs.c.id == job_id).scalar_subquery()
        unfinished = [JobState.QUEUED, JobState.RUNNING]
        query = select(func.count()).where(jobs.c.number < number, jobs.c.state.in_(unfinished))
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    # -- what the supervisor writes -------------------------------------------------------------------------------

    def add(self, kind: JobKind, name: str, spec: str) -> str:
        """Queue a job and return its id."""
        job_id = secrets.token_urlsafe(12)
        values = {
            "id": job_id,
            "kind": kind,
            "name": name,
            "spec": spec,
            "state": JobState.QUEUED,
            "created_at": _now(),
        }
        with self._writing() as connection:
            connection.execute(insert(jobs).values(**values))
        return job_id

    def next_queued(self, kinds: list[JobKind]) -> Job | None:
        """Return the job of these kinds that has waited longest, or None."""
        query = select(*_SHOWN).where(jobs.c.state == JobState.QUEUED, jobs.c.kind.in_(kinds))
        with self._reading() as connection:
            row = connection.execute(query.order_by(jobs.c.number).limit(1)).mappings().first()
        return _job(row) if row else None

    def start(self, job_id: str, server: str) -> bool:
        """Mark a queued job as running on this server; return whether it was still queued."""
        change = update(jobs).where(jobs.c.id == job_id, jobs.c.state == JobState.QUEUED)
        with self._writing() as connection:
            changed = connection.execute(
                change.values(state=JobState.RUNNING, started_at=_now(), heartbeat_at=_now(), server=server)
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
        values = {"state": state, "error": error, "phase": "", "finished_at": _now()}
        values |= {"result": result, "artifact": artifact}
        change = update(jobs).where(jobs.c.id == job_id, jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING]))
        with self._writing() as connection:
            connection.execute(change.values(**values))

    def beat(self, job_ids: list[str]) -> None:
        """Say that these jobs' worker is alive."""
        if job_ids:
            with self._writing() as connection:
                connection.execute(update(jobs).where(jobs.c.id.in_(job_ids)).values(heartbeat_at=_now()))

    def sweep(self, stale_after: timedelta) -> None:
        """Mark running jobs whose server has given no sign of life for a while as interrupted."""
        is_stale = (jobs.c.state == JobState.RUNNING) & (jobs.c.heartbeat_at < _now() - stale_after)
        error = "The server stopped while this was running. Start it again: the specification is kept."
        values = {"state": JobState.INTERRUPTED, "error": error, "phase": "", "finished_at": _now()}
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


def _now() -> datetime:
    return datetime.now(UTC)


def _job(row: Any) -> Job:
    times = {name: _in_utc(row[name]) for name in ("created_at", "started_at", "finished_at")}
    return Job(**(dict(row) | times | {"kind": JobKind(row["kind"]), "state": JobState(row["state"])}))


def _in_utc(time: datetime | None) -> datetime | None:
    """Return a stored time with its zone, which SQLite forgets."""
    return time if time is None or time.tzinfo else time.replace(tzinfo=UTC)
