"""Numbers as people write them: "12,5 %", "40 ± 0.4", "€ 10,50", "1 234,5", "<0,05"; and words for "no number"."""

import re
from typing import NamedTuple

from services.intake.tables.notation.units import is_unit


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for line in text.splitlines() for word in line.split(" | ") if word.strip())


# An empty cell, and what programs write for one; in a column of words too.
EMPTY_WORDS = frozenset(("", "nan", "#n/a", "#na", "#nv", "<na>", "nat"))
# What people write where a number was not recorded; among words each may be a name, such as "none" for no catalyst.
MISSING_WORDS = EMPTY_WORDS | _words(r"""
    - | – | — | -- | --- | − | . | .. | ... | … | ? | ?? | x | * | / | \ | na | n/a | n.a. | n.a | n. a. | null
    none | nil | -nan | n.d. | n.d | nd | n. d. | n.b. | n. b. | nb | n.q. | nq | n.m. | n/m | nm | n.g. | k.a.
    k.a | k. a. | ka | k.w. | k. w. | o.a. | entf. | entfällt | fehlt | fehlend | leer | keine angabe
    nicht gemessen | nicht bestimmt | nicht bestimmbar | nicht messbar | nicht nachweisbar | n.n. | n. n. | nn
    n.z. | missing | not measured | not determined | not detected | not available | not applicable | no data | empty
    blank | unknown | unbekannt | tbd | t.b.d. | pending | ausstehend | failed | error | fehler | <lod | <loq
    < lod | < loq | lod | loq | bdl | bql | b.d.l. | u.d.l. | <bg | < bg | u.n.g. | <nwg | < nwg | manquant | nd.
    s/d | s.d. | sin dato | #div/0! | #value! | #ref! | #name? | #num! | #null! | #wert! | #bezug! | #zahl!
    #valeur! | #error! | #fehler! | #nom? | #nombre! | ##### | ######## | #spill! | #calc! | #überlauf! | err | err.
""")
# What a spreadsheet shows where a formula failed.
ERROR_WORDS = frozenset(word for word in MISSING_WORDS if word.startswith("#"))

_SPACES = " \u00a0\u202f\u2009"
_DIGITS = rf"[0-9](?:[0-9.,'’{_SPACES}]*[0-9.,])?(?:[eE][+-]?[0-9]+)?"
_NUMBER = rf"[+-]?\s?(?:{_DIGITS}|[.,][0-9]+(?:[eE][+-]?[0-9]+)?)"
_CURRENCY = r"€|\$|£|¥|EUR|USD|CHF|GBP|US\$|Fr\."
_DECORATED = re.compile(
    rf"(?P<bound><=|>=|<|>|≤|≥|⩽|⩾)?\s*(?P<about>~|≈|∼|ca\.?|circa|etwa|approx\.?|about)?\s*(?P<money>{_CURRENCY})?\s*"
    rf"(?P<open>\()?\s*(?P<number>{_NUMBER})(?P<power>\s*[x×·*]\s*10\s*(?:\^\s*\(?[+-]?[0-9]+\)?|[⁺⁻]?[⁰¹²³⁴-⁹]+|[+-][0-9]+))?\s*"
    rf"(?:(?:±|\+/-|\+-|\+/−)\s*(?P<spread>{_NUMBER})\s*%?)?\s*(?(open)\))\s*(?P<unit>[^\W\d_%][^<>]*|[%‰°€$£¥℃][^<>]*|1/\S+)?",
    re.IGNORECASE,
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_DASHES = re.compile(r"^(\D*)[\u2212\u2010-\u2013\ufe63\uff0d](?=\s?[\d.,])")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，％＋", "0123456789.,%+")
_BOOKED = re.compile(r"\(([0-9][0-9.,]*)\)|([0-9][0-9.,]*)-")  # negative numbers in books and in exports of SAP
_NEVER, _DIGIT = re.compile(r"[;|\t_:]"), re.compile("[0-9]")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED_BY_SPACE = re.compile(rf"[+-]?[1-9][0-9]{{0,2}}(?:[{_SPACES}'’][0-9]{{3}})+(?:[.,][0-9]+)?")
_GROUPED = {
    mark: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}(?:\{mark}[0-9]{{3}})+(?:\{other}[0-9]+)?")
    for mark, other in (".,", ",.")
}


