"""A run that goes on where another one ended, with a larger budget."""

import re
from collections.abc import Sequence

import numpy as np

from optimizer import is_steerable
from services.jobs import RunStore, StoreError
from services.jobs.workers.traces import TracePiece
from services.results.search import archive_and_living
from services.specs.results import RunResult
from services.specs.run import RunSpec

N_STARTS = 100  # settings that the new run begins from
N_SEEDS = 2**31
LONGEST = 180  # characters of a name before what says that it is continued: the run store holds 200


def continuation(store: RunStore, run_id: str, evaluations: int) -> RunSpec:
    """The run that begins from what another one found, with its own budget of evaluations.

    It has the other run's settings, so results of both compare; its seed is the next one, so that its random newcomers
    are not those that the other run knows already.

    Args:
        store: where the other run is kept.
        run_id: the other run, which has ended.
        evaluations: how many it may spend.

    Raises:
        StoreError: the other run is gone, found nothing to begin from, or its method takes no settings to begin at.
    """
    job = store.get(run_id)
    if job is None:
        raise StoreError(f"The run {run_id} is not in the run store any more: continue another one.")
    spec = RunSpec.model_validate_json(job.spec)
    if not is_steerable(spec.method.settings()):
        raise StoreError(
            f"The method '{spec.method.name}' cannot go on where another run ended: duplicate the run, and search by "
            "'niches' or 'lineages'."
        )
    result = RunResult.model_validate_json(job.result) if job.result else None
    starts = found_by(result, [TracePiece.from_bytes(piece) for piece in store.pieces(run_id)])
    if not starts:
        raise StoreError(f"The run '{job.name}' found nothing to begin from: search again with its settings instead.")
    grown = evaluations / spec.budget.evaluations
    seconds = None if spec.budget.seconds is None else spec.budget.seconds * max(1.0, grown)
    return spec.revised(
        name=continued_name(job.name),
        starts=starts,
        continues=run_id,
        decisions=(),
        seed=(spec.seed + 1) % N_SEEDS,
        budget=spec.budget.model_copy(update={"evaluations": evaluations, "seconds": seconds}),
    )


def found_by(result: RunResult | None, pieces: Sequence[TracePiece]) -> tuple[tuple[float, ...], ...]:
    """What a run found, each setting once: its results, then the bests of its lineages, the best first."""
    settings = [tuple(row) for row in result.results.X] if result is not None else []
    if pieces:
        archive, living = archive_and_living(TracePiece.joined(pieces).events)
        X, scores = np.vstack([archive.X, living.X]), np.concatenate([archive.scores, living.scores])
        order = np.argsort(scores, kind="stable")
        settings += [tuple(map(float, X[row])) for row in order if np.isfinite(scores[row])]
    return tuple(dict.fromkeys(settings))[:N_STARTS]


def continued_name(name: str) -> str:
    """A name that says what the run is: "A", "A, continued", "A, continued 2", and so on."""
    already = re.fullmatch(r"(.*), continued(?: (\d{1,6}))?", name, flags=re.DOTALL)
    if already is None:
        return f"{name[:LONGEST]}, continued"
    return f"{already[1][:LONGEST]}, continued {int(already[2] or 1) + 1}"
