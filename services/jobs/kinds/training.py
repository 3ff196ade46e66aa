"""A training as a job: a TrainingSpec in, losses or words on the way, a model card and the model's own file out."""

import json
import time
from dataclasses import asdict
from typing import Any

from models import EpochRecord
from services.jobs.workers.job_context import JobContext
from services.problems.estimate import left_words
from services.processes import Throttle
from services.studies.training import TrainingSpec, run_training

SECONDS_PER_PIECE = 0.3


def warm_up() -> None:
    """Import TensorFlow, which takes 10 to 20 s, before anybody waits for it."""
    from models.keras.backend import load_backend

    load_backend()


def handle(spec_json: str, job_context: JobContext) -> tuple[str, bytes]:
    """Train, and return the model's card as JSON and its own file."""
    spec = TrainingSpec.model_validate_json(spec_json)
    job_context.set_progress("Preparing")
    waiting: list[dict[str, Any]] = []
    pieces, words = Throttle(SECONDS_PER_PIECE), Throttle(SECONDS_PER_PIECE)
    began_at = 0.0

    def note_epoch(record: EpochRecord) -> None:
        nonlocal began_at
        if record.epoch == 1:
            began_at = time.monotonic()
            job_context.set_progress("Training")
        waiting.append(asdict(record))
        if pieces.is_due():
            if spec.epochs > record.epoch > 1:
                job_context.set_progress(_epoch_words(record.epoch, spec.epochs, time.monotonic() - began_at))
            flush()

    def flush() -> None:
        if waiting:
            job_context.add_piece(json.dumps(waiting).encode())
            waiting.clear()

    def report(step: str, share: float) -> None:
        if share in (0, 1):
            words.reset()
        if words.is_due():
            job_context.set_progress(f"{spec.family.words.label}: {step}")

    dataset = job_context.catalog.dataset(spec.dataset)
    trained = run_training(spec, dataset, on_epoch=note_epoch, on_progress=report, should_stop=job_context.should_stop)
    flush()
    return trained.card.model_dump_json(), trained.artifact


def _epoch_words(epoch: int, n_epochs: int, seconds: float) -> str:
    left = left_words(epoch / n_epochs, seconds)
    return f"Training, epoch {epoch:,} of at most {n_epochs:,}" + (f", at most {left}" if left else "")


def epochs_of(pieces: list[bytes]) -> list[EpochRecord]:
    """The epochs that the pieces of a training's trace hold, in order."""
    return [EpochRecord(**record) for piece in pieces for record in json.loads(piece)]
