from dataclasses import replace

import numpy as np
import pytest

from models import Column, Dataset
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem, build_space
from services.problems.constraints import build_constraints, recorded_rows_meeting, share_met
from services.problems.defaults import default_spec
from services.problems.found_rules import found_rules, usual_sum
from services.results.search import run_spec
from services.specs.outcomes import ModelRef
from services.specs.run import SubspaceConstraintSpec, SumConstraintSpec

FUNCTION = ModelRef(kind="function", name="formula")


def table(parts=(), sweep=None, **columns):
    X = np.column_stack([np.asarray(values, dtype=float) for values in columns.values()])
    features = tuple(Column(name) for name in columns)
    y = X @ np.linspace(1, 2, X.shape[1])
    return Dataset("t", features, Column("y"), X, y, parts=tuple(parts), sweep=sweep)


def mixture(n=40, decimals=3, total=1.0):
    return np.round(total * np.random.default_rng(0).dirichlet([2, 2, 2], n), decimals).T


def suggested(dataset):
    model_data = ModelWithData.of_callable(dataset, lambda X: X @ np.linspace(1, 2, X.shape[1]))
    return model_data, default_spec(model_data, dataset, FUNCTION)


def test_a_sum_in_all_rows_is_a_rule_of_new_runs_and_takes_the_place_of_the_density_penalty():
    a, b, c = mixture()
    dataset = table(a=a, b=b, c=c, temp=np.arange(40) % 7, parts=("a", "b", "c"))
    (found,) = found_rules(dataset)
    assert found.rule == SumConstraintSpec(features=("a", "b", "c"), low=1.0, high=1.0)
    assert found.words == "a + b + c = 1 in all 40 rows" and found.is_kept
    spec = suggested(dataset)[1]
    assert spec.constraints == (found.rule,) and spec.density is None
    assert share_met(found.rule, dataset) == 1.0  # to the rounding of the columns
    assert not build_constraints(spec, dataset)[0].holds(dataset.X).all()


def test_results_keep_every_relation_in_what_is_printed():
    a, b, c = mixture(decimals=6, total=100.0)
    celsius = np.round(np.random.default_rng(1).uniform(20, 90, 40), 1)
    dataset = table(a=a, b=b, c=c, C=celsius, F=np.round(1.8 * celsius + 32, 1))
    model_data, spec = suggested(dataset)
    result = run_spec(spec.revised(budget=spec.budget.model_copy(update={"evaluations": 1500})), model_data).result
    X = np.array(result.results.X)
    assert len(X) > 1
    printed = [feature.decimals for feature in result.features]
    assert all(decimals is not None for decimals in printed[:3])
    np.testing.assert_array_equal(X[:, :3], np.round(X[:, :3], max(printed[:3])))
    np.testing.assert_allclose(X[:, :3].sum(axis=1), 100, atol=1e-9)
    np.testing.assert_allclose(X[:, 4], 1.8 * X[:, 3] + 32, atol=0.1401)
    assert all(map(all, result.results.constraints_met))


def test_copies_in_another_unit_are_held_to_their_rounding():
    celsius = np.round(np.random.default_rng(1).uniform(20, 90, 40), 1)
    (found,) = found_rules(table(C=celsius, F=np.round(1.8 * celsius + 32, 1)))
    assert found.rule.weights == (-1.8, 1.0)
    assert (found.rule.low, found.rule.high) == pytest.approx((31.86, 32.14))


def test_what_only_nearly_holds_is_offered_but_no_rule():
    a, b, c = mixture(decimals=1, total=100.0)
    a[3] += 7
    dataset = table(a=a, b=b, c=c)
    (found,) = found_rules(dataset)
    assert not found.is_kept and found.words == "a + b + c = 100 in 39 of 40 rows"
    assert suggested(dataset)[1].constraints == ()


def test_no_rule_speaks_of_the_feature_that_a_curve_runs_over():
    a = np.random.default_rng(0).integers(1, 50, 40)
    assert found_rules(table(a=a, age=60 - a, temp=np.arange(40) % 9, sweep="age")) == ()


def test_many_columns_that_move_together_are_kept_together():
    rng = np.random.default_rng(0)
    waves = np.array([np.sin(np.linspace(0, 3, 18) * k) + 2 for k in (1, 2)])
    spectra = rng.uniform(0.2, 1, (50, 2)) @ waves + 1e-3 * rng.normal(size=(50, 18))
    dataset = table(**{f"w{j}": spectra[:, j] for j in range(18)})
    (found,) = found_rules(dataset)
    assert found.rule == SubspaceConstraintSpec(features=dataset.feature_names) and found.is_kept
    assert found.words == "w0, w1 ... w17 (18 features) move together: 2 patterns explain nearly all of them"
    model_data, spec = suggested(dataset)
    space = build_space(spec, dataset)
    X = space.sample(30, rng)
    assert space.contains(X).all()
    assert build_problem(spec, model_data).space.constraints[0].words(dataset.feature_names).endswith("recorded rows")


def test_rules_that_were_chosen_replace_those_that_the_table_suggests():
    a, b, c = mixture()
    dataset = table(a=a, b=b, c=c, parts=("a", "b", "c"))
    model_data = ModelWithData.of_callable(dataset, lambda X: X[:, 0])
    spec = default_spec(model_data, dataset, FUNCTION, rules=())
    assert spec.constraints == () and spec.density.target == 1.0


