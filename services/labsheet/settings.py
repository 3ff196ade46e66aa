"""The settings of a result as a laboratory doses them: rounded to steps or to what matters, with units."""

from typing import NamedTuple

from services.digits import number_words, sensible_decimals, step_decimals
from services.results import FeatureInfo, ResultSet, RunResult
from services.runspec import NumericSpec


class Setting(NamedTuple):
    """One feature of one result.

    Attributes:
        feature: which.
        value: rounded, or the name of a category.
        words: the same as it is read, without its unit.
    """

    feature: FeatureInfo
    value: float | str
    words: str


def settings_of(result: RunResult, k: int, rows: ResultSet | None = None) -> list[Setting]:
    """Return the settings of result ``k`` (from 0) as they are dosed; without the sweep feature of a searched curve.

    Args:
        result: whose features they are.
        k: place in the set.
        rows: another set than the results.
    """
    swept = result.spec.curve.feature if result.spec.curve is not None else None
    pairs = zip(result.features, (rows or result.results).X[k], strict=True)
    return [_setting(result, feature, value) for feature, value in pairs if feature.name != swept]


def decimals_of_feature(result: RunResult, feature: FeatureInfo) -> int:
    """Return how many decimals a feature is dosed with: those of its step, else what matters against its spread."""
    steps = {given.name: given.step for given in result.spec.features if isinstance(given, NumericSpec)}
    step = 1.0 if feature.is_integer else steps.get(feature.name)
    return step_decimals(step) if step else sensible_decimals(feature.std)


def _setting(result: RunResult, feature: FeatureInfo, value: float) -> Setting:
    if feature.categories:
        name = feature.categories[int(value)]
        return Setting(feature, name, name)
    decimals = decimals_of_feature(result, feature)
    return Setting(feature, round(float(value), decimals) + 0.0, number_words(value, decimals))
