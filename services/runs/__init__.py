"""Runs and trainings as jobs: a row in the run store and a worker process, never part of a browser session."""

from services.runs.job import Job, JobKind, JobState, StoreError
from services.runs.listing import RunChoices, RunFilter, RunOrder, RunPage, RunRow
from services.runs.store import RunStore
from services.runs.supervisor import Supervisor

__all__ = [
    "Job",
    "JobKind",
    "JobState",
    "RunChoices",
    "RunFilter",
    "RunOrder",
    "RunPage",
    "RunRow",
    "RunStore",
    "StoreError",
    "Supervisor",
]
