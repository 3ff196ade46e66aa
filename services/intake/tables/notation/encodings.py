"""The encoding of a text file: by its mark, by being valid UTF-8, else by the letters that its bytes become.

A byte above 127 is another letter in every old encoding. The right one gives letters of one language, inside words, and
signs such as ° and µ where measurements have them; a wrong one gives capitals inside words, frames and stray signs.
"""

import codecs
import re
from collections.abc import Iterable

# Each choice in the words that a page shows. Of equally likely ones the earlier is taken.
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
    "cp437": "DOS 437",
    "cp932": "Shift-JIS (Japanese)",
    "gb18030": "GB18030 (Chinese)",
}
_SINGLE = ("cp1252", "cp1250", "cp1251", "mac_roman", "cp850", "cp437")
_DOUBLE = ("cp932", "gb18030")

# Letters that are no ASCII, the usual ones and then the rare ones, of languages that share an encoding.
_WESTERN = (
    ("äöüßÄÖÜ", ""),  # German
    ("éèàêç", "âîôûùëïœÉÀÈÊÇ"),  # French
    ("áéíóúñ", "ü¿¡ÁÉÍÓÚÑ"),  # Spanish
    ("ãçáéíó", "õâêôàúÃÇÁÉÍÓ"),  # Portuguese
    ("àèéìòù", "ÀÈÉ"),  # Italian
    ("åäöæø", "éÅÄÖÆØ"),  # Nordic
)
_CENTRAL = (
    ("ąćęłńóśźż", "ĄĆĘŁŃÓŚŹŻ"),  # Polish
    ("áčéěířšůýž", "ďňťúÁČĎÉĚÍŇŘŠŤÚŮÝŽ"),  # Czech
    ("áäčéíšťúýž", "ďľĺňóôŕÁČĎÉÍĽŇÓŠŤÚÝŽ"),  # Slovak
    ("áéíóöőúüű", "ÁÉÍÓÖŐÚÜŰ"),  # Hungarian
    ("čćšžđ", "ČĆŠŽĐ"),  # Croatian, Slovene
    ("ăâîşţ", "ĂÂÎŞŢ"),  # Romanian
    ("äöüßÄÖÜ", ""),
)
_CYRILLIC = (("абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ", "ёАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯІЇЄҐЁ"),)
_COMMON = "äöüßé"  # of equally likely readings that with these
_LANGUAGES = {"cp1250": _CENTRAL, "cp1251": _CYRILLIC}
# Signs in the company that they keep in tables.
_SIGNS = re.compile(
    r"°(?=[CFKR]?(?:$|[^\w]))|(?<![A-Za-z])[µμ](?=[mgslLAVWFNM])|(?<=[A-Za-z])[²³](?![A-Za-z])|(?<=[\d\s)])±(?=[\s\d])|(?<=\s)±|"
    r"€(?=\s?\d|/|$|[\])])|(?<=\d)\s?€|(?<=[\s\d])[–—](?=[\s\d])|(?<!\w)[„“‘«](?=\w)|(?<=\w)[“”’»](?!\w)|(?<=[a-z])’(?=s\b)|Ø(?=\s|$)|(?<=\s)[×·](?=\s)|(?<=[A-Za-z0-9])[·](?=[A-Za-z])"
)
_WORD = re.compile(r"[^\W\d_]+")
_CELL = re.compile(rb'[^\r\n\t,;"]+')
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff9f\u3000-\u303f℃]+")
_MAX_CELLS = 400
_IS_DAMAGED = 0.2  # UTF-8 with fewer damaged letters than this share is UTF-8 all the same


