"""Models that cannot be trained anew, corrected by what they miss on the recorded rows.

A Gaussian process of the residuals is added to the model: the discrepancy term of Kennedy and O'Hagan 2001. It mends
the mean near the rows, and its spread says how little is known away from them.
"""

from dataclasses import dataclass, replace

import numpy as np

from models.cards.card import IntervalCard
from models.cards.settings import Family, Smoothness
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import MINIMUM_ROWS, evenly
from models.errors import TrainingError
from models.families.gaussian import GaussianProcessPredictor
from models.families.process import Kernel, Process, find_kernel
from models.intervals.calibration import LEVEL, NORMAL, quantiles_of
from models.intervals.errors import ROWS_FOR_SCALES, card_of, companion_cards, kernel_of
from models.networks.predictor import GradientPredictor, Predictor

_MAX_ROWS = 1_000
_PERFECT = 1e-9  # residuals smaller than this share of the outcome's spread are rounding


@dataclass(frozen=True, eq=False)
class CorrectedPredictor:
    """A model plus the process of its residuals."""

    predictor: Predictor
    residuals: GaussianProcessPredictor

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        return self.predictor.feature_names

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The outcomes (n,) as `Predictor` has them."""
        return self.predictor.predict(X) + self.residuals.predict(X)

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict` and the standard deviation (n,) of what is not known of the residuals."""
        missed, spread = self.residuals.predict_with_spread(X)
        return self.predictor.predict(X) + missed, spread


@dataclass(frozen=True, eq=False)
class CorrectedGradientPredictor(CorrectedPredictor):
    """The same of a model that knows its slopes."""

    predictor: GradientPredictor

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict` and their gradients (n, d) as `GradientPredictor` has them."""
        predicted, slopes = self.predictor.predict_with_gradient(X)
        missed, own_slopes = self.residuals.predict_with_gradient(X)
        return predicted + missed, slopes + own_slopes

    def predict_with_spread_and_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The outcomes and spreads (n,) of `predict_with_spread`, and the gradient (n, d) of each."""
        predicted, slopes = self.predictor.predict_with_gradient(X)
        missed, spread, own_slopes, spread_slopes = self.residuals.predict_with_spread_and_gradient(X)
        return predicted + missed, spread, slopes + own_slopes, spread_slopes


def residual_intervals(dataset: Dataset, predicted: np.ndarray) -> IntervalCard:
    """What is learned from the predictions (n,) of a dataset's rows by a model that cannot be trained anew.

    Errors are those of the residuals' process on each row, had it known all others (leave-one-out: equations 5.12 of
    Rasmussen and Williams 2006). Rows for which the model has no number do not count.

    Raises:
        TrainingError: the model has a number for fewer rows than can be learned from.
    """
    rows = np.flatnonzero(np.isfinite(predicted))
    if len(rows) < MINIMUM_ROWS:
        raise TrainingError(
            f"The model gives a number for {len(rows):,} of {len(predicted):,} recorded rows; at least {MINIMUM_ROWS} "
            "are needed to learn how far it is off. Choose a model that answers for the recorded rows."
        )
    known = dataset.taken(rows)
    encoding = whole_encoding(known)
    companions = companion_cards(known, encoding, Family.KERAS, None)
    own, missed = _residuals(known, encoding, predicted[rows])
    if own.outcome_std <= _PERFECT * encoding.outcome_std:
        return IntervalCard(
            companions=companions,
            noise=_PERFECT,
            scores=(1.0,),
            above=1.0,
            below=1.0,
            coverage=1.0,
            level=LEVEL,
            n_rows=len(rows),
        )
    few = evenly(len(rows), ROWS_FOR_SCALES)
    kernel, _ = find_kernel(own.encode(known.X[few]).astype(float), missed[few], own.owners, Smoothness.MATERN)
    process = _process_given(kernel, own, known, missed)
    scores = np.abs(process.left_out_errors)
    return IntervalCard(
        companions=companions,
        residuals=card_of(kernel),
        noise=float(np.sqrt(process.kernel.noise)) * own.outcome_std / encoding.outcome_std,
        scores=quantiles_of(scores),
        above=1.0,
        below=1.0,
        coverage=float(np.mean(scores <= max(float(np.quantile(scores, LEVEL)), NORMAL))),
        level=LEVEL,
        n_rows=len(rows),
    )


def corrected(
    predictor: Predictor, dataset: Dataset, card: IntervalCard, predicted: np.ndarray | None = None
) -> Predictor:
    """A model whose residuals on a dataset's rows are known; as it is where it has none.

    Args:
        predicted: (n,) what it says of these rows, where it has been asked already.
    """
    if predicted is None:
        predicted = predictor.predict(dataset.X)
    rows = np.flatnonzero(np.isfinite(predicted))
    if card.residuals is None or not len(rows):
        return predictor
    known = dataset.taken(rows)
    own, missed = _residuals(known, whole_encoding(known), predicted[rows])
    process = _process_given(kernel_of(card.residuals), own, known, missed)
    residuals = GaussianProcessPredictor(own, process)
    if isinstance(predictor, GradientPredictor):
        return CorrectedGradientPredictor(predictor, residuals)
    return CorrectedPredictor(predictor, residuals)


def whole_encoding(dataset: Dataset) -> Encoding:
    """The encoding by all rows of a dataset, whatever a model from elsewhere scales its inputs by."""
    return Encoding.from_dataset(dataset, np.arange(dataset.n_rows))


def _residuals(known: Dataset, encoding: Encoding, predicted: np.ndarray) -> tuple[Encoding, np.ndarray]:
    """The encoding of the residuals, and these standardised (n,)."""
    missed = known.y - predicted
    std = float(missed.std())
    own = replace(encoding, outcome_mean=float(missed.mean()), outcome_std=std if std > 0 else np.finfo(float).tiny)
    return own, (missed - own.outcome_mean) / own.outcome_std


def _process_given(kernel: Kernel, own: Encoding, known: Dataset, missed: np.ndarray) -> Process:
    rows = evenly(known.n_rows, _MAX_ROWS)
    return Process.given(kernel, own.encode(known.X[rows]).astype(float), missed[rows])
