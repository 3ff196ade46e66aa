"""A run in a list, in words."""

import math

from services.jobs import JobKind, JobState, RunRow
from services.specs.digits import common_decimals, counted, number_words

KIND_WORDS = {
    JobKind.SEARCH: "Searches",
    JobKind.TUNE: "Tunings",
    JobKind.METHODS: "Methods compared",
    JobKind.TRAINING: "Trainings",
    JobKind.QUALITY: "Quality checks",
}
"""The kinds of jobs that are listed, as lists are called."""

STATE_WORDS = {
    JobState.QUEUED: "Queued",
    JobState.RUNNING: "Running",
    JobState.DONE: "Done",
    JobState.FAILED: "Failed",
    JobState.CANCELLED: "Stopped",
    JobState.INTERRUPTED: "Interrupted",
}


def span_words(seconds: float) -> str:
    """How long something took, such as "< 0.1 s", "0.4 s", "12 s", "1 min 05 s" or "2 h 10 min"."""
    if seconds < 0.1:
        return "< 0.1 s"
    if seconds < 10:
        return f"{math.floor(10 * seconds) / 10:.1f} s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def best_words(run: RunRow) -> str:
    """The best outcome with meaningful digits, without its unit, or "" where there is none; of a front, what it has."""
    if run.is_front:
        return f"{counted(run.n_results, 'result')} on a {run.goal[0].lower()}{run.goal[1:]}" if run.n_results else ""
    return "" if run.best is None else number_words(run.best, common_decimals([run.best]))


def run_title(run: RunRow) -> str:
    """What a run is called in a list; quality checks are kept under digests that say nothing to people."""
    return f"Quality of {run.model}" if run.kind is JobKind.QUALITY and run.model else run.name


def state_detail(run: RunRow) -> str:
    """What there is to add to a run's state: what it is doing now, or why it ended; "" for nothing."""
    if run.state is JobState.RUNNING:
        return run.progress or "Starting"
    if run.state is JobState.CANCELLED:
        return run.error or ("What it had found is kept" if run.n_results else "Before it found anything")
    return run.error
