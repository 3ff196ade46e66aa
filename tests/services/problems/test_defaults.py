from dataclasses import replace

import numpy as np
import pytest

from models import Column, Dataset
from models.data.dataset import OtherOutcome
from optimizer import Goal, Summary
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem
from services.problems.defaults import (
    DEFAULT_EXTRAPOLATION_LEVEL,
    LEVEL_SETTINGS,
    ExtrapolationLevel,
    default_curve,
    default_density,
    default_distinct,
    default_feature,
    default_spec,
    default_spec_of,
    extrapolation_level_of,
    recorded_step,
    with_extrapolation_level,
    with_models,
)
from services.specs.outcomes import CurveSpec, ModelRef, OutcomeSpec
from services.specs.run import DatasetRef


def _one_feature(values, **column):
    values = np.asarray(values, float)
    return Dataset("t", (Column("x", **column),), Column("y"), values[:, None], np.arange(len(values), dtype=float))


def test_the_suggested_run_can_be_searched_as_it_is(mixed):
    model = ModelRef(kind="function", name="formula")
    spec = default_spec(mixed, mixed.dataset, model, name="First")
    assert spec.name == "First"
    assert spec.dataset == DatasetRef(name="mixed", digest=mixed.dataset.digest)
    assert spec.model == model
    assert spec.goal is Goal.MAXIMUM
    assert (spec.curve.feature, spec.curve.start, spec.curve.end) == ("age", 1, 28)
    assert spec.curve.summary is Summary.AREA
    assert spec.density.parts == ("sand", "water")
    problem = build_problem(spec, mixed)
    assert problem.space.contains(mixed.dataset.X[mixed.dataset.X[:, 5] == 1]).all()


def test_a_plain_table_suggests_a_plain_run(catalog):
    bumps, model = catalog.datasets.load("bumps"), ModelRef(kind="function", name="bumps")
    spec = default_spec(catalog.pair(bumps, model), bumps, model)
    assert spec.curve is None and spec.density is None


def test_numbers_are_free_within_their_recorded_range(mixed):
    feature = default_feature(mixed.dataset, mixed.dataset.features[0])
    values = mixed.dataset.X[:, 0]
    assert feature.is_free
    assert (feature.low, feature.high, feature.value) == (
        values.min(),
        values.max(),
        np.sort(values)[(len(values) - 1) // 2],
    )
    assert feature.step is None


def test_categories_are_all_allowed_and_the_commonest_is_the_value(mixed):
    feature = default_feature(mixed.dataset, mixed.dataset.features[4])
    assert feature.is_free
    assert feature.allowed == ("A", "B", "C")
    assert feature.value == "A"


def test_what_never_varied_is_frozen():
    feature = default_feature(_one_feature([4.2, 4.2]), Column("x"))
    assert not feature.is_free
    assert feature.value == 4.2
    only = Column("x", kind="categorical", categories=("A",))
    assert not default_feature(_one_feature([0, 0], kind="categorical", categories=("A",)), only).is_free


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([1, 5, 9], 1.0),
        ([2, 2, 2], 1.0),
        ([0.5, 10.1, 20.7], 0.1),
        ([0.25, 1.01, 2.33], 0.01),
        ([0.1, 0.3, 0.2], None),  # a step of 0.1 would leave three values
        ([0.123, 5.456, 9.789], None),
        ([-3.0, 4.0], 1.0),
    ],
)
def test_results_have_the_digits_of_the_records(values, step):
    assert recorded_step(np.array(values, float)) == step


def test_results_of_a_few_free_features_may_be_closer():
    distances = [default_distinct(n) for n in range(12)]
    assert distances == sorted(distances)
    assert distances[1] == pytest.approx(0.4)
    assert distances[-1] == 1.0
    assert distances[0] > 0


def test_there_is_no_curve_over_what_never_varied():
    assert default_curve(_one_feature([7, 7]), "x") is None


def test_the_density_is_the_recorded_one(mixed):
    density = default_density(mixed.dataset, ("sand", "water"))
    sums = mixed.dataset.density
    assert (density.target, density.tolerance) == pytest.approx((sums.mean(), sums.std()))
    assert default_density(mixed.dataset, ()) is None


def test_a_density_that_never_varied_has_a_tolerance_all_the_same(mixed):
    X = mixed.dataset.X.copy()
    X[:, 1] = 100 - X[:, 0]
    even = replace(mixed.dataset, X=X)
    assert default_density(even, ("sand", "water")).tolerance > 0
    model = ModelRef(kind="function", name="formula")
    model_data = ModelWithData(even, mixed.predictor)
    build_problem(default_spec(model_data, even, model), model_data)


def test_parts_that_add_up_to_nothing_have_a_tolerance_all_the_same():
    zero = default_density(_one_feature([0.0, 0.0]), ("x",))
    assert zero.tolerance > 0


@pytest.mark.parametrize("extrapolation_level", list(ExtrapolationLevel))
def test_a_position_that_was_set_is_read_again(plain_spec, extrapolation_level):
    for has_confidence in (True, False):
        run = with_extrapolation_level(plain_spec, extrapolation_level, has_confidence=has_confidence)
        assert extrapolation_level_of(run) is extrapolation_level


