import numpy as np
import pytest

from models import Column, Dataset
from optimizer import Goal
from services.problems.defaults import ExtrapolationLevel
from services.trust import Assessment, TrustSpec, assess, search_with


def truth(X: np.ndarray) -> np.ndarray:
    return 10 + 3 * X[:, 0] - 0.5 * (X[:, 1] - 4) ** 2


@pytest.fixture(scope="module")
def table() -> Dataset:
    rng = np.random.default_rng(2)
    X = rng.uniform([0, 0], [10, 8], (150, 2))
    y = truth(X) + rng.normal(0, 0.4, len(X))
    return Dataset("known", (Column("a"), Column("b")), Column("y"), X, y)


@pytest.fixture(scope="module")
def assessed(table: Dataset) -> Assessment:
    return assess(table, TrustSpec(evaluations=3000, n_results=3))


@pytest.mark.tensorflow
class TestFromTableToResults:
    def test_results_are_where_the_truth_is_high(self, assessed: Assessment, table: Dataset) -> None:
        assert 1 <= len(assessed.X) <= 3
        assert truth(assessed.X).mean() > np.quantile(truth(table.X), 0.95)

    def test_intervals_hold_the_truth(self, assessed: Assessment) -> None:
        held = (assessed.low <= truth(assessed.X)) & (truth(assessed.X) <= assessed.high)
        assert held.sum() >= len(held) - 1  # nine in ten
        assert ((assessed.low < assessed.predicted) & (assessed.predicted < assessed.high)).all()

    def test_the_document_says_the_same(self, assessed: Assessment) -> None:
        rows = assessed.result.results
        assert np.array(rows.X).tolist() == assessed.X.tolist()
        assert list(rows.outcomes) == assessed.predicted.tolist()
        assert assessed.run.plausibility is not None and assessed.run.plausibility.at_least == 10

    def test_the_lowest_outcome_is_searched_for_as_well(self, assessed: Assessment, table: Dataset) -> None:
        spec = TrustSpec(goal=Goal.MINIMUM, evaluations=3000, extrapolation_level=ExtrapolationLevel.NEAR)
        found = search_with(assessed.model, table, spec)
        assert truth(found.X).mean() < np.quantile(truth(table.X), 0.1)
        assert found.run.goal is Goal.MINIMUM
