from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from models import DatasetError
from optimizer import FloorKind, Goal, Objective, SpaceError, Summary
from services.catalog.loading import ModelWithData
from services.problems.building import build_budget, build_floor, build_problem, build_starts
from services.problems.outcomes.objective import build_curve, objective_scale
from services.results.search import run_spec
from services.specs.method import method_named
from services.specs.outcomes import CurveSpec
from services.specs.run import CategoricalSpec, NumericSpec, RunSpec


def _area(spec, **changes):
    return spec.curve.model_copy(update=changes)


def _curve(feature, start, end, **more):
    return {"curve": CurveSpec(feature=feature, start=start, end=end, **more)}


@pytest.mark.parametrize(
    ("goal", "value", "score"), [("maximum", None, -1), ("minimum", None, 1), ("value", 250.0, None)]
)
def test_every_goal_scores_its_way(plain_spec, mixed, goal, value, score):
    problem = build_problem(plain_spec.revised(goal=Goal(goal), value=value), mixed)
    judged = problem.evaluate(mixed.dataset.X)
    scale = mixed.dataset.y.std()
    wanted = score * mixed.dataset.y if score else np.abs(mixed.dataset.y - value)
    np.testing.assert_allclose(judged.outcomes, mixed.dataset.y)
    np.testing.assert_allclose(judged.scores, wanted / scale)


@pytest.mark.parametrize("summary", list(Summary))
def test_every_curve_is_what_it_says(mixed_spec, mixed, summary):
    spec = mixed_spec.revised(density=None, curve=_area(mixed_spec, summary=summary, at=9.0))
    problem = build_problem(spec, mixed)
    row = mixed.dataset.X[:1]
    grid = np.arange(1.0, 29.0)
    rows = np.repeat(row, len(grid), axis=0)
    rows[:, 5] = grid
    along = mixed.predictor.predict(rows)
    wanted = {
        Summary.AREA: np.trapezoid(along, grid),
        Summary.MEAN: np.trapezoid(along, grid) / 27,
        Summary.MINIMUM: along.min(),
        Summary.MAXIMUM: along.max(),
        Summary.POINT: along[8],
    }
    assert problem.evaluate(row).outcomes[0] == pytest.approx(wanted[summary])


def test_the_unit_of_scores_is_the_spread_of_the_recorded_objective(mixed_spec, mixed):
    problem = build_problem(mixed_spec, mixed)
    outcomes = problem.without_penalties().evaluate(mixed.dataset.X).outcomes
    assert problem.objective.scale == pytest.approx(outcomes.std())


def test_the_swept_feature_is_not_free(mixed_spec, mixed):
    space = build_problem(mixed_spec, mixed).space
    assert "age" not in [space.names[j] for j in space.free]


def test_a_curve_over_whole_numbers_has_whole_points(mixed):
    fine = build_curve(CurveSpec(feature="age", start=1, end=28, points=100), mixed.dataset)
    coarse = build_curve(CurveSpec(feature="age", start=1, end=28, points=4), mixed.dataset)
    broken = build_curve(CurveSpec(feature="temp", start=1, end=28, points=4), mixed.dataset)
    np.testing.assert_array_equal(fine.grid, np.arange(1.0, 29.0))
    np.testing.assert_array_equal(coarse.grid, [1, 10, 19, 28])
    np.testing.assert_allclose(broken.grid, [1, 10, 19, 28])


def test_the_penalty_counts_the_density_in_tolerances(mixed_spec, mixed):
    density = mixed_spec.density.model_copy(update={"target": 90.0, "tolerance": 4.0, "weight": 3.0})
    problem = build_problem(mixed_spec.revised(density=density), mixed)
    sums = mixed.dataset.X[:, 0] + mixed.dataset.X[:, 1]
    np.testing.assert_allclose(
        problem.evaluate(mixed.dataset.X).penalties, 3 * np.maximum(np.abs(sums - 90) / 4 - 1, 0) ** 2
    )


def test_a_penalty_that_weighs_nothing_is_left_out(mixed_spec, mixed):
    density = mixed_spec.density.model_copy(update={"weight": 0.0})
    assert build_problem(mixed_spec.revised(density=density), mixed).penalties == ()
    assert len(build_problem(mixed_spec, mixed).penalties) == 1