def sniff_encoding(data: bytes) -> str:
    """The encoding of a text file, a key of `ENCODINGS`."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:4_000]
    # Digits and Latin letters have a zero byte each in UTF-16: the second one where it is little-endian.
    if len(head) >= 4 and head.count(0) > len(head) * 0.3:
        return "utf-16-be" if head[0::2].count(0) > head[1::2].count(0) else "utf-16-le"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8" if mended_utf8(data) else _by_letters(data)
    return "utf-8"


def mended_utf8(data: bytes) -> str:
    """The text of a file that is UTF-8 but for a few damaged letters, which become "\ufffd"; "" for any other file."""
    text = data.decode("utf-8-sig", errors="replace")
    n_damaged = text.count("\ufffd")
    n_foreign = len(text) - len(text.encode("ascii", errors="ignore"))
    return text if 0 < n_damaged < _IS_DAMAGED * n_foreign else ""


def first_foreign_word(text: str) -> str:
    """The first word with a letter that is no ASCII, "" if there is none: what shows whether an encoding is right."""
    found = re.search(r"[^\x00-\x7f]", text)
    if found is None:
        return ""
    start, end = found.start(), found.end()
    while start and not re.match(r"[\s,;\t\"]", text[start - 1]) and found.start() - start < 20:
        start -= 1
    while end < len(text) and not re.match(r"[\s,;\t\"]", text[end]) and end - found.end() < 20:
        end += 1
    return text[start:end]


def _by_letters(data: bytes) -> str:
    """The old encoding under which the cells with foreign letters look most like words and measurements."""
    cells = list(dict.fromkeys(_foreign_cells(data)))
    scores = {encoding: _score(cells, encoding) for encoding in (*_SINGLE, *_DOUBLE)}
    ranked = sorted(scores, key=lambda encoding: -scores[encoding])  # stable: of equal ones the first
    return next((encoding for encoding in ranked if _decodes(data, encoding)), "cp1252")


def _foreign_cells(data: bytes) -> Iterable[bytes]:
    """Yield the first cells that hold a byte above 127, each cut out of its whole line."""
    n, end = 0, 0
    for found in re.finditer(rb"[\x80-\xff]", data):
        if found.start() < end:
            continue
        start = max(data.rfind(b"\n", 0, found.start()), data.rfind(b"\r", 0, found.start())) + 1
        stops = [stop for stop in (data.find(b"\n", found.start()), data.find(b"\r", found.start())) if stop >= 0]
        end = min(stops, default=len(data))
        for cell in _CELL.findall(data[start:end][:20_000]):
            if not cell.isascii():
                yield cell
                n += 1
        if n >= _MAX_CELLS:
            return


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _score(cells: list[bytes], encoding: str) -> float:
    texts, score = [], 0.0
    for cell in cells:
        try:
            texts.append(cell.decode(encoding))
        except UnicodeDecodeError:
            score -= 3.0
    if encoding in _DOUBLE:
        return score + sum(_score_of_ideographs(text, encoding) for text in texts)
    languages = _LANGUAGES.get(encoding, _WESTERN)
    return score + max(sum(_score_of_letters(text, *letters) for text in texts) for letters in languages)


def _score_of_letters(text: str, usual: str, rare: str) -> float:
    """How much a text looks like one of a language: its letters in words, signs in their places."""
    signs = {found.start() for found in _SIGNS.finditer(text)} | {
        found.end() - 1 for found in re.finditer(r"\d\s?€", text)
    }
    score = 1.5 * len(signs)
    in_words: set[int] = set()
    for found in _WORD.finditer(text):
        word = found[0]
        places = [j for j, letter in enumerate(word) if letter > "\x7f" and found.start() + j not in signs]
        in_words.update(found.start() + j for j in places)
        for j in places:
            letter = word[j]
            value = 1.0 if letter in usual else 0.5 if letter in rare else -0.5
            value += 0.1 * (letter in _COMMON)
            if letter.isupper() and j and word[j - 1].islower():
                value = -1.0  # a capital inside a word
            elif letter.islower() and j + 1 < len(word) and word[j + 1].isupper():
                value = -1.0
            elif len(word) < 3:
                value = 0.2 * value  # a letter that stands alone is mostly a sign
            score += value
        # Western words are mostly ASCII; Cyrillic ones are not at all.
        if usual[0] != "а" and len(places) > max(2, 0.6 * len(word)):
            score -= 1.5 * len(places)
        elif usual[0] == "а" and len(places) < len(word):
            score -= 2.0 * len(places)
    strays = [j for j, letter in enumerate(text) if letter > "\x7f" and j not in signs and j not in in_words]
    return score - sum(2.0 if "\u2500" <= text[j] <= "\u259f" or ord(text[j]) < 0xA0 else 0.7 for j in strays)


def _score_of_ideographs(text: str, encoding: str) -> float:
    """How much a text looks like Japanese or Chinese: runs of usual signs that stand apart from Latin letters."""
    score, n_seen = 0.0, 0
    for found in _CJK.finditer(text):
        run = found[0]
        n_seen += len(run)
        before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
        is_stuck = before.isascii() and before.isalpha() and after.isascii() and after.islower()
        if is_stuck or (len(run) == 1 and (before + after).isalpha() and run not in "℃"):
            score -= 1.0 * len(run)
            continue
        score += sum(_score_of_ideograph(sign, encoding) for sign in run)
    n_foreign = sum(sign > "\x7f" for sign in text)
    signs = len(_SIGNS.findall(text))
    return score + 1.0 * signs - 0.7 * max(n_foreign - n_seen - signs, 0)


def _score_of_ideograph(sign: str, encoding: str) -> float:
    """1.5 for a sign of everyday writing (its two bytes make two letters elsewhere), less for a rare one."""
    if "\u3000" <= sign <= "\u30ff" or "\uff01" <= sign <= "\uff5e" or sign == "℃":
        return 1.5 if encoding == "cp932" or sign < "\u3040" or sign > "\uff00" else 0.3
    if "\uff61" <= sign <= "\uff9f":  # half-width kana: one byte each, what Chinese looks like in Shift-JIS
        return -0.2
    try:
        lead = sign.encode("gb2312" if encoding == "gb18030" else "cp932")[0]
    except UnicodeEncodeError:
        return -0.5
    is_usual = 0xB0 <= lead <= 0xD7 if encoding == "gb18030" else 0x88 <= lead <= 0x97
    return 1.5 if is_usual else 0.2
