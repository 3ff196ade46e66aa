"""What is said of a table before anything is trained on it."""

from datetime import UTC, datetime

import numpy as np
import pytest

from models import Column, Dataset
from services.texts.datasets import day_words, few_rows_words, table_warning


def table(n_rows, n_features=2):
    X = np.random.default_rng(0).normal(size=(n_rows, n_features))
    return Dataset("table", tuple(Column(f"x{j}") for j in range(n_features)), Column("y"), X, np.arange(float(n_rows)))


@pytest.mark.parametrize(("n_rows", "is_said"), [(14, False), (15, True), (50, True), (51, False)])
def test_small_tables_are_welcome_with_one_sentence(n_rows, is_said):
    words = few_rows_words(table(n_rows))
    assert bool(words) == is_said
    if words:
        assert words.startswith(
            f"With {n_rows} rows a model knows little: intervals are wide, and each further row helps"
        )


def test_too_few_rows_and_too_many_features_are_warned_of():
    assert table_warning(table(14)).startswith("14 complete rows are too few to train a model: at least 15 are needed.")
    words = table_warning(table(20, 21))
    assert words.startswith("There are more features (21) than rows (20): trust only regularised models")
    assert table_warning(table(20, 20)) == ""


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (datetime(2026, 12, 2, 1, tzinfo=UTC), "today"),
        (datetime(2026, 12, 1, 23, tzinfo=UTC), "yesterday"),
        (datetime(2026, 11, 9, tzinfo=UTC), "on 9 November 2026"),
    ],
)
def test_a_day_is_said_as_lists_say_it(when, words):
    assert day_words(when, datetime(2026, 12, 2, 12, tzinfo=UTC)) == words
