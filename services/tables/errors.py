"""The one error that every step from file to dataset raises."""

from services.errors import UserError


class TableError(UserError, ValueError):
    """A file or a table cannot be used; the text says what was expected, what came and how to mend it."""
