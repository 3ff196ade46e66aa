"""What results are called: a number, and in a few words what sets each apart from the others."""

from collections.abc import Collection, Sequence

import numpy as np

from services.specs.digits import number_words, sensible_decimals
from services.specs.results import FeatureInfo, RunResult

NAMED = 2  # features in a name, as long as that tells results apart
APART = 0.5  # recorded standard deviations: what is nearer to the others says nothing
ORDINARY, USUAL = "close to the average of these", "close to what was usually recorded"


def titles(result: RunResult) -> list[str]:
    """The full name of every result, such as "Result 1: high slag, low water"; where it has none, its number."""
    numbers, names = result_names(len(result.results)), result.results.names
    if names is None:
        return numbers
    return [f"{number}: {name}" if name else number for number, name in zip(numbers, names, strict=True)]


def name_results(
    features: Sequence[FeatureInfo], X: np.ndarray, typical: np.ndarray, parts: Collection[str] = ()
) -> tuple[str, ...]:
    """Names of k results by what sets each apart from the others, such as "high slag, low water".

    A feature counts by how far the result lies from the median of the others, in recorded standard deviations; a
    category by the share of the others that have another one. The two that count most are named. "high" and "low" are
    said of what also lies on that side of the usual recorded value, "higher" and "lower" of what does so beside the
    other results only, and "no" of a part of which there is nothing. Results that would get one name get values besides
    ("cement 210 kg/m³"), unless they read the same in every feature; where one feature is free, its value is the name.
    The order of the results does not matter.

    Args:
        features: all of them, in the order of the columns; those that are frozen are never named.
        X: (k, d) results, categories as codes.
        typical: (d,) usual recorded values, such as medians; the only thing to be told apart from where k is 1.
    """
    free = [j for j, feature in enumerate(features) if feature.is_free]
    if len(free) == 1:  # nothing else could set results apart
        return tuple(_shown(features[free[0]], row[free[0]]) for row in X)
    named: list[dict[int, str]] = []
    for k in range(len(X)):
        others = np.delete(X, k, axis=0) if len(X) > 1 else typical[None]
        traits = {j: _trait(features[j], X[k, j], others[:, j], typical[j], features[j].name in parts) for j in free}
        ranked = sorted((j for j in free if traits[j][0] >= APART), key=lambda j: -traits[j][0])
        named.append({j: traits[j][1] for j in ranked[:NAMED]})
    ordinary = ORDINARY if len(X) > 1 else USUAL
    return tuple(_with_values_where_alike(features, X, free, named, ordinary))


def _trait(feature: FeatureInfo, value: float, others: np.ndarray, typical: float, is_part: bool) -> tuple[float, str]:
    """How much a feature sets a result apart from others (m,), and how that reads."""
    if feature.categories:
        return float((others != value).mean()), f"{feature.name} {feature.categories[int(value)]}"
    std = feature.std if feature.std > 0 else 1.0
    apart, unusual = (value - float(np.median(others))) / std, (value - typical) / std
    if is_part and value == 0:
        return abs(apart), f"no {feature.name}"
    is_unusual = apart * unusual > 0 and abs(unusual) >= APART
    side = ("high" if apart > 0 else "low") if is_unusual else ("higher" if apart > 0 else "lower")
    return abs(apart), f"{side} {feature.name}"


def _with_values_where_alike(
    features: Sequence[FeatureInfo], X: np.ndarray, free: list[int], named: list[dict[int, str]], ordinary: str
) -> list[str]:
    while True:  # each round adds the value that tells most of those apart that share a name
        names = [", ".join(words.values()) or ordinary for words in named]
        is_changed = False
        for name in set(names):
            group = [k for k, other in enumerate(names) if other == name]
            shown = {j: [_shown(features[j], X[k, j]) for k in group] for j in free} if len(group) > 1 else {}
            telling = [j for j in shown if len(set(shown[j])) > 1]
            if not telling:
                continue
            is_changed = True
            most = max(telling, key=lambda j: (len(set(shown[j])), _spread(features[j], X[group, j])))
            for k, words in zip(group, shown[most], strict=True):
                named[k] = {**(named[k] or {-1: ordinary}), most: words}
        if not is_changed:
            return names


def _spread(feature: FeatureInfo, values: np.ndarray) -> float:
    """How far values of a feature lie apart, in recorded standard deviations; two categories are 1 apart."""
    apart = float(np.ptp(values))
    return min(apart, 1.0) if feature.categories else apart / (feature.std if feature.std > 0 else 1.0)


def _shown(feature: FeatureInfo, value: float) -> str:
    """A feature with its value, such as "cement 210 kg/m³"."""
    if feature.categories:
        return f"{feature.name} {feature.categories[int(value)]}"
    amount = number_words(value, sensible_decimals(feature.std, 1.0 if feature.is_integer else None))
    return " ".join(word for word in (feature.name, amount, feature.unit) if word)


def result_names(n: int) -> list[str]:
    """What the representatives are called."""
    return [f"Result {number}" for number in range(1, n + 1)]
