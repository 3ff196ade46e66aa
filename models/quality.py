"""How good a model is: what each feature is worth to it, and where it errs more than chance makes it err elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

MINIMUM_ROWS = 10
"""A part with fewer rows is left out: three odd rows are no region."""

MINIMUM_GROUPS = 6
"""The rows of a part have to come from at least so many different settings."""

_SHARES = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
"""Quantiles at which ranges begin and end; fine at the ends, where rows are few and models are worst."""


LEVEL = 0.05
"""With errors that are pure chance, a finding is made in at most this share of tables."""
LEAST_RATIO = 1.25
"""A region is worse where its mean absolute error is so many times that of the other rows."""
LEAST_BIAS = 0.5
"""A region is biased where its mean error is this share of the mean absolute error of all rows."""
MAXIMUM_OVERLAP = 0.4
"""Of two findings that share more of their rows (intersection over union), the worse one is kept."""
MAXIMUM_ROWS = 5_000
"""Chance is computed on a sample of so many rows."""
_N_SHUFFLES = 400
_MAXIMUM_FINDINGS = 4  # of each kind


@dataclass(frozen=True, slots=True)
class Region:
    """Rows whose value of one feature lies in a range, both ends included.

    Attributes:
        low: smallest value in the region.
        high: largest value in the region; a category's code, like ``low``, where the feature is categorical.
        below: largest recorded value under the region, -inf where it reaches the lowest.
        above: smallest recorded value over the region, inf where it reaches the highest.
    """

    feature: int
    low: float
    high: float
    below: float
    above: float

    def holds(self, values: np.ndarray) -> np.ndarray:
        """Whether each value (n,) of the region's feature lies in it."""
        return (values >= self.low) & (values <= self.high)


def regions_of(values: np.ndarray, groups: np.ndarray, feature: int, *, is_categorical: bool) -> list[Region]:
    """The parts of a feature that have enough rows from enough groups, and at most half of all rows.

    Args:
        groups: (n,) rows of one group are one setting measured several times.
        is_categorical: one region per category instead of ranges between quantiles.
    """
    distinct = np.unique(values)
    if is_categorical:
        ends = [(code, code) for code in distinct]
    else:
        cuts = np.unique(np.quantile(values, _SHARES, method="higher"))
        starts = np.concatenate([distinct[:1], cuts[cuts > distinct[0]]])
        lasts = np.concatenate([distinct[np.searchsorted(distinct, starts[1:]) - 1], distinct[-1:]])
        ends = [(low, high) for i, low in enumerate(starts) for high in lasts[i:]]
    made = (_region(values, groups, distinct, feature, low, high) for low, high in ends)
    return [region for region in made if region is not None]


def _region(
    values: np.ndarray, groups: np.ndarray, distinct: np.ndarray, feature: int, low: float, high: float
) -> Region | None:
    """The region between two recorded values, or None where it is too small or too large."""
    is_in = (values >= low) & (values <= high)
    n_rows = int(is_in.sum())
    if not MINIMUM_ROWS <= n_rows <= len(values) / 2 or len(np.unique(groups[is_in])) < MINIMUM_GROUPS:
        return None
    first, last = np.searchsorted(distinct, [low, high])
    below = float(distinct[first - 1]) if first > 0 else -np.inf
    above = float(distinct[last + 1]) if last + 1 < len(distinct) else np.inf
    return Region(feature, float(low), float(high), below, above)


class FindingKind(StrEnum):
    """What is extreme about a region: larger errors than elsewhere, or predictions mostly too high or too low."""

    ERROR = "error"
    BIAS = "bias"


@dataclass(frozen=True, slots=True)
class Finding:
    """A region where a model errs.

    Attributes:
        inside: mean absolute error in the region, outcome's unit.
        outside: mean absolute error of all other rows.
        bias: mean of predicted minus measured in the region.
        chance: share of shuffled tables in which any region looked as extreme: the p-value, all regions considered.
        strength: how extreme, in standard deviations of what shuffling gives.
        sure: what the mean error (or bias) there surely is, two standard errors taken off; outcome's unit.
    """

    region: Region
    kind: FindingKind
    n_rows: int
    inside: float
    outside: float
    bias: float
    chance: float
    strength: float
    sure: float


