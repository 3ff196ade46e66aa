"""Which rows are held out to learn how far a model errs: random ones, whole regions, and those with extreme outcomes.

Random rows never leave the recorded cloud, so errors on them do not cover where a search goes. It goes beyond the
best that was recorded: models that never saw the best rows show how such predictions err.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import row_groups

N_FOLDS = 5
N_REGIONS = 5
TAIL_SHARES = (0.1, 0.2, 0.35, 0.5)
MINIMUM_HELD_OUT = 3
"""With fewer rows than this held out, or a fifth of the rows left, a hold-out says nothing."""


class HoldOutKind(StrEnum):
    """What the rows that were held out have in common."""

    FOLD = "fold"
    REGION = "region"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Rows that a model does not see.

    Attributes:
        kind: what they have in common.
        is_held_out: (n,) which of the rows.
    """

    kind: HoldOutKind
    is_held_out: np.ndarray


def hold_outs(dataset: Dataset, encoding: Encoding, rng: np.random.Generator) -> list[HoldOut]:
    """The rows to hold out in turn; settings that were measured several times are held out as one.

    Args:
        dataset: the recorded rows.
        encoding: scales its features.
        rng: deals folds and begins regions.
    """
    groups = _codes(row_groups(dataset))
    n_groups = int(groups.max()) + 1
    settings = np.zeros((n_groups, encoding.n_inputs))
    np.add.at(settings, groups, encoding.encode(dataset.X).astype(float))
    settings /= np.bincount(groups)[:, None]
    outcomes = np.bincount(groups, _without_sweep_effect(dataset)) / np.bincount(groups)
    folds = rng.permutation(n_groups) % N_FOLDS
    regions = _regions(settings, N_REGIONS, rng)
    found = [HoldOut(HoldOutKind.FOLD, (folds == fold)[groups]) for fold in range(N_FOLDS)]
    found += [HoldOut(HoldOutKind.REGION, (regions == region)[groups]) for region in range(N_REGIONS)]
    for share in TAIL_SHARES:
        found.append(HoldOut(HoldOutKind.ABOVE, (outcomes > np.quantile(outcomes, 1 - share))[groups]))
        found.append(HoldOut(HoldOutKind.BELOW, (outcomes < np.quantile(outcomes, share))[groups]))
    return [each for each in found if _is_informative(each.is_held_out, dataset.y)]


def _is_informative(is_held_out: np.ndarray, y: np.ndarray) -> bool:
    """Whether enough rows are held out, and those left can be learned from."""
    n_left = int((~is_held_out).sum())
    return (
        int(is_held_out.sum()) >= MINIMUM_HELD_OUT
        and n_left >= max(10, len(y) // 5)
        and float(np.ptp(y[~is_held_out])) > 1e-9 * float(np.ptp(y))
    )


def _without_sweep_effect(dataset: Dataset) -> np.ndarray:
    """Outcomes (n,), less what rows at a like value of the sweep feature have on average.

    A mix is strong if it is strong for its age.
    """
    if dataset.sweep is None:
        return dataset.y
    values = dataset.X[:, dataset.index(dataset.sweep)]
    bins = np.searchsorted(np.unique(np.quantile(values, np.linspace(0, 1, 11)[1:-1])), values)
    usual = np.bincount(bins, dataset.y) / np.maximum(np.bincount(bins), 1)
    return dataset.y - usual[bins]


def _regions(points: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    from scipy.cluster.vq import kmeans2  # takes a while to import, and only calibration needs it

    different = len(np.unique(points, axis=0))
    return kmeans2(points, min(n, different), minit="++", rng=rng, missing="warn")[1]


def _codes(groups: np.ndarray) -> np.ndarray:
    return np.unique(groups, return_inverse=True)[1].reshape(-1)
