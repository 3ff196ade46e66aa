"""Drift is told where it is real and matters, and the check keeps batches together."""

from dataclasses import replace

import numpy as np
import pytest

from models import Dataset
from models.data.dataset import Column, Label
from services.studies.quality.check import run_quality
from services.studies.quality.drift import find_drift
from services.studies.quality.report import figure_lines


def ordered(n=60, drift=0.0, noise=1.0, seed=0):
    """A table in shuffled run order whose outcome drifts by so much from first to last, and what is predicted."""
    rng = np.random.default_rng(seed)
    x, run = rng.uniform(0, 10, n), rng.permutation(n) + 1.0
    predicted = 2 * x
    y = predicted + drift * (run - 1) / (n - 1) + rng.normal(0, noise, n)
    labels = (Label("RunOrder", run),)
    return Dataset("t", (Column("x"),), Column("y"), x[:, None], y, labels=labels, order="RunOrder"), predicted


@pytest.mark.parametrize("drift", [-6.0, 4.0])
def test_a_drift_is_found_with_its_size(drift):
    found = find_drift(*ordered(drift=drift))
    assert found.change == pytest.approx(drift, abs=1.0)
    assert np.sign(found.correlation) == np.sign(drift) and found.chance < 0.01 and found.label == "RunOrder"


def test_chance_is_hardly_ever_taken_for_drift():
    assert sum(find_drift(*ordered(seed=seed)) is not None for seed in range(200)) <= 5


def test_what_does_not_matter_is_not_told():
    assert find_drift(*ordered(drift=0.5, noise=0.1)) is None


def test_without_order_there_is_no_drift():
    dataset, predicted = ordered(drift=6)
    assert find_drift(replace(dataset, order=None), predicted) is None


def test_rows_without_a_place_are_left_out():
    dataset, predicted = ordered(drift=6)
    places = dataset.labels[0].values.copy()
    y = dataset.y.copy()
    places[:5], y[:5] = np.nan, 1_000
    found = find_drift(replace(dataset, y=y, labels=(Label("RunOrder", places),)), predicted)
    assert found is None or abs(found.change - 6) < 2


def test_dates_tell_the_order_too():
    dataset, predicted = ordered(n=28, drift=8)
    days = np.array([f"2024-02-{int(run):02}" for run in dataset.labels[0].values])
    assert find_drift(replace(dataset, labels=(Label("Datum", days),), order="Datum"), predicted).change > 4


def test_a_check_tells_of_drift_and_keeps_batches_together(spec_of, mixed_dataset, own_shelves):
    n = mixed_dataset.n_rows
    order = np.random.default_rng(2).permutation(n)
    batch = np.array([f"B{number}" for number in order // 8])
    labelled = replace(
        mixed_dataset,
        y=mixed_dataset.y + 3 * mixed_dataset.y.std() * order / n,
        labels=(Label("Run", order.astype(float)), Label("Batch", batch)),
        group="Batch",
        order="Run",
    )
    own_shelves.datasets.save(labelled)
    found = run_quality(spec_of(labelled, "boosted", n_folds=4, n_repeats=1), own_shelves)
    folds = np.array(found.fold_of)
    assert all(len(set(folds[batch == name])) == 1 for name in set(batch))
    assert found.batches == "Batch"
    assert any("share their Batch stayed together, 10 groups" in line for line in figure_lines(found))
    assert found.drift.change > mixed_dataset.y.std()
    assert any("drifts up along Run: by " in sentence for sentence in found.verdict.sentences)
