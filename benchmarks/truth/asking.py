"""What a plant's true function says of the results that are found in a table of it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmarks.timing import seconds
from benchmarks.truth.plant import NOISE, Plant
from models import Column, Dataset, Family, TrainingError
from optimizer import SpaceError
from services.problems.defaults import DEFAULT_EXTRAPOLATION_LEVEL, ExtrapolationLevel
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training
from services.trust import Assessment, TrustSpec, assess, search_with

DEFAULT = "default"
"""In the place of a family: what the app does when nobody names one."""
FAMILIES = (DEFAULT, *(str(family) for family in Family if family.words.is_trained_here))
N_ROWS = 600
N_BEST = 5
ALPHA = 0.1  # the share of true outcomes that may lie outside the intervals


class Case(NamedTuple):
    """One table and the family of models that is asked about it."""

    plant: str
    rows: int
    noise: float
    seed: int
    family: str


@dataclass(frozen=True, slots=True)
class Table:
    """What was recorded of a plant, and what could be reached.

    Attributes:
        dataset: rows around six recipes, measured with noise.
        recorded: mean true outcome of the five best recorded rows.
        median: true outcome of the median recorded row.
        possible: greatest true outcome within the recorded range of every input.
        std: standard deviation of the measured outcomes.
    """

    plant: Plant
    dataset: Dataset
    recorded: float
    median: float
    possible: float
    std: float

    @classmethod
    def of(cls, plant: Plant, seed: int, n_rows: int = N_ROWS, noise: float = NOISE) -> "Table":
        """The table that a seed draws; the parts of a recipe are among its roles."""
        X, y = plant.rows(n_rows, np.random.default_rng([seed, 77]), noise)
        truth = plant.truth(X)
        return cls(
            plant,
            Dataset(plant.name, plant.columns, Column("outcome"), X, y, parts=plant.parts),
            recorded=float(truth[np.argsort(-y)[:N_BEST]].mean()),
            median=float(np.median(truth)),
            possible=plant.best(X),
            std=float(y.std()),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the true function said of the k results of one table; outcomes in standard deviations of the recorded ones.

    Attributes:
        gain: true mean of the results above that of the five best recorded rows, as a share of what is possible; 0
            where there are no results.
        truth: (k,) true outcomes.
        predicted: (k,) predicted ones, with the ends of their 90 % intervals.
        is_harmful: (k,) whether the true outcome is below that of the median recorded row.
        seconds: that training, calibration and search took together.
        refusal: why there are no results, in words.
    """

    case: Case
    gain: float
    truth: np.ndarray
    predicted: np.ndarray
    low: np.ndarray
    high: np.ndarray
    is_harmful: np.ndarray
    seconds: float = np.nan
    refusal: str = ""

    @classmethod
    def of(
        cls,
        case: Case,
        table: Table,
        X: np.ndarray,
        predicted: np.ndarray,
        low: np.ndarray,
        high: np.ndarray,
        seconds: float = np.nan,
    ) -> "Answer":
        """What becomes of results (k, d) with their predictions and intervals (k,) in the outcome's unit."""
        truth = table.plant.truth(X)
        gained = truth.mean() - table.recorded if len(truth) else 0.0
        return cls(
            case,
            gain=float(gained / (table.possible - table.recorded)),
            truth=truth / table.std,
            predicted=predicted / table.std,
            low=low / table.std,
            high=high / table.std,
            is_harmful=truth < table.median,
            seconds=seconds,
        )

    @property
    def covered(self) -> np.ndarray:
        """(k,) whether the true outcome lies within the interval."""
        return (self.low <= self.truth) & (self.truth <= self.high)

    @property
    def interval_scores(self) -> np.ndarray:
        """(k,) widths of the intervals and what each miss costs; equation 43 of Gneiting and Raftery 2007."""
        missed = np.maximum(self.low - self.truth, 0) + np.maximum(self.truth - self.high, 0)
        return self.high - self.low + 2 / ALPHA * missed


def answer_of(
    case: Case, table: Table, extrapolation_level: ExtrapolationLevel = DEFAULT_EXTRAPOLATION_LEVEL
) -> Answer:
    """What the true function says of the results that the app finds in a table, or why it finds none."""
    found: list[Assessment] = []
    spec = TrustSpec(seed=case.seed, extrapolation_level=extrapolation_level, level=1 - ALPHA)
    try:
        taken = seconds(lambda: found.append(assessment(table.dataset, spec, case.family)))
    except (TrainingError, SpaceError) as refusal:
        nothing = np.empty(0)
        return Answer(case, 0.0, nothing, nothing, nothing, nothing, nothing.astype(bool), refusal=str(refusal))
    return Answer.of(case, table, found[0].X, found[0].predicted, found[0].low, found[0].high, taken)


def assessment(dataset: Dataset, spec: TrustSpec, family: str) -> Assessment:
    """Results of a table by models of a family, or by what the app does by default."""
    if family == DEFAULT:
        return assess(dataset, spec)
    model = run_training(TrainingSpec(dataset=named(dataset), family=Family(family), seed=spec.seed), dataset)
    return search_with(model, dataset, spec)


def named(dataset: Dataset) -> DatasetRef:
    """How specifications name a table."""
    return DatasetRef(name=dataset.name, digest=dataset.digest)
