"""What a sandboxed process may take; standard library only, for the child imports it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one child process.

    Attributes:
        memory: bytes of address space.
        cpu_seconds: whole seconds of processor time.
        wall_seconds: after which it is killed, whatever it does.
        answer: bytes that it may send back.
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
            if number is None or limit is None:
                continue
            try:
                resource.setrlimit(number, (limit, limit))
            except (ValueError, OSError):  # a lower limit is set already, or macOS knows the name only
                continue
