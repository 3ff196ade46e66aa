import numpy as np
import pytest

from models import Column, Dataset, DatasetError, FormulaError, TrainedModel
from optimizer import Goal
from services.problems.defaults import ExtrapolationLevel
from services.specs.outcomes import Combine
from services.trust import Assessment, TrustSpec, assess, assess_outcomes, search_with


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


@pytest.fixture(scope="module")
def reactor_models(reactor):
    """Models of the reactor's outcomes as a training gives them."""
    saved = {name: reactor.catalog.models.load(name) for name in reactor.dataset.outcome_names}
    return {name: TrainedModel(each.card, b"", each.predictor) for name, each in saved.items()}


QUICK = TrustSpec(evaluations=1_200, n_results=4)
PRICE = {"formula": "30 * [catalyst amount] + temperature", "unit": "€"}


def test_several_outcomes_are_searched_for_in_one_call(reactor, reactor_models):
    wanted = {"yield": {"goal": "maximum"}, "cost": PRICE | {"goal": "minimum"}, "impurity": {"at_most": 30.0}}
    found = assess_outcomes(reactor.dataset, wanted, QUICK, models=reactor_models)
    n = len(found.X)
    assert 0 < n <= 4 and found.run.is_front and set(found.models) == {"yield", "impurity"}
    amounts, degrees = (found.X[:, reactor.dataset.index(name)] for name in ("catalyst amount", "temperature"))
    assert found.predicted["cost"] == pytest.approx(30 * amounts + degrees)
    assert set(found.low) == set(found.high) == {"yield", "impurity"}
    assert (found.low["yield"] < found.predicted["yield"]).all()
    assert (found.high["impurity"] <= 30.0).all()  # 95 % on one side is an end of 90 %
    assert found.result.verdict is not None


def test_one_goal_with_a_limit_and_one_desirability_are_asked_for_alike(reactor, reactor_models):
    wanted = {"cost": PRICE | {"goal": "minimum"}, "yield": {"at_least": 60.0, "confidence": None}}
    cheap = assess_outcomes(reactor.dataset, wanted, QUICK, models=reactor_models)
    assert (cheap.predicted["yield"] >= 60.0).all() and cheap.result.front is None
    both = {"cost": PRICE | {"goal": "minimum"}, "yield": {"goal": "maximum"}}
    as_one = assess_outcomes(reactor.dataset, both, QUICK, combine=Combine.DESIRABILITY, models=reactor_models)
    assert as_one.result.objective_name == "desirability"


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        ({"cost": PRICE | {"goal": "minimum"}}, ValueError, "None of the outcomes is measured"),
        ({"colour": {"goal": "maximum"}}, DatasetError, "no outcome 'colour'"),
        ({"yield": {"at_least": 5.0}}, ValueError, "Nothing is searched for"),
        ({"yield": {"goal": "maximum"}, "x": {"formula": "2 * yeild"}}, FormulaError, "did you mean yield"),
    ],
)
def test_outcomes_that_make_no_run_are_refused(reactor, reactor_models, wanted, error, words):
    with pytest.raises(error, match=words):
        assess_outcomes(reactor.dataset, wanted, QUICK, models=reactor_models)
