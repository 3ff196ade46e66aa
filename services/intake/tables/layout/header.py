"""Where the table begins: its header of one or two rows, its units, and what stands above.

Rows that look like the body tell the rest: a header is the fullest row above the first of them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from services.intake.tables.limits import TableError
from services.intake.tables.notation.dates import is_date
from services.intake.tables.notation.numbers import is_value
from services.intake.tables.notation.units import in_brackets, is_units_row, unit_of_cell
from services.specs.digits import counted

HEAD_ROWS = 300
"""How many rows are looked at."""

Record = tuple[int, list[str]]
"""Row number as a spreadsheet counts, and the row's cells."""

Placed = tuple[int, int, list[str]]
"""Place among the given records, row number and cells."""

# Names that a program of designs gives; those of the user stand below.
_GENERIC = re.compile(
    r"(?:factor|response|input|output|faktor|antwort|zielgröße|einflussgröße|run|std|block)\s*\d*", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s*sep=.?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the first row of values.

    Attributes:
        names: one per column, as they are in the file; those of two rows are joined.
        units: one per column from a row of units, "" for none.
        row: number of the header's last row, 0 where there is no header.
        n_used: how many of the given records come before the first row of values.
        number_columns: positions of the columns that hold numbers.
        remarks: what was skipped or joined, one sentence each.
    """

    names: list[str]
    units: list[str]
    row: int
    n_used: int
    number_columns: frozenset[int]
    remarks: list[str] = field(default_factory=list)


def find_head(records: Sequence[Record], header_row: int | None = None, *, is_spaced: bool = False) -> Head:
    """The header among the first rows of a file that are not blank.

    Args:
        header_row: where it is by the user's choice; 0 says that there is none.
        is_spaced: columns are split at blanks, so that a title falls apart into as many cells as a header.

    Raises:
        TableError: no row can be the header, or there is none with that number.
    """
    kept = [
        (place, row, cells) for place, (row, cells) in enumerate(records) if filled(cells) and not is_separator(cells)
    ]
    separators = [row for row, cells in records[:3] if is_separator(cells)]
    remarks = [f"Row {row:,} names the delimiter ('sep=') and was skipped." for row in separators]
    width = usual_width([cells for _, _, cells in kept])
    numbers = _number_columns(_fullest_block(kept), width)
    comments = [one for one in kept if is_comment(one[2]) and not _is_body(one[2], numbers)]
    rows = [one for one in kept if one not in comments] if len(comments) < 50 else kept
    first = next((i for i, one in enumerate(rows) if _is_body(one[2], numbers)), None)
    if header_row == 0:
        start = next((i for i, one in enumerate(rows) if filled(one[2]) * 2 >= width), 0)
        names = [f"column {j + 1}" for j in range(width)]
        return Head(names, [""] * width, 0, rows[start][0], numbers, [*remarks, *_titles(rows[:start])])
    if header_row is not None:
        place = next((i for i, one in enumerate(rows) if one[1] == header_row), None)
        if place is None:
            known = [one for one in comments if one[1] == header_row]
            if not known:
                raise TableError(
                    f"Row {header_row:,} is blank or below the first rows: choose the row that names the columns."
                )
            rows = sorted([*rows, *known])
            place = rows.index(known[0])
    else:
        place = _header_place(rows, first, width, numbers, is_spaced=is_spaced)
        # A comment right above the rows of values names their columns where nothing else does: "# T p yield".
        above = [one for one in comments if one[0] < rows[place][0]]
        if place == first and above and (names := _names_in_comment(above[-1][2], width)):
            rows.insert(place, (*above[-1][:2], names))
            comments = [one for one in comments if one is not above[-1]]
    return _built(rows, place, width, numbers, comments, remarks, is_chosen=header_row is not None)


def is_separator(cells: Sequence[str]) -> bool:
    """Whether a row is the line "sep=;" that tells Excel the delimiter."""
    return bool(cells) and _SEPARATOR.fullmatch(cells[0]) is not None and not any(cells[1:])


def is_comment(cells: Sequence[str]) -> bool:
    """Whether a row begins with a mark of comments."""
    return bool(cells) and re.match(r"\s*(?:#|//|%)", cells[0]) is not None


def filled(cells: Sequence[str]) -> int:
    """How many cells hold something."""
    return sum(1 for cell in cells if cell.strip())


def usual_width(records: Sequence[Sequence[str]]) -> int:
    """How many columns most rows have, counted to the last filled cell."""
    body = _lower_half(records)
    usual, longest = _common_length(map(_trimmed, body)), _common_length(map(len, body))
    # A header may be wider than rows whose last cells are empty.
    wider = [_trimmed(cells) for cells in records[:10] if filled(cells) >= max(2, 0.6 * usual)]
    return max([usual, *(width for width in wider if width <= longest and usual > 1)])


def _fullest_block(rows: Sequence[Placed]) -> list[list[str]]:
    """The rows between two blank ones that hold most cells: titles and a second table stand apart from it."""
    blocks: list[list[list[str]]] = [[]]
    for before, (_, row, cells) in zip([None, *rows], rows, strict=False):
        if before is not None and row - before[1] > 1:
            blocks.append([])
        blocks[-1].append(cells)
    fullest = max(blocks, key=lambda block: sum(map(filled, block)))
    return fullest if len(fullest) >= 3 else [cells for _, _, cells in rows]


def _lower_half(records: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    return records[len(records) // 2 :] if len(records) != 3 else records[1:]


def _common_length(lengths: Iterable[int]) -> int:
    """The greatest of the lengths that at least a quarter of the rows have."""
    counts = Counter(length for length in lengths if length)
    return max((length for length, n in counts.items() if 4 * n >= counts.total()), default=0)


def _trimmed(cells: Sequence[str]) -> int:
    last = len(cells)
    while last and not cells[last - 1].strip():
        last -= 1
    return last


def _number_columns(records: Sequence[Sequence[str]], width: int) -> frozenset[int]:
    """The columns that hold mostly numbers or dates in the lower half of the rows."""
    body = [cells for cells in _lower_half(records) if 2 * filled(cells) >= width]
    found = []
    for j in range(width):
        cells = [record[j].strip() for record in body if j < len(record) and record[j].strip()]
        n_values = sum(is_value(cell) or is_date(cell) for cell in cells)
        if n_values and 2 * n_values > len(cells) and any(any("0" <= c <= "9" for c in cell) for cell in cells):
            found.append(j)
    return frozenset(found)


def _is_body(cells: Sequence[str], numbers: frozenset[int]) -> bool:
    """Whether a row has values where the columns of numbers are."""
    found = [cells[j].strip() for j in numbers if j < len(cells) and cells[j].strip()]
    n_values = sum(is_value(cell) or is_date(cell) for cell in found)
    # In a wide table one cell may be a word all the same.
    return bool(found) and 2 * len(found) >= len(numbers) and n_values >= 0.7 * len(found)


def _header_place(
    rows: Sequence[Placed], first: int | None, width: int, numbers: frozenset[int], *, is_spaced: bool
) -> int:
    if first == 0:
        return 0
    above = list(range(len(rows) if first is None else first))
    if first is None:  # words alone: the first row with at least half of its cells filled
        above = [i for i in above if 2 * filled(rows[i][2]) >= width and _trimmed(rows[i][2]) <= width][:1]
    likely = [i for i in above if 2 * filled(rows[i][2]) >= min(width, 3)]
    named = [
        i for i in likely if not is_units_row([cell for j, cell in enumerate(rows[i][2]) if j in numbers])
    ] or likely
    fitting = [i for i in named if _trimmed(rows[i][2]) <= width] or named
    if not fitting:
        if first is not None:
            return first
        raise TableError("No row has at least half of its cells filled: expected a header row with a name per column.")
    if is_spaced:
        return next(i for i in reversed(fitting) if filled(rows[i][2]) == max(filled(rows[j][2]) for j in fitting))
    fullest = max(filled(rows[i][2]) for i in fitting)
    if 2 * fullest < width and first is not None:
        return first
    return next(i for i in fitting if filled(rows[i][2]) == fullest)


def _names_in_comment(cells: Sequence[str], width: int) -> list[str]:
    """The names of the columns in a comment that is as wide as the table, [] for any other comment."""
    marks = ("#", "//", "%")
    if _trimmed(cells) == width + 1 and cells[0].strip() in marks:
        return list(cells[1:])
    if _trimmed(cells) != width or width < 2:
        return []
    # "#" alone counts the rows, and "% Fe" beside "% C" is a share.
    if cells[0].strip() in marks or any(is_comment([cell]) for cell in cells[1:]):
        return list(cells)
    return [re.sub(r"^\s*(?:#+\s*|//\s*|%\s+)", "", cells[0]), *cells[1:]]


def _built(
    rows: Sequence[Placed],
    place: int,
    width: int,
    numbers: frozenset[int],
    comments: Sequence[Placed],
    remarks: list[str],
    *,
    is_chosen: bool,
) -> Head:
    """The head around the row that is the header: a row of groups above or below it, and its units."""
    used, row, header = rows[place]
    names = [cell.strip() for cell in header]
    n_titles, last = place, place
    after = rows[place + 1][2] if place + 1 < len(rows) else []
    is_names = bool(after) and not _is_body(after, numbers) and bool(numbers)
    texts = [after[j] for j in numbers if j < len(after)] if is_names else []
    if place and not is_chosen and _is_groups(rows[place - 1], rows[place]):
        names, n_titles = _joined(rows[place - 1][2], names), place - 1
        remarks.append(
            f"The names of rows {rows[place - 1][1]:,} and {row:,} were joined, such as '{_example(names, header)}'."
        )
    elif is_names and not is_units_row(texts) and all(_GENERIC.fullmatch(name) for name in names if name):
        last, above = place + 1, names
        names = [cell.strip() or name for cell, name in zip_longest(after, above, fillvalue="")]
        remarks.append(f"The names were taken from row {rows[last][1]:,}, below '{header[0].strip()}'.")
    elif is_names and not is_units_row(texts) and _is_second_header(header, after, numbers):
        last, names = place + 1, _joined(names, [cell.strip() for cell in after])
        remarks.append(
            f"The names of rows {row:,} and {rows[last][1]:,} were joined, such as '{_example(names, header)}'."
        )
    units = [""] * len(names)
    if last + 1 < len(rows):
        below = rows[last + 1][2]
        texts = [below[j] for j in numbers if j < len(below)]
        if numbers and not _is_body(below, numbers) and is_units_row(texts):
            units = [unit_of_cell(cell) for cell in below][: len(names)]
            units += [""] * (len(names) - len(units))
            last += 1
            shown = next(unit for unit in units if unit) if any(units) else "-"
            remarks.append(f"Row {rows[last][1]:,} was read as units, such as '{shown}'.")
    if n_titles and not any(units):
        above = rows[n_titles - 1][2]
        if _trimmed(above) <= width and is_units_row([above[j] for j in numbers if j < len(above)]):
            n_titles -= 1
            units = [unit_of_cell(cell) for cell in [*above, *[""] * len(names)][: len(names)]]
            shown = next(unit for unit in units if unit)
            remarks.append(f"Row {rows[n_titles][1]:,} was read as units, such as '{shown}'.")
    skipped = [one for one in rows[:n_titles] if one[0] < used]
    notes = [one for one in comments if one[0] < rows[last][0]]
    n_used = rows[last][0] + 1
    return Head(names, units, row, n_used, numbers, [*remarks, *_titles([*skipped, *notes])])


def _titles(skipped: Sequence[Placed]) -> list[str]:
    if not skipped:
        return []
    text = next(cell.strip() for cell in min(skipped)[2] if cell.strip())
    return [f"Left out: {counted(len(skipped), 'row')} above the header, beginning with '{text[:60]}'."]


def _is_groups(above: Placed, header: Placed) -> bool:
    """Whether a row names groups of the columns below it: some names, each over a named column."""
    cells, names = above[2], header[2]
    places = [j for j, cell in enumerate(cells) if cell.strip()]
    if above[1] + 1 != header[1] or is_comment(cells) or not places:
        return False
    if len(places) == 1 and places[0] == 0:
        return False  # a title
    found = [name.strip() for name in names if name.strip()]
    if places == list(range(len(places))) and len(places) < len(found) and len(found) == len(set(found)):
        return False  # facts such as "Operator | KM": groups begin behind a gap, or tell equal names apart
    is_over = all(j < len(names) for j in places) and any(names[j].strip() for j in places)
    has_gap = any(not cells[j].strip() for j in range(places[0], min(len(names), len(cells)))) or len(cells) < len(
        names
    )
    return is_over and has_gap and not any(cell.strip().endswith(":") for cell in cells)


def _is_second_header(header: Sequence[str], after: Sequence[str], numbers: frozenset[int]) -> bool:
    """Whether the row below a header goes on with it: words, above numbers, that fill its gaps or part equal names."""
    below = {j for j, cell in enumerate(after) if cell.strip()}
    gaps = [j for j in below if j >= len(header) or not header[j].strip()]
    named = [header[j].strip() for j in below if j < len(header) and header[j].strip()]
    words = [after[j].strip() for j in below if j in numbers]
    is_words = len(words) >= 0.5 * len(numbers) and not any(is_value(word) or in_brackets(word) for word in words)
    return is_words and (bool(gaps) or len(set(named)) < len(named))


def _joined(groups: Sequence[str], names: Sequence[str]) -> list[str]:
    """Names with their groups in front: a group reaches to the next one."""
    width = max(len(groups), len(names))
    above = [groups[j].strip() if j < len(groups) else "" for j in range(width)]
    below = [names[j].strip() if j < len(names) else "" for j in range(width)]
    starts = [j for j in range(width) if above[j]]
    joined = list(below)
    sizes = [b - a for a, b in pairwise(starts)]
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else width
        # Where all earlier groups have one size of at least two, so has the last: what follows it stands alone.
        if number == len(starts) - 1 and len(set(sizes)) == 1 and sizes[0] > 1:
            end = min(end, start + sizes[0])
        for j in range(start, end):
            if j > start and not below[j]:
                break
            joined[j] = " ".join(part for part in (above[start], below[j]) if part)
    return joined


def _example(names: Sequence[str], header: Sequence[str]) -> str:
    parts = [cell.strip() for cell in header]
    return next((name for name in names if name and name not in parts), names[0])
