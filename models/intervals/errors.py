"""How wrong a prediction may be: the model's own spread, and how far other kinds of models of the same rows disagree.

Members of one family go astray together where there are no rows; models that carry different things across a gap do
not. So the squared standard error of a prediction f(x) is ``s(x)^2 + sum of w_j (f(x) - g_j(x))^2``, with s the spread
that the model knows and g_j its companions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.cards.card import CompanionCard, KernelCard
from models.cards.settings import Family, Smoothness
from models.data.dataset import Dataset
from models.data.encoding import Encoding
from models.data.split import evenly
from models.families.gaussian import GaussianProcessPredictor
from models.families.process import KERNEL_WEIGHTS, Kernel, Process, find_kernel
from models.networks.predictor import GradientPredictor, Predictor, UncertainGradientPredictor, UncertainPredictor

MAX_ROWS = 500
"""Rows, evenly spaced, that a companion knows: enough to disagree by."""
ROWS_FOR_SCALES = 300
_ROUGH_NOISE = 0.01

_ROUGH_WEIGHT = 0.03
"""Of a companion that carries nothing across a gap: most of what it says against a smooth model is its own fault.

Of 0, 0.03, 0.1, 0.3 and 1 this gave the highest true outcomes on the choosing half of `benchmarks.truth`.
"""


def companion_cards(
    dataset: Dataset, encoding: Encoding, family: Family, like: Predictor | None
) -> tuple[CompanionCard, ...]:
    """What a model of this family is compared with: a jagged process, and a smooth one unless it is one itself.

    The jagged one has the length scales of the smooth one and no trend: away from the rows it goes back to their mean.

    Args:
        like: the model itself: a Gaussian process knows its length scales.
    """
    own: list[CompanionCard] = []
    if family is Family.GAUSSIAN_PROCESS and isinstance(like, GaussianProcessPredictor):
        smooth = like.process.kernel
    else:
        inputs, outcomes = _standardised(dataset, encoding, evenly(dataset.n_rows, ROWS_FOR_SCALES))
        smooth, _ = find_kernel(inputs, outcomes, encoding.owners, Smoothness.MATERN)
        own = [CompanionCard(kernel=card_of(smooth), weight=1.0)]
    rough = Kernel(Smoothness.EXPONENTIAL, smooth.scales, variance=1.0, linear=0.0, quadratic=0.0, noise=_ROUGH_NOISE)
    return (CompanionCard(kernel=card_of(rough), weight=_ROUGH_WEIGHT), *own)


def _standardised(dataset: Dataset, encoding: Encoding, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    outcomes = (dataset.y[rows] - encoding.outcome_mean) / encoding.outcome_std
    return encoding.encode(dataset.X[rows]).astype(float), outcomes


def card_of(kernel: Kernel) -> KernelCard:
    """A kernel as a document holds it."""
    weights = {name: getattr(kernel, name) for name in KERNEL_WEIGHTS}
    return KernelCard(smoothness=kernel.smoothness, scales=tuple(kernel.scales.tolist()), **weights)


def kernel_of(card: KernelCard) -> Kernel:
    """The kernel that a document holds."""
    return Kernel(card.smoothness, np.array(card.scales), card.variance, card.linear, card.quadratic, card.noise)


@dataclass(frozen=True, eq=False)
class ErrorModel:
    """A predictor with its standard errors, before anything was learned from rows held out.

    Attributes:
        companions: other models of the same rows, each with the weight of its squared difference.
    """

    predictor: Predictor
    encoding: Encoding
    companions: tuple[tuple[GaussianProcessPredictor, float], ...]

    @classmethod
    def of(
        cls, predictor: Predictor, encoding: Encoding, cards: Sequence[CompanionCard], dataset: Dataset
    ) -> "ErrorModel":
        """A predictor whose companions know the rows of a dataset."""
        inputs, outcomes = _standardised(dataset, encoding, evenly(dataset.n_rows, MAX_ROWS))
        processes = [Process.given(kernel_of(card.kernel), inputs, outcomes).in_single_precision() for card in cards]
        weights = [card.weight for card in cards]
        known = [GaussianProcessPredictor(encoding, process) for process in processes]
        return cls(predictor, encoding, tuple(zip(known, weights, strict=True)))

    @property
    def has_gradient(self) -> bool:
        """Whether predictions and spreads know their slopes."""
        if isinstance(self.predictor, UncertainPredictor):
            return isinstance(self.predictor, UncertainGradientPredictor)
        return isinstance(self.predictor, GradientPredictor)

    def predict(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictions (n,) of rows (n, d) and their standard errors (n,), in the outcome's unit; NaN without an answer.

        The error is that of the mean outcome, without the noise of measuring it.
        """
        if isinstance(self.predictor, UncertainPredictor):
            predicted, spread = self.predictor.predict_with_spread(X)
        else:
            predicted = self.predictor.predict(X)
            spread = np.zeros(len(predicted))
        squares = spread**2
        for companion, weight in self.companions:
            squares = squares + weight * (predicted - companion.predict(X)) ** 2
        return predicted, np.sqrt(squares)

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What `predict` gives, then the gradients (n, d) of both, per unit of the features.

        Raises:
            TypeError: the predictor does not know its slopes; see `has_gradient`.
        """
        predicted, spread, slopes, spread_slopes = self._own(X)
        squares, rises = spread**2, spread[:, None] * spread_slopes
        for companion, weight in self.companions:
            other, other_slopes = companion.predict_with_gradient(X)
            difference = predicted - other
            squares = squares + weight * difference**2
            rises = rises + weight * difference[:, None] * (slopes - other_slopes)
        errors = np.sqrt(squares)
        gradients = np.divide(rises, errors[:, None], out=np.zeros(rises.shape), where=errors[:, None] != 0)
        return predicted, errors, slopes, gradients

    def _own(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Predictions and spreads (n,) of the model alone, then the gradient (n, d) of either."""
        if not self.has_gradient:
            raise TypeError("This predictor does not know the slopes of its uncertainty: ask has_gradient first.")
        if isinstance(self.predictor, UncertainGradientPredictor):
            return self.predictor.predict_with_spread_and_gradient(X)
        assert isinstance(self.predictor, GradientPredictor)
        predicted, slopes = self.predictor.predict_with_gradient(X)
        return predicted, np.zeros(len(X)), slopes, np.zeros(slopes.shape)
