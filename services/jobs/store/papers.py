"""Papers: small JSON documents that belong to a run and are written after it, such as measured values."""

from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, select

from services.jobs.store.database import jobs, papers
from services.jobs.store.job import StoreError


def read_attachment(connection: Connection, job_id: str, name: str) -> str | None:
    """Return the text of a job's paper, or None where there is none of that name."""
    return connection.execute(select(papers.c.text).where(papers.c.job == job_id, papers.c.name == name)).scalar()


def write_attachment(connection: Connection, job_id: str, name: str, change: Callable[[str | None], str]) -> None:
    """Keep what ``change`` makes of a job's paper, or of None where it has none of that name.

    The job's row is locked meanwhile: two that change the same paper do so one after the other.

    Raises:
        StoreError: there is no such job.
    """
    if connection.execute(select(jobs.c.number).where(jobs.c.id == job_id).with_for_update()).first() is None:
        raise StoreError(f"'{name}' cannot be kept: the run {job_id} is not in the run store any more.")
    text = change(read_attachment(connection, job_id, name))
    connection.execute(delete(papers).where(papers.c.job == job_id, papers.c.name == name))
    connection.execute(insert(papers).values(job=job_id, name=name, text=text))