def test_budget_and_floor_are_taken_over(plain_spec):
    spec = plain_spec.revised(
        budget={"evaluations": 70, "seconds": 2.5, "stall": 3}, floor={"kind": "within", "amount": 0.25}
    )
    budget, floor = build_budget(spec), build_floor(spec)
    assert (budget.evaluations, budget.seconds, budget.stall) == (70, 2.5, 3)
    assert (floor.kind, floor.amount) == (FloorKind.WITHIN, 0.25)


def test_a_budget_below_the_first_generation(plain_spec):
    spec = plain_spec.revised(budget={"evaluations": 7})
    with pytest.raises(SpaceError, match=r"needs 10 evaluations, the budget allows 7: raise the budget"):
        build_budget(spec)


def test_nothing_can_move(plain_spec, mixed):
    features = tuple(feature.model_copy(update={"mutation_strength": 0.0}) for feature in plain_spec.features)
    with pytest.raises(SpaceError, match="All mutation strengths are 0"):
        build_problem(plain_spec.revised(features=features), mixed)


def test_a_density_that_is_off_must_still_make_sense(mixed_spec, mixed):
    density = mixed_spec.density.model_copy(update={"tolerance": 0.0, "weight": 0.0})
    with pytest.raises(SpaceError, match="tolerance of the density must be a number above 0"):
        build_problem(mixed_spec.revised(density=density), mixed)


@settings(max_examples=15)
@given(data=st.data())
def test_candidates_keep_to_every_feature_of_the_run(data, plain_spec, mixed):
    features = []
    for feature in plain_spec.features:
        is_free = data.draw(st.booleans()) or feature.name == "temp"
        if isinstance(feature, CategoricalSpec):
            allowed = data.draw(st.lists(st.sampled_from("ABC"), min_size=1, unique=True))
            changes = {"is_free": is_free, "allowed": tuple(allowed), "value": data.draw(st.sampled_from("ABC"))}
        else:
            low = data.draw(st.floats(0, 50))
            high = low + data.draw(st.floats(2, 50))
            value = data.draw(st.floats(low, high))
            changes = {"is_free": is_free, "low": low, "high": high, "value": value, "step": None}
        features.append(feature.model_copy(update=changes))
    space = build_problem(plain_spec.revised(features=tuple(features)), mixed).space
    rng = np.random.default_rng(0)
    X = space.mutate(space.sample(40, rng), rng)
    for feature, column in zip(features, X.T, strict=True):
        if isinstance(feature, CategoricalSpec):
            codes = {"ABC".index(name) for name in (feature.allowed if feature.is_free else (feature.value,))}
            assert set(column) <= codes
        elif feature.is_free:
            assert feature.low <= column.min() <= column.max() <= feature.high
        else:
            assert set(column) == {feature.value}


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("temp", {"low": 40, "high": 10}, "'temp' lies between 40 and 10: the minimum is above the maximum"),
        ("temp", {"low": float("-inf")}, "'temp' needs finite bounds"),
        ("temp", {"low": float("nan")}, "'temp' needs finite bounds"),
        ("temp", {"is_free": False, "value": 99}, "'temp' is frozen at 99, outside its range"),
        ("temp", {"is_free": False, "value": float("nan")}, "'temp' is frozen at nan, outside its range"),
        ("temp", {"mutation_strength": -1}, "mutation strength of 'temp' must be at least 0, got -1"),
        ("temp", {"step": 0}, "step of 'temp' must be a number above 0"),
        ("temp", {"low": 11, "high": 12, "step": 5}, "'temp' has no multiple of its step 5 between 11 and 12"),
        ("resin", {"allowed": ("A", "oak")}, r"'resin' has the categories \['A', 'B', 'C'\], got \['oak'\]"),
        ("resin", {"value": "oak", "is_free": False}, r"got \['oak'\]"),
        ("resin", {"allowed": ()}, "'resin' has no allowed category: allow at least one"),
        ("resin", {"mutation_strength": 2}, "a probability between 0 and 1, got 2"),
    ],
)
def test_a_feature_that_cannot_be_searched_is_refused(plain_spec, mixed, with_feature, name, changes, words):
    with pytest.raises(SpaceError, match=words):
        build_problem(with_feature(plain_spec, name, **changes), mixed)


