"""Models of the families other than networks."""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from itertools import product

import numpy as np

from models.cards.settings import (
    BoostingSettings,
    FamilySettings,
    ForestSettings,
    GaussianProcessSettings,
    OutcomeScale,
    ProcessSettings,
    Smoothness,
)
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import Split, check_training_rows, resampled_rows, row_groups
from models.errors import TrainingError
from models.families.artifact import PlainPredictor
from models.families.gaussian import GaussianProcessPredictor
from models.families.process import Kernel, Process, find_kernel
from models.families.scale import LogScale, is_skewed
from models.families.trees import TreesPredictor, trees_of
from models.networks.predictor import Predictor

MAXIMUM_INPUTS = 4_096
_TREES_AT_ONCE = 25
_NODES_TO_KEEP = 2_000_000
"""A forest on a very large table gets larger leaves instead of more nodes than this."""

_SMOOTH = (Smoothness.RBF, Smoothness.MATERN)
_ROWS_FOR_SCALES = 400
"""More rows than this hardly move the length scales, and their likelihood costs the third power of them."""
_CLEARLY = 3.0
"""How much more log evidence a log scale needs: a Bayes factor of 20, strong by Kass and Raftery 1995."""

OnProgress = Callable[[str, float], None]
"""Called with what fitting does now, in words, and the share done, 0 to 1."""


def fit_family(
    dataset: Dataset,
    settings: FamilySettings,
    split: Split,
    *,
    like: Predictor | None = None,
    should_stop: Callable[[], bool] | None = None,
    on_progress: OnProgress | None = None,
) -> PlainPredictor:
    """A predictor fitted to a split's training and validation rows; the same arguments give the same bits.

    Args:
        like: a model of the same family and more of the rows: a process takes its kernel and the scale of its outcome
            over, for looking for another one takes a hundred times as long as the rest.
        should_stop: asked several times a second; True ends the fit and keeps the trees or members so far.

    Raises:
        TrainingError: the rows say nothing, the features make too many inputs, or outcomes have no logarithm.
    """
    from threadpoolctl import threadpool_limits

    # only libraries that are loaded are limited, and the first model would have other bits than the second
    import_module("scipy.linalg" if isinstance(settings, ProcessSettings) else "sklearn.ensemble")
    check_training_rows(dataset, split.train)
    n_inputs = sum(len(column.categories) if column.is_categorical else 1 for column in dataset.features)
    if n_inputs > MAXIMUM_INPUTS:  # more than can be read again
        raise TrainingError(
            f"The features make {n_inputs:,} inputs, categories counted one by one; at most {MAXIMUM_INPUTS:,} are "
            "possible. Choose features with fewer categories."
        )
    report, is_stopped = on_progress or (lambda words, share: None), should_stop or (lambda: False)
    with threadpool_limits(1):  # sums in another order would be other bits
        if isinstance(settings, ForestSettings):
            return _fit_forest(dataset, settings, split, report, is_stopped)
        if isinstance(settings, BoostingSettings):
            return _fit_boosting(dataset, settings, split, report, is_stopped)
        if isinstance(settings, ProcessSettings):
            return _fit_process(dataset, settings, split, like, report, is_stopped)
    raise TypeError(f"Expected settings of a family, got {type(settings).__name__}.")


def done_settings(settings: FamilySettings, predictor: PlainPredictor) -> FamilySettings:
    """The settings with what was chosen: the outcome's scale, and as many trees or members as a stop left."""
    if isinstance(settings, ForestSettings) and isinstance(predictor, TreesPredictor):
        return replace(settings, n_trees=predictor.n_members)
    if isinstance(settings, BoostingSettings) and isinstance(predictor, TreesPredictor):
        return replace(settings, n_members=predictor.n_members)
    if isinstance(settings, ProcessSettings) and isinstance(predictor, GaussianProcessPredictor):
        return replace(settings, scale=OutcomeScale.PLAIN if predictor.log_scale is None else OutcomeScale.LOG)
    return settings


def _fit_forest(
    dataset: Dataset, settings: ForestSettings, split: Split, report: OnProgress, should_stop: Callable[[], bool]
) -> TreesPredictor:
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
        report(f"{forest.n_estimators} of {settings.n_trees} trees", forest.n_estimators / settings.n_trees)
        if should_stop():
            break
    trees = trees_of(forest.estimators_, encoding.n_inputs)
    return TreesPredictor(encoding, trees, np.arange(trees.n_trees + 1), np.zeros(trees.n_trees))


def _fit_boosting(
    dataset: Dataset, settings: BoostingSettings, split: Split, report: OnProgress, should_stop: Callable[[], bool]
) -> TreesPredictor:
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
        report(f"{number} of {settings.n_members} members", number / settings.n_members)
        if should_stop():
            break
    # score 0 is that of no trees at all
    best = [max(1, int(np.argmax(member.validation_score_))) for member in members]
    kept = [[tree for (tree,) in member._predictors[:n]] for member, n in zip(members, best, strict=True)]
    trees = trees_of([tree for member in kept for tree in member], encoding.n_inputs)
    starts = np.concatenate([[0], np.cumsum([len(member) for member in kept])])
    baselines = np.array([float(member._baseline_prediction.item()) for member in members])
    return TreesPredictor(encoding, trees, starts, baselines)


