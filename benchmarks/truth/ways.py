"""The ways of searching that are compared: the positions of the dial, and single measures alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.truth.asking import Answer, Table
from models import TrainedModel
from services.problems.extrapolation import DEFAULT_BOLDNESS, POSITIONS, Boldness, with_boldness
from services.specs.run import DistanceSpec, RunSpec
from services.trust import TrustSpec, search_with


@dataclass(frozen=True, slots=True)
class Way:
    """One way of searching.

    Attributes:
        title: of its table.
        revise: turns the run of the app's defaults into that of this way.
    """

    title: str
    revise: Callable[[RunSpec], RunSpec]


def _dial(boldness: Boldness) -> Way:
    default = " (default)" if boldness is DEFAULT_BOLDNESS else ""
    return Way(
        f"the dial at “{POSITIONS[boldness].label}”{default}",
        lambda run: with_boldness(run, boldness, has_confidence=True),
    )


def _plain(run: RunSpec) -> RunSpec:
    """Return a run without any realism but that of the recorded ranges."""
    return run.revised(plausibility=None, caution=0.0, density=None)


DEFAULT_WAY = str(DEFAULT_BOLDNESS)
WAYS: dict[str, Way] = {str(boldness): _dial(boldness) for boldness in Boldness} | {
    "plain": Way("plain, without any realism", _plain),
    "distance": Way("distance penalty alone", lambda run: _plain(run).revised(distance=DistanceSpec())),
    "caution": Way("caution 2 alone", lambda run: _plain(run).revised(caution=2.0)),
}


def answers(table: Table, model: TrainedModel, seed: int, ways: Sequence[str]) -> dict[str, Answer]:
    """Return what the true function says of the results of every way, with one model."""
    given = {}
    for way in ways:
        found = search_with(model, table.dataset, TrustSpec(seed=seed), revise=WAYS[way].revise)
        given[way] = Answer.of(table, found.X, found.predicted, found.low, found.high)
    return given
