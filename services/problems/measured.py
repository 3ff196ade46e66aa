"""What was measured already: how exactly features are set, which recorded rows a search could return, and why not."""

from dataclasses import replace

import numpy as np

from models import Dataset
from optimizer import Candidates, Categorical, Feature, MeasuredRows, Numeric, Problem, SearchSpace, settings_of
from optimizer.constraints.constraint import listed
from services.problems.constraints import constraint_words
from services.specs.run import NumericSpec, RunSpec

DEFAULT_TOLERANCE = 0.02
"""Standard deviation of the dosing error of a feature that has none of its own, as a share of its recorded range."""

_MOST_REASONS = 2  # that are told of one row
_NEAR = 1e-9  # relative: a value this near to a bound is on it


def tolerances(spec: RunSpec, dataset: Dataset) -> np.ndarray:
    """The standard deviation of every feature's dosing error, (d,), in its unit.

    0 for categories, and for the sweep feature of a searched curve. A sweep feature that is not searched over has an
    error only if it is given one: it is a point in time or place, and nobody doses it.
    """
    own = {feature.name: feature.tolerance for feature in spec.features if isinstance(feature, NumericSpec)}
    found = DEFAULT_TOLERANCE * np.ptp(dataset.X, axis=0)
    swept = {dataset.sweep, spec.swept}
    for j, column in enumerate(dataset.features):
        given = own.get(column.name)
        if column.is_categorical or (column.name in swept and given is None) or column.name == spec.swept:
            found[j] = 0.0
        elif given is not None:
            found[j] = given
    return found


def measured_rows(spec: RunSpec, dataset: Dataset) -> MeasuredRows:
    """The recorded rows of a run; a setting within the dosing tolerance of one in every feature was measured.

    The sweep feature of a searched curve does not count: a mix that was measured at one age is known.
    """
    exactness = tolerances(spec, dataset)
    exactness[dataset.indices([spec.swept] if spec.swept else [])] = np.inf
    return MeasuredRows(dataset.X, exactness)


def measured_notes(problem: Problem, dataset: Dataset, found: Candidates) -> tuple[str, ...]:
    """Why a search that asks for new settings and found these has no results, and how to mend it.

    Nothing where that is not why.
    """
    found = found.take(np.isfinite(found.scores))
    if problem.measured is None or not len(found):
        return ()
    known = found.take(problem.believable(found.X)).by_score()
    if not len(known):
        return ()  # the gate says so
    everything = settings_of(problem.space)
    if everything is not None and problem.measured.is_measured(everything).all():
        refusal = "Every setting within these bounds was measured"
        if problem.space.constraints:
            refusal = "Every setting within these bounds and rules was measured"
    elif everything is not None:
        refusal = "Every setting within these bounds that is believable was measured"
    else:
        refusal = f"All {len(known):,} good candidates that the search found were measured already"
    place = problem.measured.places(known.X[:1])[0]
    value = f"{dataset.y[place].mean():,.4g} {dataset.outcome.unit}".rstrip()
    best = f"row {dataset.numbers[place[0]]}, measured {value}"
    if len(place) > 1:
        best = f"that of {len(place)} rows, measured {value} on average"
    return (
        f"{refusal}; the best of them by the model is {best}. Widen the bounds, give features a smaller step or dosing "
        'tolerance, or switch "Only settings that were not measured yet" off to have measured ones among the results.',
    )


def rows_within(spec: RunSpec, dataset: Dataset, space: SearchSpace) -> np.ndarray:
    """Whether each recorded row lies within the bounds and rules of a run, (r,).

    The sweep feature of a curve does not count, nor do steps. What is frozen, and what rules ask for, is met to the
    dosing tolerance: amounts that were rounded add up to 99.98 where 100 is asked for.
    """
    exactness, within = tolerances(spec, dataset), np.ones(dataset.n_rows, dtype=bool)
    for j, feature in enumerate(space.features):
        if feature.name != spec.swept:
            within &= _is_within(feature, dataset.X[:, j], exactness[j])
    if space.constraints and within.any():
        within[within] = _meets_rules(space, dataset.X[within], exactness)
    return within


def outside_reason(spec: RunSpec, dataset: Dataset, space: SearchSpace, place: int) -> str:
    """Why the recorded row at a place lies outside of bounds and rules, such as "its T is above your bound"; or ""."""
    exactness, row = tolerances(spec, dataset), dataset.X[place]
    reasons = [
        _reason(feature, row[j], dataset, j)
        for j, feature in enumerate(space.features)
        if feature.name != spec.swept and not _is_within(feature, row[[j]], exactness[j])[0]
    ]
    if not reasons and space.constraints and not _meets_rules(space, row[None], exactness)[0]:
        broken = [
            words
            for words, holds in zip(
                constraint_words(space.constraints, dataset), space.holds(row[None])[0].tolist(), strict=True
            )
            if not holds
        ]
        reasons = [f"it breaks the rule that {words}" for words in broken]
    n_more = len(reasons) - _MOST_REASONS
    more = [f"{n_more} more {'does' if n_more == 1 else 'do'} not fit"] if n_more > 0 else []
    return listed([*reasons[:_MOST_REASONS], *more]) if reasons else ""


def _is_within(feature: Feature, values: np.ndarray, tolerance: float) -> np.ndarray:
    if isinstance(feature, Categorical):
        codes = feature.codes if feature.frozen is None else (feature.frozen,)
        return np.isin(values, codes)
    if feature.frozen is not None:
        return np.abs(values - feature.frozen) <= tolerance + _NEAR * max(abs(feature.frozen), 1.0)
    near = _NEAR * max(abs(feature.low), abs(feature.high))
    return (values >= feature.low - near) & (values <= feature.high + near)


def _meets_rules(space: SearchSpace, X: np.ndarray, tolerance: np.ndarray) -> np.ndarray:
    """Whether rows (n, d) meet the constraints, or would if they were set a little otherwise, (n,)."""
    meets = np.asarray(space.holds(X).all(axis=1))
    if meets.all():
        return meets
    features = tuple(replace(each, step=None) if isinstance(each, Numeric) else each for each in space.features)
    nearest = SearchSpace(features, space.constraints).repair(X[~meets])
    moved = np.abs(nearest - X[~meets])
    counts = np.array([feature.frozen is None for feature in features])  # what is frozen was looked at before
    meets[~meets] = (moved <= tolerance + _NEAR * np.maximum(np.abs(nearest), 1.0))[:, counts].all(axis=1)
    return meets


def _reason(feature: Feature, value: float, dataset: Dataset, j: int) -> str:
    column = dataset.features[j]
    if isinstance(feature, Categorical):
        name = column.categories[int(value)]
        if feature.frozen is not None:
            return f"its {feature.name} is {name}, and yours is frozen at {column.categories[feature.frozen]}"
        return f"its {feature.name} {name} is not allowed"

    def amount(number: float) -> str:
        return f"{number:,.6g} {column.unit}".rstrip()

    if feature.frozen is not None:
        return f"its {feature.name} is {amount(value)}, and yours is frozen at {amount(feature.frozen)}"
    is_above = value > feature.high
    side, bound = ("above", feature.high) if is_above else ("below", feature.low)
    return f"its {feature.name} of {amount(value)} is {side} your bound of {amount(bound)}"
