"""Whether a table can be learned from."""

import numpy as np

from models.dataset import Dataset
from models.settings import TrainingError

MINIMUM_ROWS = 20
"""With fewer rows there is nothing to hold out."""


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
