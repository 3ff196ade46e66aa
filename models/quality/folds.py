"""Which rows are held out together, in turn: the folds of a cross-validation."""

import numpy as np

MINIMUM_FOLDS = 2


def assign_folds(groups: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """Return (n,) the fold of each row, 0 to k - 1; rows of one group share a fold, and every fold has rows.

    Groups are dealt in random order, the largest first, each to the fold that has fewest rows so far, so that folds
    differ by one group at most. There are fewer folds than asked for where there are fewer groups.

    Args:
        groups: (n,) the group of each row, as whole numbers.
        n_folds: how many are wanted.
        rng: decides the order.

    Raises:
        ValueError: fewer than two folds or two groups.
    """
    names, members = np.unique(groups, return_inverse=True)
    n_groups = len(names)
    if n_folds < MINIMUM_FOLDS or n_groups < MINIMUM_FOLDS:
        raise ValueError(
            f"Cross-validation needs at least {MINIMUM_FOLDS} folds and {MINIMUM_FOLDS} different settings; got "
            f"{n_folds} folds and {n_groups} settings. Record more rows."
        )
    sizes = np.bincount(members, minlength=n_groups)
    dealt = rng.permutation(n_groups)
    dealt = dealt[np.argsort(-sizes[dealt], kind="stable")]
    filled = np.zeros(min(n_folds, n_groups), dtype=int)
    fold_of_group = np.empty(n_groups, dtype=int)
    for group in dealt:
        fold = int(filled.argmin())
        fold_of_group[group] = fold
        filled[fold] += sizes[group]
    return fold_of_group[members.reshape(-1)]