def test_the_usual_sum_is_the_round_number_and_its_tolerance_never_below_the_rounding():
    a, b, c = mixture()
    assert usual_sum(table(a=a, b=b, c=c), ("a", "b", "c"))[0] == 1.0
    x = np.random.default_rng(0).integers(10, 91, 30)
    target, tolerance = usual_sum(table(a=x, b=100 - x), ("a", "b"))
    assert (target, tolerance) == (100.0, 1.0)  # two columns rounded to 1
    weights = np.random.default_rng(0).normal(50, 5, (2, 40))
    dataset = table(a=weights[0], b=weights[1])
    assert usual_sum(dataset, ("a", "b")) == pytest.approx((weights.sum(axis=0).mean(), weights.sum(axis=0).std()))


def test_rows_that_were_weighed_meet_the_sum_of_shares():
    rng = np.random.default_rng(0)
    parts = 100 * rng.dirichlet([2, 2, 2], 40) + rng.normal(0, 0.1, (40, 3))
    dataset = table(a=parts[:, 0], b=parts[:, 1], c=parts[:, 2])
    rule = found_rules(dataset)[0].rule
    assert share_met(rule, dataset) == 1.0
    assert share_met(rule.model_copy(update={"low": 103.0, "high": 103.0}), dataset) == 0.0
    constraints = build_constraints(suggested(dataset)[1], dataset)
    assert recorded_rows_meeting(constraints, dataset).shape == (40, 1)
    spoilt = replace(dataset, X=dataset.X + np.eye(40, 3) * 9)
    assert recorded_rows_meeting(constraints, spoilt)[:3].sum() == 0


def spectra(n=60, d=30, noise=0.002):
    rng, places = np.random.default_rng(0), np.linspace(0, 1, d)
    peaks = np.array([np.exp(-(((places - c) / 0.3) ** 2)) for c in (0.2, 0.5, 0.8)])
    return {
        f"w{j}": column for j, column in enumerate((rng.random((n, 3)) @ peaks + noise * rng.normal(size=(n, d))).T)
    }


def test_columns_that_move_together_leave_others_and_their_rules_alone():
    rng = np.random.default_rng(1)
    parts, celsius = np.round(100 * rng.dirichlet([2, 2, 2], 60), 1).T, np.round(rng.uniform(20, 90, 60), 1)
    others = dict(zip("abc", parts, strict=True)) | {"C": celsius, "F": np.round(1.8 * celsius + 32, 1)}
    columns = spectra() | others | {"pH": rng.normal(7, 1, 60)}
    dataset = table(**columns, copy=columns["w7"])
    rules = [each.rule for each in found_rules(dataset)]
    assert [set(rule.features) for rule in rules[:-1]] == [{"C", "F"}, set("abc")]
    assert set(rules[-1].features) == {*spectra(), "copy"}  # a copy within moves along by itself
    spec = suggested(dataset)[1]
    X = build_space(spec, dataset).sample(50, rng)
    assert build_space(spec, dataset).contains(X).all()
    np.testing.assert_allclose(X[:, 7], X[:, -1])


def test_rules_that_share_columns_are_all_met():
    dataset = table(**spectra(), total=sum(list(spectra().values())[:2]))
    together = SubspaceConstraintSpec(features=dataset.feature_names[:30])
    both = SumConstraintSpec(features=("w0", "w1", "total"), low=0.0, high=0.0, weights=(1.0, 1.0, -1.0))
    space = build_space(suggested(dataset)[1].revised(constraints=(together, both)), dataset)
    X = space.sample(40, np.random.default_rng(0))
    assert space.contains(X).all() and space.contains(space.mutate(X, np.random.default_rng(1))).all()


@pytest.mark.parametrize("frozen", ["C", "F", "p0", "p3"])
@pytest.mark.parametrize("decimals", [0, 1, 3, 9])
def test_freezing_one_of_several_that_hang_together_leaves_a_search(frozen, decimals):
    rng = np.random.default_rng(2)
    parts = np.round(100 * rng.dirichlet([3, 3, 2, 1], 40), decimals).T
    celsius = np.round(rng.uniform(20, 90, 40), 1)
    columns = {f"p{j}": part for j, part in enumerate(parts)} | {"C": celsius, "F": np.round(1.8 * celsius + 32, 1)}
    dataset = table(**columns)
    model_data, spec = suggested(dataset)
    features = tuple(f.model_copy(update={"is_free": f.name != frozen}) for f in spec.features)
    budget = spec.budget.model_copy(update={"evaluations": 600})
    result = run_spec(spec.revised(features=features, budget=budget, is_compared=False), model_data).result
    X = np.array(result.results.X)
    decimals_shown = [feature.decimals for feature in result.features]
    printed = np.array([[round(x, d) for x, d in zip(row, decimals_shown, strict=True)] for row in X])
    assert len(X)
    size = 0.5 * 10.0 ** -max(decimals_shown[:4])
    np.testing.assert_allclose(printed[:, :4].sum(axis=1), 100, atol=min(size, 1e-6))
    np.testing.assert_allclose(printed[:, 5], 1.8 * printed[:, 4] + 32, atol=0.1401)


def test_rules_in_conflict_leave_those_that_can_be_met():
    rng = np.random.default_rng(0)
    a, b = np.round(rng.uniform(10, 90, 40), 1), rng.uniform(0, 1, 40)
    dataset = table(a=a, rest=np.round(100 - a, 1), b=b, other=np.round(2 - b, 12))
    spec = suggested(dataset)[1]
    assert {rule.features for rule in spec.constraints} == {("a", "rest"), ("b", "other")}
    assert build_space(spec, dataset).holds(dataset.X).all()
