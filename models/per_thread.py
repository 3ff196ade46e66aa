"""What every thread has of its own, made when it first asks."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerThread(Generic[T]):
    """One thing for each thread that asks, such as work space that two must not write into at once.

    Args:
        make: makes it.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._kept = threading.local()

    def __call__(self) -> T:
        """Return what this thread has."""
        if not hasattr(self._kept, "made"):
            self._kept.made = self._make()
        return self._kept.made
