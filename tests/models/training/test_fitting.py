"""Members trained together: each on its own rows, each with its own best epoch."""

from dataclasses import replace

import numpy as np
import pytest

from models import EpochRecord, TrainingError, TrainingSettings
from models.training.fitting import first_networks, fit_members, middle

SETTINGS = TrainingSettings(widths=(8,), epochs=60, patience=None, averaging=0.9, learning_rate=0.01, seed=3)
TRAIN, HELD = np.arange(90), np.arange(90, 120)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(120, 2)).astype(np.float32)
    return inputs, np.tanh(inputs[:, 0]) - inputs[:, 1]


def losses(fit, table, rows):
    """Mean squared error of each member over rows of its own."""
    inputs, outcomes = table
    return [np.mean((fit.networks.forward(inputs[own])[k] - outcomes[own]) ** 2) for k, own in enumerate(rows)]


@pytest.mark.tensorflow
class TestFitting:
    def test_every_member_learns_its_own_rows(self, table):
        inputs, outcomes = table
        other = np.where(np.arange(120) < 60, outcomes, -outcomes)
        halves = [np.arange(60), np.arange(60, 120)]
        fit = fit_members(inputs, other, halves, halves, replace(SETTINGS, epochs=300))
        assert max(losses(fit, (inputs, other), halves)) < 0.05
        assert min(losses(fit, (inputs, other), halves[::-1])) > 1

    def test_members_start_elsewhere(self, table):
        first, again = (first_networks(2, SETTINGS, 3).members for _ in range(2))
        kernels = [member.layers[0].kernel for member in first]
        assert len({kernel.tobytes() for kernel in kernels}) == 3
        assert [kernel.tobytes() for kernel in kernels] == [each.layers[0].kernel.tobytes() for each in again]

    def test_the_same_arguments_give_the_same_members(self, table):
        first, again = (fit_members(*table, [TRAIN] * 3, [HELD] * 3, SETTINGS) for _ in range(2))
        for one, other in zip(first.networks.members, again.networks.members, strict=True):
            assert all(np.array_equal(a.kernel, b.kernel) for a, b in zip(one.layers, other.layers, strict=True))
        assert first.records == again.records

    def test_five_are_as_good_as_one_by_one(self, table):
        together = fit_members(*table, [TRAIN] * 5, [HELD] * 5, SETTINGS)
        alone = fit_members(*table, [TRAIN], [HELD], SETTINGS)
        one = losses(alone, table, [HELD])[0]
        assert all(0.3 * one < each < 3 * one for each in losses(together, table, [HELD] * 5))

    def test_the_curve_is_the_mean_over_members(self, table):
        told: list[EpochRecord] = []
        fit = fit_members(*table, [TRAIN] * 2, [HELD] * 2, SETTINGS, on_epoch=told.append)
        assert tuple(told) == fit.records
        assert [record.epoch for record in told] == list(range(1, 61))
        assert told[-1].validation_loss == pytest.approx(np.mean(losses(fit, table, [HELD] * 2)), rel=1e-4)
        assert (fit.ended, list(fit.best_epochs)) == ("finished", [60, 60])

    def test_each_keeps_its_own_best_epoch(self, table):
        inputs, outcomes = table
        noise = np.random.default_rng(0).normal(size=120).astype(np.float32)
        mixed = np.where(np.arange(120) < 60, outcomes, noise)  # the second member has nothing to learn
        rows = [(np.arange(45), np.arange(45, 60)), (np.arange(60, 105), np.arange(105, 120))]
        settings = replace(SETTINGS, epochs=400, patience=20, averaging=0.0, weight_decay=0.0)
        train, validation = zip(*rows, strict=True)
        fit = fit_members(inputs, mixed, train, validation, settings)
        learner, guesser = fit.best_epochs
        assert guesser < learner
        assert middle(fit.best_epochs) in (learner, guesser)
        assert len(fit.records) == min(400, learner + 20)
        # After the second one left, the curve is that of the first alone.
        kept = losses(fit, (inputs, mixed), validation)
        assert fit.records[learner - 1].validation_loss == pytest.approx(kept[0], rel=1e-3)

    def test_rows_of_unequal_number(self, table):
        train = [np.arange(90), np.arange(17), np.arange(50, 90)]
        validation = [np.arange(90, 120), np.arange(95, 98), np.arange(100, 120)]
        fit = fit_members(*table, train, validation, SETTINGS)
        mean = np.mean(losses(fit, table, validation))
        assert fit.records[-1].validation_loss == pytest.approx(mean, rel=1e-4)

    def test_a_stop_keeps_the_best_so_far(self, table):
        fit = fit_members(*table, [TRAIN] * 2, [HELD] * 2, SETTINGS, should_stop=lambda: True)
        assert (fit.ended, len(fit.records)) == ("stopped", 1)

    def test_one_that_diverges_at_once_is_told(self, table):
        inputs, outcomes = table
        inputs = inputs.copy()
        inputs[:5] = 1e38
        with pytest.raises(TrainingError, match=r"diverged at once with learning rate 0\.01"):
            fit_members(inputs, outcomes, [np.arange(5), TRAIN[5:]], [HELD] * 2, SETTINGS)


@pytest.mark.parametrize(
    ("train", "validation", "says"),
    [
        ([TRAIN], [HELD, HELD], "for every member; got 1 and 2"),
        ([], [], "for every member; got 0 and 0"),
        ([TRAIN, TRAIN[:0]], [HELD, HELD], "at least one row"),
        ([TRAIN], [HELD[:0]], "at least one row"),
    ],
)
def test_members_without_rows_are_refused(table, train, validation, says):
    with pytest.raises(ValueError, match=says):
        fit_members(*table, train, validation, SETTINGS)
