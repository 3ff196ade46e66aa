"""The run store's tables and its connections."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
)

from services.jobs.store.job import StoreError

SCHEMA_VERSION = 2
N_READERS = 5

metadata = MetaData()
jobs = Table(  # a column's ``key`` is its name in code where that in the database is an older one
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("spec", Text, nullable=False),
    Column("error", Text, nullable=False, default=""),
    Column("phase", String(200), key="progress", nullable=False, default=""),
    Column("n_chunks", Integer, key="n_pieces", nullable=False, default=0),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Column("server", String(40)),
    Column("heartbeat_at", DateTime(timezone=True)),
    # from here on what lists of runs show, search and sort by
    Column("note", Text, nullable=False, default="", server_default=""),
    Column("story", String(40), nullable=False, default="", server_default=""),
    Column("deleted_at", DateTime(timezone=True)),
    Column("words", Text, nullable=False, default="", server_default=""),
    Column("dataset", String(200), nullable=False, default="", server_default=""),
    Column("model", String(200), nullable=False, default="", server_default=""),
    Column("goal", String(200), nullable=False, default="", server_default=""),
    Column("best", Float),
    Column("unit", String(100), nullable=False, default="", server_default=""),
    Column("n_results", Integer),
    Column("seconds", Float),
)
outputs = Table(  # apart from the jobs, as a list of these would read past every result otherwise
    "outputs",
    metadata,
    Column("job", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("result", Text),
    Column("artifact", LargeBinary),
)
attachments = Table(
    "papers",
    metadata,
    Column("job", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("text", Text, nullable=False),
)
pieces = Table(
    "chunks",
    metadata,
    Column("job", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
)
schema = Table("schema_version", metadata, Column("version", Integer, primary_key=True))


def connect(url: str) -> tuple[Engine, Engine]:
    """The one engine that writes and the one that reads.

    SQLite is used in WAL mode, and only ever written through one connection: its versions before 3.51.3 may lose data
    when two connections write and checkpoint at the same moment.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True), create_engine(url, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return _sqlite(url, writes=True), _sqlite(url, writes=False)


def _sqlite(url: str, *, writes: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=1 if writes else N_READERS,
        max_overflow=0 if writes else 2 * N_READERS,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below
        pragmas = ["busy_timeout=10000", "foreign_keys=ON", "trusted_schema=OFF"]
        pragmas += ["journal_mode=WAL", "synchronous=NORMAL"] if writes else ["wal_autocheckpoint=0", "query_only=1"]
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def prepare(connection: Connection, where: str) -> None:
    """Make the tables of an empty database.

    Args:
        connection: that writes.
        where: the database, as messages name it.

    Raises:
        StoreError: the database was made by another version; it is left as it is.
    """
    version = None
    if inspect(connection).has_table(schema.name):
        version = connection.execute(select(schema.c.version).with_for_update()).scalar()
    if version is not None and version != SCHEMA_VERSION:
        age, remedy = ("a newer", "update it") if version > SCHEMA_VERSION else ("an older", "move it away")
        raise StoreError(
            f"The run store at {where} was made by {age} Mixwright (schema {version}, this one knows "
            f"{SCHEMA_VERSION}): {remedy}, or set MIXWRIGHT_HOME to another folder."
        )
    metadata.create_all(connection)
    if version is None:
        connection.execute(insert(schema).values(version=SCHEMA_VERSION))


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def in_utc(time: datetime | None) -> datetime | None:
    """A stored time with its zone, which SQLite forgets."""
    return time if time is None or time.tzinfo else time.replace(tzinfo=UTC)
