"""Units as people write them in headers, under headers and behind numbers.

A unit is a product of known symbols with prefixes and exponents ("kg/m³", "mPa·s", "N/mm2"), or one of the words that
stand for one ("wt%", "days"). What is none stays part of the name: "Strength (28d)", "Runtime (new)".
"""

import re
from collections.abc import Sequence
from functools import cache


def _words(text: str) -> set[str]:
    return {word.strip() for line in text.splitlines() for word in line.split(" | ") if word.strip()}


_PREFIXES = ("", "k", "M", "G", "m", "µ", "μ", "u", "n", "p", "c", "d", "h", "da", "T")
_WITH_PREFIX = (
    *("m", "g", "s", "A", "K", "mol", "cd", "Hz", "N", "Pa", "J", "W", "V", "F", "Ω", "Ohm", "S", "T", "H", "C"),
    *("L", "l", "bar", "eV", "cal", "Wh", "M", "Gy", "lx", "lm", "Bq", "P", "St", "Ah", "VA", "kat", "U"),
)
_WORDS = _words("""
    % | ‰ | ° | Celsius | Fahrenheit | Kelvin
    °C | ° C | ℃ | °F | ° F | °K | grad | degC | deg C | degF | deg F | deg | rad | min | mins | minute
    minutes | Minuten | h | hr | hrs | hour | hours | Std | Std. | Stunden | Stunde | d | day | days | Tag | Tage
    wk | week | weeks | Woche | Wochen | month | months | Monat | Monate | yr | year | years | Jahr | Jahre | a
    sec | secs | second | seconds | Sek | Sek. | Sekunden | msec | ppm | ppb | ppmv | ppmw | phr | wt% | wt.% | wt-%
    wt. % | wt.-% | wt % | % wt | w% | m% | % w/w | % v/v | % w/v | w/w | v/v | w/v | vol% | vol.% | vol-% | vol.-%
    vol % | vol. % | Vol.-% | Vol% | Vol.% | Vol-% | mol% | mol-% | mol.-% | mol % | Mol-% | Mol% | at% | at.%
    at.-% | Gew% | Gew.% | Gew-% | Gew.-% | Ma% | Ma.% | Ma-% | Ma.-% | M.-% | M-% | area% | area-% | %RH | % RH
    % rH | %rF | pct | percent | rpm | rpm. | U/min | rev/min | psi | psig | psia | barg | bara | bar(g) | bar(a)
    mbar | atm | torr | Torr | mmHg | mmH2O | inHg | in | inch | inches | ft | yd | mil | mils | lb | lbs | lbf | oz
    gal | BTU | kgf | kp | t | to | Tonnen | ha | Å | cP | cps | cSt | mesh | dB | dBA | dB(A) | pcs | Stk | Stk.
    Stück | € | $ | £ | ¥ | EUR | USD | CHF | GBP | Euro | ct | Cent | k€ | Mio. € | a.u. | a. u. | au | arb. u.
    Shore A | Shore D | ShA | ShD | HV | HV10 | HB | HRC | HRB | NTU | FNU | FTU | °dH | °Bx | °Brix | Brix | IU
    CFU | kat | eq | equiv | equiv. | Äq. | x | mpa | Mpa | mPA | MPA | Kg | KG | kN | Nm | mol | Mol | g-Äq | TPM
    OD | OD600 | pH units | SU | vvm | Nl | Nm³ | Nm3 | sccm | slm | KOH | GPU | ksi | °API | gpm
""")
_SYMBOLS = _WORDS | {prefix + symbol for prefix in _PREFIXES for symbol in _WITH_PREFIX}
# Letters that more often name a variant ("Line A", "Phase C") than a unit, unless the name speaks of the quantity.
_DOUBTFUL = {
    **dict.fromkeys(("C", "F", "K"), re.compile(r"temp|^t\b|_t\b|kelvin", re.IGNORECASE)),
    **dict.fromkeys(("A", "mA"), re.compile(r"current|strom|amp|^i\b", re.IGNORECASE)),
    **dict.fromkeys(("a", "d"), re.compile(r"age|alter|time|zeit|dauer|duration|days?|tage?", re.IGNORECASE)),
    **dict.fromkeys(("D", "T", "H", "S", "M", "P", "R", "U", "x", "SU", "OD", "St"), re.compile("(?!)")),
}
_QUANTITIES = ("C", "F", "K", "A", "mA", "T", "M", "S", "H", "d", "a")  # in square brackets these are units
# A word that is a unit in itself, but not beside a column of the same name with one of these.
_SIBLINGS = {
    "min": ("max", "mean", "avg", "mittel"),
    "in": ("out", "aus"),
    "h": ("l", "v"),
    "l": ("r", "h", "s", "g"),
    "s": ("l", "g"),
}
_SAME = {
    "h": _words("hr | hrs | hour | hours | std | std. | stunde | stunden"),
    "min": _words("mins | minute | minutes | minuten"),
    "s": _words("sec | secs | second | seconds | sek | sek. | sekunden"),
    "d": _words("day | days | tag | tage"),
    "°c": _words("c | ℃ | ° | degc | deg | grad"),
    "l": _words("ltr | liter | litre"),
}
_DASHES = ("", "-", "–", "—", "1")
_LONGEST = 300  # characters of a header that is looked at: the patterns take the square of its length
_EXPONENT = re.compile(r"(?:\^?\(?[-+\u2212]?[1-4]\)?|[⁻⁺]?[¹²³⁴]+|\*\*[1-4])$")
_FACTORS = re.compile(r"\s*[·⋅*×]\s*|\s+|(?<=[a-zµ])\.(?=[a-zA-Z])")
_BRACKETS = re.compile(
    r"(?P<name>.*?\S)(?P<gap>\s*)(?:\[(?P<square>[^\[\]]*)\]|\((?P<round>(?:[^()]|\([^()]*\))*)\)|\{(?P<curly>[^{}]*)\})\s*"
)
_TAILS = re.compile(r"(?P<name>.*[^\s,/])(?:\s+/\s+|,\s+|\s+in\s+|\s+(?=[°℃%‰]))(?P<unit>\S.*)")
_IN = re.compile(r"(?P<name>.*\S)\s+in\s+(?P<unit>\S.*)")
_OVER = re.compile(r"(?P<name>[^\W\d]{1,3})/(?P<unit>\S{2,})")  # "T/°C"
_FULL_WIDTH = str.maketrans("（）［］％º˚", "()[]%°°")