def test_a_feature_of_the_other_kind_is_refused(plain_spec, mixed):
    wrong = {
        "resin": NumericSpec(name="resin", low=0, high=2, value=1),
        "temp": CategoricalSpec(name="temp", allowed=("A",), value="A"),
    }
    for name, feature in wrong.items():
        features = tuple(feature if given.name == name else given for given in plain_spec.features)
        with pytest.raises(SpaceError, match=f"'{name}' is a .+ feature, and the run has it as a .+ one"):
            build_problem(plain_spec.revised(features=features), mixed)


@pytest.mark.parametrize("free", [(), ("age",)])  # the curve runs over age
def test_with_all_features_frozen_there_is_nothing_to_search(mixed_spec, mixed, free):
    features = tuple(f.model_copy(update={"is_free": f.name in free}) for f in mixed_spec.features)
    with pytest.raises(SpaceError, match="All features are frozen"):
        build_problem(mixed_spec.revised(features=features), mixed)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"goal": Goal.VALUE}, SpaceError, "Searching for a value needs that value as a number, got None"),
        ({"goal": Goal.VALUE, "value": float("inf")}, SpaceError, "needs that value as a number, got inf"),
        (_curve("age", 28, 1), SpaceError, "The curve runs from 28 to 1: set its end above its start"),
        (_curve("age", 1, 28, summary=Summary.POINT), SpaceError, "curve must lie between 1 and 28, got None"),
        (_curve("age", 1, 28, summary=Summary.POINT, at=29), SpaceError, "must lie between 1 and 28, got 29"),
        (_curve("resin", 0, 2), SpaceError, "'resin' is categorical"),
        (_curve("wind", 0, 2), DatasetError, "There is no feature 'wind'"),
        (_curve("age", 1.1, 1.4), SpaceError, "at least two increasing points"),
        ({"density": {"parts": ["sand", "clay"], "target": 90, "tolerance": 1}}, DatasetError, "no feature 'clay'"),
        ({"density": {"parts": [], "target": 90, "tolerance": 1}}, SpaceError, "needs the parts that add up"),
        ({"density": {"parts": ["sand"], "target": 90, "tolerance": 0}}, SpaceError, "tolerance of the density must"),
        ({"density": {"parts": ["sand"], "target": float("nan"), "tolerance": 1}}, SpaceError, "target density must"),
    ],
)
def test_goals_curves_and_penalties_that_do_not_fit_are_refused(plain_spec, mixed, changes, error, words):
    with pytest.raises(error, match=words):
        build_problem(plain_spec.revised(**changes), mixed)


def test_every_feature_is_named_once_and_no_other(plain_spec, mixed):
    with pytest.raises(DatasetError, match="says nothing about the feature 'sand'"):
        build_problem(plain_spec.revised(features=plain_spec.features[1:]), mixed)
    with pytest.raises(DatasetError, match="says more than one thing about the feature 'sand'"):
        build_problem(plain_spec.revised(features=(*plain_spec.features, plain_spec.features[0])), mixed)
    wind = NumericSpec(name="wind", low=0, high=1, value=0)
    with pytest.raises(DatasetError, match=r"The model does not use \['wind'\]"):
        build_problem(plain_spec.revised(features=(*plain_spec.features, wind)), mixed)


class _Constant:
    feature_names = ()

    def __init__(self, value):
        self.value = value

    def predict(self, X):
        return np.full(len(X), self.value)


@pytest.mark.parametrize("value", [3.0, np.nan])
def test_a_model_that_always_says_the_same_is_refused(plain_spec, mixed, value):
    with pytest.raises(SpaceError, match="predicts the same for every recorded row"):
        build_problem(plain_spec, ModelWithData(mixed.dataset, _Constant(value)))


def _rows(model_data, *numbers):
    return tuple(tuple(model_data.dataset.X[number].tolist()) for number in numbers)


def test_without_any_there_is_nothing_to_begin_at(mixed_spec, mixed):
    problem = build_problem(mixed_spec, mixed)
    assert problem.begin_at is None
    assert (mixed_spec.starts, mixed_spec.continues, mixed_spec.decisions) == ((), "", ())


def test_a_method_that_takes_no_settings_to_begin_at_leaves_them_out(mixed_spec, mixed):
    more = mixed_spec.revised(starts=_rows(mixed, 5), continues="run", decisions=[])
    assert more.searched_by(mixed_spec.method) == more
    other = more.searched_by(method_named("random_search"))
    assert (other.method.name, other.starts, other.continues) == ("random_search", (), "")
    build_problem(other, mixed)


