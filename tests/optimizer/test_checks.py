import numpy as np
import pytest

from optimizer import AskTellError, SpaceError, checks

FINE = [
    (checks.check_positive, ("It", 1e-9)),
    (checks.check_at_least, ("It", 0.0, 0.0)),
    (checks.check_matrix, ("X", np.zeros((0, 3)), 3)),
]

REFUSED = [
    (checks.check_positive, ("The step", 0), SpaceError, ["The step", "above 0", "got 0"]),
    (checks.check_positive, ("The step", np.inf), SpaceError, ["The step", "inf"]),
    (checks.check_at_least, ("Patience", 0, 1), SpaceError, ["Patience", "at least 1", "got 0"]),
    (checks.check_at_least, ("Patience", np.nan, 1), SpaceError, ["Patience", "nan"]),
    (checks.check_matrix, ("X", np.zeros((2, 4)), 3), SpaceError, ["X", "(n, 3)", "(2, 4)"]),
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
