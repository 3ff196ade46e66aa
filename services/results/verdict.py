"""The verdict on a run: does any result beat what was measured, are results really different, what to do next."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from optimizer import Goal, Numeric
from optimizer.constraints.constraint import listed
from services.results.baselines import already_words, best_where, other_words
from services.results.front.verdict import judge_front
from services.results.names import result_names
from services.results.valleys import plateaus
from services.specs.digits import (
    MATERIAL_DEVIATIONS,
    MATERIAL_SHARE,
    common_decimals,
    number_words,
    outlook_words,
)
from services.specs.results import OutcomeInfo, ResultSet, RunResult, Verdict, VerdictKind
from services.specs.run import NumericSpec
from services.specs.wanted import bound_words, sureness_words

SEVERAL = 2  # bounds that a result lies on: one alone is usual
_NEAR = 0.005  # of the width between the bounds: nearer than this lies on one


def verdict_of(result: RunResult, left_out: Collection[int] = ()) -> Verdict | None:
    """The verdict that a result was stored with; of one of before, what it would be now. None without results.

    Args:
        left_out: places of results that do not count; without them it is judged anew.
    """
    return judge_run(result, left_out) if left_out else result.verdict or judge_run(result)


def judge_run(result: RunResult, left_out: Collection[int] = ()) -> Verdict | None:
    """What follows from a run's results, in a sentence or two, and what to do next; None without results.

    A result beats what was measured where the worse end of its interval does: that end of a two-sided interval of 90 %
    holds in 95 % of cases. Of a value that is searched for both ends count, so there it is the level itself.

    Args:
        left_out: places of results that do not count.
    """
    if result.front is not None:
        return judge_front(result, left_out)
    kept = [k for k in range(len(result.results)) if k not in left_out]
    if not kept:
        return None
    seen = _Comparison.of(result, kept)
    groups = [shown for group in plateaus(result) if (shown := [k for k in group if k in kept])]
    first, second = seen.to_try(groups)
    relaxed, ended = bounds_reached(result, first)
    is_better = seen.kind in (VerdictKind.BEATS, VerdictKind.MAY_BEAT)
    details = [_different_words(result, kept, groups), *_reasons(result, seen, first, relaxed, ended)]
    return Verdict(
        kind=seen.kind,
        words=" ".join(filter(None, [_already_sentence(result, kept), seen.words(first)])),
        next_step=_next_step(result, seen, first, second),
        details=" ".join(filter(None, details)),
        first=first + 1,
        beats_by=seen.sure[first] if seen.sure is not None else None,
        expected_gain=seen.expected[first] if seen.expected is not None else None,
        confidence=seen.confidence,
        try_first=(first + 1, *([second + 1] if second is not None and is_better else [])),
        relax=relaxed,
    )


def best_measured(result: RunResult) -> float:
    """The best outcome that was measured; of a curve, which nobody measures whole, as the model has it; NaN if none."""
    recorded = result.best_recorded
    known = recorded.outcomes if result.spec.curve is not None or recorded.measured is None else recorded.measured
    return known[0] if len(known) else math.nan


@dataclass(frozen=True, slots=True)
class _Comparison:
    """How much better results are than the best that was measured, in the objective's unit.

    Attributes:
        kept: places of the results that count.
        best: its outcome, see `best_measured`.
        expected: (k,) by how much predictions are better, or None where nothing was recorded to compare with.
        sure: (k,) by how much the worse ends of intervals are better, or None without intervals.
        confidence: in percent, with which the worse ends hold; None without intervals.
    """

    result: RunResult
    kept: list[int]
    best: float
    expected: tuple[float, ...] | None
    sure: tuple[float, ...] | None
    confidence: float | None

    @classmethod
    def of(cls, result: RunResult, kept: list[int]) -> "_Comparison":
        """The comparison of a result that has some."""
        rows, best = result.results, best_measured(result)
        if not math.isfinite(best):
            return cls(result, kept, math.nan, None, None, None)

        def gains(values: Sequence[float]) -> list[float]:
            return [misses(result, best) - misses(result, value) for value in values]

        expected = tuple(gains(rows.outcomes))
        if rows.lows is None or rows.highs is None or not all(map(math.isfinite, (*rows.lows, *rows.highs))):
            # a function that is known is its own interval, and so is a formula
            is_exact = result.spec.model.kind == "function" or bool(result.spec.objective.formula)
            return cls(result, kept, best, expected, expected if is_exact else None, None)
        sure = tuple(map(min, gains(rows.lows), gains(rows.highs)))
        level = 100 * result.spec.level
        is_two_sided = result.goal is Goal.VALUE
        return cls(result, kept, best, expected, sure, level if is_two_sided else 50 + level / 2)

    @property
    def kind(self) -> VerdictKind:
        """What the comparison comes to."""
        if self.expected is None or self.sure is None:
            return VerdictKind.UNKNOWN
        if max(self.sure[k] for k in self._new) > 0:
            return VerdictKind.BEATS
        is_more = max(self.expected[k] for k in self._new) > self._material
        return VerdictKind.MAY_BEAT if is_more else VerdictKind.NOT_BETTER

    @property
    def _new(self) -> list[int]:
        """The places of the results that were not measured already; of all where there are no others.

        What was measured beats nothing that was measured, whatever the model says of it.
        """
        rows = self.result.results
        known = rows.already or (None,) * len(rows)
        return [k for k in self.kept if known[k] is None] or self.kept

    @property
    def _material(self) -> float:
        """The gain up to which a prediction promises nothing: a share of the outcome or of its recorded spread.

        The smaller counts: of an outcome far from its zero, such as a temperature in kelvins, the share is too much.
        """
        recorded, share = self.result.best_recorded, MATERIAL_SHARE * abs(self.best)
        if self.result.goal is Goal.VALUE:
            return 0.0
        score = abs(recorded.scores[0] - recorded.penalties[0])  # the objective in its standard deviations
        return min(share, MATERIAL_DEVIATIONS * abs(recorded.outcomes[0]) / score) if score > 0 else share

    def to_try(self, groups: list[list[int]]) -> tuple[int, int | None]:
        """The places of the two results to try first: the best, and the best of another plateau, if any.

        Best is what beats by most for sure; where nothing does, what promises most.
        """
        sure = self.sure if self.kind is VerdictKind.BEATS else None
        gains = sure or self.expected or tuple(-score for score in self.result.results.scores)
        order = sorted(self._new, key=lambda k: -gains[k])
        first = order[0]
        own = next(group for group in groups if first in group)
        others = [k for k in order if k not in own] + [k for k in order[1:] if k in own]
        return first, others[0] if others else None

    def words(self, k: int) -> str:
        """Whether the result at place ``k``, which is the best, beats what was measured."""
        result, name = self.result, result_names(len(self.result.results))[k]
        if self.expected is None:
            return "There is no recorded row to compare results with."
        best = self._best_words()
        if result.spec.is_desirability:
            gain = self.expected[k]
            how = f"{self._size(abs(gain))} {'more' if gain > 0 else 'less'} than"
            desirability = f"a desirability of {self._amount(result.results.outcomes[k])}"
            return f"{name} has {desirability} by the prediction, {how} {best}.{limits_words(result, k)}"
        if self.sure is None:
            predicted, gain = self._amount(result.results.outcomes[k]), self.expected[k]
            how = f"{self._size(abs(gain))} {'better' if gain > 0 else 'worse'} than"
            return (
                f"{name} is predicted {predicted}, {how} {best}, but nothing is known of the model's error, so that "
                "may be chance."
            )
        outlook = outlook_of(result, result.results, k)
        if self.kind is VerdictKind.BEATS:
            size = self._size(self.sure[k])
            if self.confidence is None:
                what = "the function is known" if not result.outcomes else f"{result.objective_name} is calculated"
                return f"{name} beats {best} by {size}: {what}, so this is exact.{limits_words(result, k)}"
            return f"{name} beats {best} for sure, by at least {size}: {outlook}.{limits_words(result, k)}"
        if self.kind is VerdictKind.MAY_BEAT:
            return f"Nothing beats {best} for sure. {name} may: {outlook}.{limits_words(result, k)}"
        which = "best result" if len(self._new) == len(self.kept) else "best new result"
        return f"Nothing beats {best}. The {which}, {name}: {outlook}.{limits_words(result, k)}"

    def _best_words(self) -> str:
        """What was measured, where: within bounds and rules, and of all rows where another one is the best of these."""
        result, rows = self.result, self.result.best_recorded.rows
        done, by = ("recorded", " by the model") if result.spec.curve is not None else ("measured", "")
        amount = f"{self._amount(self.best)}{by}"
        if other := other_words(result):
            row = f"row {rows[0]}, " if rows else ""
            return f"what was {done}{best_where(result)} ({row}{amount}; {other})"
        return f"row {rows[0]} ({amount})" if rows else f"what was {done} ({amount})"

    def _amount(self, value: float) -> str:
        return f"{number_words(value, objective_decimals(self.result))} {self.result.objective_unit}".rstrip()

    def _size(self, gain: float) -> str:
        """A gain with its unit, and its share of the best measured outcome where that means something."""
        size = f"{number_words(gain, common_decimals([gain]))} {self.result.objective_unit}".rstrip()
        if self.result.goal is Goal.VALUE or not self.best:
            return size
        share = 100 * gain / abs(self.best)
        return f"{size} ({share:.0f} %)" if share >= 1 else f"{size} (under 1 %)"


def limits_words(result: RunResult, k: int) -> str:
    """Which limits the result at place ``k`` keeps, and how sure that is, with a blank before it; "" without any."""
    said = [limit_words(each) for each in result.outcomes if each.is_limited]
    return f" It keeps {listed(said)}." if said else ""


def limit_words(info: OutcomeInfo) -> str:
    """A limit, such as "strength of at least 40 MPa with 95 % confidence"."""
    words = [
        info.label,
        "of",
        bound_words(info, info.unit),
        sureness_words(info.confidence, is_exact=bool(info.formula)),
    ]
    return " ".join(filter(None, words))


def outlook_of(result: RunResult, rows: ResultSet, k: int, *, is_bare: bool = False) -> str:
    """What to reckon with of one row of a set, in three numbers where the model knows its error.

    Args:
        is_bare: without the unit, and without the share of cases in which each end holds.
    """
    ends = (math.nan, math.nan) if rows.lows is None or rows.highs is None else (rows.lows[k], rows.highs[k])
    return outlook_words(
        rows.outcomes[k],
        *ends,
        level=None if is_bare else result.spec.level,
        is_least_best=result.goal is Goal.MINIMUM,
        is_two_sided=result.goal is Goal.VALUE,
        decimals=objective_decimals(result),
        unit="" if is_bare else result.objective_unit,
    )


def outlook_header(goal: Goal) -> str:
    """What the three numbers of an outlook are where they stand in ascending order, as a header says it."""
    if goal is Goal.VALUE:
        return "from – expect – to"
    return "down to – expect – at most" if goal is Goal.MINIMUM else "at least – expect – up to"


def objective_decimals(result: RunResult) -> int:
    """How many decimals the objective is shown with, everywhere alike."""
    return common_decimals([*result.results.outcomes, *result.best_recorded.outcomes])


def misses(result: RunResult, value: float) -> float:
    """By how much an outcome misses the goal, up to a constant; smaller is better."""
    if result.goal is Goal.VALUE:
        return abs(value - (result.spec.value or 0.0))
    return -value if result.goal is Goal.MAXIMUM else value


def is_all_measured(result: RunResult) -> bool:
    """Whether every result is a setting that was measured already."""
    already = result.results.already
    return bool(already) and all(known is not None for known in already or ())


def _already_sentence(result: RunResult, kept: list[int]) -> str:
    """Which results were measured already, and what came of them; "" where none was."""
    rows, names = result.results, result_names(len(result.results))
    known = [k for k in kept if already_words(result, rows, k)]
    if not known:
        return ""
    if len(known) == 1:
        return f"{names[known[0]]} was already measured: {already_words(result, rows, known[0])}."
    said = "; ".join(f"{names[k]}: {already_words(result, rows, k)}" for k in known)
    which = "All" if len(known) == len(kept) else f"{len(known)} of"
    return f"{which} {len(kept)} results were already measured. {said}."


def _different_words(result: RunResult, kept: list[int], groups: list[list[int]]) -> str:
    """Whether results are really different ways, or one plateau; "" for one alone."""
    n = len(kept)
    if n < 2:
        return ""
    if not result.valleys:  # of before
        apart = result.min_distance
        return f"The {n} results lie at least {apart:.1f} std. dev. apart." if apart is not None else ""
    if len(groups) == n:
        return f"The {n} results are really different ways: what lies between neighbours is worse."
    if len(groups) == 1:
        several = "Both" if n == 2 else f"All {n}"
        return f"{several} results are one plateau: anything between does about as well, so take what is easy to make."
    level = listed([f"Results {listed([str(k + 1) for k in group])}" for group in groups if len(group) > 1])
    return f"The {n} results are {len(groups)} really different ways: {level} lie on one plateau."


def _next_step(result: RunResult, seen: _Comparison, first: int, second: int | None) -> str:
    if is_all_measured(result):
        return "There is nothing new to try: ask for only settings that were not measured yet, and search once more."
    name = f"Result {first + 1}"
    both = name if second is None else f"Results {first + 1} and {second + 1}"
    if result.spec.is_desirability:
        return f"{_try(result)} {both} first."
    if seen.kind is VerdictKind.UNKNOWN:
        return (
            "Train a model on the Model page, which knows its error; until then, "
            f"{_try(result).lower()} {both} before you rely on {'it' if second is None else 'them'}."
        )
    if seen.kind is VerdictKind.NOT_BETTER:
        if result.goal is Goal.VALUE:
            return f"{_try(result)} {both} where easier to make than what was measured."
        return f"Record more rows near {name}, or relax what keeps the search from going on."
    return f"{_try(result)} {both} first."


def _try(result: RunResult) -> str:
    return "Mix" if result.density is not None else "Try"


def _reasons(
    result: RunResult, seen: _Comparison, first: int, relaxed: tuple[str, ...], ended: tuple[str, ...]
) -> list[str]:
    """Why the next step is the one, and which bounds hold the first result back."""
    name = result_names(len(result.results))[first]
    reasons = {
        VerdictKind.BEATS: "Bring the measured values back: the next search learns from them.",
        VerdictKind.MAY_BEAT: "Measured values near them make the range narrower.",
    }
    said = [] if is_all_measured(result) else [reasons.get(seen.kind, "")]
    if len(relaxed) >= SEVERAL:
        said.append(f"{name} lies on your bounds for {listed(relaxed)}, and records go on: relax them if you can.")
    elif len(relaxed) + len(ended) >= SEVERAL:
        where = listed([*relaxed, *ended])
        said.append(f"{name} lies at the end of what may be set of {where}: record rows there before going on.")
    return said


def bounds_reached(result: RunResult, k: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The free numbers whose bounds the result at place ``k`` lies on: where records go on, and where they end as well.

    An amount of which there is nothing does not count, for nothing lies below 0.
    """
    given = {feature.name: feature for feature in result.spec.features}
    relaxed, ended = list[str](), list[str]()
    for info, value in zip(result.features, result.results.X[k], strict=True):
        feature = given[info.name]
        if not isinstance(feature, NumericSpec) or not info.is_free or feature.low == feature.high:
            continue
        for is_high in (False, True):
            if not lies_on(feature, value, is_high) or (not is_high and feature.low == info.low == 0):
                continue
            goes_on = info.high > feature.high if is_high else info.low < feature.low
            (relaxed if goes_on else ended).append(info.name)
    return tuple(relaxed), tuple(ended)


def lies_on(feature: Numeric | NumericSpec, value: float, is_high: bool) -> bool:
    """Whether no further step fits between a value and a bound, or none that would matter."""
    room = feature.high - value if is_high else value - feature.low
    return room < (feature.step or 0.0) * (1 - 1e-9) or room <= _NEAR * (feature.high - feature.low)
