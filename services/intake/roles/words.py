"""What a column's name says: a row's label, something set, something measured."""

import re
from typing import NamedTuple

from services.intake.roles import vocabulary as known

_UNIT = re.compile(r"\s*[\[(]([^\[\]()]+)[\])]\s*$")
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])|(?<=[A-Z]{2})(?=[A-Z][a-z])")
_NUMERO = re.compile(r"\bn[°º]|№", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[#%]")
_LABEL_NOUNS = known.BATCHES | known.SAMPLES | known.RUNS | known.REPLICATES | known.DESIGN | known.NAMELESS
_LABEL_ENDS = ("nummer", "nr", "number", "id", "order", "datum", "date", "code", "name", "番号", "编号")

SURE = 3.0
"""Points of a name that is surely an outcome's."""


class Header(NamedTuple):
    """A column's name in plain pieces: words in small letters, numbers apart, without its unit in brackets."""

    words: tuple[str, ...]
    unit: str


def header_of(name: str, unit: str = "") -> Header:
    """The words and the unit of a name: "RunOrder" is run, order; "Strength 28d [MPa]" is strength, 28, d in MPa."""
    in_name = _UNIT.search(name)
    bare = name[: in_name.start()] if in_name and in_name.start() else name
    tokens = _TOKEN.findall(_CAMEL.sub(" ", _NUMERO.sub("no ", bare)))
    words = [word for token in tokens for word in _split(token.casefold().replace("μ", "µ"))]
    return Header(tuple(words), unit.strip() or (in_name[1].strip() if in_name else ""))


def _split(word: str) -> list[str]:
    """A compound such as chargennummer or sampleid in two, if its first part is a noun of labels; else the word."""
    for end in _LABEL_ENDS:
        begin = word.removesuffix(end)
        if begin != word and {begin, begin.removesuffix("s")} & (_LABEL_NOUNS | known.COUNTED):
            return [begin, end]
    return [word]


def label_words(header: Header) -> set[str]:
    """The words of a name that can only be a label's, by its words; empty for any other name.

    One word that says something else is enough: batch size, run time, sample mass and probe depth are no labels.
    """
    words = {word for word in header.words if not word.isdigit()} - known.FILLERS
    if header.unit and header.unit not in ("#", "-"):
        return set()
    return words if words <= _LABEL_NOUNS | known.NUMBERS | known.COUNTED else set()


def name_points(header: Header) -> float:
    """How far a name speaks for an outcome: `SURE` for one, half of it perhaps, 0 for nothing known, -2 for a setting.

    The last word counts, as it is what the words before it describe: yield strength is a strength, and a target
    temperature is set. Where it says nothing, the one before it counts half: a price level is hardly a price. The
    strength of a cement and the purity of a feed are set, too. Height, time and the like are what the word before says.
    """
    words = _described(header)
    if not header.words:
        return 0.0
    if header.words[0].isdigit() and words and set(words) <= known.DAYS:
        return SURE  # "28 d", "7 days": what was measured then
    if header.words[0] == "y" or words in (["f"], ["f", "x"]) or set(header.words) <= known.MEANS:
        return SURE
    if is_spread(header):
        return -1.0
    if header.words[:2] in (("d", "10"), ("d", "50"), ("d", "90")):
        return SURE / 2  # of particles
    found = [(points, word) for word in reversed(words) if (points := _word_points(word))]
    is_carried = len(found) > 1 and words[-1] in known.CARRIERS
    points, word = found[is_carried] if found else (0.0, "")
    if points > 0 and set(words[: -1 if is_carried else words.index(word)]) & known.SET_BEFORE:
        return -1.0
    if points > 0 and word != words[-1] and not is_carried:
        points = SURE / 2
    return max(points, SURE / 2) if set(header.words) & known.AFTER and points > -2 else points


def _described(header: Header) -> list[str]:
    """The words of a name without numbers, units at its end, and words that anything may have, such as rate or mean."""
    words = list(header.words)
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in known.UNIT_WORDS | known.NEUTRAL):
        words.pop()
    return [word for word in words if not word.isdigit() and (word not in known.NEUTRAL or len(words) == 1)]


def _word_points(word: str) -> float:
    if word in known.OUTCOMES or word.endswith(known.OUTCOME_ENDS):
        return SURE
    if word in known.MAYBE_OUTCOMES or word in known.COSTS:
        return SURE / 2
    return -2.0 if word in known.SETTINGS or word.endswith(known.SETTING_ENDS) else 0.0


def unit_points(header: Header) -> float:
    """How far a unit speaks for an outcome: 1 for one, -1 for that of a setting, 0 for any other."""
    unit = "".join(header.unit.casefold().replace("μ", "µ").split())
    return 1.0 if unit in known.OUTCOME_UNITS else -1.0 if unit in known.SETTING_UNITS else 0.0


def stem(header: Header) -> tuple[str, ...]:
    """The words of a name without numbers and days: strength_7d and strength_28d have one stem."""
    return tuple(word for word in header.words if not word.isdigit() and word not in known.DAYS)


def is_cost(header: Header) -> bool:
    """Whether a name is that of a cost."""
    return bool(set(_described(header)[-1:]) & known.COSTS)


def is_spread(header: Header) -> bool:
    """Whether a name is that of a standard deviation or the like."""
    return bool(set(header.words) & known.SPREADS) or {"standard", "deviation"} <= set(header.words)


def is_time(name: str, unit: str = "") -> bool:
    """Whether a name is that of a time: T is a temperature, t a time, and each of them what its unit says."""
    header = header_of(name, unit)
    if header.unit:
        is_t = "t" in header.words and header.unit.casefold() in known.TIME_UNITS
    else:
        is_t = "t" in _TOKEN.findall(name)
    return is_t or bool(set(header.words) & known.TIMES)
