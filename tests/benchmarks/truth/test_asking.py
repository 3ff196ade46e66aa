import numpy as np
import pytest

from benchmarks.truth import PLANTS
from benchmarks.truth.asking import DEFAULT, FAMILIES, Answer, Case, Table, answer_of
from models import Family, TrainingError
from services.trust import TrustSpec

CASE = Case("otl", rows=60, noise=0.05, seed=0, family=DEFAULT)


@pytest.fixture(scope="module")
def table() -> Table:
    return Table.of(PLANTS["otl"], 0, n_rows=60)


def ask(table: Table, X: np.ndarray, half: float = 1.0, error: float = 0.0) -> Answer:
    predicted = table.plant.truth(X) + error
    return Answer.of(CASE, table, X, predicted, predicted - half, predicted + half)


def answer(truth: list[float], low: float, high: float) -> Answer:
    """Results with these true outcomes and one interval."""
    ends = [np.full(len(truth), end) for end in ((low + high) / 2, low, high)]
    return Answer(CASE, 0.0, np.array(truth), *ends, is_harmful=np.zeros(len(truth), bool))


def test_the_best_recorded_rows_gain_nothing(table):
    best = table.dataset.X[np.argsort(-table.dataset.y)[:5]]
    assert ask(table, best).gain == pytest.approx(0, abs=1e-9)


def test_gain_is_the_share_of_what_is_possible(table):
    X = table.dataset.X[:3]
    truth = table.plant.truth(X).mean()
    expected = (truth - table.recorded) / (table.possible - table.recorded)
    assert ask(table, X).gain == pytest.approx(expected)
    assert table.recorded < table.possible


def test_outcomes_are_in_standard_deviations_of_the_recorded_ones(table):
    X = table.dataset.X[:4]
    found = ask(table, X, half=1.0, error=0.5)
    assert found.predicted - found.truth == pytest.approx(np.full(4, 0.5 / table.dataset.y.std()))
    assert found.high - found.low == pytest.approx(np.full(4, 2 / table.dataset.y.std()))


def test_a_true_outcome_outside_its_interval_is_not_covered():
    assert answer([0.9, 1.0, 2.0, 3.0, 3.1], low=1, high=3).covered.tolist() == [False, True, True, True, False]


def test_the_interval_score_is_its_width_and_twenty_times_a_miss():
    # 2 wide; 0.25 below and 0.5 above cost 2 / 0.1 times as much
    assert answer([2.0, 0.75, 3.5], low=1, high=3).interval_scores == pytest.approx([2.0, 2 + 20 * 0.25, 2 + 20 * 0.5])


def test_results_below_the_median_row_are_harmful(table):
    order = np.argsort(table.plant.truth(table.dataset.X))
    assert ask(table, table.dataset.X[order[:2]]).is_harmful.all()
    assert not ask(table, table.dataset.X[order[-2:]]).is_harmful.any()


def test_without_results_nothing_is_gained(table):
    found = ask(table, np.empty((0, 6)))
    assert found.gain == 0 and len(found.covered) == 0


def test_rows_and_noise_are_as_asked():
    plant = PLANTS["hartmann"]
    table = Table.of(plant, 1, n_rows=40, noise=0.15)
    truth = plant.truth(table.dataset.X)
    assert table.dataset.n_rows == 40
    assert 0.1 < (table.dataset.y - truth).std() / truth.std() < 0.2


def test_categories_and_parts_are_roles_of_the_table():
    assert Table.of(PLANTS["kinetics"], 0, n_rows=40).dataset.features[-1].categories == ("A", "B", "C")
    assert Table.of(PLANTS["blend"], 0, n_rows=40).dataset.parts == PLANTS["blend"].inputs


def test_every_family_that_is_trained_here_can_be_asked():
    assert FAMILIES[0] == DEFAULT
    assert "gaussian_process" in FAMILIES and "keras" not in FAMILIES


def test_the_default_is_what_a_table_is_assessed_with(table, monkeypatch):
    asked = []
    monkeypatch.setattr("benchmarks.truth.asking.assess", lambda *given: asked.append(given) or found_in(table))
    answer = answer_of(CASE._replace(seed=3), table)
    assert asked == [(table.dataset, TrustSpec(seed=3))]
    assert answer.gain == pytest.approx(0, abs=1e-9) and answer.seconds >= 0


def test_a_named_family_is_trained_and_searched(table, monkeypatch):
    asked = []
    monkeypatch.setattr("benchmarks.truth.asking.run_training", lambda spec, dataset: asked.append(spec) or "model")
    monkeypatch.setattr("benchmarks.truth.asking.search_with", lambda model, *given: found_in(table))
    answer_of(CASE._replace(family="boosting", seed=2), table)
    assert [(spec.family, spec.seed, spec.dataset.digest) for spec in asked] == [
        (Family.BOOSTING, 2, table.dataset.digest)
    ]


def test_a_refused_table_says_why_and_gains_nothing(table, monkeypatch):
    def refuse(*given):
        raise TrainingError("Too few rows.")

    monkeypatch.setattr("benchmarks.truth.asking.assess", refuse)
    answer = answer_of(CASE, table)
    assert (answer.refusal, answer.gain, len(answer.truth)) == ("Too few rows.", 0.0, 0)


def found_in(table: Table):
    """The five best recorded rows, as if a search had found them."""
    from types import SimpleNamespace

    best = np.argsort(-table.dataset.y)[:5]
    y = table.dataset.y[best]
    return SimpleNamespace(X=table.dataset.X[best], predicted=y, low=y - 1, high=y + 1)
