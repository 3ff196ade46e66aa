"""Which recorded rows a model learns from, is stopped by and is measured on; and the rows of each member."""

from dataclasses import dataclass

import numpy as np

from models.data.dataset import Dataset
from models.errors import TrainingError

MINIMUM_ROWS = 15
"""With fewer rows there is nothing to hold out."""

MINIMUM_GROUPS = 5
"""With fewer groups than this, rows are split one by one."""


@dataclass(frozen=True, slots=True)
class Split:
    """Row indices of three disjoint sets that together hold every row, each sorted.

    Attributes:
        train: rows the weights are fitted to.
        validation: rows that decide when training stops.
        test: rows held out; the model never sees them.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def check_dataset(dataset: Dataset) -> None:
    """Raise TrainingError where nothing can be learned."""
    if np.isnan(dataset.y).any():
        raise TrainingError(
            f"The outcome '{dataset.outcome.name}' was not measured in {int(np.isnan(dataset.y).sum()):,} of "
            f"{dataset.n_rows:,} rows: a model learns the rows of one outcome, `dataset.for_outcome('...')`."
        )
    if dataset.n_rows < MINIMUM_ROWS:
        raise TrainingError(
            f"The table has {dataset.n_rows} complete rows; training needs at least {MINIMUM_ROWS}. Record more rows, "
            "or leave out features with many missing values."
        )
    if not _varies(dataset.y):
        raise TrainingError(
            f"The outcome '{dataset.outcome.name}' is {dataset.y[0]:g} in every row: choose an outcome that varies."
        )
    if not any(_varies(dataset.X[:, j]) for j in range(len(dataset.features))):
        raise TrainingError("No feature varies from row to row: choose at least one that does.")


def check_training_rows(dataset: Dataset, rows: np.ndarray) -> None:
    """Raise TrainingError where the rows (indices) left for training say nothing."""
    if not _varies(dataset.y[rows]):
        raise TrainingError(
            f"The outcome '{dataset.outcome.name}' differs in so few rows that those left for training are all equal: "
            "record more rows, or try another seed."
        )


def _varies(values: np.ndarray) -> bool:
    return float(np.ptp(values)) > 1e-12 * float(np.abs(values).max())


def row_groups(dataset: Dataset) -> np.ndarray:
    """The group (n,) of each row: rows that share all features but the sweep one, or the label `group`, have one group.

    Rows of one setting are one thing measured several times (a mix at several ages), and those of one batch share what
    nobody wrote down: on both sides of a split they would make a model look better than it is. Where batches join so
    many settings that too few groups are left, settings alone stay together; where these are too few, rows are alone.
    """
    settings = _settings(dataset)
    for groups in (_joined(settings, dataset), settings):
        if groups.max() + 1 >= MINIMUM_GROUPS:
            return groups
    return np.arange(dataset.n_rows)


def keeps_batches(dataset: Dataset) -> bool:
    """Whether splits keep the rows of each value of the label `group` together."""
    return dataset.group is not None and int(_joined(_settings(dataset), dataset).max()) + 1 >= MINIMUM_GROUPS


def _settings(dataset: Dataset) -> np.ndarray:
    """The setting (n,) of each row, by all features but the sweep one; each row its own without such features."""
    kept = [j for j, name in enumerate(dataset.feature_names) if name != dataset.sweep]
    if not kept:
        return np.arange(dataset.n_rows)
    return np.unique(dataset.X[:, kept], axis=0, return_inverse=True)[1].reshape(-1)


def _joined(settings: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Settings (n,) joined wherever a value of the label `group` has rows of several; rows without value join none."""
    if dataset.group is None:
        return settings
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    batches = dataset.label(dataset.group).ranks
    has_batch, n_settings = batches >= 0, int(settings.max()) + 1
    n_nodes = n_settings + int(batches.max()) + 1
    edges = (settings[has_batch], n_settings + batches[has_batch])
    graph = coo_array((np.ones(int(has_batch.sum())), edges), shape=(n_nodes, n_nodes))
    parts = connected_components(graph, directed=False)[1][:n_settings]
    return np.unique(parts[settings], return_inverse=True)[1].reshape(-1)


def split_rows(dataset: Dataset, *, validation_share: float, test_share: float, seed: int) -> Split:
    """A random split of the rows that keeps groups together; the same seed gives the same split.

    Groups are dealt in random order, to the test rows while one fits, else to the validation rows, else to the
    training rows. Where groups are so large that a side would stay empty, rows are dealt one by one.
    """
    rng = np.random.default_rng(seed)
    split = _deal(row_groups(dataset), test_share, validation_share, rng)
    if min(len(split.train), len(split.validation), len(split.test)) == 0:
        split = _deal(np.arange(dataset.n_rows), test_share, validation_share, rng)
    return split


