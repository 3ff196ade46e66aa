import dataclasses
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models.keras.operator_model import KerasModelFile
from optimizer import SpaceError
from services.catalog.loading import ModelWithData
from services.problems.reference import recorded_reference
from services.results.assessment import ResultAssessment
from services.studies.what_if.explorer import MAX_PREDICTIONS, MIN_POINTS, WhatIfModel
from services.studies.what_if.outcomes import Band


@pytest.fixture(scope="session")
def explorer(mixed_spec, confident):
    """A run over a curve, with a category, a density, rules and intervals."""
    constraints = [{"kind": "sum", "features": ["sand", "water"], "low": 80, "high": 95}]
    return WhatIfModel.of(mixed_spec.revised(constraints=constraints), confident)


@pytest.fixture(scope="session")
def plain_explorer(plain_spec, confident):
    """The outcome itself, nothing else."""
    return WhatIfModel.of(plain_spec, confident)


@pytest.fixture(scope="session", params=["curve", "plain"])
def any_explorer(request, explorer, plain_explorer):
    return {"curve": explorer, "plain": plain_explorer}[request.param]


def inside(explorer, shares):
    """The setting at these shares of every axis."""
    ends = np.array([(axis.low, axis.high) for axis in explorer.axes])
    return explorer.within(ends[:, 0] + np.array(shares) * np.ptp(ends, axis=1))


