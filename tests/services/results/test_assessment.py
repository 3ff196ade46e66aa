"""What a result says of its rows, checked against the model itself."""

import numpy as np
import pytest

from optimizer import SumConstraint
from services.problems.building import build_problem
from services.results.search import run_spec
from services.specs.constraints import SumConstraintSpec
from services.specs.results import RunResult


@pytest.fixture(scope="module")
def result(mixed_spec, confident):
    return run_spec(mixed_spec, confident).result


def test_everything_is_said_of_every_row(result):
    for rows in (result.results, result.best_recorded, result.baseline_random):
        for name in ("lows", "highs", "robust_low", "robust_high", "plausibility", "second_check", "disagrees"):
            assert len(getattr(rows, name)) == len(rows) > 0, name
    assert len(result.results.nearest) == len(result.results)
    assert result.best_recorded.nearest is None  # they are their own
    assert result.unpenalised.plausibility is not None


def test_documents_of_before_know_nothing_of_it_and_load(result):
    document = result.model_dump(mode="json")
    new = ("lows", "highs", "robust_low", "robust_high", "plausibility", "second_check", "disagrees", "nearest")
    for rows in (document["results"], document["best_recorded"], document["unpenalised"]):
        for name in new:
            del rows[name]
    del document["baseline_random"], document["notes"]
    old = RunResult.model_validate(document)
    assert old.results.outcomes == result.results.outcomes
    assert old.results.lows is None and old.baseline_random is None and old.notes == ()


def test_a_result_with_all_of_it_survives_the_way_through_json(result):
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_the_interval_of_an_outcome_is_that_of_its_row(plain_spec, confident):
    for level in (0.9, 0.5):
        rows = run_spec(plain_spec.revised(level=level), confident).result.results
        own = confident.confidence.predict_interval(np.array(rows.X), level, is_sought=True)
        np.testing.assert_allclose(rows.lows, own.low)
        np.testing.assert_allclose(rows.highs, own.high)
    recorded = run_spec(plain_spec, confident).result.best_recorded
    X = np.array(recorded.X)
    own, sought = (confident.confidence.predict_interval(X, 0.9, is_sought=is_sought) for is_sought in (False, True))
    np.testing.assert_allclose(recorded.lows, own.low)
    assert (own.low >= sought.low).all()


def test_the_interval_of_a_curve_takes_errors_as_going_together(mixed_spec, confident, result):
    curve = build_problem(mixed_spec, confident).objective.curve
    X = np.array(result.results.X)
    for ends, name in ((result.results.lows, "low"), (result.results.highs, "high")):

        def along(rows, name=name):
            return getattr(confident.confidence.predict_interval(rows, 0.9, is_sought=True), name)

        np.testing.assert_allclose(ends, curve.summarise(X, along))


def test_a_model_without_intervals_gives_none(mixed_spec, mixed):
    rows = run_spec(mixed_spec, mixed).result.results
    assert rows.lows is None and rows.highs is None
    assert len(rows.robust_low) == len(rows)


def test_the_value_shown_is_predicted_for_the_row_that_is_shown(plain_spec, mixed, with_feature):
    spec = with_feature(plain_spec, "sand", step=5.0)
    spec = with_feature(spec, "water", step=2.5)
    total = SumConstraintSpec(features=("sand", "water"), low=90.0, high=95.0)
    result = run_spec(spec.revised(constraints=(total,)), mixed).result
    for rows in (result.results, result.baseline_random):
        X = np.array(rows.X)
        np.testing.assert_array_equal(X[:, 0] % 5, 0)
        np.testing.assert_array_equal(X[:, 1] % 2.5, 0)
        assert SumConstraint((0, 1), 90.0, 95.0).holds(X).all() and all(all(met) for met in rows.constraints_met)
        np.testing.assert_array_equal(rows.outcomes, mixed.predictor.predict(X))
        assert (np.array(rows.robust_low) < rows.outcomes).all()
