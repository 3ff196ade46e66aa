import json

import numpy as np
import pytest

from benchmarks import families
from benchmarks.families import Outcome, drawn


def report_of(monkeypatch, capsys, outcomes, *given: str):
    """What the command prints in its last line for outcomes that need no training."""
    monkeypatch.setattr("sys.argv", ["families", *given])
    monkeypatch.setattr(families, "train_automatically", lambda dataset: None)
    monkeypatch.setattr(families, "outcome_of", outcomes)
    families.main()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_regret_is_what_the_choice_loses_on_average_over_seeds_where_it_is_worst(monkeypatch, capsys):
    def outcome(table, size, seed):
        lost = {("otl", 20): 0.3, ("otl", 200): 0.02, ("wing", 200): 0.1}.get((table, size), 0.0)
        return Outcome(table, size, {"a": 0.8 + 0.1 * seed, "b": 0.7}, "a", 0.8 + 0.1 * seed - lost, size + seed)

    report = report_of(monkeypatch, capsys, outcome, "--tables", "otl", "wing", "--sizes", "20", "200", "--seeds", "3")
    assert report["regret"] == pytest.approx(0.3)
    assert report["regret_by_table"] == pytest.approx({"otl": 0.3, "wing": 0.1})
    assert report["seconds_200"] == 201


def test_a_choice_better_than_every_family_alone_has_no_regret(monkeypatch, capsys):
    def outcome(table, size, seed):
        return Outcome(table, size, {"a": 0.8, "b": 0.7}, "a", 0.9, 1.0)

    report = report_of(monkeypatch, capsys, outcome, "--tables", "otl", "--sizes", "20", "--seeds", "1")
    assert (report["regret"], report["seconds_200"]) == (0, None)


@pytest.mark.parametrize("table", families.TABLES)
def test_tables_are_drawn_anew_by_seed_with_fresh_rows_of_the_same_range(table):
    one, again, other = drawn(table, 50, 0), drawn(table, 50, 0), drawn(table, 50, 1)
    assert one.dataset.digest == again.dataset.digest != other.dataset.digest
    assert one.dataset.n_rows == 50 and len(one.X) == len(one.truth) > 500
    assert np.ptp(one.truth) > 0.5 * np.ptp(one.dataset.y)
    if table != families.CONCRETE:
        noisy = families.PLANTS[table].truth(one.dataset.X)
        assert 0.02 < np.std(one.dataset.y - noisy) / np.std(noisy) < 0.09


def test_one_table_is_asked_of_every_family_and_of_automatic():
    outcome = families.outcome_of("otl", 20, 0)
    assert set(outcome.r2) == {"random_forest", "boosting", "gaussian_process", "quadratic"}
    assert outcome.taken in outcome.r2 and outcome.seconds > 0
    assert all(0 <= value <= 1 for value in (*outcome.r2.values(), outcome.taken_r2))
