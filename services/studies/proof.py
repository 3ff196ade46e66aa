"""How much better any candidate could be than the results of a run: from specification to proven limit."""

from collections.abc import Callable
from dataclasses import fields

import numpy as np
from pydantic import Field
from threadpoolctl import threadpool_limits

from models import EnsemblePredictor, Predictor
from models.networks.relu_layers import relu_layers
from optimizer import Candidates, Goal, Problem, SpaceError
from optimizer.proof import Proof, ProofEnd, ProofLimits, ProofProgress, ReluNetwork, prove
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem, has_more_outcomes
from services.results.report import objective_words
from services.specs.base import Spec
from services.specs.results import ResultDocument, RunResult
from services.specs.run import RunSpec


class ProofSpec(Spec):
    """What is to be proven, and how far.

    Attributes:
        known: its results, each a setting of all features with categories as codes.
        percent: a gap of this share of the best known objective is small enough.
        seconds: after which the proof ends with the gap it has reached.
    """

    version: int = 1
    run: RunSpec
    known: tuple[tuple[float, ...], ...] = ()
    percent: float = Field(default=0.01, gt=0)
    seconds: float | None = Field(default=60.0, gt=0)

    @classmethod
    def of(cls, result: RunResult) -> "ProofSpec":
        """The proof of a run's results."""
        return cls(run=result.spec, known=result.results.X)


class ProofStep(ResultDocument):
    """How far a proof is, in the objective's unit.

    Attributes:
        limit: no candidate is better, counting what penalties take off; None before the first bound.
        best: the best known candidate, counting the same; None where none is known.
        gap: between the two; None where one of them is not known.
        percent: the gap as a share of the best, or of the value to come near to.
        boxes: parts of the space that were bounded.
        open_boxes: parts that may still hold something better.
    """

    limit: float | None
    best: float | None
    gap: float | None
    percent: float | None
    boxes: int
    open_boxes: int
    seconds: float


class ProofResult(ResultDocument):
    """What was proven of a run.

    Attributes:
        last: how far the proof came.
        unit: of limit, best and gap.
        best: the best known candidate, categories as codes; empty where none is known.
        best_outcome: its objective, without what penalties take off.
        best_result: the best of the run's results, counting that; None without results. Caution is left out of limit,
            best and best_result alike (see ``relaxed``).
        number: of that result, counted from 1; 0 without results.
        is_better_found: whether the proof itself came upon a candidate that is better than every result, with caution
            and as plausible as was asked for.
        relaxed: what the bound leaves out, in words; it stays true, but is wider than it had to be.
    """

    version: int = 1
    last: ProofStep
    is_proven: bool
    end: ProofEnd
    unit: str
    best: tuple[float, ...]
    best_outcome: float | None
    best_result: float | None
    number: int
    is_better_found: bool
    relaxed: tuple[str, ...]
    sentence: str


def relu_network(predictor: Predictor) -> ReluNetwork:
    """A predictor as the arrays that a proof reasons about.

    Raises:
        SpaceError: it is no network of dense ReLU layers.
    """
    if not isinstance(predictor, EnsemblePredictor):
        raise SpaceError("A proof needs a trained network with ReLU layers; a known function has none: choose a model.")
    try:
        layers = relu_layers(predictor)
    except ValueError as error:
        raise SpaceError(
            f"A proof is offered for networks of dense ReLU layers only: {error} Train a model on the Model page to "
            "get one that can be proven."
        ) from None
    return ReluNetwork(**{field.name: getattr(layers, field.name) for field in fields(layers)})


def proof_refusal(run: RunSpec) -> str:
    """Why nothing can be proven of a run, whatever its model; "" where something may be."""
    if not has_more_outcomes(run):
        return ""
    return (
        "A proof bounds one outcome by its network, and this run has several outcomes, or limits of one: it is offered "
        "for runs with one outcome and no limits."
    )