def _fit_process(
    dataset: Dataset,
    settings: ProcessSettings,
    split: Split,
    like: Predictor | None,
    report: OnProgress,
    should_stop: Callable[[], bool],
) -> GaussianProcessPredictor:
    """A process given the split's training and validation rows, or as many of them as it may take.

    A stop keeps the best kernel found so far.
    """
    rng = np.random.default_rng([settings.seed, 5])
    rows = learned_rows(split)
    encoding = Encoding.from_dataset(dataset, rows)
    kept = np.sort(rng.choice(rows, min(len(rows), settings.max_rows), replace=False))
    inputs, outcomes = (each.astype(float) for each in _samples(dataset, encoding, kept))
    if isinstance(like, GaussianProcessPredictor):
        kernel, is_log = like.process.kernel, like.log_scale is not None
    else:
        kernel, is_log = _likely_kernel(
            inputs, dataset.y[kept], encoding, settings, _scales_to_try(dataset, settings), rng, report, should_stop
        )
    scale = LogScale.of(dataset.y[kept]) if is_log else None
    known = outcomes if scale is None else scale.encode(dataset.y[kept])
    return GaussianProcessPredictor(encoding, Process.given(kernel, inputs, known), scale)


def _scales_to_try(dataset: Dataset, settings: ProcessSettings) -> tuple[bool, ...]:
    """Whether the outcome's logarithm is learned, False, True or both.

    Raises:
        TrainingError: logarithms are asked for where outcomes have none.
    """
    if settings.scale is OutcomeScale.PLAIN:
        return (False,)
    if settings.scale is OutcomeScale.AUTOMATIC:
        return (False, True) if is_skewed(dataset.y) else (False,)
    if dataset.y.min() <= 0:
        raise TrainingError(
            f"The log scale needs outcomes above 0; the lowest '{dataset.outcome.name}' is {dataset.y.min():g}. "
            "Choose another scale of the outcome, or correct that row."
        )
    return (True,)


def _likely_kernel(
    inputs: np.ndarray,
    recorded: np.ndarray,
    encoding: Encoding,
    settings: ProcessSettings,
    scales: tuple[bool, ...],
    rng: np.random.Generator,
    report: OnProgress,
    should_stop: Callable[[], bool],
) -> tuple[Kernel, bool]:
    """The kernel that the rows have most evidence for, looked for on at most 400 of them, and whether it is of logs.

    Args:
        recorded: (n,) outcomes in their unit.
        scales: whether logarithms are learned, each of which is tried.
    """
    rows = rng.choice(len(inputs), min(len(inputs), _ROWS_FOR_SCALES), replace=False)
    smooth: tuple[Smoothness | None, ...] = (None,)
    starts: list[np.ndarray | None] = [None]
    if isinstance(settings, GaussianProcessSettings):
        smooth = _SMOOTH if settings.smoothness is Smoothness.AUTOMATIC else (settings.smoothness,)
        starts += [*rng.standard_normal((settings.restarts, len(encoding.features) + 3))]
    searches = list(product(scales, smooth, starts))
    found: list[tuple[float, Kernel, bool]] = []
    for is_log, smoothness, start in searches:
        outcomes, cost = _on_scale(recorded[rows], encoding, is_log)
        kernel, own = find_kernel(
            inputs[rows], outcomes, encoding.owners, smoothness, start=start, should_stop=should_stop
        )
        # of two scales the plain one is taken unless the other is clearly likelier
        found.append((own + cost + _CLEARLY * (is_log and len(scales) > 1), kernel, is_log))
        report(f"{len(found)} of {len(searches)} searches for the kernel", len(found) / len(searches))
    return min(found, key=lambda each: each[0])[1:]


def _on_scale(recorded: np.ndarray, encoding: Encoding, is_log: bool) -> tuple[np.ndarray, float]:
    """Outcomes (n,) as a process learns them, and what their scale adds to its cost, so that scales can be compared.

    The density of outcomes is that of what is learned, times its slope by the outcome: the Jacobian of Box and Cox
    1964. The mean is integrated out, so that n - 1 of n rows count.
    """
    n = len(recorded)
    if not is_log:
        return (recorded - encoding.outcome_mean) / encoding.outcome_std, (n - 1) * np.log(encoding.outcome_std)
    scale = LogScale.of(recorded)
    return scale.encode(recorded), (n - 1) * (np.log(scale.std) + float(np.log(recorded).mean()))


def learned_rows(split: Split) -> np.ndarray:
    """Rows (n,), sorted, that a family learns from which never stops early."""
    return np.sort(np.concatenate([split.train, split.validation]))


def _samples(dataset: Dataset, encoding: Encoding, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (n, p) float32 and standardised outcomes (n,) float64 of rows (indices)."""
    outcomes = (dataset.y[rows] - encoding.outcome_mean) / encoding.outcome_std
    return encoding.encode(dataset.X[rows]), outcomes
