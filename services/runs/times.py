"""Times as the run store keeps them: in UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def in_utc(time: datetime | None) -> datetime | None:
    """Return a stored time with its zone, which SQLite forgets."""
    return time if time is None or time.tzinfo else time.replace(tzinfo=UTC)
