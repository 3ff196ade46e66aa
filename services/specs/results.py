"""The result of a run: a JSON document with all that the pages, the files and the figures need."""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

import numpy as np
from pydantic import ConfigDict

from optimizer import Diversity, Goal, StopReason
from services.specs.base import Document
from services.specs.digits import MATERIAL_DEVIATIONS
from services.specs.run import RunSpec


class ResultDocument(Document):
    """A part of a result; figures may be infinite or no number."""

    model_config = ConfigDict(ser_json_inf_nan="constants")


class FeatureInfo(ResultDocument):
    """One feature as the result shows it.

    Attributes:
        decimals: that results were rounded to, so that rules hold in what is printed; None where they were not.
    """

    name: str
    unit: str
    is_free: bool
    is_integer: bool
    low: float
    high: float
    std: float
    categories: tuple[str, ...] = ()
    decimals: int | None = None


class NearestRow(ResultDocument):
    """The recorded row that a candidate is nearest to.

    Attributes:
        row: its number, as the table counts it.
        measured: its recorded outcome.
        distance: from it, in recorded standard deviations; a searched curve's sweep feature does not count.
        differences: features in which the candidate differs and by how much (for a category, what it has), biggest
            first.
        words: the same for people, such as "+38 slag, -12 water".
        at: sweep value at which the row was measured, or None where no curve is searched.
    """

    row: int
    measured: float
    distance: float
    differences: tuple[tuple[str, float | str], ...] = ()
    words: str
    at: float | None = None


class MeasuredThere(ResultDocument):
    """What was measured at a setting already; along a searched curve, near the sweep value that tells most of it.

    Attributes:
        rows: numbers of the recorded rows, as the table counts them; a few where there are many.
        n: how many rows there are.
        mean: of their outcomes.
        at: sweep value at which they were measured, or None where no curve is searched.
    """

    rows: tuple[int, ...]
    n: int
    mean: float
    at: float | None = None


class RecordedRow(ResultDocument):
    """A recorded row that results are not compared with, and why.

    Attributes:
        row: its number, as the table counts it.
        measured: its recorded outcome.
        predicted: its objective by the model.
        why: such as "its temperature of 210 °C is above your bound of 200 °C".
    """

    row: int
    measured: float
    predicted: float
    why: str


class OutcomeInfo(ResultDocument):
    """One outcome of a run with several, as its result shows it.

    Attributes:
        label: the name; of a curve with what of it is meant, such as "area of strength".
        formula: of a calculated outcome, "" for a measured one.
        goal: what is searched for, or None.
        at_least: limit, or None.
        at_most: limit, or None.
        confidence: with which limits hold by the interval, or None where they hold by the prediction.
        scale: standard deviation over the recorded rows.
        n_met: how many recorded rows keep the limits, as they were measured; None without limits.
    """

    name: str
    label: str
    unit: str
    formula: str = ""
    goal: Goal | None = None
    value: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    confidence: float | None = None
    scale: float
    n_met: int | None = None

    @property
    def is_limited(self) -> bool:
        """Whether it has to keep anything."""
        return self.at_least is not None or self.at_most is not None