def split_for_stopping(dataset: Dataset, rows: np.ndarray, validation_share: float, seed: int) -> Split:
    """A split of some rows (indices) alone: a share of them decides when training stops, none is held out.

    Groups stay together as in `split_rows`, unless one side would stay empty.
    """
    rng = np.random.default_rng([seed, 3])
    _, groups = np.unique(row_groups(dataset)[rows], return_inverse=True)
    split = _deal(groups.reshape(-1), None, validation_share, rng)
    if min(len(split.train), len(split.validation)) == 0:
        split = _deal(np.arange(len(rows)), None, validation_share, rng)
    ordered = np.asarray(rows)
    return Split(np.sort(ordered[split.train]), np.sort(ordered[split.validation]), ordered[split.test])


def _deal(groups: np.ndarray, test_share: float | None, validation_share: float, rng: np.random.Generator) -> Split:
    """The groups (n,) dealt in random order; without a test share no row is held out."""
    sizes = np.bincount(groups)
    sides = np.zeros(len(sizes), dtype=int)
    shares = {side: share for side, share in ((1, test_share), (2, validation_share)) if share is not None}
    least = int(np.sort(sizes)[: len(shares)].max())  # so that every side has room for a group
    room = {side: max(least, round(share * len(groups))) for side, share in shares.items()}
    for group in rng.permutation(len(sizes)):
        side = next((side for side, left in room.items() if sizes[group] <= left), 0)
        sides[group] = side
        if side:
            room[side] -= sizes[group]
    side_of_row = sides[groups]
    train, test, validation = (np.flatnonzero(side_of_row == side) for side in (0, 1, 2))
    return Split(train=train, validation=validation, test=test)


def member_rows(
    split: Split, groups: np.ndarray, n_members: int, rng: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The rows that each of K members learns from: all but a share of its own, and those of this share, which stop it.

    Training and validation rows are put in random order, groups staying together, and each member leaves out as many
    as there were validation rows, members at even distances (a cross-validation committee, Krogh and Vedelsby 1995).
    So members differ in their rows, and together they learn from all of them. One member alone has the split's rows.

    Args:
        groups: of every row of the table (see `row_groups`); rows of one group are left out together.
    """
    if n_members == 1:
        return [split.train], [split.validation]
    rows = np.sort(np.concatenate([split.train, split.validation]))
    parts = _parts(rows, groups[rows])
    parts = [parts[group] for group in rng.permutation(len(parts))]
    rows, place = np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    train: list[np.ndarray] = []
    validation: list[np.ndarray] = []
    for member in range(n_members):
        window = (member * len(rows) // n_members + np.arange(len(split.validation))) % len(rows)
        is_left_out = np.isin(place, place[window])
        is_usable = not is_left_out.all()  # not where one group is nearly all of the table
        train.append(rows[~is_left_out] if is_usable else split.train)
        validation.append(rows[is_left_out] if is_usable else split.validation)
    return train, validation


def resampled_rows(rows: np.ndarray, groups: np.ndarray, n_members: int, rng: np.random.Generator) -> np.ndarray:
    """Rows (K, n) for each member: as many as given, whole groups drawn with replacement (the bootstrap, Efron 1979).

    One member alone gets every row once, as they are.

    Args:
        groups: (n,) the group of each of them; rows of one group are drawn together.
    """
    if n_members == 1:
        return rows[None]
    parts = _parts(rows, groups)
    return np.stack([_drawn(parts, len(rows), rng) for _ in range(n_members)])


def _parts(rows: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(groups, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(groups[order])) + 1)


def _drawn(parts: list[np.ndarray], n_rows: int, rng: np.random.Generator) -> np.ndarray:
    drawn: list[np.ndarray] = []
    missing = n_rows
    while missing > 0:
        for group in rng.integers(len(parts), size=len(parts)):
            drawn.append(parts[group][: max(missing, 0)])
            missing -= len(parts[group])
    return np.concatenate(drawn)


def evenly(n: int, most: int) -> np.ndarray:
    """At most ``most`` of the numbers 0 to n - 1, evenly spaced, both ends among them."""
    return np.unique(np.linspace(0, n - 1, most).astype(int))
