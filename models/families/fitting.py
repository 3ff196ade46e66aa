"""How scikit-learn fits each family, and what is kept of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.cards.settings import BoostingSettings, ForestSettings, GaussianProcessSettings
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import Split, resampled_rows, row_groups
from models.families.gaussian import GaussianProcessPredictor, find_kernel
from models.families.trees import TreesPredictor, trees_of

_TREES_AT_ONCE = 25
_NODES_TO_KEEP = 2_000_000
"""A forest on a very large table gets larger leaves instead of more nodes than this."""

OnProgress = Callable[[str, float], None]
"""Hears what fitting does now, in words, and how much of it is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far fitting is, and whether to end it.

    Attributes:
        report: called with what is done now, in words, and its share from 0 to 1.
        should_stop: True ends the fitting soon, with what there is so far.
    """

    report: OnProgress
    should_stop: Callable[[], bool]


def fit_forest(dataset: Dataset, settings: ForestSettings, split: Split, progress: Progress) -> TreesPredictor:
    """A forest grown on the split's training and validation rows; a stop keeps the trees grown so far."""
    from sklearn.ensemble import RandomForestRegressor

    rows = learned_rows(split)
    encoding = Encoding.from_dataset(dataset, rows)
    inputs, outcomes = _samples(dataset, encoding, rows)
    room = _NODES_TO_KEEP / settings.n_trees / 2
    forest = RandomForestRegressor(
        n_estimators=0,
        min_samples_leaf=max(settings.min_rows_per_leaf, int(np.ceil(0.64 * len(rows) / room))),
        max_features=settings.inputs_per_split,
        random_state=settings.seed,
        n_jobs=1,
        warm_start=True,
    )
    while forest.n_estimators < settings.n_trees:
        forest.n_estimators = min(forest.n_estimators + _TREES_AT_ONCE, settings.n_trees)
        forest.fit(inputs, outcomes)
        progress.report(f"{forest.n_estimators} of {settings.n_trees} trees", forest.n_estimators / settings.n_trees)
        if progress.should_stop():
            break
    trees = trees_of(forest.estimators_, encoding.n_inputs)
    return TreesPredictor(encoding, trees, np.arange(trees.n_trees + 1), np.zeros(trees.n_trees))


def fit_boosting(dataset: Dataset, settings: BoostingSettings, split: Split, progress: Progress) -> TreesPredictor:
    """Members boosted on resampled training rows, each stopped by the validation rows.

    A stop keeps the members that are done, at least one.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    encoding = Encoding.from_dataset(dataset, split.train)
    groups = row_groups(dataset)[split.train]
    drawn = resampled_rows(split.train, groups, settings.n_members, np.random.default_rng([settings.seed, 4]))
    validation_inputs, validation_outcomes = _samples(dataset, encoding, split.validation)
    members = []
    for number, rows in enumerate(drawn, start=1):
        inputs, outcomes = _samples(dataset, encoding, rows)
        member = HistGradientBoostingRegressor(
            learning_rate=settings.learning_rate,
            max_iter=settings.rounds,
            max_leaf_nodes=settings.max_leaves,
            min_samples_leaf=settings.min_rows_per_leaf,
            early_stopping=True,
            n_iter_no_change=settings.patience,
            tol=0.0,
            categorical_features=None,
            random_state=settings.seed,
        )
        member.fit(inputs, outcomes, X_val=validation_inputs, y_val=validation_outcomes)
        members.append(member)
        progress.report(f"{number} of {settings.n_members} members", number / settings.n_members)
        if progress.should_stop():
            break
    kept = [_best_rounds(member) for member in members]
    trees = trees_of([tree for member in kept for tree in member], encoding.n_inputs)
    starts = np.concatenate([[0], np.cumsum([len(member) for member in kept])])
    baselines = np.array([float(member._baseline_prediction.item()) for member in members])
    return TreesPredictor(encoding, trees, starts, baselines)


def _best_rounds(member: Any) -> list[Any]:
    n_best = max(1, int(np.argmax(member.validation_score_)))  # score 0 is that of no trees at all
    return [tree for (tree,) in member._predictors[:n_best]]


def fit_gaussian_process(
    dataset: Dataset, settings: GaussianProcessSettings, split: Split, progress: Progress
) -> GaussianProcessPredictor:
    """A Gaussian process given the split's training and validation rows, or as many of them as it may take.

    A stop keeps the best length scales found so far.
    """
    from sklearn.gaussian_process import GaussianProcessRegressor

    rng = np.random.default_rng([settings.seed, 5])
    rows = learned_rows(split)
    encoding = Encoding.from_dataset(dataset, rows)
    kept = np.sort(rng.choice(rows, min(len(rows), settings.max_rows), replace=False))
    inputs, outcomes = _samples(dataset, encoding, kept)
    kernel = find_kernel(inputs.astype(float), outcomes, settings, rng, progress.report, progress.should_stop)
    fitted = GaussianProcessRegressor(kernel, alpha=1e-8, optimizer=None).fit(inputs.astype(float), outcomes)
    signal = fitted.kernel_.k1
    return GaussianProcessPredictor(
        encoding=encoding,
        smoothness=settings.smoothness,
        scales=np.broadcast_to(signal.k2.length_scale, encoding.n_inputs).astype(float),
        variance=float(signal.k1.constant_value),
        rows=inputs.astype(float),
        weights=fitted.alpha_.astype(float),
        factor=np.tril(fitted.L_),
    )


def learned_rows(split: Split) -> np.ndarray:
    """Rows (n,), sorted, that a family learns from which never stops early."""
    return np.sort(np.concatenate([split.train, split.validation]))


def _samples(dataset: Dataset, encoding: Encoding, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (n, p) float32 and standardised outcomes (n,) float64 of rows (indices)."""
    outcomes = (dataset.y[rows] - encoding.outcome_mean) / encoding.outcome_std
    return encoding.encode(dataset.X[rows]), outcomes
