"""Amounts for a batch of a certain volume, where the parts of a mix are given per cubic metre."""

from services.digits import number_words
from services.labsheet.settings import Setting, decimals_of_feature
from services.results import RunResult

_ENDINGS = ("/m³", "/m3", "/m^3")
_LITRES = 1000.0
_MORE_DECIMALS = 2  # a batch of 50 L is a twentieth of a cubic metre: the same exactness needs these


def batch_unit(result: RunResult) -> str:
    """Return the unit of the amounts of a batch, such as "kg", or "" where the parts are not given per cubic metre."""
    parts = parts_of(result)
    units = {feature.unit.replace(" ", "") for feature in result.features if feature.name in parts}
    if len(units) != 1:
        return ""
    unit = units.pop()
    return next((unit.removesuffix(ending) for ending in _ENDINGS if unit.endswith(ending)), "")


def batch_words(result: RunResult, setting: Setting, litres: float) -> str:
    """Return the amount of one part for a batch of so many litres, without its unit; "" for what is no part."""
    if setting.feature.name not in parts_of(result) or isinstance(setting.value, str):
        return ""
    return number_words(setting.value * litres / _LITRES, decimals_of_feature(result, setting.feature) + _MORE_DECIMALS)


def parts_of(result: RunResult) -> tuple[str, ...]:
    """Return the names of the features that add up to the density, where the run knows them."""
    return result.spec.density.parts if result.spec.density is not None else ()
