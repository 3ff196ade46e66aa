"""The run store's tables and its connections."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.jobs.store.job import StoreError

SCHEMA_VERSION = 2
N_READERS = 5

metadata = sa.MetaData()
jobs = sa.Table(  # a column's ``key`` is its name in code where that in the database is an older one
    "jobs",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(40), nullable=False, unique=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False, default=""),
    sa.Column("phase", sa.String(200), key="progress", nullable=False, default=""),
    sa.Column("n_chunks", sa.Integer, key="n_pieces", nullable=False, default=0),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("server", sa.String(40)),
    sa.Column("heartbeat_at", sa.DateTime(timezone=True)),
    # from here on what lists of runs show, search and sort by
    sa.Column("note", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("story", sa.String(40), nullable=False, default="", server_default=""),
    sa.Column("deleted_at", sa.DateTime(timezone=True)),
    sa.Column("words", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("dataset", sa.String(200), nullable=False, default="", server_default=""),
    sa.Column("model", sa.String(200), nullable=False, default="", server_default=""),
    sa.Column("goal", sa.String(200), nullable=False, default="", server_default=""),
    sa.Column("best", sa.Float),
    sa.Column("unit", sa.String(100), nullable=False, default="", server_default=""),
    sa.Column("n_results", sa.Integer),
    sa.Column("seconds", sa.Float),
)
outputs = sa.Table(  # apart from the jobs, as a list of these would read past every result otherwise
    "outputs",
    metadata,
    sa.Column("job", sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("result", sa.Text),
    sa.Column("artifact", sa.LargeBinary),
)
attachments = sa.Table(
    "papers",
    metadata,
    sa.Column("job", sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)
pieces = sa.Table(
    "chunks",
    metadata,
    sa.Column("job", sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)
schema = sa.Table("schema_version", metadata, sa.Column("version", sa.Integer, primary_key=True))


def connect(url: str) -> tuple[sa.Engine, sa.Engine]:
    """The one engine that writes and the one that reads.

    SQLite is used in WAL mode, and only ever written through one connection: its versions before 3.51.3 may lose data
    when two connections write and checkpoint at the same moment.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True), sa.create_engine(url, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return _sqlite(url, writes=True), _sqlite(url, writes=False)


def _sqlite(url: str, *, writes: bool) -> sa.Engine:
    engine = sa.create_engine(
        url,
        pool_size=1 if writes else N_READERS,
        max_overflow=0 if writes else 2 * N_READERS,
        connect_args={"check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below
        pragmas = ["busy_timeout=10000", "foreign_keys=ON", "trusted_schema=OFF"]
        pragmas += ["journal_mode=WAL", "synchronous=NORMAL"] if writes else ["wal_autocheckpoint=0", "query_only=1"]
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def prepare(connection: sa.Connection, where: str) -> None:
    """Make the tables of an empty database.

    Args:
        connection: that writes.
        where: the database, as messages name it.

    Raises:
        StoreError: the database was made by another version; it is left as it is.
    """
    version = None
    if sa.inspect(connection).has_table(schema.name):
        version = connection.execute(sa.select(schema.c.version).with_for_update()).scalar()
    if version is not None and version != SCHEMA_VERSION:
        age, remedy = ("a newer", "update it") if version > SCHEMA_VERSION else ("an older", "move it away")
        raise StoreError(
            f"The run store at {where} was made by {age} Mixwright (schema {version}, this one knows "
            f"{SCHEMA_VERSION}): {remedy}, or set MIXWRIGHT_HOME to another folder."
        )
    metadata.create_all(connection)
    if version is None:
        connection.execute(sa.insert(schema).values(version=SCHEMA_VERSION))


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def in_utc(time: datetime | None) -> datetime | None:
    """A stored time with its zone, which SQLite forgets."""
    return time if time is None or time.tzinfo else time.replace(tzinfo=UTC)
