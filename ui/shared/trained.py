"""The trainings that a session watches, and their models, which are saved and used as soon as they are there."""

from collections.abc import Mapping

from models import Dataset, ModelCard, ModelStoreError, TrainingError
from services.jobs import Job, JobState
from services.papers.measured.extending import free_name
from services.specs.outcomes import ModelRef
from services.studies.training import TrainingSpec
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown

_MAX_NAME, _OF_OUTCOME = 50, 30
"""Characters of a name that `free_name` keeps, and how many of them may tell the outcome."""


def trainings_of(session: AppSession, dataset: Dataset) -> dict[str, Job]:
    """The trainings that are shown, by the outcome of this table that each learns, in the table's order."""
    if not session.training_ids:
        return {}
    jobs = [job for job_id in session.training_ids if (job := cache.job(job_id)) is not None]
    by_rows = {TrainingSpec.model_validate_json(job.spec).dataset.digest: job for job in jobs}
    rows = cache.outcome_rows(dataset)
    return {name: by_rows[own.digest] for name, own in rows.items() if own.digest in by_rows}


def use_trained(session: AppSession, dataset: Dataset, jobs: Mapping[str, Job]) -> None:
    """Save the models of trainings that have ended, under free names, and use them; once, then others may be chosen."""
    for outcome, job in jobs.items():
        if not job.state.is_final or job.id in session.adopted_ids:
            continue
        session.adopted_ids |= {job.id}
        card = cache.trained_card(job.id)
        if card is not None and job.state in (JobState.DONE, JobState.CANCELLED):
            with errors_shown():
                frame.take_model(session, dataset, kept_model(job, card, model_name(dataset, outcome)))


def model_name(dataset: Dataset, outcome: str) -> str:
    """What the model of an outcome is called: as its table and, of several outcomes, as the outcome."""
    if not dataset.other_outcomes:
        return dataset.name
    outcome = outcome[:_OF_OUTCOME]
    return f"{dataset.name[: _MAX_NAME - len(outcome) - 1].strip()} {outcome}"


def kept_model(job: Job, card: ModelCard, wanted: str) -> ModelRef:
    """The saved model of a training: the one that was saved before, whatever it is called by now, or a new one.

    Raises:
        TrainingError: the training kept no model.
    """
    runs, models = cache.supervisor().store, cache.catalog().models
    saved = None

    def keep(digest: str | None) -> str:
        nonlocal saved
        try:
            saved = models.find(digest or "")
        except ModelStoreError:
            artifact = runs.artifact(job.id)
            if artifact is None:
                raise TrainingError("The training kept no model: train again.") from None
            saved = models.save(free_name(wanted, models.names()), artifact, card)
        return saved.digest

    runs.change_attachment(job.id, "model", keep)
    assert saved is not None
    return ModelRef(name=saved.name, digest=saved.digest)
