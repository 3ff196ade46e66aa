"""Rows at the end of a table that sum it up: totals, means, standard deviations, lowest and highest values."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

_LABELS = {
    "sum": "(?:grand|sub|overall)?[ -]?totals?(?: general| général| sum)?|sums?|summen?|gesamt|gesamtsumme"
    "|gesamtergebnis|zwischensumme|insgesamt|somme|suma|soma|totale|razem|ogółem|итого|всего|celkem|toplam|totaal"
    "|合計|小計|总计|合计|小计|합계|σ|∑",
    "mean": "(?:overall |total |grand )?(?:means?|averages?)|avg|(?:gesamt)?mittel|(?:gesamt)?mittelwerte?|mw"
    "|(?:durch)?schnitt|arith(?:m|metic|metisches)?\\.? (?:mean|mittel(?:wert)?)|moyenne|promedio|media|média|średnia"
    "|średnio|среднее|průměr|ortalama|gemiddelde|medel(?:värde)?|平均値?|平均值|均值|평균"
    "|x̄|ø|geomean|geometric mean",
    "spread": "std|stdev|st\\.? ?dev|std\\.? ?dev|standard deviation|std\\.?-?abw|standardabweichung|stabw"
    "|sd|s\\.d|cv|vk|(?:% ?)?rsd(?: ?%)?|% ?cv|cv ?%|rel\\. ?std|variationskoeffizient|coefficient of variation"
    "|var|variance|varianz|sem|standard error|standardfehler|spannweite|écart[ -]type|ecart[ -]type",
    "lowest": "min|minimum|kleinster wert|lowest",
    "highest": "max|maximum|größter wert|highest",
    "median": "median|zentralwert|q1|q3|25 ?%|50 ?%|75 ?%|p5|p95",
    "count": "n =|count|anzahl|nobs|no\\. of samples",
}
_WORDS = {
    "sum": "sums",
    "mean": "means",
    "spread": "standard deviations",
    "lowest": "lowest values",
    "highest": "highest values",
    "median": "medians",
    "count": "counts",
    "other": "figures",
}
_PATTERNS = {
    kind: re.compile(rf"(?:{pattern})\.?\s*(?:[:=]|\([^()]*\))?", re.IGNORECASE) for kind, pattern in _LABELS.items()
}
_MAX_ROWS = 10
_MIN_ROWS = 3
_SURE = 3.0  # powers of ten: how unlikely it has to be that a row meets sums or means by chance
_SURE_IF_NAMELESS = 1.5


def kind_by_label(text: str) -> str | None:
    """What a label says that its row holds, such as "sum" for "Summe:"; None for any other text."""
    text = text.strip()
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(text)), None)


def words_of(kind: str) -> str:
    """A kind in words, such as "standard deviations"."""
    return _WORDS[kind]


def summary_rows(
    numbers: Sequence[np.ndarray], texts: Mapping[int, Sequence[str]], is_blank: np.ndarray, is_named: np.ndarray
) -> list[tuple[int, str, str]]:
    """Position, kind and label ("" without one) of the rows at the end that sum up those above, from the top.

    Args:
        numbers: (n,) per column of numbers, NaN for no number.
        texts: per row position, for the last rows, the texts that stand in them and in no row above.
        is_blank: (n,) rows without any value, which may lie between.
        is_named: (n,) rows with words; where all above have some, one without is no measurement that easily.
    """
    filled = np.flatnonzero(~is_blank)
    tail = filled[-_MAX_ROWS:]
    found: list[tuple[int, str, str]] = []
    for k in range(min(len(tail), len(filled) - 1), 0, -1):
        body, candidates = filled[: len(filled) - k], filled[len(filled) - k :]
        counts = Counter(text.strip() for words in texts.values() for text in words)
        kinds: list[tuple[str, str] | None] = []
        for place in candidates.tolist():
            sure = _SURE_IF_NAMELESS if is_named[body].all() and not is_named[place] else _SURE
            kind = _kind_of(place, body, numbers, texts, sure)
            words = [text.strip() for text in texts.get(place, ()) if text.strip() not in ("", "-")]
            n_named = sum(1 if one[0] != "other" else -1 for one in kinds if one is not None and one[1])
            if kind is None and words and counts[words[0]] == 1 and n_named > 0:
                kind = "other", words[0]  # a figure of another name below "Mean"
            kinds.append(kind)
        known = [one for one in kinds if one is not None]
        if len(known) == len(kinds):
            found = [(int(place), *one) for place, one in zip(candidates, known, strict=True)]
            break
    return found


def subtotal_rows(labels: Mapping[int, str], numbers: Sequence[np.ndarray], n: int) -> list[tuple[int, str, str]]:
    """Position, kind and label of the rows that sum up blocks of rows above them; [] unless all sums and means do so.

    Args:
        labels: per row position, a text in it that `kind_by_label` knows.
        numbers: (n,) per column of numbers, NaN for no number.
    """
    kinds = {place: kind for place, label in sorted(labels.items()) if (kind := kind_by_label(label))}
    records = np.setdiff1d(np.arange(n), list(kinds))
    checked = set[int]()
    for place, kind in kinds.items():
        above = records[records < place]
        if kind not in ("sum", "mean") or not len(above):
            continue
        start = max((other for other in kinds if other < above[-1]), default=-1)
        block = above[above > start]
        if len(block) == 1:
            continue  # what sums up one row alone is no evidence
        # A last one may sum up all blocks.
        if not (_agrees(kind, place, block, numbers) or _agrees(kind, place, above, numbers)):
            return []
        checked.add(start)
    # One block alone, with nothing below but figures of other names, ends the table.
    is_inside = len(checked) > 1 or (checked and (records > max(kinds)).sum() >= _MIN_ROWS)
    return [(place, kind, labels[place].strip()) for place, kind in kinds.items()] if is_inside else []


def _agrees(kind: str, place: int, body: np.ndarray, numbers: Sequence[np.ndarray]) -> bool:
    """Whether three in four numbers of a row are the sums or means of those in a body."""
    met = []
    for column in numbers:
        value, above = float(column[place]), column[body][np.isfinite(column[body])]
        if np.isfinite(value) and len(above) and np.ptp(above):
            met.append(_is_figure(kind, value, above))
    return bool(met) and sum(met) >= 0.75 * len(met)


def _kind_of(
    place: int, body: np.ndarray, numbers: Sequence[np.ndarray], texts: Mapping[int, Sequence[str]], sure: float
) -> tuple[str, str] | None:
    for text in texts.get(place, ()):
        kind = kind_by_label(text)
        # "Max" and "Min" are names of people, too.
        if kind and (kind not in ("lowest", "highest") or _is_extreme(kind, place, body, numbers)):
            return kind, text.strip()
    if len(body) < _MIN_ROWS or any(text.strip() for text in texts.get(place, ())):
        return None
    return next(((kind, "") for kind in ("sum", "mean", "spread") if _is_met(kind, place, body, numbers, sure)), None)


def _is_extreme(kind: str, place: int, body: np.ndarray, numbers: Sequence[np.ndarray]) -> bool:
    """Whether no number of a row lies inside the numbers above it."""
    for column in numbers:
        above = column[body][np.isfinite(column[body])]
        if len(above) and np.isfinite(column[place]):
            limit = float(above.min() if kind == "lowest" else above.max())
            inside = column[place] - limit if kind == "lowest" else limit - column[place]
            if inside > 0.01 * abs(limit):  # room for rounding
                return False
    return True


def _is_met(kind: str, place: int, body: np.ndarray, numbers: Sequence[np.ndarray], sure: float) -> bool:
    """Whether most numbers of a row are sums, means or deviations of those above, more surely than by chance."""
    evidence, n_met, n_given = 0.0, 0, 0
    for column in numbers:
        value, above = float(column[place]), column[body][np.isfinite(column[body])]
        if not np.isfinite(value) or len(above) < _MIN_ROWS or np.ptp(above) == 0:
            continue
        n_given += 1
        if _is_figure(kind, value, above):
            n_met += 1
            if not value:
                continue  # the centre of a coded design
            room = max(float(np.ptp(above)), abs(value) if kind == "sum" else 0.0)
            evidence += max(float(np.log10(room / (2 * _tolerance(value)))), 0.0)
    # The centre point of a design is the mean of all settings, but its outcome is not the mean of the outcomes.
    share = 0.75 if kind == "sum" else 1.0
    return n_given > 0 and n_met >= share * n_given and evidence >= sure


def _is_figure(kind: str, value: float, above: np.ndarray) -> bool:
    """Whether a number is the sum, the mean or a deviation of those above it, as it is written."""
    return any(abs(value - figure) <= _tolerance(value) for figure in _figures(kind, above))


def _tolerance(value: float) -> float:
    return 0.51 * 10.0 ** -_decimals(value) + 1e-9 * max(abs(value), 1.0)


def _figures(kind: str, above: np.ndarray) -> list[float]:
    if kind == "sum":
        return [float(above.sum())]
    if kind == "mean":
        return [float(above.mean())]
    return [float(above.std()), float(above.std(ddof=1))]


def _decimals(value: float) -> int:
    """How many decimals a number is written with."""
    text = f"{value:.12g}"
    return len(text.partition(".")[2]) if "e" not in text else 12
