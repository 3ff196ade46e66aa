"""Runs and trainings as jobs: a row in the run store and a worker process, never part of a browser session."""

from services.runs.store import Job, JobKind, JobState, RunStore, StoreError
from services.runs.supervisor import Supervisor

__all__ = ["Job", "JobKind", "JobState", "RunStore", "StoreError", "Supervisor"]
