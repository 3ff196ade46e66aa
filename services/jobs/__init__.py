"""Runs and trainings as jobs: a row in the run store and a worker process, never part of a browser session."""

from services.jobs.store.job import Job, JobKind, JobState, StoreError
from services.jobs.store.listing import RunChoices, RunFilter, RunOrder, RunPage, RunRow
from services.jobs.store.store import RunStore
from services.jobs.workers.supervisor import Supervisor
