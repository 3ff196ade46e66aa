"""What is wrong with outcomes that were chosen, each with the one that is to blame, before a table is made of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from models.data.dataset import CLEARLY_SAME
from models.data.split import MINIMUM_ROWS
from services.intake.tables.cells import is_number_column
from services.intake.tables.cleaning import as_numbers
from services.specs.digits import counted


class OutcomeProblem(NamedTuple):
    """An outcome that cannot be one, or cannot have a model, and why in words.

    Attributes:
        is_refused: whether no table can be made with it; else it has values, but too few for a model.
    """

    outcome: str
    words: str
    is_refused: bool


def outcome_problems(frame: pd.DataFrame, outcomes: Sequence[str]) -> list[OutcomeProblem]:
    """What is wrong with the outcomes beside the first one, at most one problem for each, in their order.

    Args:
        frame: the table as read; it has all these columns.
    """
    return [problem for j in range(1, len(outcomes)) if (problem := _problem(frame, outcomes[j], outcomes[:j]))]


def _problem(frame: pd.DataFrame, name: str, before: Sequence[str]) -> OutcomeProblem | None:
    values = frame[name]
    if not is_number_column(values):
        is_text = values.notna() & as_numbers(frame, name).isna()
        found = values[is_text if is_text.any() else values.notna()]
        example = f", such as '{str(found.iloc[0])[:40]}' in row {found.index[0]}" if len(found) else ""
        words = (
            f"An outcome has to be a number, but '{name}' holds text in {counted(len(found), 'row')}{example}. Make "
            "its type a number under Details, or take it off."
        )
        return OutcomeProblem(name, words, is_refused=True)
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    for other in before:
        others = as_numbers(frame, other).to_numpy()
        both = np.isfinite(numbers) & np.isfinite(others)
        if both.sum() >= CLEARLY_SAME and (numbers[both] == others[both]).all():
            words = f"'{name}' says the same as '{other}' in all {int(both.sum()):,} rows that have both: take it off."
            return OutcomeProblem(name, words, is_refused=True)
    n_rows = int(np.isfinite(numbers).sum())
    if len(np.unique(numbers[np.isfinite(numbers)])) < 2:
        same = "has the same value in every row" if n_rows else "is empty"
        return OutcomeProblem(name, f"'{name}' {same}, so there is nothing to predict: take it off.", is_refused=True)
    if n_rows < MINIMUM_ROWS:
        return OutcomeProblem(name, too_few_words(name, n_rows), is_refused=False)
    return None


def too_few_words(name: str, n_rows: int) -> str:
    """Why an outcome has no model: how many rows it has and how many one needs."""
    return f"'{name}' was measured in {counted(n_rows, 'row')}; a model needs at least {MINIMUM_ROWS}."
