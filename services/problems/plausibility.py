"""How plausible candidates and recorded rows are, by two measures, and the gate that results have to pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models import Dataset
from optimizer import Candidates, Feature, Plausibility, Problem, disagrees
from services.specs.run import PlausibilitySpec, RunSpec

PlausibilityFactory = Callable[[RunSpec, Dataset, Sequence[Feature]], Plausibility]
"""Gives the plausibility of candidates of a run: `build_plausibility`, or what keeps what that has built."""


def build_plausibility(spec: RunSpec, dataset: Dataset, features: Sequence[Feature]) -> Plausibility:
    """How plausible candidates of a run are; by the default measure where it says nothing of it.

    The sweep feature of a curve does not count; features that the run freezes do.

    Raises:
        SpaceError: no two recorded rows differ in what counts.
        DatasetError: a feature that is left out does not exist.
    """
    asked = spec.plausibility or PlausibilitySpec()
    columns = dataset.indices(spec.left_out(asked.left_out))
    return Plausibility.of_rows(dataset.X, features, measure=asked.measure, left_out=columns)


def plausibility_key(spec: RunSpec, dataset: Dataset) -> str:
    """What the plausibility of a run depends on: where this is the same, it is; bounds do not count."""
    asked = spec.plausibility or PlausibilitySpec()
    return f"{dataset.digest}|{asked.measure}|{sorted(spec.left_out(asked.left_out))}"


def gate_notes(problem: Problem, found: Candidates) -> tuple[str, ...]:
    """Why a search has no results although it found candidates ``found``, and how to mend it; else nothing."""
    found = found.take(np.isfinite(found.scores))
    if not problem.is_selective or not len(found) or problem.believable(found.X).any():
        return ()
    gate = problem.gate
    if gate is not None and not gate.passes(found.X).any():
        most = float(gate.plausibility.percent(found.X).max())
        refusal = (
            f"No candidate is plausible enough to be a result: of {len(found):,} that the search kept, the most "
            f"plausible reaches {most:.1f} %, and {gate.words} is asked for."
        )
        less = "ask for less plausibility"
    else:
        refusal = (
            f"No candidate is certain enough to be a result: of {len(found):,} that the search kept, none has a "
            f"prediction uncertain by at most {problem.uncertainty_limit:g} standard deviations of the objective."
        )
        less = "raise the extrapolation limit"
    # recorded rows that pass show that the bounds are not what is in the way
    starts = problem.passing_starts
    if starts is not None and problem.believable(problem.space.repair(starts[:1])).any():
        advice = "Recorded rows within the bounds do reach it: give the search more evaluations, or another method."
    else:
        advice = (
            "No recorded row that is moved into these bounds and rules reaches it either: widen the bounds towards "
            f"what was recorded, or {less}."
        )
    return (f"{refusal} {advice}",)


class Judgement(NamedTuple):
    """How plausible settings are.

    Attributes:
        plausibility: (n,) by the measure of the run, in %.
        second_check: (n,) by another, in %.
        disagrees: (n,) whether the two say different things.
    """

    plausibility: np.ndarray
    second_check: np.ndarray
    disagrees: np.ndarray

    @property
    def fields(self) -> dict[str, object]:
        """The same as the fields of a set of results."""
        return {name: tuple(values.tolist()) for name, values in self._asdict().items()}


@dataclass(frozen=True)
class PlausibilityCheck:
    """The one judge of settings, whoever asks and wherever they come from, results and recorded rows alike.

    A recorded row lies next to itself: it was really made, and is as plausible as a result that has its settings.

    Attributes:
        first: the measure that the search saw, or would have seen.
        second: one that it did not.
    """

    first: Plausibility
    second: Plausibility

    @classmethod
    def of(
        cls,
        spec: RunSpec,
        dataset: Dataset,
        features: Sequence[Feature],
        make_plausibility: PlausibilityFactory = build_plausibility,
    ) -> "PlausibilityCheck":
        """Both measures of a run, also of one that asks for no plausibility; errors as `build_plausibility`."""
        asked = spec.plausibility or PlausibilitySpec()
        columns = dataset.indices(spec.left_out(asked.left_out))
        second = Plausibility.second_check(dataset.X, features, first=asked.measure, left_out=columns)
        return cls(make_plausibility(spec, dataset, features), second)

    def judge(self, X: np.ndarray) -> Judgement:
        """How plausible settings (n, d) are."""
        first, second = self.first.percent(X), self.second.percent(X)
        return Judgement(first, second, disagrees(first, second))
