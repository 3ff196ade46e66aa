"""The training that a session watches, and its model, which is saved and used as soon as it is there."""

from models import Dataset, ModelCard, ModelStoreError, TrainingError
from services.jobs import Job, JobState
from services.papers.measured.extending import free_name
from services.specs.outcomes import ModelRef
from services.studies.training import TrainingSpec
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import errors_shown


def training_of(session: AppSession, dataset: Dataset) -> Job | None:
    """The training that is shown, if it is one of this table."""
    job = cache.job(session.training_id)
    if job is None or TrainingSpec.model_validate_json(job.spec).dataset.digest != dataset.digest:
        return None
    return job


def use_trained(session: AppSession, dataset: Dataset, job: Job | None) -> None:
    """Save the model of a training that has ended, under a free name, and use it; once, then others may be chosen."""
    if job is None or not job.state.is_final or session.adopted_id == job.id:
        return
    session.adopted_id = job.id
    card = cache.trained_card(job.id)
    if card is not None and job.state in (JobState.DONE, JobState.CANCELLED):
        with errors_shown():
            frame.take_model(session, dataset, _kept_model(job, card, dataset.name))


def _kept_model(job: Job, card: ModelCard, wanted: str) -> ModelRef:
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