def test_settings_become_candidates_each_once_and_in_order(mixed_spec, mixed):
    rows = _rows(mixed, 5, 2, 5, 9)
    space = build_problem(mixed_spec, mixed).space
    X = build_starts(mixed_spec.revised(starts=rows), space)
    assert space.contains(X).all()
    np.testing.assert_array_equal(X, space.repair(np.array(rows))[[0, 1, 3]])


def test_what_lies_outside_is_moved_inside(mixed_spec, mixed):
    far = tuple(1e9 if not column.categories else 0.0 for column in mixed.dataset.features)
    space = build_problem(mixed_spec, mixed).space
    (start,) = build_starts(mixed_spec.revised(starts=(far,)), space)
    highs = [f.high for f in space.features if hasattr(f, "high") and f.frozen is None]
    assert set(highs) <= set(start.tolist())


def test_lineages_begin_there_by_either_method(any_spec, mixed):
    rows = _rows(mixed, 1, 4, 7)
    spec = any_spec.revised(starts=rows, continues="abc")
    report = run_spec(spec, mixed)
    first = report.trace[0].bests.X
    for row in build_problem(spec, mixed).begin_at:
        assert (first == row).all(axis=1).any()
    assert report.result.spec == spec


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.lists(st.integers(0, 79), min_size=1, max_size=12), seed=st.integers(0, 9))
def test_a_run_never_ends_worse_than_it_begins(any_spec, mixed, numbers, seed):
    spec = any_spec.revised(starts=_rows(mixed, *numbers), seed=seed, budget={"evaluations": 300}, is_compared=False)
    problem = build_problem(spec, mixed)
    found = run_spec(spec, mixed, is_beside_random=False).result.results
    assert found.scores[0] <= problem.evaluate(problem.begin_at).scores.min() + 1e-12


def test_a_continued_run_never_ends_worse_than_the_one_before(any_spec, mixed):
    before = run_spec(any_spec, mixed).result
    after = run_spec(any_spec.revised(starts=before.results.X, seed=any_spec.seed + 1), mixed).result
    assert after.results.scores[0] <= before.results.scores[0] + 1e-12


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda start: start[:-1], r"Setting 2 to begin at has \d values, the model has \d features: give one value"),
        (lambda start: (*start, 1.0), r"in this order"),
        (lambda start: (float("nan"), *start[1:]), r"has no number for '\w+', got nan: give one"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(mixed_spec, mixed, change, words):
    good = _rows(mixed, 0)[0]
    with pytest.raises(SpaceError, match=words):
        build_problem(mixed_spec.revised(starts=(good, change(good))), mixed)


def test_a_code_of_no_category_is_refused(mixed_spec, mixed):
    (start,) = _rows(mixed, 0)
    place = next(j for j, column in enumerate(mixed.dataset.features) if column.categories)
    for code in (99.0, 0.5, -1.0):
        wrong = (*start[:place], code, *start[place + 1 :])
        with pytest.raises(SpaceError, match="give its code, a whole number from 0 to"):
            build_problem(mixed_spec.revised(starts=(wrong,)), mixed)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"starts": ((1.0,),)}, "settings to begin at"),
        ({"decisions": ({"after": 1, "kind": "drop", "lineage": 2},)}, "decisions about lineages"),
    ],
)
def test_a_method_that_takes_none_says_so(mixed_spec, mixed, more, words):
    spec = RunSpec.model_validate(dict(mixed_spec) | {"method": {"name": "cma_es"}} | more)
    with pytest.raises(SpaceError, match=f"{words}, and the method 'cma_es' takes none: search by"):
        build_problem(spec, mixed)


def test_rows_that_differ_only_in_the_sweep_are_asked_once_for_the_unit_of_scores(mixed_spec, mixed):
    curve = build_curve(mixed_spec.curve, mixed.dataset)
    X = mixed.dataset.X.copy()
    X[1::2] = X[: len(X) - 1 : 2]
    X[1::2, curve.feature] += 1.0
    doubled, asked = replace(mixed.dataset, X=X), []

    def counted(rows):
        asked.append(len(rows))
        return mixed.predictor.predict(rows)

    objective = Objective(Goal.MAXIMUM, curve=curve)
    scale = objective_scale(objective, ModelWithData.of_callable(doubled, counted, is_fast=True))
    assert scale == pytest.approx(np.std(objective.outcomes(X, mixed.predictor.predict)))
    assert sum(asked) <= len(X) / 2 * len(curve.grid)
