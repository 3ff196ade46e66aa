import numpy as np
import pytest

from models.intervals.conformal import Direction
from optimizer import Goal
from services.catalog import intervals as curvebands
from services.catalog.intervals import confidence_of, curve_bands
from services.problems.building import build_problem
from services.results.search import run_spec


@pytest.fixture(scope="module")
def result(mixed_spec, confident):
    return run_spec(mixed_spec, confident).result


def test_a_band_lies_around_its_curve_and_sums_up_to_the_interval_of_the_row(result, mixed_spec, confident):
    rows = result.results
    low, high = curve_bands(result, rows, confident)
    curves = np.array(rows.curves)
    assert low.shape == high.shape == curves.shape
    np.testing.assert_allclose((low + high) / 2, curves)
    curve = build_problem(mixed_spec, confident).objective.curve
    X, ends = np.array(rows.X), {}
    for name, values in {"lows": low, "highs": high}.items():
        ends[name] = curve.summarise(X, lambda _, values=values: values.ravel())
        np.testing.assert_allclose(ends[name], getattr(rows, name))
    assert (ends["lows"] < ends["highs"]).all()


def test_a_model_without_intervals_has_no_bands(result, mixed, plain_spec, confident):
    assert curve_bands(result, result.results, mixed) is None
    plain = run_spec(plain_spec, confident).result.model_copy(update={"sweep": None})
    assert curve_bands(plain, plain.results, confident) is None


def test_more_curves_than_anybody_looks_at_have_no_bands(result, confident, monkeypatch):
    monkeypatch.setattr(curvebands, "MAX_ROWS", len(result.sweep.grid))
    assert curve_bands(result, result.results, confident) is None


@pytest.mark.parametrize(
    ("goal", "direction"),
    [(Goal.MAXIMUM, Direction.ABOVE), (Goal.MINIMUM, Direction.BELOW), (Goal.VALUE, Direction.EITHER)],
)
def test_errors_count_on_the_side_that_the_search_goes_to(plain_spec, confident, goal, direction):
    spec = plain_spec.revised(goal=goal, value=50.0 if goal is Goal.VALUE else None)
    confidence = confidence_of(spec, confident)
    assert confidence is not None and confidence.direction is direction
    assert confidence.predictor is confident.predictor


def test_a_model_without_intervals_has_no_confidence(plain_spec, mixed):
    assert confidence_of(plain_spec, mixed) is None
