import numpy as np
import pytest

from benchmarks.truth import PLANTS
from benchmarks.truth.asking import Answer, Table


@pytest.fixture(scope="module")
def table() -> Table:
    return Table.of(PLANTS["otl"], 0)


def ask(table: Table, X: np.ndarray, half: float = 1.0, error: float = 0.0) -> Answer:
    predicted = table.plant.truth(X) + error
    return Answer.of(table, X, predicted, predicted - half, predicted + half)


def test_the_best_recorded_rows_gain_nothing(table):
    best = table.dataset.X[np.argsort(-table.dataset.y)[:5]]
    assert ask(table, best).gain == pytest.approx(0, abs=1e-9)


def test_gain_is_the_share_of_what_is_possible(table):
    X = table.dataset.X[:3]
    truth = table.plant.truth(X).mean()
    expected = (truth - table.recorded) / (table.possible - table.recorded)
    assert ask(table, X).gain == pytest.approx(expected)
    assert table.recorded < table.possible


def test_coverage_and_errors_are_those_of_the_truth(table):
    X = table.dataset.X[:4]
    inside, outside = ask(table, X, half=1.0, error=0.5), ask(table, X, half=0.3, error=0.5)
    assert inside.covered.all() and not outside.covered.any()
    assert inside.errors == pytest.approx(np.full(4, 0.5 / table.std))


def test_results_below_the_median_row_are_counted(table):
    order = np.argsort(table.plant.truth(table.dataset.X))
    assert ask(table, table.dataset.X[order[:2]]).n_harmful == 2
    assert ask(table, table.dataset.X[order[-2:]]).n_harmful == 0
