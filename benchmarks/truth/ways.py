"""The ways of searching that are compared: the positions of the dial, and single measures alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.truth.asking import Answer, Table
from models import TrainedModel
from services.problems.defaults import (
    DEFAULT_EXTRAPOLATION_LEVEL,
    LEVEL_SETTINGS,
    ExtrapolationLevel,
    with_extrapolation_level,
)
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


def _dial(extrapolation_level: ExtrapolationLevel) -> Way:
    default = " (default)" if extrapolation_level is DEFAULT_EXTRAPOLATION_LEVEL else ""
    return Way(
        f"the dial at “{LEVEL_SETTINGS[extrapolation_level].label}”{default}",
        lambda run: with_extrapolation_level(run, extrapolation_level, has_confidence=True),
    )


def _plain(run: RunSpec) -> RunSpec:
    """Return a run without any realism but that of the recorded ranges."""
    return run.revised(plausibility=None, risk_aversion=0.0, density=None)


DEFAULT_WAY = str(DEFAULT_EXTRAPOLATION_LEVEL)
WAYS: dict[str, Way] = {
    str(extrapolation_level): _dial(extrapolation_level) for extrapolation_level in ExtrapolationLevel
} | {
    "plain": Way("plain, without any realism", _plain),
    "distance": Way("distance penalty alone", lambda run: _plain(run).revised(distance=DistanceSpec())),
    "caution": Way("risk aversion 2 alone", lambda run: _plain(run).revised(risk_aversion=2.0)),
}


def answers(table: Table, model: TrainedModel, seed: int, ways: Sequence[str]) -> dict[str, Answer]:
    """Return what the true function says of the results of every way, with one model."""
    given = {}
    for way in ways:
        found = search_with(model, table.dataset, TrustSpec(seed=seed), revise=WAYS[way].revise)
        given[way] = Answer.of(table, found.X, found.predicted, found.low, found.high)
    return given
