import numpy as np
import pytest

from optimizer import AskTellError, SpaceError, checks

FINE = [
    (checks.check_positive, ("It", 1e-9)),
    (checks.check_at_least, ("It", 0.0, 0.0)),
    (checks.check_bounds, ("a", 1.0, 1.0)),
    (checks.check_within, ("a", 1.0, 1.0, 2.0)),
    (checks.check_varies, ("a", 0.1)),
    (checks.check_matrix, ("X", np.zeros((0, 3)), 3)),
    (checks.check_predictions, (np.zeros(2), 2)),
    (checks.check_lengths, (3, 3)),
    (checks.check_unique, ("feature", ["a", "b"])),
]

REFUSED = [
    (checks.check_positive, ("The step", 0), SpaceError, ["The step", "above 0", "got 0"]),
    (checks.check_positive, ("The step", np.inf), SpaceError, ["The step", "inf"]),
    (checks.check_at_least, ("Patience", 0, 1), SpaceError, ["Patience", "at least 1", "got 0"]),
    (checks.check_at_least, ("Patience", np.nan, 1), SpaceError, ["Patience", "nan"]),
    (checks.check_bounds, ("Water", 9, 3), SpaceError, ["'Water'", "9", "3", "minimum is above the maximum", "swap"]),
    (checks.check_bounds, ("Water", -np.inf, 3), SpaceError, ["'Water'", "-inf and 3"]),
    (checks.check_within, ("Water", 9, 1, 3), SpaceError, ["'Water'", "9", "1 to 3", "within the range"]),
    (checks.check_varies, ("Water", 0.0), SpaceError, ["'Water'", "above 0", "got 0.0", "freeze"]),
    (checks.check_matrix, ("X", np.zeros((2, 4)), 3), SpaceError, ["X", "(n, 3)", "(2, 4)"]),
    (checks.check_predictions, (np.zeros((2, 1)), 2), SpaceError, ["one number per row", "(2,)", "(2, 1)"]),
    (checks.check_lengths, (12, 11), AskTellError, ["expected 12", "got 11"]),
    (checks.check_unique, ("feature", ["b", "a", "b", "a", "c"]), SpaceError, ["feature", "['a', 'b']", "rename"]),
]


@pytest.mark.parametrize(("check", "given"), FINE)
def test_what_fits_passes(check, given):
    check(*given)


@pytest.mark.parametrize(("check", "given", "error", "words"), REFUSED)
def test_what_does_not_fit_is_refused_in_words(check, given, error, words):
    with pytest.raises(error) as refused:
        check(*given)
    assert [word for word in words if word not in str(refused.value)] == []


def test_the_errors_can_be_caught_as_what_they_are():
    assert issubclass(SpaceError, ValueError)
    assert issubclass(AskTellError, RuntimeError)
