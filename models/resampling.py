"""Which rows each member of an ensemble learns from, and which tell it when to stop."""

from typing import NamedTuple

import numpy as np

from models.split import Split


class MemberRows(NamedTuple):
    """Rows of K members: indices of those that each is fitted to, and of those that decide which epoch was its best."""

    train: tuple[np.ndarray, ...]
    validation: tuple[np.ndarray, ...]


def member_rows(split: Split, groups: np.ndarray, n_members: int, rng: np.random.Generator) -> MemberRows:
    """Return the rows of each member: all training and validation rows but a share of its own, which stops it.

    Training and validation rows are put in random order, groups staying together, and each member leaves out as many
    as there were validation rows, members at even distances (a cross-validation committee, Krogh and Vedelsby 1995).
    So members differ in their rows, and together they learn from all of them. One member alone has the split's rows.

    Args:
        split: its test rows are left alone.
        groups: of every row of the table (see `row_groups`); rows of one group are left out together.
        n_members: K.
        rng: of the order.
    """
    if n_members == 1:
        return MemberRows((split.train,), (split.validation,))
    rows = np.sort(np.concatenate([split.train, split.validation]))
    parts = _parts(rows, groups[rows])
    parts = [parts[group] for group in rng.permutation(len(parts))]
    rows, place = np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    train, validation = [], []
    for member in range(n_members):
        window = (member * len(rows) // n_members + np.arange(len(split.validation))) % len(rows)
        is_left_out = np.isin(place, place[window])
        is_usable = not is_left_out.all()  # not where one group is nearly all of the table
        train.append(rows[~is_left_out] if is_usable else split.train)
        validation.append(rows[is_left_out] if is_usable else split.validation)
    return MemberRows(tuple(train), tuple(validation))


def resampled_rows(rows: np.ndarray, groups: np.ndarray, n_members: int, rng: np.random.Generator) -> np.ndarray:
    """Return (K, n) rows for each member: as many as given, whole groups drawn with replacement (the bootstrap).

    One member alone gets every row once, as they are.

    Args:
        rows: (n,) indices to draw from.
        groups: (n,) the group of each of them; rows of one group are drawn together.
        n_members: K.
        rng: of the draw.
    """
    if n_members == 1:
        return rows[None]
    parts = _parts(rows, groups)
    return np.stack([_drawn(parts, len(rows), rng) for _ in range(n_members)])


def _parts(rows: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
    """Return the rows of each group."""
    order = np.argsort(groups, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(groups[order])) + 1)


def _drawn(parts: list[np.ndarray], n_rows: int, rng: np.random.Generator) -> np.ndarray:
    """Return n_rows rows of groups drawn with replacement; of the last one drawn, what there is room for."""
    drawn: list[np.ndarray] = []
    missing = n_rows
    while missing > 0:
        for group in rng.integers(len(parts), size=len(parts)):
            drawn.append(parts[group][: max(missing, 0)])
            missing -= len(parts[group])
    return np.concatenate(drawn)