class OutcomeValues(ResultDocument):
    """One outcome of several candidates or recorded rows.

    Attributes:
        values: k as predicted or calculated.
        lows: k lower ends of the interval, at the level of the specification; None where nothing tells them.
        highs: k upper ends.
        measured: k as recorded, or calculated from what was; None where that is not known, and for candidates.
        keeps: k flags, whether limits are kept: by the interval where they hold with a confidence, of recorded rows as
            measured; None without limits.
    """

    values: tuple[float, ...]
    lows: tuple[float, ...] | None = None
    highs: tuple[float, ...] | None = None
    measured: tuple[float | None, ...] | None = None
    keeps: tuple[bool, ...] | None = None

    def only(self, k: int) -> "OutcomeValues":
        """Those of row ``k`` alone."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return OutcomeValues.model_construct(**{n: v if v is None else v[k : k + 1] for n, v in values.items()})


class Archive(ResultDocument):
    """Good candidates that a search found, to tell what other limits would cost.

    Of one goal the best come first, and some break the limits of the run: they tell what looser ones would bring. Of
    several goals all keep them, and the results come first, then the front.

    Attributes:
        X: a settings of all features; categories as codes.
        outcomes: a rows of all outcomes, in the order of the result's.
        kept: a rows of what limits hold by: the outcome, or the end of its interval; in the order of the outcomes,
            their lower limit before their upper one.
        is_front: a flags, whether nothing found is better in every goal; None where there is one goal.
        hills: a numbers of the hill that each stands on; None where there is one goal.
    """

    X: tuple[tuple[float, ...], ...]
    outcomes: tuple[tuple[float, ...], ...]
    kept: tuple[tuple[float, ...], ...] = ()
    is_front: tuple[bool, ...] | None = None
    hills: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.X)


class FrontInfo(ResultDocument):
    """What is said of results along a front.

    Attributes:
        knee: place of the result that gives up least of every goal, or None.
        like: k places of the result whose outcomes another setting has, None for those chosen for what they add.
        rates: k sentences on what one goal costs in others there, such as "1 MPa more costs 2.40 €/m³"; "" where the
            front does not tell.
        share: of the hypervolume of the whole front that the results have.
    """

    knee: int | None
    like: tuple[int | None, ...]
    rates: tuple[str, ...]
    share: float


class ResultSet(ResultDocument):
    """Several candidates or recorded rows, best first; what a run did not ask for, or its model cannot say, is None.

    Attributes:
        X: k settings of all features; categories as codes.
        densities: k sums of the parts, or None without parts.
        curves: k predicted curves on the grid of the result, or None without a sweep feature.
        measured: k recorded outcomes, for recorded rows.
        constraints_met: k rows of whether each constraint of the result is met, or None without any.
        rows: k recorded row numbers, as the table counts them, for recorded rows.
        lows: k lower ends of the interval of the objective, at the level of the specification.
        plausibility: k shares of recorded rows that are more unusual, in %.
        second_check: k shares by a measure that the search never saw, in %.
        disagrees: k flags, true where plausibility and the second check say different things.
        nearest: k nearest recorded rows, for candidates.
        robust_low: k lower ends of the objective's 5-95 % band under dosing tolerance and the model's uncertainty.
        names: k names by what sets each apart from the others, such as "high slag, low water"; None for what is no
            result.
        already: what was measured at each candidate, or None where nothing was; None for what is no candidate, and in
            documents of before.
        n_lineages: k numbers of lineages that ended nearest to each, as `services.results.report` counts them.
        others: all outcomes of a run with several, in the order of the result's; None where there is one.
    """

    old_names: ClassVar[dict[str, str]] = {"rules_met": "constraints_met"}

    X: tuple[tuple[float, ...], ...]
    outcomes: tuple[float, ...]
    scores: tuple[float, ...]
    penalties: tuple[float, ...]
    densities: tuple[float, ...] | None = None
    curves: tuple[tuple[float, ...], ...] | None = None
    measured: tuple[float, ...] | None = None
    constraints_met: tuple[tuple[bool, ...], ...] | None = None
    rows: tuple[int, ...] | None = None
    lows: tuple[float, ...] | None = None
    highs: tuple[float, ...] | None = None
    plausibility: tuple[float, ...] | None = None
    second_check: tuple[float, ...] | None = None
    disagrees: tuple[bool, ...] | None = None
    nearest: tuple[NearestRow, ...] | None = None
    robust_low: tuple[float, ...] | None = None
    robust_high: tuple[float, ...] | None = None
    names: tuple[str, ...] | None = None
    already: tuple[MeasuredThere | None, ...] | None = None
    n_lineages: tuple[int, ...] | None = None
    others: tuple[OutcomeValues, ...] | None = None

    def __len__(self) -> int:
        return len(self.outcomes)

    def only(self, k: int) -> "ResultSet":
        """The set of its row ``k`` alone."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        others = values.pop("others")
        rows = {name: value if value is None else value[k : k + 1] for name, value in values.items()}
        rows["others"] = None if others is None else tuple(each.only(k) for each in others)
        return ResultSet.model_construct(**rows)


class Valley(ResultDocument):
    """What lies on the straight line between two results.

    Attributes:
        a: place of one of the two in the results, from 0.
        b: place of the other, greater than ``a``.
        is_plateau: whether anything between them does about as well as the worse of the two.
        is_realism: whether only what counts besides the objective (penalties, plausibility, risk aversion) separates
            them.
        dip: by how much the objective falls below the worse of the two at the worst point between them, in the
            objective's unit; 0 where it does not.
    """

    a: int
    b: int
    is_plateau: bool
    is_realism: bool = False
    dip: float
    words: str


class VerdictKind(StrEnum):
    """What results come to beside what was measured.

    BEATS: even the worse end of an interval is better. MAY_BEAT: a prediction is. NOT_BETTER: none is. UNKNOWN: there
    are no intervals, or nothing to compare with.
    """

    BEATS = "beats"
    MAY_BEAT = "may beat"
    NOT_BETTER = "not better"
    UNKNOWN = "unknown"


class Verdict(ResultDocument):
    """What a run comes to, in plain words; see `services.results.verdict`.

    Attributes:
        words: whether any result beats what was measured.
        details: whether results are really different, why the next step is the one, and what holds the first back.
        first: number, from 1, of the result that beats it by most for sure; where none does, that promises most.
        beats_by: by how much the worse end of that result's interval is better than the best that was measured, in the
            objective's unit; below 0 where it is worse, None where it is not known.
        expected_gain: the same of its prediction.
        confidence: in percent, with which it is at least so much better; None without intervals.
        try_first: numbers of the results to try first.
        relax: features on whose bounds that result lies although records go on.
    """

    kind: VerdictKind
    words: str
    next_step: str
    details: str = ""
    first: int
    beats_by: float | None = None
    expected_gain: float | None = None
    confidence: float | None = None
    try_first: tuple[int, ...] = ()
    relax: tuple[str, ...] = ()


