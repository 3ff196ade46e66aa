import math

import numpy as np

from models import EpochRecord
from ui.charts.loss import loss_alt, loss_figure, loss_info


def test_the_best_epoch_has_the_smallest_validation_loss():
    records = [EpochRecord(1, 0.9, 1.0, 1), EpochRecord(2, 0.5, 0.4, 2), EpochRecord(3, 0.3, 0.6, 2)]
    info = loss_info(records)
    np.testing.assert_array_equal(info.epochs, [1, 2, 3])
    assert (info.best_epoch, info.best_loss) == (2, 0.4)
    assert loss_alt(info) == (
        "Loss over 3 epochs: the validation loss was smallest in epoch 2, at 0.4, and is 0.6 at the end."
    )


def test_before_the_first_epoch_there_is_an_empty_picture():
    info = loss_info([])
    assert (len(info.epochs), info.best_epoch) == (0, 0)
    assert len(loss_figure(info).data) == 2
    assert "no epoch" in loss_alt(info)


def test_one_epoch_is_visible():
    figure = loss_figure(loss_info([EpochRecord(1, 0.9, 1.0, 1)]))
    assert figure.data[0].mode == "lines+markers"
    low, high = figure.layout.yaxis.range
    assert 10**low < 0.9 < 1.0 < 10**high


def test_zero_and_infinite_losses_do_not_break_the_logarithmic_axis():
    info = loss_info([EpochRecord(1, 0.0, math.inf, 1), EpochRecord(2, 0.5, 0.25, 2)])
    np.testing.assert_allclose(info.train_losses, [np.nan, 0.5])
    np.testing.assert_allclose(info.validation_losses, [np.nan, 0.25])
    assert np.isfinite(loss_figure(info).layout.yaxis.range).all()


def test_long_trainings_are_thinned_but_keep_first_best_and_last():
    n = 20_000
    records = [EpochRecord(i, 1.0, abs(i - 7_777) + 1.0, 1) for i in range(1, n + 1)]
    info = loss_info(records)
    assert len(info.epochs) <= 601
    assert {1, 7_777, n} <= set(info.epochs.tolist())
    assert info.best_epoch == 7_777
