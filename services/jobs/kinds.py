"""What every kind of job does: a specification in, messages on the way, a result out.

A handler takes the specification as JSON and the context of the job, and gives the result as JSON and the file that the
job made, or None. The kinds and their handlers are listed at the end.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from models import EpochRecord, Family
from models.cards.card import FamilyScore
from models.cards.mapping import Mapping
from models.keras.backend import backend_versions
from models.keras.operator_model import KerasModelFile
from optimizer import Decision, FrontProblem, Generation, Hooks, Problem
from services.intake.uploads.upload import evaluated_card
from services.jobs.store.job import JobKind
from services.jobs.workers.job_context import JobContext
from services.jobs.workers.messages import Salvage
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem, build_space
from services.problems.estimate import SEARCH_SHARE, estimate_seconds, left_words, time_evaluation
from services.problems.projection import MapProjection
from services.processes import Throttle
from services.results.search import COMPARING, CONCLUDING, DRAWING, run_spec, salvage
from services.specs.base import Spec
from services.specs.results import RunResult
from services.specs.run import DatasetRef, RunSpec
from services.studies.compare.methods import (
    METHOD_NAMES,
    ComparisonResult,
    ComparisonSpec,
    Entry,
    LeftOut,
    Task,
    run_comparison,
)
from services.studies.proof import ProofSpec, ProofStep, run_proof
from services.studies.quality.check import estimate_seconds as quality_seconds, run_quality
from services.studies.quality.report import QualitySpec
from services.studies.training import CALIBRATING, JUDGING, TrainingSpec, run_training, training_seconds
from services.studies.tune import TuneFailure, TunePoint, TuneResult, TuneSpec, run_tune, setting_words, tune_seconds

Handler = Callable[[str, JobContext], tuple[str, bytes | None]]

SEARCHING, PAUSED = "Searching", "Paused"

_STEPS = {CONCLUDING: (SEARCH_SHARE, 1.0), COMPARING: (0.55, 0.8), DRAWING: (0.8, 1.0)}
"""Which part of a run the steps after its search are, about: until its results are there, then of the whole."""

_COMPARED: TypeAdapter[Entry | LeftOut] = TypeAdapter(Entry | LeftOut)
_TUNED: TypeAdapter[TunePoint | TuneFailure] = TypeAdapter(TunePoint | TuneFailure)


def search(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Run a RunSpec: trace pieces on the way, a RunResult out."""
    spec = RunSpec.model_validate_json(spec_json)
    model_data = job_context.catalog.model_data(spec)
    if model_data.is_deferred:
        job_context.set_progress("Loading TensorFlow for the operator's model")
        model_data = model_data.loaded()
    job_context.set_progress(SEARCHING)

    @cache
    def projection() -> MapProjection:
        return MapProjection.of_table(model_data.dataset, build_space(spec, model_data.dataset), spec.swept)

    n_goals = sum(outcome.goal is not None for outcome in spec.outcomes)
    recorder = Recorder(job_context.add_piece, projection, n_goals)

    def note_problem(problem: Problem | FrontProblem) -> None:
        job_context.expect(estimate_seconds(spec, time_evaluation(problem, spec.method)))

    steps = Throttle(0.4)

    def note_step(words: str, share: float) -> None:
        if steps.is_due(words):
            start, end = _STEPS[words]
            job_context.set_progress(f"{words}, {100 * (start + share * (end - start)):.0f} %")

    def decide(generation: int) -> tuple[Decision, ...]:
        if job_context.is_paused:
            recorder.send()  # the page shows all that was found while the search waits
            job_context.set_progress(PAUSED)
            job_context.wait()
            job_context.set_progress(SEARCHING)
        return job_context.decisions(generation)

    hooks = Hooks(recorder.note, job_context.should_stop, decide)

    def note_result(result: RunResult) -> None:
        if not job_context.should_stop():  # a search that was stopped ends with what it has
            job_context.show_result(result.model_dump_json())

    report = run_spec(
        spec,
        model_data,
        hooks,
        on_built=note_problem,
        on_searched=recorder.send,
        on_step=note_step,
        on_result=note_result,
    )
    return report.result.model_dump_json(), None


def salvage_search(message: Salvage, job_context: JobContext) -> tuple[str, None]:
    """Choose the results of a search whose own worker was ended by force."""
    spec = RunSpec.model_validate_json(message.spec)
    piece = TracePiece.joined([TracePiece.from_bytes(payload) for payload in message.pieces])
    model_data = job_context.catalog.model_data(spec)
    result = salvage(spec, model_data, piece.events, piece.generations, message.seconds, piece.decisions)
    return result.model_dump_json(), None


