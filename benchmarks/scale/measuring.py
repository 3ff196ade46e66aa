"""Measuring in a process of its own: the time that something takes, and the memory."""

import multiprocessing
import resource
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.scale.costs import Cost
from benchmarks.timing import seconds

REPEATS = 7
ENOUGH_SECONDS = 4.0  # after which nothing is measured again
BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024  # of the resident size that the system reports


@dataclass(frozen=True, slots=True)
class Measured:
    """One size, measured.

    Attributes:
        size: what grows.
        cost: outside the evaluation of candidates.
        megabytes: that the process grew by at most.
    """

    size: int
    cost: Cost
    megabytes: float


def measure_apart(costs: Callable[[int], Cost], size: int) -> Measured:
    """Return what a size costs, measured in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.scale.costs"])
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(measure, costs, size).result()


def measure(costs: Callable[[int], Cost], size: int) -> Measured:
    """Return what a size costs: the least of some times, for other work of the machine only adds."""
    taken: list[Cost] = []
    before = resident_megabytes()
    with threadpool_limits(limits=1):
        spent = 0.0
        while len(taken) < REPEATS and spent < ENOUGH_SECONDS:
            spent += seconds(lambda: taken.append(costs(size)))
    return Measured(size, min(taken, key=lambda cost: cost.seconds), resident_megabytes() - before)


def resident_megabytes() -> float:
    """Return the largest resident size of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_UNIT / 1e6


def exponent(measured: Sequence[Measured], n_last: int | None = None) -> float | None:
    """Return the power of its size that the cost grows by, over the last sizes or all; None of fewer than two."""
    last = measured[-n_last:] if n_last is not None else measured
    if len(last) < 2:
        return None
    logs = np.log([[each.size, each.cost.seconds] for each in last])
    return round(float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0]), 2)
