"""The unit of a formula, where the units of its columns tell it, and "" where they do not.

A number in a formula has no unit of its own: 0.12 in "0.12 * cement" may be a price. So products with numbers have none
here, and whoever writes such a formula gives its unit.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from models.formulas.formula import NAME, NUMBER, Formula, Step
from models.formulas.operations import COMPARISONS, NEGATIVE

Powers = dict[str, Fraction]
"""The power of each symbol of a unit; {} for a number without unit."""

_SYMBOL = re.compile(r"([A-Za-zµμΩ€$£¥]+)(?:\^?(-?[1-9])|([⁻]?[¹²³⁴⁵⁶⁷⁸⁹]))?")
_WITH_DIGITS = re.compile(r"(?:[kcdmµμn]?m|in|ft|s|min|h)-?[1-4]")  # else digits are part of a name, as in CO2
_FACTORS = re.compile(r"[·⋅*×\s]+")
_RAISED = str.maketrans("⁻¹²³⁴⁵⁶⁷⁸⁹", "-123456789")
_TO_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SHIFTED = ("°C", "°F", "℃", "℉")  # their 0 is no nothing: adding a number to them makes another unit


def unit_of(formula: Formula, units: Mapping[str, str]) -> str:
    """The unit of what a formula comes to, such as "kg/m³" or "€/m³"; "" for a ratio, and where it is not known.

    Args:
        units: of the columns by name; a column that is not there has an unknown one, one with "" has none.
    """
    found: list[Powers | None] = []
    for place, step in enumerate(formula.steps):
        if step.operation == NAME:
            found.append(_read(units[str(step.value)]) if step.value in units else None)
        elif not step.operands:
            found.append({})
        else:
            steps = [(formula.steps[i], formula.is_constant[i], found[i]) for i in step.operands]
            found.append(_unit(step.operation, steps) if not formula.is_constant[place] else {})
    return _written(found[-1] or {})


def _unit(operation: str, steps: list[tuple[Step, bool, Powers | None]]) -> Powers | None:
    """The unit of one operation on steps, each with whether it is constant, and its unit."""
    columns = [unit for _, is_constant, unit in steps if not is_constant]
    if operation in COMPARISONS:
        return {}
    if operation in ("+", "-", "min", "max", NEGATIVE, "abs"):
        is_shifted = len(columns) < len(steps) and operation in ("+", "-") and any(map(_is_shifted, columns))
        return None if is_shifted or any(unit != columns[0] for unit in columns) else columns[0]
    if operation in ("exp", "log"):
        return {} if columns[0] == {} else None
    if operation == "sqrt":
        return _raised(columns[0], Fraction(1, 2))
    (first, is_first_number, one), (second, is_second_number, other) = steps
    if operation == "^":
        exponent = Fraction(str(second.value)) if second.operation == NUMBER else None
        if exponent is None:
            return {} if one == other == {} else None
        return _raised(one, exponent)
    is_one = first.operation == NUMBER and first.value == 1 and operation == "/"
    if (is_first_number and not is_one) or is_second_number:
        return None
    return _multiplied(one, other, 1 if operation == "*" else -1)


def _is_shifted(unit: Powers | None) -> bool:
    return unit is not None and any(symbol in _SHIFTED for symbol in unit)


def _read(text: str) -> Powers:
    """The powers of a unit's symbols; a text that is no product of symbols, such as "wt%", is one symbol."""
    powers: Powers = {}
    for sign, part in zip((1, -1, -1, -1), text.split("/"), strict=False):
        for factor in filter(None, _FACTORS.split(part.strip().removeprefix("(").removesuffix(")"))):
            match = _SYMBOL.fullmatch(factor)
            if match and match[2] and "^" not in factor and not _WITH_DIGITS.fullmatch(factor):
                match = None
            if not match and not (factor == "1" and sign == 1):
                return {text: Fraction(1)}
            if match:
                exponent = int(match[2] or (match[3] or "1").translate(_RAISED))
                powers[match[1]] = powers.get(match[1], Fraction(0)) + sign * exponent
    return {symbol: power for symbol, power in powers.items() if power} if text.count("/") < 4 else {text: Fraction(1)}


def _multiplied(one: Powers | None, other: Powers | None, sign: int) -> Powers | None:
    if one is None or other is None:
        return None
    powers = dict(one)
    for symbol, power in other.items():
        powers[symbol] = powers.get(symbol, Fraction(0)) + sign * power
    powers = {symbol: power for symbol, power in powers.items() if power}
    # shares, degrees and whatever else is no plain symbol are only ever alone
    is_plain = all(_SYMBOL.fullmatch(symbol) for symbol in powers)
    return powers if is_plain or powers in (one, other) else None


def _raised(unit: Powers | None, exponent: Fraction) -> Powers | None:
    if unit is None:
        return None
    powers = {symbol: power * exponent for symbol, power in unit.items()}
    is_plain = all(_SYMBOL.fullmatch(symbol) and power.denominator == 1 for symbol, power in powers.items())
    return {symbol: power for symbol, power in powers.items() if power} if is_plain or exponent == 1 else None


def _written(powers: Powers) -> str:
    def symbols(sign: int) -> list[str]:
        found = [(symbol, sign * power) for symbol, power in powers.items() if sign * power > 0]
        return [symbol + ("" if power == 1 else str(power).translate(_TO_RAISED)) for symbol, power in found]

    above, below = symbols(1), symbols(-1)
    if not below:
        return "·".join(above)
    return f"{'·'.join(above) or '1'}/{below[0] if len(below) == 1 else '(' + '·'.join(below) + ')'}"
