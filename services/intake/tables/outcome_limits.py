"""What an outcome can be at all, guessed from its unit and its rows: the user has the last word."""

import re
from typing import NamedTuple

import numpy as np

from models.data.limits import NO_LIMITS, PhysicalLimits

_NEAR = 0.25  # standard deviations between the lowest row and 0: no farther is near
_CROWDED = 0.6  # of the way from the median up to the 95 % quantile: no longer is the way down to the 5 % one
_MIN_ZEROS = 2

_QUALIFIER = r"(?:wt|vol|mol|at|mass|ma|w/w|v/v|m/m|rh|[mvw])\.?"
_PERCENT = re.compile(rf"(?:{_QUALIFIER}[\s-]*)?(?:%|percent|per cent|pct\.?|prozent)(?:\s*\(?{_QUALIFIER}\)?)?")
_UNIT_IN_NAME = re.compile(r"[\[(]([^\[\]()]+)[\])]\s*")
_EXPONENT = re.compile(r"\^?[-+⁻]?[\d.⁰¹²³⁴-⁹]+$")

_NEVER_NEGATIVE = {
    *("pa", "hpa", "kpa", "mpa", "gpa", "bar", "mbar", "psi", "ksi"),
    *("kg", "g", "mg", "µg", "ug", "ng", "t", "lb", "lbs"),
    *("m", "cm", "mm", "µm", "um", "nm", "km", "in", "ft", "l", "ml", "µl", "ul"),
    *("s", "ms", "min", "h", "hr", "hrs", "d", "day", "days", "hours", "minutes", "seconds", "hz", "khz", "mhz", "rpm"),
    *("k", "mol", "mmol", "µmol", "umol", "kmol", "ppm", "ppb"),
}
_PRESSURES = {"n/mm2", "n/mm²", "n/m2", "n/m²", "kn/m2", "kn/m²"}  # a force alone may have either sign
_EITHER_SIGN = {"°c", "c", "degc", "°f", "f", "degf", "°", "deg", "rad", "v", "mv", "kv", "a", "ma", "db", "€", "$"}

# English, then German.
_DIFFERENCES = {
    *("change", "difference", "diff", "deviation", "delta", "error", "residual", "shift", "offset", "drift", "bias"),
    *("gain", "increase", "decrease", "reduction", "growth", "balance", "profit", "margin", "velocity"),
    *("änderung", "differenz", "abweichung", "fehler", "zunahme", "abnahme", "bilanz", "gewinn"),
}
_SIGNED = {"temperature", "temp", "temperatur", "potential", "voltage", "current", "log", "ln", "logit", "score"}


class Guess(NamedTuple):
    """Limits of an outcome, open where nothing is known, and what they were guessed from, in words."""

    limits: PhysicalLimits
    source: str = ""


def guess_limits(name: str, unit: str, values: np.ndarray) -> Guess:
    """The limits that physics probably sets to an outcome; none where it may be negative.

    A percentage that was never recorded outside of 0 to 100 stays there. Masses, lengths, strengths and the like are
    never negative; nor is what has no such unit if its rows stop at 0 and crowd there. Where a row is negative, or the
    name says that it is a difference, nothing is guessed.

    Args:
        unit: as typed; where it is "", one in brackets at the end of the name counts.
        values: (n,) recorded outcomes; those that are not finite are ignored.
    """
    values, words = values[np.isfinite(values)], set(re.findall(r"[^\W\d_]+", name.casefold()))
    if not len(values) or values.min() < 0 or words & _DIFFERENCES or name[:1] in ("Δ", "δ"):
        return Guess(NO_LIMITS)
    in_name = _UNIT_IN_NAME.search(name)
    unit = unit.strip() or (in_name[1].strip() if in_name else "")
    plain = unit.casefold().replace("μ", "µ")  # the Greek letter for the sign of micro
    if _PERCENT.fullmatch(plain):
        return Guess(PhysicalLimits(0.0, 100.0 if values.max() <= 100 else None), f"its unit, {unit}")
    parts = {_EXPONENT.sub("", part) for part in re.split(r"[/·*×\s()]+", plain)} - {""}
    if plain in _PRESSURES or (parts and parts <= _NEVER_NEGATIVE):
        return Guess(PhysicalLimits(0.0), f"its unit, {unit}")
    if parts & _EITHER_SIGN or words & _SIGNED or not _stops_at_zero(values):
        return Guess(NO_LIMITS)
    return Guess(PhysicalLimits(0.0), "its rows, which stop at 0 and crowd there")


def _stops_at_zero(values: np.ndarray) -> bool:
    """Whether values (n,), none negative, look as if 0 held them back: the lowest near it, and close together.

    Values around a mean that happen to reach down to 0 thin out there, those that cannot get below do not.
    """
    if values.min() > _NEAR * values.std():
        return False
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return bool(middle - low <= _CROWDED * (high - middle) or (values == 0).sum() >= _MIN_ZEROS)
