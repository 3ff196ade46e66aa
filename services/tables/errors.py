"""The one error that every step from file to dataset raises."""


class TableError(ValueError):
    """A file or a table cannot be used; the text says what was expected, what came and how to mend it."""