@dataclass(frozen=True, slots=True)
class _Shuffled:
    """Errors as normal scores, as they are (n,) and dealt anew many times (n, b); of a sample where rows are many."""

    rows: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    is_one_sided: bool

    def extremeness(self, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The mean score of each region (r,), and of the most extreme region of each deal (b,).

        Both in standard deviations of what dealing gives that region.
        """
        weights = members[:, self.rows].astype(np.float32)
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1)
        dealt = weights @ self.expected
        spread = dealt.std(axis=1)
        spread = np.where(spread > 0, spread, np.inf)
        strengths, dealt = (weights @ self.observed) / spread, dealt / spread[:, None]
        return strengths, (dealt if self.is_one_sided else np.abs(dealt)).max(axis=0)


def find_regions(
    errors: np.ndarray,
    values: np.ndarray,
    groups: np.ndarray,
    is_categorical: Sequence[bool],
    rng: np.random.Generator,
) -> tuple[Finding, ...]:
    """Regions where a model errs most or is biased, worst first; none where it may all be chance.

    Every region of every feature is compared with what it would show if errors had nothing to do with the features:
    errors are dealt to the rows anew, whole settings at a time, and the most extreme region of each such table is noted
    (single-step maxT of Westfall and Young 1993). A region is reported if it is more extreme than what chance alone
    makes of the most extreme in 95 % of tables, and different enough to matter. Errors count by their rank (van der
    Waerden's normal scores), so that a single wild row makes no region.

    Args:
        errors: (n,) predicted minus measured, of rows that the model did not learn from.
        values: (n, m) what the rows are divided by; codes for categories.
        groups: (n,) rows of one group are one setting measured several times.
    """
    kinds = {
        FindingKind.ERROR: _shuffled(np.abs(errors), groups, rng, is_one_sided=True),
        FindingKind.BIAS: _shuffled(errors, groups, rng, is_one_sided=False),
    }
    most_extreme = {kind: np.full(_N_SHUFFLES, -np.inf) for kind in kinds}
    made: list[Finding] = []
    for j, is_coded in enumerate(is_categorical):
        regions = regions_of(values[:, j], groups, j, is_categorical=is_coded)
        if not regions:
            continue
        members = np.array([region.holds(values[:, j]) for region in regions])
        for kind, shuffled in kinds.items():
            strengths, reached = shuffled.extremeness(members)
            most_extreme[kind] = np.maximum(most_extreme[kind], reached)
            made += _that_matter(kind, regions, members, errors, strengths)
    # the p-value: how often chance alone makes a region as extreme
    tested = (
        replace(each, chance=float((1 + (most_extreme[each.kind] >= each.strength).sum()) / (1 + _N_SHUFFLES)))
        for each in made
    )
    # each of the two kinds takes half of the level
    return _distinct([finding for finding in tested if finding.chance <= LEVEL / 2], values)


def normal_scores(values: np.ndarray) -> np.ndarray:
    """The standard normal quantile (n,) of each value's rank (van der Waerden 1952); equal for equal values."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return ndtri(rankdata(values) / (len(values) + 1))


def _shuffled(values: np.ndarray, groups: np.ndarray, rng: np.random.Generator, *, is_one_sided: bool) -> _Shuffled:
    """The scores of values (n,) and many deals of them; neighbours of one group mostly stay together."""
    n = len(values)
    rows = np.arange(n) if n <= MAXIMUM_ROWS else np.sort(rng.choice(n, MAXIMUM_ROWS, replace=False))
    _, codes = np.unique(groups[rows], return_inverse=True)
    codes = codes.reshape(-1)
    scores = normal_scores(values[rows]).astype(np.float32)
    dealt = np.empty((len(rows), _N_SHUFFLES), dtype=np.float32)
    for b in range(_N_SHUFFLES):
        source, target = (np.lexsort((rng.random(len(rows)), rng.random(codes.max() + 1)[codes])) for _ in range(2))
        dealt[target, b] = scores[source]
    return _Shuffled(rows, scores, dealt, is_one_sided)


def _that_matter(
    kind: FindingKind, regions: list[Region], members: np.ndarray, errors: np.ndarray, strengths: np.ndarray
) -> list[Finding]:
    """The regions that differ enough from the other rows, their chance not yet known."""
    absolute = np.abs(errors)
    made = []
    for region, is_in, strength in zip(regions, members, strengths, strict=True):
        inside, outside = float(absolute[is_in].mean()), float(absolute[~is_in].mean())
        bias, n_rows = float(errors[is_in].mean()), int(is_in.sum())
        if kind is FindingKind.ERROR:
            matters, size, spread = strength > 0 and inside >= LEAST_RATIO * outside, inside, absolute[is_in].std()
        else:
            matters = strength * bias > 0 and abs(bias) >= LEAST_BIAS * float(absolute.mean())
            size, spread = abs(bias), errors[is_in].std()
        if matters:
            sure = size - 2 * float(spread) / n_rows**0.5
            made.append(Finding(region, kind, n_rows, inside, outside, bias, 1.0, abs(float(strength)), sure))
    return made


def _distinct(found: list[Finding], values: np.ndarray) -> tuple[Finding, ...]:
    """A few findings of each kind, worst first, one per feature, none whose rows a worse one mostly has."""
    kept: list[Finding] = []
    rows: list[np.ndarray] = []
    for finding in sorted(found, key=lambda finding: (finding.kind is FindingKind.BIAS, -finding.sure)):
        is_in = finding.region.holds(values[:, finding.region.feature])
        same = [other for other in kept if other.kind is finding.kind]
        is_taken = finding.region.feature in [other.region.feature for other in same]
        if is_taken or len(same) >= _MAXIMUM_FINDINGS:
            continue
        if all((is_in & other).sum() <= MAXIMUM_OVERLAP * (is_in | other).sum() for other in rows):
            kept.append(finding)
            rows.append(is_in)
    return tuple(kept)


def shuffling_costs(
    predict: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    n_repeats: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Growth (n_repeats, d) of the RMSE when one feature is shuffled among rows, outcome's unit.

    Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019), on rows that the model did not learn from.
    A feature that the model does not use, or that never varies, costs exactly 0. One call of ``predict`` per feature.
    """
    n_rows, n_features = X.shape
    rmse = _rmse(predict(X)[None] - y)
    costs = np.zeros((n_repeats, n_features))
    for j in range(n_features):
        shuffled = np.tile(X, (n_repeats, 1, 1))
        shuffled[:, :, j] = rng.permuted(np.tile(X[:, j], (n_repeats, 1)), axis=1)
        predicted = predict(shuffled.reshape(-1, n_features)).reshape(n_repeats, n_rows)
        costs[:, j] = _rmse(predicted - y) - rmse
    return costs


def _rmse(errors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(errors).mean(axis=1))
