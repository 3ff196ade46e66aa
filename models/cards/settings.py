"""What can be chosen about training."""

from dataclasses import dataclass

import numpy as np

from models.data.dataset import Dataset

MAXIMUM_MEMBERS = 32
"""Networks of an ensemble at most."""


MINIMUM_ROWS = 20
"""With fewer rows there is nothing to hold out."""


class TrainingError(ValueError):
    """No model can be trained; the text says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How a model is built and fitted.

    Attributes:
        widths: neurons of each hidden layer, 1 to 8 layers of 1 to 4096.
        epochs: passes over the training rows at most, 1 to 10,000.
        batch_size: rows per step at most, 1 to 65,536; small tables take a sixteenth of their training rows.
        learning_rate: size of the steps, above 0 and at most 1.
        patience: epochs without a better validation loss after which training stops, its best weights kept. None
            trains all epochs and keeps the last weights.
        validation_share: share of the rows that decide when to stop, 0.05 to 0.5.
        test_share: share of the rows held out to judge the model, 0.05 to 0.5.
        seed: of the split, the first weights and the order of rows; the same seed gives the same weights.
        weight_decay: pull of the weights towards 0 (decoupled, as in AdamW), 0 to 10; more makes smoother models.
        averaging: how slowly the averaged weights, which are the ones kept, follow; 0 keeps the weights themselves.
        n_members: networks trained together whose mean predicts, 1 to 32; each on rows of its own, so that where they
            disagree says how sure the prediction is. 1 learns from every row and says nothing about that.
    """

    widths: tuple[int, ...] = (32, 32, 32)
    epochs: int = 500
    batch_size: int = 32
    learning_rate: float = 0.005
    patience: int | None = 100
    validation_share: float = 0.15
    test_share: float = 0.15
    seed: int = 0
    weight_decay: float = 0.3
    averaging: float = 0.995
    n_members: int = 5

    def __post_init__(self) -> None:
        """Refuse what could not be trained.

        Raises:
            TrainingError: a setting is out of range.
        """
        object.__setattr__(self, "widths", tuple(self.widths))
        check_range("number of hidden layers", len(self.widths), 1, 8)
        for width in self.widths:
            check_whole("number of neurons in a layer", width, 1, 4096)
        check_whole("number of epochs", self.epochs, 1, 10_000)
        check_whole("batch size", self.batch_size, 1, 65_536)
        check_range("learning rate", self.learning_rate, 1e-8, 1)
        if self.patience is not None:
            check_whole("patience", self.patience, 1, 10_000)
        check_shares(self.validation_share, self.test_share, self.seed)
        check_range("weight decay", self.weight_decay, 0, 10)
        check_range("averaging", self.averaging, 0, 0.9999)
        check_whole("number of members", self.n_members, 1, MAXIMUM_MEMBERS)


def check_range(what: str, given: float, low: float, high: float) -> None:
    """Raise TrainingError unless a number lies within [low, high]."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not low <= given <= high:
        raise TrainingError(f"The {what} has to be a number from {low:,g} to {high:,g}; got {given}.")


def check_whole(what: str, given: int, low: int, high: int) -> None:
    """Raise TrainingError unless a number is whole and lies within [low, high]."""
    if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
        raise TrainingError(f"The {what} has to be a whole number from {low:,} to {high:,}; got {given}.")


def check_shares(validation_share: float, test_share: float, seed: int) -> None:
    """Raise TrainingError unless a split can be made with these shares and this seed."""
    check_range("validation share", validation_share, 0.05, 0.5)
    check_range("test share", test_share, 0.05, 0.5)
    check_range("sum of validation and test share", validation_share + test_share, 0, 0.8)
    check_whole("seed", seed, 0, 2**32 - 1)


def check_dataset(dataset: Dataset) -> None:
    """Raise TrainingError where nothing can be learned."""
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
    """Return whether values differ by more than rounding."""
    return float(np.ptp(values)) > 1e-12 * float(np.abs(values).max())
