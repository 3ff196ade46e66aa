from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from models.cards.settings import Smoothness
from models.families.process import Process, find_kernel

SMOOTH = (Smoothness.MATERN, Smoothness.RBF)


def draw(seed, n=40, p=3, noise=0.1):
    """Inputs (n, p) and outcomes (n,) that two of the inputs make."""
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((n, p))
    return inputs, np.sin(1.5 * inputs[:, 0]) + 0.5 * inputs[:, 1] + noise * rng.standard_normal(n)


def minus_log_evidence(kernel, inputs, outcomes):
    """The restricted likelihood of Patterson and Thompson 1971 as the textbook has it, variance of all profiled out."""
    n = len(inputs)
    K = kernel.between(inputs, inputs).values + kernel.noise * np.eye(n)
    inverse, one = np.linalg.inv(K), np.ones(n)
    mean = one @ inverse @ outcomes / (one @ inverse @ one)
    spread = (outcomes - mean) @ inverse @ (outcomes - mean) / (n - 1)
    return 0.5 * ((n - 1) * np.log(spread) + np.linalg.slogdet(K)[1] + np.log(one @ inverse @ one))


@pytest.mark.parametrize("smoothness", [*SMOOTH, None])
def test_no_step_in_any_direction_finds_more_evidence(smoothness):
    inputs, outcomes = draw(1)
    kernel, cost = find_kernel(inputs, outcomes, np.arange(3), smoothness)

    def total(changed):
        scales = changed.scales if smoothness else []
        logs = np.log([*scales, changed.linear, changed.quadratic, changed.noise])
        middle = np.log([*[1.5 * np.sqrt(3)] * len(scales), 0.1, 0.01, 0.02])
        away = (logs - middle) / np.array([*[1] * len(scales), 2, 2, 1.5])
        return minus_log_evidence(changed, inputs, outcomes) + 0.5 * away @ away

    assert total(kernel) == pytest.approx(cost, abs=1e-3)
    for factor in (0.7, 1.4):
        for j in range(3 if smoothness else 0):
            scales = kernel.scales.copy()
            scales[j] *= factor
            assert total(replace(kernel, scales=scales)) > cost - 1e-4
        for name in ("linear", "quadratic", "noise"):
            assert total(replace(kernel, **{name: getattr(kernel, name) * factor})) > cost - 1e-4


def test_an_input_that_says_nothing_gets_a_long_scale_and_noise_is_found():
    inputs, outcomes = draw(2, n=150, noise=0.3)
    kernel, _ = find_kernel(inputs, outcomes, np.arange(3), Smoothness.RBF)
    process = Process.given(kernel, inputs, outcomes)
    assert kernel.scales[2] > 3 * kernel.scales[0]
    assert 0.2 < np.sqrt(process.kernel.noise) < 0.4


def test_inputs_of_one_feature_share_a_scale():
    inputs, outcomes = draw(3)
    kernel, _ = find_kernel(inputs, outcomes, np.array([0, 4, 4]), Smoothness.MATERN)
    assert kernel.scales[1] == kernel.scales[2] != kernel.scales[0]


def test_a_stop_gives_a_kernel_all_the_same():
    inputs, outcomes = draw(4)
    kernel, cost = find_kernel(inputs, outcomes, np.arange(3), Smoothness.RBF, should_stop=lambda: True)
    assert np.isfinite(cost) and (kernel.scales > 0).all()


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10**6),
    smoothness=st.sampled_from(SMOOTH),
    factor=st.floats(1e-3, 1e3),
    shift=st.floats(-1e3, 1e3),
)
def test_another_unit_of_the_outcome_changes_the_unit_of_the_answers_alone(seed, smoothness, factor, shift):
    inputs, outcomes = draw(seed, n=25)
    kernel, _ = find_kernel(inputs, outcomes, np.arange(3), smoothness)
    at = np.random.default_rng(seed).standard_normal((7, 3)) * 2
    mean, spread = Process.given(kernel, inputs, outcomes).answers(at, has_spread=True)
    other, others_spread = Process.given(kernel, inputs, factor * outcomes + shift).answers(at, has_spread=True)
    size = max(abs(shift), factor)
    assert np.allclose(other, factor * mean + shift, atol=1e-5 * size)
    assert np.allclose(others_spread, factor * spread, rtol=1e-3, atol=1e-5 * size)


def test_a_trend_alone_is_ridge_regression_on_linear_and_quadratic_terms():
    inputs, _ = draw(6, n=60)
    outcomes = 2 + inputs[:, 0] - inputs[:, 1] ** 2 + inputs[:, 0] * inputs[:, 2] + np.sin(40 * inputs[:, 1]) / 10
    kernel, _ = find_kernel(inputs, outcomes, np.arange(3), None)
    assert kernel.variance == 0
    at = np.random.default_rng(0).standard_normal((9, 3)) * 2

    def terms(rows):  # whose products, summed, are those of the kernel
        pairs = [(i, j) for i in range(3) for j in range(i, 3)]
        squares = [rows[:, i] * rows[:, j] * (1 if i == j else np.sqrt(2)) for i, j in pairs]
        return np.column_stack([np.sqrt(kernel.linear) * rows, *(np.sqrt(kernel.quadratic) * each for each in squares)])

    design = np.column_stack([np.ones(len(inputs)), terms(inputs)])
    held_back = kernel.noise * np.diag([0] + [1] * (design.shape[1] - 1))
    weights = np.linalg.solve(design.T @ design + held_back, design.T @ outcomes)
    answered = Process.given(kernel, inputs, outcomes).answers(at)[0]
    assert np.allclose(answered, np.column_stack([np.ones(len(at)), terms(at)]) @ weights, rtol=1e-6, atol=1e-6)


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), smoothness=st.sampled_from((*SMOOTH, None)))
def test_slopes_are_those_of_small_steps(seed, smoothness):
    inputs, outcomes = draw(seed, n=25)
    process = Process.given(find_kernel(inputs, outcomes, np.arange(3), smoothness)[0], inputs, outcomes)
    at, step = np.random.default_rng(seed).standard_normal((5, 3)) * 2, 1e-4
    _, spread, mean_slopes, spread_slopes = process.answers(at, has_spread=True, has_gradient=True)
    for j in range(3):
        ahead, behind = (process.answers(at + sign * step * np.eye(3)[j], has_spread=True) for sign in (1, -1))
        assert np.allclose((ahead[0] - behind[0]) / (2 * step), mean_slopes[:, j], rtol=1e-3, atol=1e-4)
        rises = (ahead[1] - behind[1]) / (2 * step)
        assert np.allclose(rises, spread_slopes[:, j], rtol=2e-2, atol=1e-3 * (1 + 1 / spread.min()))


def test_rows_measured_several_times_are_noise_and_no_obstacle():
    inputs, outcomes = draw(5)
    twice, other = np.vstack([inputs, inputs]), np.append(outcomes, outcomes + 0.5)
    kernel, _ = find_kernel(twice, other, np.arange(3), Smoothness.RBF)
    process = Process.given(kernel, twice, other)
    assert 0.15 < np.sqrt(process.kernel.noise) < 0.6
    assert np.abs(process.answers(inputs)[0] - (outcomes + 0.25)).mean() < 0.2
