"""Several methods on one problem at equal evaluations: what each finds, and what it takes."""

from services.contest.run import Task, contest_seconds, distinct_rows, refusal, remark, run_contest
from services.contest.spec import ContestResult, ContestSpec, Entry, LeftOut

__all__ = [
    "ContestResult",
    "ContestSpec",
    "Entry",
    "LeftOut",
    "Task",
    "contest_seconds",
    "distinct_rows",
    "refusal",
    "remark",
    "run_contest",
]
