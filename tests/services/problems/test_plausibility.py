import numpy as np
import pytest

from optimizer import MEASURES, disagrees
from services.problems.building import build_problem, build_space
from services.problems.plausibility import PlausibilityCheck, build_plausibility, plausibility_key
from services.results.search import run_spec
from services.studies.what_if.explorer import WhatIfModel


@pytest.fixture(scope="module")
def plausibility_check(mixed_spec, mixed):
    return PlausibilityCheck.of(mixed_spec, mixed.dataset, build_problem(mixed_spec, mixed).space.features)


def test_a_run_that_asks_for_nothing_is_judged_by_the_usual_measure(plausibility_check, mixed_spec, mixed):
    X = mixed.dataset.X[:10] + 0.3 * mixed.dataset.stds
    X[:, 4] = 0
    features = build_problem(mixed_spec, mixed).space.features
    belief = plausibility_check.judge(X).fields
    np.testing.assert_array_equal(
        belief["plausibility"], build_plausibility(mixed_spec, mixed.dataset, features).percent(X)
    )
    first, second = np.array(belief["plausibility"]), np.array(belief["second_check"])
    assert list(belief["disagrees"]) == disagrees(first, second).tolist()


@pytest.mark.parametrize("measure", list(MEASURES))
def test_the_second_check_is_by_another_measure(mixed_spec, mixed, measure):
    spec = mixed_spec.revised(plausibility={"measure": measure})
    plausibility_check = PlausibilityCheck.of(spec, mixed.dataset, build_problem(mixed_spec, mixed).space.features)
    assert type(plausibility_check.second.measure) is not type(plausibility_check.first.measure)


def test_what_is_far_from_all_records_is_believed_by_neither(plausibility_check, mixed):
    far = mixed.dataset.X.max(axis=0, keepdims=True) + 5 * mixed.dataset.stds
    belief = plausibility_check.judge(far * np.array([1, 1, 1, 1, 0, 1])).fields
    assert (belief["plausibility"], belief["second_check"], belief["disagrees"]) == ((0.0,), (0.0,), (False,))


@pytest.mark.parametrize("measure", list(MEASURES))
def test_a_recorded_row_is_judged_as_any_setting(mixed_spec, mixed, measure):
    spec = mixed_spec.revised(plausibility={"measure": measure})
    check = PlausibilityCheck.of(spec, mixed.dataset, build_space(spec, mixed.dataset).features)
    rows = run_spec(spec.revised(budget={"evaluations": 50}), mixed).result.best_recorded
    asked = check.judge(np.array(rows.X))
    assert rows.plausibility == tuple(asked.plausibility) and rows.second_check == tuple(asked.second_check)
    if measure != "trees":  # which go in steps
        beside = check.judge(np.array(rows.X) + 1e-9 * np.array([1, 1, 1, 0, 0, 1]))
        np.testing.assert_allclose(beside.plausibility, rows.plausibility, atol=1e-3)


def test_the_sweep_feature_of_a_curve_does_not_count(plausibility_check, mixed):
    X = mixed.dataset.X[:5].copy()
    before = plausibility_check.judge(X).fields
    X[:, 5] += 1000
    assert plausibility_check.judge(X).fields == before


@pytest.fixture
def judged(mixed_spec):
    return mixed_spec.revised(plausibility={"weight": 1.0})


def test_bounds_and_what_is_free_do_not_count(judged, mixed, with_feature):
    name = next(feature.name for feature in judged.features if feature.kind == "numeric" and feature.is_free)
    key = plausibility_key(judged, mixed.dataset)
    assert plausibility_key(with_feature(judged, name, is_free=False), mixed.dataset) == key
    assert plausibility_key(judged.revised(plausibility={"weight": 3.0}), mixed.dataset) == key
    assert plausibility_key(judged.revised(plausibility=None), mixed.dataset) == key
    others = [{"measure": "mixture"}, {"left_out": [name]}]
    assert len({key, *(plausibility_key(judged.revised(plausibility=other), mixed.dataset) for other in others)}) == 3
    assert plausibility_key(judged.revised(curve=None), mixed.dataset) != key  # the sweep feature counts then


def test_runs_of_one_key_have_one_plausibility(judged, mixed, with_feature):
    name = next(feature.name for feature in judged.features if feature.kind == "numeric" and feature.is_free)
    other = with_feature(judged, name, is_free=False)
    ours, theirs = (
        build_plausibility(spec, mixed.dataset, build_space(spec, mixed.dataset).features) for spec in (judged, other)
    )
    X = mixed.dataset.X[:7] * 1.1
    np.testing.assert_array_equal(ours.percent(X), theirs.percent(X))


def test_a_problem_takes_the_plausibility_that_is_kept(judged, mixed):
    kept = build_plausibility(judged, mixed.dataset, build_space(judged, mixed.dataset).features)
    problem = build_problem(judged, mixed, lambda *_: kept)
    assert kept in [getattr(penalty, "plausibility", None) for penalty in problem.penalties]


def test_what_if_asks_for_its_judges_once_and_answers_as_without(judged, mixed):
    asked = []

    def keep(*run):
        asked.append(run)
        return PlausibilityCheck.of(*run)

    kept, plain = WhatIfModel.of(judged, mixed, keep), WhatIfModel.of(judged, mixed)
    assert len(asked) == 1
    x = mixed.dataset.X[3]
    assert kept.answer(x).plausibility == plain.answer(x).plausibility
    assert kept.answer(x).second_check == plain.answer(x).second_check