class SweepInfo(ResultDocument):
    """The feature that curves run over, and the points they were predicted at."""

    feature: str
    unit: str
    grid: tuple[float, ...]


class DensityInfo(ResultDocument):
    """The density that the recorded rows have, against which results are checked.

    Attributes:
        recorded: densities of the recorded rows, or of an even sample of them.
        mean: over all recorded rows.
        std: over all recorded rows.
        target: usual density.
        tolerance: how far from it is usual; what is farther pays, where there is a penalty.
    """

    unit: str
    recorded: tuple[float, ...]
    mean: float
    std: float
    target: float
    tolerance: float

    def tolerances_off(self, densities: Sequence[float]) -> np.ndarray:
        """How far densities (k,), of results or of recorded rows, lie above the target (below it: under 0), (k,)."""
        return (np.array(densities, dtype=float) - self.target) / self.tolerance


USUAL_TOLERANCES = 1 + MATERIAL_DEVIATIONS
"""How many tolerances off a density is still usual: a search that pays for what is beyond one ends a little beyond."""


class ClimbStatistics(ResultDocument):
    """What the last phase of a search did: candidates followed the model's slope to the exact tops.

    Attributes:
        n_starts: candidates that climbed: the best different ones found, and fresh ones.
        n_fresh: of which drawn anew.
        n_tops: different tops that they reached.
        n_lineages: of all lineages, those that this phase gave: several may be near one top.
    """

    n_starts: int
    n_fresh: int
    n_tops: int
    n_lineages: int


class SearchStatistics(ResultDocument):
    """What the search did, in numbers.

    Attributes:
        n_lineages: lineages begun: those that went extinct, that merged, that were dropped and that lived at the end.
        n_merged: lineages that ended because they climbed a known hill.
        n_dropped: lineages that the user dropped, and those that were like them.
        n_kept: candidates that passed the quality floor, from which the results were picked.
        overhead_share: share of the search's seconds spent outside the evaluation of candidates.
        climb: what the last phase did; None where there was none, and in documents of before.
        n_rows_asked: rows that a function whose rows cost was asked, for the search and for all else; None where rows
            cost nothing, and in documents of before.
    """

    n_lineages: int
    n_extinct: int
    n_merged: int = 0
    n_dropped: int = 0
    n_kept: int
    n_generations: int
    last_improvement: int
    n_evaluations: int
    n_nonfinite: int
    seconds: float
    overhead_share: float
    stop_reason: StopReason
    climb: ClimbStatistics | None = None
    n_rows_asked: int | None = None


class RunResult(ResultDocument):
    """Everything a run found.

    Attributes:
        best_recorded: the best recorded rows, by the same objective, within the bounds and rules of the run; of all
            rows where none lies within.
        best_of_all: the best of all recorded rows, where that lies outside of bounds or rules.
        n_within: how many recorded rows lie within; None in documents of before.
        constraints: what every result meets, one line each.
        reference: the one setting that results are compared with; None where that is the best recorded row.
        unpenalised: representatives of the same search without penalties, or None where there was nothing to compare.
        baseline_random: the best of as many random candidates, or None where the search was stopped.
        notes: what the user should know of the results, a sentence or two each.
        objective_name: what the outcomes of all sets are, such as "area of strength over age 1 to 100".
        objective_short: the same in a word or two, such as "area".
        diversity: how good and how different the results are; None without results.
        valleys: what lies between results that are neighbours; empty below two.
        verdict: on all of it; None without results, and in documents of before: ask `services.results.verdict`.
        outcomes: all outcomes of a run with several, or with limits; else none.
        archive: good candidates of such a run; else None.
        front: what is said of results where several goals make a front; else None.
        second_opinion: what Automatic's model expects of the best result; "" where none ships for the table.
    """

    old_names: ClassVar[dict[str, str]] = {"rules": "constraints", "terrain": "valleys", "tally": "statistics"}

    version: int = 1
    spec: RunSpec
    goal: Goal
    objective_name: str
    objective_short: str
    objective_unit: str
    outcome_name: str
    outcome_unit: str
    features: tuple[FeatureInfo, ...]
    sweep: SweepInfo | None
    density: DensityInfo | None
    results: ResultSet
    best_recorded: ResultSet
    best_of_all: RecordedRow | None = None
    n_within: int | None = None
    reference: ResultSet | None = None
    unpenalised: ResultSet | None
    baseline_random: ResultSet | None = None
    notes: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    diversity: Diversity | None = None
    valleys: tuple[Valley, ...] = ()
    verdict: Verdict | None = None
    outcomes: tuple[OutcomeInfo, ...] = ()
    archive: Archive | None = None
    front: FrontInfo | None = None
    second_opinion: str = ""
    statistics: SearchStatistics
    dataset_name: str
    n_recorded: int
    versions: dict[str, str]

    @property
    def min_distance(self) -> float | None:
        """Smallest distance between two results, in recorded standard deviations; None below two."""
        return self.diversity.smallest_distance if self.diversity else None
