import numpy as np
import pytest

from benchmarks.niching.peaks import PeakFunction, n_peaks_found, peak_ratio, static_f1


def two_peaks(X):
    """Two cones of height 1 at 0 and 1."""
    return 1 - np.minimum(np.abs(X[:, 0]), np.abs(X[:, 0] - 1))


TWO = PeakFunction("two", two_peaks, ((-1, 2),), n_peaks=2, height=1.0, radius=0.1, budget=100)


def points(*x):
    return np.array(x, dtype=float).reshape(-1, 1)


@pytest.mark.parametrize(
    ("x", "accuracy", "n"),
    [
        ([], 0.1, 0),
        ([0.0, 1.0], 1e-5, 2),
        ([0.05, 0.95], 0.1, 2),
        ([0.05, 0.95], 0.01, 0),
        ([0.0, 0.05, 0.04, -0.03], 0.1, 1),  # all within the radius of the best
        ([0.09, -0.09, 0.0], 0.1, 1),
        ([0.09, -0.09], 0.1, 2),  # without a better one between they are two, as in the suite
        ([0.0, 0.11, -0.11, 1.0], 0.2, 2),  # never more than there are
        ([0.5, 0.0], 0.1, 1),
    ],
)
def test_peaks_are_counted_as_in_the_suite(x, accuracy, n):
    for order in (x, x[::-1]):
        assert n_peaks_found(TWO, points(*order), accuracy) == n
        assert peak_ratio(TWO, points(*order), accuracy) == n / 2


def test_a_better_point_counts_before_a_worse_one():
    """From the best down: the worse one, which is too near the best, must not keep a third from counting."""
    assert n_peaks_found(TWO, points(0.06, 0.0, 0.12), 0.2) == 2


@pytest.mark.parametrize(
    ("x", "f1"),
    [
        ([0.0, 1.0], 1.0),
        ([0.0], 2 / 3),
        ([0.0, 1.0, 0.5, 0.6], 2 * 1 * 0.5 / 1.5),
        ([0.5], 0.0),
        ([], 0.0),
    ],
)
def test_f1_is_the_harmonic_mean_of_recall_and_precision(x, f1):
    assert static_f1(TWO, points(*x), 1e-5) == pytest.approx(f1)


def test_nobody_wins_by_returning_everything():
    everything = np.linspace(-1, 2, 3001)[:, None]
    assert peak_ratio(TWO, everything, 1e-5) == 1
    assert static_f1(TWO, everything, 1e-5) < 0.01