class Recorder:
    """Sends generations on in pieces: the first at once, then a few times a second.

    Args:
        add_piece: takes the pieces.
        projection: gives the map on which the Gaussians of lineages are kept.
        n_goals: of the run.
    """

    def __init__(
        self, add_piece: Callable[[bytes], None], projection: Callable[[], MapProjection], n_goals: int = 1
    ) -> None:
        self._add_piece = add_piece
        self._projection = projection
        self._n_goals = n_goals
        self._waiting: list[Generation] = []
        self._throttle = Throttle(0.2)

    def note(self, generation: Generation) -> None:
        """Keep a generation, and send what waits when it is time."""
        self._waiting.append(generation)
        if self._throttle.is_due():
            self.send()

    def send(self) -> None:
        """Send what waits."""
        if self._waiting:
            n_features = self._waiting[0].bests.X.shape[1]
            self._add_piece(TracePiece.of(self._waiting, n_features, self._projection, self._n_goals).to_bytes())
            self._waiting = []


_COMPARING = 0.3  # share of the time of an automatic training before its intervals are learned, at 100 to 1,030 rows


def train(spec_json: str, job_context: JobContext) -> tuple[str, bytes]:
    """Train by a TrainingSpec: losses or words on the way, a model card and the model's own file out."""
    spec = TrainingSpec.model_validate_json(spec_json)
    job_context.set_progress("Preparing")
    waiting: list[dict[str, Any]] = []
    pieces, words = Throttle(0.3), Throttle(0.3)
    began_at, started_at = 0.0, time.monotonic()

    def note_epoch(record: EpochRecord) -> None:
        nonlocal began_at
        if record.epoch == 1:
            began_at = time.monotonic()
            job_context.set_progress("Training")
        waiting.append(asdict(record))
        if pieces.is_due():
            if spec.epochs > record.epoch > 1:
                left = left_words(record.epoch / spec.epochs, time.monotonic() - began_at)
                epoch = f"Training, epoch {record.epoch:,} of at most {spec.epochs:,}"
                job_context.set_progress(epoch + (f", at most {left}" if left else ""))
            flush()

    def flush() -> None:
        if waiting:
            job_context.add_piece(json.dumps(waiting).encode())
            waiting.clear()

    def report(step: str, share: float) -> None:
        if share in (0, 1):
            words.reset()
        if words.is_due():
            done = left = ""
            if spec.family is Family.AUTOMATIC:
                is_last = step == CALIBRATING
                whole = _COMPARING + (1 - _COMPARING) * share if is_last else _COMPARING * share
                whole = _COMPARING if step == JUDGING else whole  # short, and of small tables alone
                done, left = f", {100 * whole:.0f} %", left_words(whole, time.monotonic() - started_at)
            job_context.set_progress(f"{spec.family.words.label}{done}: {step}" + (f"; {left}" if left else ""))

    def note_score(score: FamilyScore) -> None:
        job_context.add_piece(score.model_dump_json().encode())

    dataset = job_context.catalog.dataset(spec.dataset)
    job_context.expect(training_seconds(spec, dataset.n_rows))
    trained = run_training(
        spec,
        dataset,
        on_epoch=note_epoch,
        on_progress=report,
        on_score=note_score,
        should_stop=job_context.should_stop,
    )
    flush()
    return trained.card.model_dump_json(), trained.artifact


def share_done(progress: str) -> float | None:
    """Which share of a job is done, 0 to 1, by what it says; None where it does not.

    It says so as "Making results, 80 %", or by its epochs, trees or parts: "40 of at most 300".
    """
    if found := re.match(r"[^:;]*, (\d+) %", progress):
        return int(found[1]) / 100
    if counted := re.search(r"([\d,]+) of (?:at most )?([\d,]+)", progress):
        done, of = (int(number.replace(",", "")) for number in counted.groups())
        return min(done / max(of, 1), 1.0)
    return None


def epochs_of(pieces: list[bytes]) -> list[EpochRecord]:
    """The epochs that the pieces of a training's trace hold, in order."""
    read = map(json.loads, pieces)
    return [EpochRecord(**record) for piece in read if isinstance(piece, list) for record in piece]


def scores_of(pieces: list[bytes]) -> list[FamilyScore]:
    """The scores that the pieces of an automatic training's trace hold, in the order in which they became known."""
    return [FamilyScore.model_validate_json(piece) for piece in pieces if piece.startswith(b"{")]


