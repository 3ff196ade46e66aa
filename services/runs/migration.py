"""From a run store of any version before to this one."""

from sqlalchemy import Connection, insert, inspect, select, text, update
from sqlalchemy.schema import CreateColumn

from services.runs.database import SCHEMA_VERSION, jobs, metadata, outputs, schema
from services.runs.job import JobKind, StoreError
from services.runs.summary import search_words, summary_of

_ADDED_IN_2 = (
    "note",
    "story",
    "deleted_at",
    "words",
    "dataset",
    "model",
    "goal",
    "best",
    "unit",
    "n_results",
    "seconds",
)


def prepare(connection: Connection, where: str) -> None:
    """Make the tables of an empty database, or bring those of an older version to this one, in one transaction.

    Args:
        connection: that writes.
        where: the database, as messages name it.

    Raises:
        StoreError: the database was made by a newer version; it is left as it is.
    """
    version = None
    if inspect(connection).has_table(schema.name):
        version = connection.execute(select(schema.c.version).with_for_update()).scalar()
    if version is not None and version > SCHEMA_VERSION:
        raise StoreError(
            f"The run store at {where} was made by a newer Mixwright (schema {version}, this one knows "
            f"{SCHEMA_VERSION}): update it, or set MIXWRIGHT_HOME to another folder."
        )
    metadata.create_all(connection)
    if version is None:
        connection.execute(insert(schema).values(version=SCHEMA_VERSION))
    elif version == 1:
        _from_1_to_2(connection)
        connection.execute(update(schema).values(version=2))


def _from_1_to_2(connection: Connection) -> None:
    """Add what lists show, write it for the jobs that are there, and put results and artifacts apart."""
    for name in _ADDED_IN_2:
        column = CreateColumn(jobs.c[name]).compile(dialect=connection.dialect)
        connection.execute(text(f"ALTER TABLE jobs ADD COLUMN {column}"))
    has_output = "result IS NOT NULL OR artifact IS NOT NULL"
    connection.execute(
        text(f"INSERT INTO outputs (job, result, artifact) SELECT id, result, artifact FROM jobs WHERE {has_output}")
    )
    connection.execute(text(f"UPDATE jobs SET result = NULL, artifact = NULL WHERE {has_output}"))
    for job_id in list(connection.execute(select(jobs.c.id)).scalars()):  # one after the other: results may be large
        _summarise(connection, job_id)


def _summarise(connection: Connection, job_id: str) -> None:
    wanted = select(jobs, outputs.c.result).outerjoin(outputs, outputs.c.job == jobs.c.id)
    row = connection.execute(wanted.where(jobs.c.id == job_id)).one()
    summary = summary_of(JobKind(row.kind), row.spec, row.result)
    is_timed = row.started_at is not None and row.finished_at is not None
    values = {
        **summary.columns,
        "words": search_words(row.name, "", summary.dataset, summary.model),
        "seconds": (row.finished_at - row.started_at).total_seconds() if is_timed else None,
    }
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))
