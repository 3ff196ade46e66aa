"""What a result says of its rows, checked against the model itself."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from models import Dataset
from optimizer import SumConstraint, Summary
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem
from services.results.assessment import MAX_IN_WORDS, nearest_rows
from services.results.search import run_spec
from services.specs.results import RunResult
from services.specs.run import CurveSpec, SumConstraintSpec


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


@pytest.fixture(scope="module")
def find(mixed):
    """Return a function that finds the nearest rows of candidates for a run over the small table, or another one."""

    def nearest(spec, X, dataset=mixed.dataset):
        problem = build_problem(spec, ModelWithData(dataset, mixed.predictor))
        return nearest_rows(spec, dataset, problem.space.features, np.atleast_2d(X))

    return nearest


def test_a_recorded_row_is_nearest_to_itself(find, plain_spec, mixed):
    for row, found in enumerate(find(plain_spec, mixed.dataset.X[:20])):
        assert (found.row, found.measured) == (row + 1, mixed.dataset.y[row])
        assert found.distance == 0
        assert (found.differences, found.words) == ((), "the same settings")


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_it_is_the_nearest_in_recorded_standard_deviations(find, plain_spec, mixed, seed):
    dataset = mixed.dataset
    x = build_problem(plain_spec, mixed).space.sample(1, np.random.default_rng(seed))[0]
    gaps = (dataset.X - x) / dataset.stds
    gaps[:, 4] = dataset.X[:, 4] != x[4]
    distances = np.sqrt((gaps**2).sum(axis=1))
    (found,) = find(plain_spec, x)
    assert found.distance == pytest.approx(distances.min())
    assert distances[found.row - 1] == pytest.approx(found.distance)
    assert dict(found.differences).keys() <= set(dataset.feature_names)


def test_differences_are_told_biggest_first_with_sensible_digits(find, plain_spec, mixed):
    x = mixed.dataset.X[7].copy()
    sizes = np.array([0.1, -0.3, 0.0, 0.0, 0.0, 0.0]) * mixed.dataset.stds
    (found,) = find(plain_spec, x + sizes)
    assert found.row == 8
    assert [name for name, _ in found.differences] == ["water", "sand"]
    assert re.fullmatch(r"-\d\.\d water, \+0\.\d sand \(kg\)", found.words)
    assert dict(found.differences)["water"] == pytest.approx(sizes[1], abs=0.05)


def test_what_rounds_to_nothing_is_not_told(find, plain_spec, mixed):
    (found,) = find(plain_spec, mixed.dataset.X[7] + 1e-4 * mixed.dataset.stds * (np.arange(6) < 4))
    assert found.distance > 0
    assert found.differences == ()


def test_a_category_is_told_by_its_name(find, plain_spec, mixed):
    two = np.array([[50.0, 20, 10, 1, 0, 1], [70.0, 40, 40, 8, 1, 28]])
    dataset = replace(mixed.dataset, X=two, y=np.array([1.0, 2.0]))
    (found,) = find(plain_spec, [50.0, 20, 10, 1, 2, 1], dataset)
    assert (found.row, found.distance) == (1, pytest.approx(1.0))
    assert found.words == "resin: C instead of A"
    assert found.differences == (("resin", "C"),)


def test_units_stand_with_each_number_where_they_differ(find, plain_spec, mixed):
    (found,) = find(plain_spec, mixed.dataset.X[7] + np.array([0.3, 0, 0.2, 0, 0, 0]) * mixed.dataset.stds)
    assert re.fullmatch(r"\+\d\.\d kg sand, \+\d\.\d temp", found.words)


def test_the_sweep_feature_of_a_curve_does_not_count(find, mixed_spec, plain_spec, mixed):
    x = mixed.dataset.X[7].copy()
    x[5] = 1000.0
    (found,) = find(mixed_spec, x)
    assert (found.row, found.distance, found.words) == (8, 0.0, "the same settings")
    assert found.at == mixed.dataset.X[7, 5]
    (counted,) = find(plain_spec, x)
    assert counted.distance > 1
    assert counted.at is None


@pytest.mark.parametrize(("summary", "at", "age"), [(Summary.AREA, None, 28.0), (Summary.POINT, 6.0, 7.0)])
def test_of_one_mix_the_row_that_says_most_of_the_curve_is_named(find, mixed_spec, mixed, summary, at, age):
    X = np.repeat(mixed.dataset.X[:20], 3, axis=0)
    X[:, 5] = np.tile([1.0, 7.0, 28.0], 20)
    swept = replace(mixed.dataset, X=X, y=np.arange(60.0))
    curve = CurveSpec(feature="age", start=1, end=28, summary=summary, at=at)
    (found,) = find(mixed_spec.revised(curve=curve), X[0], swept)
    assert found.at == age
    assert found.measured == found.row - 1 == {7.0: 1, 28.0: 2}[age]


def test_rows_are_called_as_their_file_calls_them(find, plain_spec, mixed):
    renumbered = replace(mixed.dataset, row_numbers=np.arange(80) * 2 + 2)
    assert find(plain_spec, mixed.dataset.X[3], renumbered)[0].row == 8


def test_of_many_differences_the_smaller_ones_are_counted(mixed_spec):
    from services.problems.defaults import default_spec
    from services.specs.run import ModelRef

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.uniform(0, 100, (30, 9)), columns=[f"part {j}" for j in range(9)])
    frame["y"] = frame.sum(axis=1)
    dataset = Dataset.from_frame(frame, name="wide", outcome="y", features=list(frame.columns[:9]))
    model_data = ModelWithData.of_callable(dataset, lambda X: X.sum(axis=1))
    spec = default_spec(model_data, dataset, ModelRef(kind="function", name="sum"))
    features = build_problem(spec, model_data).space.features
    (found,) = nearest_rows(spec, dataset, features, dataset.X[:1] + 5)
    assert len(found.differences) == 9
    assert found.words.count("part") == MAX_IN_WORDS
    assert found.words.endswith(", and 3 smaller differences")