def run_proof(
    spec: ProofSpec,
    model_data: ModelWithData,
    *,
    on_step: Callable[[ProofStep], None] = lambda step: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ProofResult:
    """How much better than the best known candidate any candidate of a run could be.

    ``on_step`` is called after every batch of boxes; a stop before the next one keeps the gap that was reached.

    Raises:
        SpaceError: the model cannot be proven, or the specification does not fit together.
        DatasetError: the specification and the table do not fit together.
    """
    if refused := proof_refusal(spec.run):
        raise SpaceError(refused)
    problem = build_problem(spec.run, model_data)
    known = np.array(spec.known, dtype=float).reshape(len(spec.known), problem.space.n_features)
    share, objective = spec.percent / 100, problem.objective
    limits = ProofLimits(share=share, seconds=spec.seconds)
    if objective.goal is Goal.VALUE:  # near to a value, the gap is measured against that value
        size = abs(objective.value or 0.0) or objective.scale
        limits = ProofLimits(tolerance=share * size / objective.scale, share=0.0, seconds=spec.seconds)
    with threadpool_limits(limits=1):
        proof = prove(
            problem,
            relu_network(model_data.predictor),
            known=known if len(known) else None,
            limits=limits,
            on_progress=lambda progress: on_step(step_of(progress, problem)),
            should_stop=should_stop,
        )
    return _result(proof, problem, known, objective_words(spec.run, model_data)[1])


def step_of(progress: ProofProgress, problem: Problem) -> ProofStep:
    """Progress in the objective's unit; near to a value, limit and best are distances from it."""
    objective, factor = problem.objective, _factor(problem)
    limit, best = _finite(progress.bound * factor), _finite(progress.best * factor)
    gap = percent = None
    if limit is not None and best is not None:
        gap = progress.gap * objective.scale
        size = abs(objective.value or 0.0) if objective.goal is Goal.VALUE else abs(best)
        percent = 100 * gap / size if size else None
    n_boxes, n_open, seconds = progress.n_boxes, progress.n_open, progress.seconds
    return ProofStep(
        limit=limit, best=best, gap=gap, percent=percent, boxes=n_boxes, open_boxes=n_open, seconds=seconds
    )


def _factor(problem: Problem) -> float:
    """What turns scores into the objective's unit."""
    return problem.objective.scale * (-1 if problem.objective.goal is Goal.MAXIMUM else 1)


def _finite(value: float) -> float | None:
    return float(value) + 0.0 if np.isfinite(value) else None


def _result(proof: Proof, problem: Problem, known: np.ndarray, unit: str) -> ProofResult:
    """The document of a proof."""
    number, best_result = 0, None
    if len(known):
        scores = problem.with_penalties_only().evaluate(known).scores  # as the proof judges
        number, best_result = int(scores.argmin()) + 1, _finite(scores.min() * _factor(problem))
    result = ProofResult(
        last=step_of(proof.progress, problem),
        is_proven=proof.end is ProofEnd.PROVEN,
        end=proof.end,
        unit=unit,
        best=tuple(proof.best.X[0].tolist()) if len(proof.best) else (),
        best_outcome=float(proof.best.outcomes[0]) if len(proof.best) else None,
        best_result=best_result,
        number=number,
        is_better_found=_is_better(problem, proof.best, known),
        relaxed=proof.relaxed,
        sentence="",
    )
    return result.model_copy(update={"sentence": sentence(result, problem)})


def _is_better(problem: Problem, best: Candidates, known: np.ndarray) -> bool:
    """Whether the best that a proof came upon beats all results (k, d), with all that the run asks for."""
    allowed = problem.passing(best)
    if not len(allowed) or not len(known):
        return len(allowed) > 0
    found, reached = problem.evaluate(allowed.X).scores.min(), problem.evaluate(known).scores.min()
    return bool(reached > found + 1e-9 * max(1.0, abs(found)))


def sentence(result: ProofResult, problem: Problem) -> str:
    """What was proven, in words."""
    last = result.last
    if last.limit is None or last.best is None:
        return f"{'No candidate is known' if last.best is None else 'There is no limit yet'}, so nothing is proven."
    reference, who = last.best, "the best that the proof came upon"
    if result.best_result is not None:
        reference, who = result.best_result, f"result {result.number}"
    is_near = problem.objective.goal is Goal.VALUE
    unit = f" {result.unit}" if result.unit else ""

    def amount(value: float) -> str:
        is_share = not is_near and reference != 0
        return f"{rounded_up(100 * abs(value / reference))} %" if is_share else f"{rounded_up(abs(value))}{unit}"

    how = "come more than {} nearer to the value than" if is_near else "be more than {} better than"
    within = "these bounds and rules" if problem.space.constraints else "these bounds"
    asked = " as plausible as was asked for" if problem.gate is not None else ""
    counting = ", counting what penalties take off" if problem.penalties else ""
    said = f"No candidate{asked} within {within} can {how.format(amount(last.limit - reference))} {who}{counting}."
    if result.best_result is not None and result.is_better_found:
        found = f"{amount(last.best - reference)} {'nearer' if is_near else 'better'}"
        said += f" The proof itself came upon one that is {found}."
    return said


def rounded_up(value: float) -> str:
    """A number above 0 with two digits, rounded up so that what is said stays proven."""
    if value <= 0:
        return "0"
    unit = 10.0 ** (np.floor(np.log10(value)) - 1)
    return f"{np.ceil(value / unit - 1e-6) * unit:.3g}"