def prove(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Prove by a ProofSpec: limit and best on the way, a ProofResult out; a stop keeps the limit that was reached."""
    spec = ProofSpec.model_validate_json(spec_json)
    job_context.set_progress("Proving")
    throttle = Throttle(0.3)

    def note(step: ProofStep) -> None:
        if throttle.is_due():
            job_context.add_piece(step.model_dump_json().encode())

    model_data = job_context.catalog.model_data(spec.run)
    result = run_proof(spec, model_data, on_step=note, should_stop=job_context.should_stop)
    return result.model_dump_json(), None


def steps_of(pieces: list[bytes]) -> list[ProofStep]:
    """How far a proof was, from time to time, in order."""
    return [ProofStep.model_validate_json(piece) for piece in pieces]


def tune(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Search at every setting of a TuneSpec: a point for each on the way, a TuneResult out; a stop keeps the points."""
    spec = TuneSpec.model_validate_json(spec_json)

    def words_of(weight: float) -> str:
        return f"searching with {setting_words(spec.dial, weight)}"

    job_context.set_progress(f"0 of {len(spec.weights)} done; {words_of(spec.weights[0])}")
    model_data, execution = job_context.catalog.model_data(spec.run), job_context.execution(words_of)
    if not model_data.is_deferred:
        seconds = time_evaluation(build_problem(spec.run, model_data), spec.run.method)
        job_context.expect(tune_seconds(spec, seconds, execution.n_processes))
    return run_tune(spec, model_data, execution).model_dump_json(), None


def tuned_so_far(spec_json: str, pieces: list[bytes]) -> TuneResult:
    """What a tuning has, whether it goes on, has ended, or was ended by force."""
    return TuneResult.of(TuneSpec.model_validate_json(spec_json), map(_TUNED.validate_json, pieces))


def compare_methods(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Search by every method of a ComparisonSpec: a piece a search, a ComparisonResult; a stop keeps what is done."""
    spec = ComparisonSpec.model_validate_json(spec_json)

    def words_of(task: Task) -> str:
        return f"searching by {METHOD_NAMES[task.method]}" + (f", seed {task.seed}" if spec.n_seeds > 1 else "")

    job_context.set_progress("Preparing")
    execution = job_context.execution(words_of)
    return run_comparison(spec, job_context.catalog.model_data(spec.run), execution).model_dump_json(), None


def compared_so_far(spec_json: str, pieces: list[bytes]) -> ComparisonResult:
    """What a comparison has, whether it goes on, has ended, or was ended by force."""
    return ComparisonResult.of(ComparisonSpec.model_validate_json(spec_json), map(_COMPARED.validate_json, pieces))


class JudgementSpec(Spec):
    """Which operator's model, how its inputs map to columns, and the rows to predict."""

    dataset: DatasetRef
    name: str
    mapping: Mapping


def judge(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Run an operator's model over the recorded rows, where TensorFlow may be: a JudgementSpec in, its card out."""
    spec = JudgementSpec.model_validate_json(spec_json)
    job_context.set_progress("Loading the model and asking it about the recorded rows")
    dataset = job_context.catalog.dataset(spec.dataset)
    file = job_context.catalog.operator.load(spec.name)
    encoding = spec.mapping.encoding_for(spec.mapping.rows_of(dataset))
    predictor = KerasModelFile(file.path, encoding).loaded()
    card = evaluated_card(spec.mapping, dataset, encoding.n_inputs, predictor.outputs, backend_versions())
    return card.model_dump_json(), None


def check_quality(spec_json: str, job_context: JobContext) -> tuple[str, None]:
    """Check a model by a QualitySpec: a QualityResult out, "" after a stop, for half a check says nothing."""
    spec = QualitySpec.model_validate_json(spec_json)
    throttle = Throttle(0.4)

    def report(words: str) -> None:
        if throttle.is_due(words.partition(":")[0]):
            job_context.set_progress(words)

    report("Preparing")
    catalog = job_context.catalog
    card = catalog.models.load_lazily(spec.model.name).card if spec.model.kind == "saved" else None
    job_context.expect(quality_seconds(spec, card, catalog.dataset(spec.dataset).n_rows))
    result = run_quality(spec, job_context.catalog, on_progress=report, should_stop=job_context.should_stop)
    return ("" if result is None else result.model_dump_json()), None


HANDLERS: dict[JobKind, Handler] = {
    JobKind.SEARCH: search,
    JobKind.TRAINING: train,
    JobKind.PROOF: prove,
    JobKind.TUNE: tune,
    JobKind.JUDGEMENT: judge,
    JobKind.QUALITY: check_quality,
    JobKind.METHODS: compare_methods,
}
