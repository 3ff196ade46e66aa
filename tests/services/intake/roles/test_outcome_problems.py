import numpy as np
import pandas as pd
import pytest

from services.intake.roles.outcome_problems import outcome_problems

N = 20


@pytest.fixture
def frame():
    """Rows numbered as a spreadsheet counts them, with an outcome y."""
    rng = np.random.default_rng(0)
    values = {name: rng.normal(size=N) for name in ("y", "z")}
    return pd.DataFrame(values, index=pd.RangeIndex(2, N + 2, name="row"))


def problem(frame, values):
    (found,) = outcome_problems(frame.assign(other=values), ["y", "other"])
    assert found.outcome == "other"
    return found


def test_outcomes_that_say_different_things_are_no_problem(frame):
    assert outcome_problems(frame, ["y", "z"]) == []
    assert outcome_problems(frame, ["y"]) == []


def test_a_copy_is_refused_with_how_many_rows_agree(frame):
    copy = frame["y"].where(frame.index < 12)
    found = problem(frame, copy)
    assert found.is_refused and "says the same as 'y' in all 10 rows that have both" in found.words


def test_a_few_equal_rows_may_be_chance_but_are_too_few_for_a_model(frame):
    found = problem(frame, frame["y"].where(frame.index < 6))
    assert not found.is_refused
    assert found.words == "'other' was measured in 4 rows; a model needs at least 15."


def test_a_copy_of_the_second_outcome_is_one_too(frame):
    (found,) = outcome_problems(frame.assign(other=frame["z"]), ["y", "z", "other"])
    assert "'other' says the same as 'z'" in found.words


def test_texts_are_refused_with_the_first_that_is_no_number(frame):
    words = ["1.5"] * 3 + ["off"] + ["2"] * (N - 4)
    found = problem(frame, words)
    assert found.is_refused
    assert "holds text in 1 row, such as 'off' in row 5" in found.words


def test_numbers_that_were_made_texts_are_refused(frame):
    assert "holds text in 20 rows, such as '1' in row 2" in problem(frame, ["1"] * N).words


@pytest.mark.parametrize(("value", "words"), [(3.0, "has the same value in every row"), (np.nan, "is empty")])
def test_what_never_varies_is_refused(frame, value, words):
    found = problem(frame, value)
    assert found.is_refused and words in found.words