@settings(max_examples=25)
@given(shares=st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_profiles_are_what_single_changes_predict_one_by_one(any_explorer, shares):
    x = inside(any_explorer, shares)
    answer = any_explorer.answer(x)
    for j, (axis, profile) in enumerate(zip(any_explorer.axes, answer.profiles, strict=True)):
        if axis.is_swept:
            assert profile is None
            continue
        for k in (0, len(axis.grid) // 2, len(axis.grid) - 1):
            moved = x.copy()
            moved[j] = axis.grid[k]
            alone = any_explorer.answer(moved)
            np.testing.assert_allclose(profile.band.mean[k], alone.outcome.mean[0], rtol=1e-9)
            np.testing.assert_allclose(profile.band.low[k], alone.outcome.low[0], rtol=1e-5)
            np.testing.assert_allclose(profile.plausibility[k], alone.plausibility, rtol=1e-9)


@settings(max_examples=25)
@given(shares=st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_bands_hold_their_predictions(any_explorer, shares):
    answer = any_explorer.answer(inside(any_explorer, shares))
    bands = [answer.outcome, *(profile.band for profile in answer.profiles if profile)]
    if answer.curve:
        bands.append(answer.curve)
    for band in bands:
        assert (band.low <= band.mean).all() and (band.mean <= band.high).all()
        assert len(band.mean) == len(band.low) == len(band.high)


def test_the_profile_at_the_setting_is_the_prediction(any_explorer):
    x = any_explorer.within(any_explorer.dataset.X[3])
    for j, axis in enumerate(any_explorer.axes):
        if axis.is_swept:
            continue
        x[j] = axis.grid[len(axis.grid) // 3]
    answer = any_explorer.answer(x)
    for axis, profile in zip(any_explorer.axes, answer.profiles, strict=True):
        if profile is not None:
            k = len(axis.grid) // 3
            np.testing.assert_allclose(
                profile.band.at(slice(k, k + 1)), answer.outcome, rtol=1e-6
            )  # single precision, other batches


def test_an_answer_is_what_the_result_says_of_the_same_setting(explorer):
    X = explorer.dataset.X[:2]
    problem = explorer.problem
    assessment = ResultAssessment(explorer.spec, explorer.model_data, problem, problem.objective.curve)
    rows = assessment.of_candidates(explorer.problem.evaluate(X))
    for k, answer in enumerate(map(explorer.answer, X)):
        np.testing.assert_allclose(answer.outcome.mean[0], rows.outcomes[k])
        np.testing.assert_allclose([answer.outcome.low[0], answer.outcome.high[0]], [rows.lows[k], rows.highs[k]])
        np.testing.assert_allclose(answer.curve.mean, rows.curves[k])
        assert (answer.density, answer.constraints_met) == (pytest.approx(rows.densities[k]), rows.constraints_met[k])
        assert answer.plausibility == pytest.approx(rows.plausibility[k])
        assert (answer.second_check, answer.disagrees) == (pytest.approx(rows.second_check[k]), rows.disagrees[k])


def test_categories_steps_and_frozen_features_have_their_axes(mixed_spec, confident, with_feature):
    spec = with_feature(mixed_spec, "temp", is_free=False, high=60.0, value=50.0)
    spec = with_feature(spec, "sand", low=40.0, high=60.0, step=5.0)
    axes = {axis.name: axis for axis in WhatIfModel.of(spec, confident).axes}
    assert axes["resin"].categories == ("A", "B", "C")
    np.testing.assert_array_equal(axes["resin"].grid, [0, 1, 2])
    np.testing.assert_array_equal(axes["speed"].grid, np.arange(1, 9))
    assert axes["temp"].is_frozen and axes["temp"].high == 50.0  # held beyond what was recorded
    sand = confident.dataset.X[:, 0]
    assert axes["sand"].low == 40.0 and axes["sand"].high == sand.max()  # the bound, and the recorded rows
    assert (axes["sand"].grid[1:-1] % 5 == 0).all() and axes["sand"].decimals == 0
    assert axes["age"].is_swept


def test_the_reference_lies_on_the_axes(plain_spec, confident):
    reference = recorded_reference(plain_spec, confident.dataset, 5)
    typed = reference.model_copy(update={"row": None, "values": (500.0, *reference.values[1:])})
    assert WhatIfModel.of(plain_spec.revised(reference=typed), confident).axes[0].high == 500.0


def test_a_setting_is_brought_within_the_axes(explorer):
    x = explorer.within([1e9, -1e9, 20.0, 3.4, 1.6, 7.0])
    sand, water = explorer.axes[0], explorer.axes[1]
    np.testing.assert_array_equal(x, [sand.high, water.low, 20.0, 3.4, 2.0, 7.0])


@pytest.mark.parametrize("setting", [[1.0, 2.0], [np.nan] * 6, [np.inf, 0, 0, 0, 0, 0]])
def test_what_is_no_setting_is_refused(explorer, setting):
    with pytest.raises(SpaceError, match="Expected a setting of 6 numbers"):
        explorer.answer(setting)


def test_without_intervals_there_are_no_bands(mixed_spec, mixed):
    answer = WhatIfModel.of(mixed_spec, mixed).answer(mixed.dataset.X[0])
    assert answer.outcome.low is None and answer.curve.high is None
    assert all(profile.band.low is None for profile in answer.profiles if profile)
    band = Band(np.arange(3.0), np.arange(3.0) - 1, None)
    assert band.at(slice(1, 2)) == (1.0, 0.0, None)


def test_without_density_rules_and_curve_nothing_is_said_of_them(plain_explorer):
    bare = dataclasses.replace(plain_explorer.dataset, parts=())
    explorer = WhatIfModel.of(plain_explorer.spec, dataclasses.replace(plain_explorer.model_data, dataset=bare))
    answer = explorer.answer(bare.X[0])
    assert (answer.density, answer.curve, answer.constraints_met) == (None, None, ())


def test_one_call_predicts_all_profiles_and_one_more_the_curve(mixed_spec, mixed):
    calls = []

    def counted(X):
        calls.append(len(X))
        return mixed.predictor.predict(X)

    explorer = WhatIfModel.of(mixed_spec, ModelWithData.of_callable(mixed.dataset, counted, is_fast=True))
    calls.clear()
    explorer.answer(mixed.dataset.X[0])
    n_grid = len(explorer.problem.objective.curve.grid)
    n_rows = 1 + sum(len(axis.grid) for axis in explorer.axes if not axis.is_swept)
    assert calls == [n_rows * n_grid, n_grid]


def test_many_features_with_long_curves_get_coarser_profiles(mixed_spec, mixed):
    curve = mixed_spec.curve.model_copy(update={"points": 1000})
    dataset = dataclasses.replace(
        mixed.dataset,
        features=tuple(dataclasses.replace(column, is_integer=False) for column in mixed.dataset.features),
    )
    explorer = WhatIfModel.of(mixed_spec.revised(curve=curve), dataclasses.replace(mixed, dataset=dataset))
    lengths = [len(axis.grid) for axis in explorer.axes if not axis.is_swept]
    assert min(lengths) < 41 and max(lengths) >= min(MIN_POINTS, 3)
    n_grid = len(explorer.problem.objective.curve.grid)
    assert (1 + sum(lengths)) * n_grid <= MAX_PREDICTIONS * 1.2 or max(lengths) == MIN_POINTS


def test_predictions_that_are_no_numbers_are_passed_on(mixed_spec, mixed):
    def broken(X):
        return np.where(X[:, 0] > 60, np.nan, mixed.predictor.predict(X))

    answer = WhatIfModel.of(mixed_spec, ModelWithData.of_callable(mixed.dataset, broken)).answer([65, 30, 20, 3, 0, 7])
    assert np.isnan(answer.outcome.mean[0])
    means = answer.profiles[0].band.mean
    assert np.isnan(means).any() and np.isfinite(means).any()


def test_a_model_that_needs_tensorflow_is_deferred_in_words(mixed_spec, mixed, tmp_path, confident):
    deferred = dataclasses.replace(mixed, predictor=KerasModelFile(tmp_path / "x.keras", confident.confidence.encoding))
    with pytest.raises(SpaceError, match="needs TensorFlow"):
        WhatIfModel.of(mixed_spec, deferred)


def test_what_is_slow_gets_less_detail(plain_spec, confident, monkeypatch):
    monkeypatch.setattr("services.studies.what_if.explorer.AIM", 0.0)
    explorer = WhatIfModel.of(plain_spec, confident)
    answer = explorer.answer(confident.dataset.X[0])
    assert max(len(axis.grid) for axis in explorer.axes) == MIN_POINTS
    assert not explorer.has_doubt and all(profile.plausibility is None for profile in answer.profiles)
    assert 0 <= answer.plausibility <= 100  # of the setting itself it is known


@pytest.mark.parametrize("is_confident", [True, False])
def test_no_band_leaves_what_the_outcome_can_be(mixed_spec, plain_spec, limited, is_confident):
    model_data, limits = limited if is_confident else replace(limited, confidence=None), limited.dataset.limits
    answer = WhatIfModel.of(mixed_spec, model_data).answer(limited.dataset.X[0])
    assert limits.holds(answer.curve.mean)
    answer = WhatIfModel.of(plain_spec, model_data).answer(limited.dataset.X[np.argmax(limited.dataset.y)])
    for band in (answer.outcome, *(profile.band for profile in answer.profiles if profile)):
        assert all(limits.holds(values) for values in band if values is not None)
    assert limits.high in answer.outcome.high if is_confident else limits.high in answer.profiles[0].band.mean
