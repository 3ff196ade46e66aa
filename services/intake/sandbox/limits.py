"""What a sandboxed process may take, and how it refuses a file.

Standard library only: the child imports it before anything else.
"""

import contextlib
from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one child process.

    Attributes:
        wall_seconds: after which it is killed, whatever it does.
        processes: processes and threads that its user may have in all, so that 0 lets it start none; None for no limit.
    """

    memory: int
    cpu_seconds: int
    wall_seconds: float
    answer: int
    processes: int | None = None

    def apply(self) -> None:
        """Cap the process that calls it, where the system knows such limits; it can write no file from then on."""
        try:
            import resource
        except ImportError:  # Windows
            return
        wanted = {
            "RLIMIT_AS": self.memory,
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_FSIZE": 0,
            "RLIMIT_CORE": 0,
            "RLIMIT_NPROC": self.processes,
        }
        for name, limit in wanted.items():
            number = getattr(resource, name, None)
            if number is not None and limit is not None:
                # not where a lower limit is set already, or macOS knows the name only
                with contextlib.suppress(ValueError, OSError):
                    resource.setrlimit(number, (limit, limit))


class ExitCode(IntEnum):
    """How the child ended: with an answer, a refusal in words, out of memory or time, or over damaged bytes."""

    ANSWERED = 0
    REFUSED = 2
    EXHAUSTED = 3
    DAMAGED = 4


class Refusal(Exception):  # noqa: N818 - a plain answer, not a fault
    """The file is refused; the text is for the user."""
