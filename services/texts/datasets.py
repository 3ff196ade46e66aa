"""What a table is good for, in words, before anything is trained on it."""

from datetime import datetime

from models import Dataset
from models.data.split import MINIMUM_ROWS

FEW_ROWS = 50


def day_words(when: datetime, now: datetime) -> str:
    """A day as lists say it: "today", "yesterday", "on 2 December 2026"."""
    days = (now.date() - when.date()).days
    return "today" if days <= 0 else "yesterday" if days == 1 else f"on {when.day} {when:%B %Y}"


def few_rows_words(dataset: Dataset) -> str:
    """What to expect of a small table, one sentence; "" for any other."""
    if not MINIMUM_ROWS <= dataset.n_rows <= FEW_ROWS:
        return ""
    return (
        f"With {dataset.n_rows} rows a model knows little: intervals are wide, and each further row helps more than "
        "any setting."
    )


def table_warning(dataset: Dataset) -> str:
    """Why no model, or not every one, can be trained on a table; "" where any can."""
    n_rows, n_features = dataset.n_rows, len(dataset.features)
    if n_rows < MINIMUM_ROWS:
        return (
            f"{n_rows} complete rows are too few to train a model: at least {MINIMUM_ROWS} are needed. Record more "
            "rows, or leave out features with many missing values."
        )
    if n_features > n_rows:
        return (
            f"There are more features ({n_features}) than rows ({n_rows}): trust only regularised models, such as "
            "the Gaussian process, or leave out features that can hardly matter."
        )
    return ""
