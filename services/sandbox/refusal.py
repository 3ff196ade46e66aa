"""How a sandboxed process says that it will not have a file; standard library only, for the child imports it."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How the child ended: with an answer, a refusal in words, out of memory or time, or over damaged bytes."""

    ANSWERED = 0
    REFUSED = 2
    EXHAUSTED = 3
    DAMAGED = 4


class Refusal(Exception):  # noqa: N818 - a plain answer, not a fault
    """The file is refused; the text is for the user."""