def test_without_intervals_there_is_no_risk_aversion(plain_spec):
    assert with_extrapolation_level(plain_spec, ExtrapolationLevel.NEAR, has_confidence=False).risk_aversion == 0
    assert with_extrapolation_level(plain_spec, ExtrapolationLevel.NEAR, has_confidence=True).risk_aversion > 0


def test_positions_go_farther_one_by_one():
    reaches = [level.plausibility.extrapolation_limit for level in LEVEL_SETTINGS.values() if level.plausibility]
    assert reaches[1:] == sorted(reaches[1:])
    assert list(LEVEL_SETTINGS) == list(ExtrapolationLevel)
    assert DEFAULT_EXTRAPOLATION_LEVEL in LEVEL_SETTINGS


def test_settings_of_ones_own_are_no_position(plain_spec):
    run = with_extrapolation_level(plain_spec, ExtrapolationLevel.NEAR, has_confidence=True)
    assert extrapolation_level_of(run.revised(risk_aversion=1.7)) is None


def test_nothing_else_of_the_run_changes(plain_spec):
    run = with_extrapolation_level(plain_spec, ExtrapolationLevel.FAR, has_confidence=True)
    assert run.revised(plausibility=plain_spec.plausibility, risk_aversion=plain_spec.risk_aversion) == plain_spec


MODELS = {name: ModelRef(name=f"m {name}") for name in ("energy", "yield", "impurity")}


class TestSeveralOutcomes:
    """The run that a table suggests with the models of its outcomes."""

    X = np.random.default_rng(0).uniform(0, 10, (30, 2))
    dataset = Dataset(
        "reactor",
        (Column("temp"), Column("time")),
        Column("yield"),
        X,
        X.sum(axis=1),
        other_outcomes=(
            OtherOutcome(Column("impurity"), np.where(X[:, 0] > 2, X[:, 0], np.nan)),
            OtherOutcome(Column("energy"), X[:, 1] ** 2),
        ),
    )

    def pair(self, dataset, ref):
        """Return rows and a function in the place of a model; that of energy may know temp alone."""
        outcome = ref.name.split()[1]
        features = ["temp"] if ref.name.endswith("alone") else None
        return ModelWithData.of_callable(dataset.for_outcome(outcome), lambda X: X.sum(axis=1), features)

    def suggested(self, names):
        return default_spec_of(self.dataset, {name: MODELS[name] for name in names}, self.pair)

    def test_the_first_of_the_table_is_the_goal_and_the_others_are_shown(self):
        spec = self.suggested(["energy", "yield", "impurity"])
        assert [(each.name, each.goal) for each in spec.outcomes] == [
            ("yield", Goal.MAXIMUM),
            ("impurity", None),
            ("energy", None),
        ]
        assert [each.model for each in spec.outcomes] == [MODELS[each.name] for each in spec.outcomes]
        assert not any(each.is_limited for each in spec.outcomes)
        assert spec.dataset.digest == self.dataset.digest

    def test_one_with_a_model_is_the_goal_by_its_name(self):
        (outcome,) = self.suggested(["impurity"]).outcomes
        assert (outcome.name, outcome.goal) == ("impurity", Goal.MAXIMUM)

    def test_a_model_of_other_features_is_left_out(self):
        models = MODELS | {"energy": ModelRef(name="m energy alone")}
        spec = default_spec_of(self.dataset, models, self.pair)
        assert [each.name for each in spec.outcomes] == ["yield", "impurity"]

    def test_a_table_with_one_outcome_suggests_what_it_always_did(self):
        alone, ref = self.dataset.for_outcome("yield"), MODELS["yield"]
        spec = default_spec_of(alone, {"yield": ref}, self.pair)
        assert spec == default_spec(self.pair(alone, ref), alone, ref)
        assert spec.outcomes[0].name == ""

    def test_another_model_of_an_outcome_leaves_all_else_as_it_was_set(self):
        cost = OutcomeSpec(name="cost", formula="temp * 2", at_most=9)
        spec = self.suggested(["yield", "impurity"])
        limited = spec.outcomes[1].model_copy(update={"at_most": 3.0})
        spec = spec.revised(outcomes=(spec.outcomes[0], limited, cost))
        other = ModelRef(name="m impurity anew")
        changed = with_models(spec, self.dataset, {"impurity": other})
        assert changed.outcomes == (spec.outcomes[0], limited.model_copy(update={"model": other}), cost)
        added = with_models(changed, self.dataset, {"energy": MODELS["energy"]})
        assert added.outcomes == (*changed.outcomes, OutcomeSpec(name="energy", model=MODELS["energy"]))

    def test_an_outcome_without_a_name_gets_one_beside_others(self):
        spec = self.suggested(["yield"])
        spec = spec.revised(outcomes=(spec.outcomes[0].model_copy(update={"name": ""}),))
        assert with_models(spec, self.dataset, {}).outcomes[0].name == ""
        both = with_models(spec, self.dataset, {"energy": MODELS["energy"]})
        assert [each.name for each in both.outcomes] == ["yield", "energy"]

    def test_curves_run_over_one_feature(self):
        curve = CurveSpec(feature="time", start=0, end=10)
        spec = self.suggested(["yield"]).revised(curve=curve)
        both = with_models(spec, self.dataset, {"energy": MODELS["energy"]})
        assert [each.curve for each in both.outcomes] == [curve, curve]