@cache
def is_unit(text: str) -> bool:
    """Whether a text is a unit as people write it, such as "°C", "kg/m³", "1/min" or "wt%"."""
    text = " ".join(text.translate(_FULL_WIDTH).split())
    if not text or len(text) > 24:
        return False
    if text in _SYMBOLS:
        return True
    over = [part.strip() for part in text.split("/")]
    if len(over) > 3 or not all(over):
        return False
    return (over[0] == "1" or _is_product(over[0])) and all(_is_product(part, is_below=True) for part in over[1:])


def is_same_unit(one: str, other: str) -> bool:
    """Whether two spellings mean the same unit, such as "hours" and "h"; any share is the same as a bare "%"."""

    def plain(text: str) -> str:
        text = "".join(text.split()).casefold()
        return next((unit for unit, words in _SAME.items() if text in words), text)

    both = {plain(one), plain(other)}
    return len(both) == 1 or ("%" in both and all("%" in unit for unit in both))


def in_brackets(text: str) -> str | None:
    """What stands in the brackets that enclose a whole text, or None where none do."""
    text = text.translate(_FULL_WIDTH).strip()
    if len(text) > 1 and text[0] + text[-1] in ("[]", "()", "{}") and not re.search(r"[\[\](){}]", text[1:-1]):
        return text[1:-1].strip()
    return None


