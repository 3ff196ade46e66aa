"""A training as a job: a TrainingSpec in, losses or words on the way, a model card and the model's own file out."""

import json
import time
from dataclasses import asdict
from typing import Any

from models import EpochRecord
from services.jobs.workers.job_context import JobContext
from services.problems.estimate import left_words
from services.studies.training import TrainingSpec, run_training

SECONDS_PER_CHUNK = 0.3


def warm_up() -> None:
    """Import TensorFlow, which takes 10 to 20 s, before anybody waits for it."""
    from models.keras.backend import load_backend

    load_backend()


def handle(spec_json: str, job_context: JobContext) -> tuple[str, bytes]:
    """Train, and return the model's card as JSON and its own file."""
    spec = TrainingSpec.model_validate_json(spec_json)
    job_context.set_phase("Preparing")
    waiting: list[dict[str, Any]] = []
    sent_at = told_at = began_at = 0.0

    def note(record: EpochRecord) -> None:
        nonlocal sent_at, waiting, began_at
        if record.epoch == 1:
            began_at = time.monotonic()
            job_context.set_phase("Training")
        waiting.append(asdict(record))
        if time.monotonic() - sent_at >= SECONDS_PER_CHUNK and spec.epochs > record.epoch > 1:
            job_context.set_phase(_epoch_words(record.epoch, spec.epochs, time.monotonic() - began_at))
        if time.monotonic() - sent_at >= SECONDS_PER_CHUNK:
            flush()

    def flush() -> None:
        nonlocal sent_at, waiting
        if waiting:
            job_context.add_chunk(json.dumps(waiting).encode())
        waiting, sent_at = [], time.monotonic()

    def tell(words: str, share: float) -> None:
        nonlocal told_at
        if share in (0, 1) or time.monotonic() - told_at >= SECONDS_PER_CHUNK:
            job_context.set_phase(f"{spec.family.words.label}: {words}")
            told_at = time.monotonic()

    dataset = job_context.catalog.dataset(spec.dataset)
    trained = run_training(spec, dataset, on_epoch=note, on_progress=tell, should_stop=job_context.should_stop)
    flush()
    return trained.card.model_dump_json(), trained.artifact


def _epoch_words(epoch: int, n_epochs: int, seconds: float) -> str:
    """Return how far a training is; it may well end early."""
    left = left_words(epoch / n_epochs, seconds)
    return f"Training, epoch {epoch:,} of at most {n_epochs:,}" + (f", at most {left}" if left else "")


def epochs_of(chunks: list[bytes]) -> list[EpochRecord]:
    """Return the epochs that the pieces of a training's trace tell of, in order."""
    return [EpochRecord(**record) for chunk in chunks for record in json.loads(chunk)]
