"""What a random forest and boosted trees answer."""

from dataclasses import dataclass

import numpy as np

from models.encoding import Encoding
from models.errors import ModelFileError
from models.families.answering import as_inputs
from models.families.trees import Trees
from models.spread import spread_of

_BLOCK_ROWS = 2_048


@dataclass(frozen=True, eq=False)
class TreesPredictor:
    """Members, each a sum of trees, whose mean predicts: a forest has one tree a member, boosting many.

    Attributes:
        encoding: from features to inputs, and back for the outcome.
        trees: of all members, one member after the other.
        members: (k + 1,) first tree of each member, and behind the last one the number of trees.
        baselines: (k,) what each member's trees add to, standardised.
    """

    encoding: Encoding
    trees: Trees
    members: np.ndarray
    baselines: np.ndarray

    def __post_init__(self) -> None:
        """Refuse parts that do not fit.

        Raises:
            ModelFileError: inputs or numbers of trees differ, or a baseline is not finite.
        """
        if self.trees.n_inputs != self.encoding.n_inputs:
            raise ModelFileError(
                f"The features make {self.encoding.n_inputs} inputs, the trees take {self.trees.n_inputs}: bring the "
                "two files that were saved together."
            )
        steps = np.diff(self.members)
        is_whole = len(steps) and self.members[0] == 0 and (steps > 0).all()
        if not is_whole or self.members[-1] != self.trees.n_trees or self.baselines.shape != steps.shape:
            raise ModelFileError("The members do not add up to the trees: the file is damaged; train the model anew.")
        if not np.isfinite(self.baselines).all():
            raise ModelFileError("A member's baseline is no finite number: train the model anew.")

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in the order of the rows' columns."""
        return self.encoding.feature_names

    @property
    def n_members(self) -> int:
        """How many members there are (k)."""
        return len(self.baselines)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return (n,) float64 outcomes, in their unit, of rows (n, d); categories as codes.

        A row with a missing value, or a code that names no category, gives NaN.

        Raises:
            ValueError: X has another number of columns than there are features.
        """
        return self.predict_members(X).mean(axis=0)

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the outcomes (n,) of `predict` and the standard deviation (n,) of the members, outcome's unit."""
        answers = self.predict_members(X)
        return answers.mean(axis=0), spread_of(answers)

    def predict_members(self, X: np.ndarray) -> np.ndarray:
        """Return (k, n) the outcomes that each member predicts, in their unit; NaN where there is no answer."""
        inputs, is_known = as_inputs(self.encoding, X)
        answers = np.empty((self.n_members, len(inputs)))
        for first in range(0, len(inputs), _BLOCK_ROWS):
            block = slice(first, first + _BLOCK_ROWS)
            answers[:, block] = self._sums(self.trees.answers(inputs[block]))
        answers[:, ~is_known] = np.nan
        return self.encoding.decode_outcome(answers)

    def _sums(self, answers: np.ndarray) -> np.ndarray:
        """Return (k, n) sums of each member's trees (n_trees, n) and its baseline."""
        if self.n_members < self.trees.n_trees:
            answers = np.add.reduceat(answers, self.members[:-1], axis=0)
        return answers + self.baselines[:, None]
