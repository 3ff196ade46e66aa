"""Plausibility and its second check are built once for a table, however many runs ask about it."""

import numpy as np
import pytest

from services.problems.building import build_problem, build_space
from services.problems.plausibility import PlausibilityCheck, build_plausibility, plausibility_key
from services.studies.what_if import WhatIfModel


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