class Written(NamedTuple):
    """A number as it stands in a cell, without what stands around it.

    Attributes:
        digits: the number with the marks that it has, such as "1.234,5".
        power: of ten that it is multiplied by.
        unit: behind it, or its currency; "" for none.
        bound: "<" or ">" where the cell gives a limit only, else "".
        spread: what follows "±", "" for nothing.
        is_about: it is marked as not exact.
        is_marked: a star behind it points to a note, or its sign or brackets are those of books.
    """

    digits: str
    power: int = 0
    unit: str = ""
    bound: str = ""
    spread: str = ""
    is_about: bool = False
    is_marked: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether nothing stands around the number."""
        return self == Written(self.digits)


class Meaning(NamedTuple):
    """What digits with marks mean.

    Attributes:
        by_decimal: the number where the last mark divides decimals, None where it cannot.
        by_thousands: the number where that mark groups by thousands, None where it cannot.
        mark: the mark in question, "" without one.
    """

    by_decimal: float | None
    by_thousands: float | None
    mark: str


_NO_READING = Meaning(None, None, "")


def written_number(cell: str) -> Written | None:
    """The number in a cell with what stands around it, or None where a cell is no number."""
    text = _DASHES.sub(r"\1-", cell.translate(_FULL_WIDTH).strip().lstrip("'‘’`"), count=1)
    if len(text) > 60 or _NEVER.search(text) or not _DIGIT.search(text):
        return None
    given = text
    if (negative := _BOOKED.fullmatch(text)) is not None:
        text = f"-{negative[1] or negative[2]}"
    elif text[:1] + text[-1:] == "[]":
        text = text[1:-1].strip()
    starred = text.rstrip("*†‡")
    found = _DECORATED.fullmatch(starred.rstrip())
    if found is None:
        return None
    money, unit = found["money"] or "", (found["unit"] or "").strip()
    # "1A" and "3C" are mostly names; "28d" and "60°C" are numbers.
    is_name = (
        len(unit) == 1
        and (unit.isupper() or unit == "a")
        and found["number"][-1:].isdigit()
        and text[found.end("number")] == unit
    )
    if (
        (unit and not is_unit(unit))
        or (unit and money)
        or is_name
        or read_digits(_signed(found["number"])) == _NO_READING
    ):
        return None
    power = (found["power"] or "").translate(_SUPERSCRIPTS)
    exponent = re.search(r"10\s*\^?\s*\(?([+-]?[0-9]+)\)?$", power)
    return Written(
        _signed(found["number"]),
        int(exponent[1]) if exponent and abs(int(exponent[1])) < 300 else 0,
        unit or money,
        {"≤": "<", "<=": "<", "⩽": "<", "≥": ">", ">=": ">", "⩾": ">"}.get(found["bound"] or "", found["bound"] or ""),
        found["spread"] or "",
        found["about"] is not None,
        starred != given,
    )


def _signed(digits: str) -> str:
    return digits.replace("- ", "-").replace("+ ", "").strip()


def read_digits(digits: str) -> Meaning:
    """What digits with marks mean, by themselves: one number where the marks leave no doubt, else both."""
    if _GROUPED_BY_SPACE.fullmatch(digits):
        plain = re.sub(rf"[{_SPACES}'’]", "", digits)
        return Meaning(float(plain.replace(",", ".")), None, "," if "," in plain else "." if "." in plain else "")
    for mark, other in (".,", ",."):
        if _GROUPED[mark].fullmatch(digits):
            value = float(digits.replace(mark, "").replace(other, "."))
            if other in digits or digits.count(mark) > 1:
                return Meaning(None, value, mark)
            return Meaning(float(digits.replace(mark, ".")), value, mark)
    if _PLAIN.fullmatch(digits):
        return Meaning(float(digits.replace(",", ".")), None, "," if "," in digits else "." if "." in digits else "")
    return _NO_READING


def is_missing_word(cell: str) -> bool:
    """Whether a cell says that no number was recorded."""
    return cell.strip().casefold() in MISSING_WORDS


def is_value(cell: str) -> bool:
    """Whether a cell is what stands under a header of numbers: a number in any notation, or a word for none."""
    return is_missing_word(cell) or written_number(cell) is not None