def split_unit(header: str) -> tuple[str, str]:
    """Name and unit of a header such as "Temp [°C]", "Druck (bar)", "T / °C" or "Zeit in h"; no unit is "".

    "[-]" says that there is no unit, so it is left out of the name.
    """
    if len(header) > _LONGEST:
        return header, ""
    *lines, last = header.strip().split("\n")
    if lines and is_unit(last) and _is_meant(" ".join(lines), last.strip()):
        return " ".join(" ".join(lines).split()), last.strip()
    text = " ".join(header.translate(_FULL_WIDTH).split())
    if found := _BRACKETS.fullmatch(text):
        name = found["name"].rstrip(" _:,-/") or found["name"]
        unit = next(part for part in (found["square"], found["round"], found["curly"]) if part is not None).strip()
        is_square = found["square"] is not None
        if unit in ("-", "–", "—") or (unit == "1" and is_square):
            return name, ""
        is_plural = unit == "s" and not found["gap"] and not re.search("time|zeit|dauer|^t$", name, re.IGNORECASE)
        if is_unit(unit) and not is_plural and (_is_meant(name, unit) or (is_square and unit in _QUANTITIES)):
            return name, unit
        return header, ""
    found = _IN.fullmatch(text) or _TAILS.fullmatch(text)
    if found is None and ("/°" in text or not is_unit(text)):
        found = _OVER.fullmatch(text)
    if found is None or (len(found["unit"]) == 1 and " in " not in text and found["unit"] not in "%‰"):
        return header, ""
    if found["unit"] in "%‰" and not re.search(r"[^\W\d]", found["name"]):
        return header, ""  # "5 %" names an amount
    if is_unit(found["unit"]) and _is_meant(found["name"], found["unit"]):
        return found["name"], found["unit"]
    return header, ""


def split_units(headers: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names and units of all headers of a table; those that would get the same name keep theirs, without a unit."""
    found = [split_unit(header) for header in headers]
    for j, (_, unit) in enumerate(found):
        siblings = _SIBLINGS.get(unit, ())
        if any(
            re.search(rf"[\[(]\s*(?:{'|'.join(siblings)})\s*[\])]", other, re.IGNORECASE)
            for other in headers
            if siblings
        ):
            found[j] = headers[j], ""
    names = [" ".join(name.split()) for name, _ in found]
    kept = [
        (header, "") if names.count(name) > 1 else pair
        for header, pair, name in zip(headers, found, names, strict=True)
    ]
    return [name for name, _ in kept], [unit for _, unit in kept]


def is_units_row(cells: Sequence[str]) -> bool:
    """Whether the filled ones of these cells are units, bracketed or bare: most of them, and one for sure."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    bare = [_bare(cell) for cell in filled]
    pairs = list(zip(filled, bare, strict=True))
    sure = sum(is_unit(text) and not (cell == text and text in _DOUBTFUL) for cell, text in pairs)
    other = [(cell, text) for cell, text in pairs if not is_unit(text)]
    likely = sum(text in _DASHES or in_brackets(cell) is not None for cell, text in other)
    return sure > 0 and sure + likely >= 0.6 * len(filled) and all(len(text) <= 24 for text in bare)


def unit_of_cell(cell: str) -> str:
    """The unit that a cell of a units row names, without brackets; "" for a dash or a word that is none."""
    text = _bare(cell)
    return "" if text in _DASHES or not (is_unit(text) or in_brackets(cell)) else text


def _bare(cell: str) -> str:
    """A cell without the brackets around it, and without the word in front of a unit ("in °C")."""
    bare = in_brackets(cell)
    return " ".join((cell if bare is None else bare).split()).removeprefix("in ")


def _is_meant(name: str, unit: str) -> bool:
    return unit not in _DOUBTFUL or _DOUBTFUL[unit].search(name) is not None


def _is_product(text: str, *, is_below: bool = False) -> bool:
    """Whether a text is a product of symbols with exponents; below a fraction line one may begin with a number."""
    text = text.removeprefix("(").removesuffix(")") if text.startswith("(") and text.endswith(")") else text
    factors = [factor for factor in _FACTORS.split(text) if factor]
    if is_below and factors:
        factors[0] = re.sub(r"^10{1,3}\s*(?=\D)", "", factors[0])
        factors = [factor for factor in factors if not re.fullmatch("10{1,3}", factor)]
    return bool(factors) and len(factors) <= 4 and all(map(_is_symbol, factors))


def _is_symbol(text: str) -> bool:
    return text in _SYMBOLS or _EXPONENT.sub("", text) in _SYMBOLS
