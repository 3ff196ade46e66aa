import json

import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

from optimizer import (
    DEFAULT_METHOD,
    Choice,
    FloorKind,
    Goal,
    ImmigrantSource,
    MeasureName,
    QualityFloor,
    SpaceError,
    Summary,
)
from services.specs.method import LineagesSpec, NichesSpec, method_named
from services.specs.outcomes import Combine, CurveSpec, ModelRef, OutcomeSpec
from services.specs.run import (
    AtMostConstraintSpec,
    BudgetSpec,
    CategoricalSpec,
    CategoriesSpec,
    ConstraintSpec,
    DatasetRef,
    DensitySpec,
    FloorSpec,
    ForbiddenConstraintSpec,
    NumericSpec,
    OrderConstraintSpec,
    PlausibilitySpec,
    RatioConstraintSpec,
    RunSpec,
    SumConstraintSpec,
)

_text = st.text(max_size=8)
_number = st.floats(allow_nan=False, allow_infinity=False)
_numeric = st.builds(
    NumericSpec,
    name=_text,
    is_free=st.booleans(),
    low=_number,
    high=_number,
    value=_number,
    mutation_strength=st.none() | _number,
    tolerance=st.none() | st.floats(0, 1e3),
)
_categorical = st.builds(
    CategoricalSpec, name=_text, is_free=st.booleans(), allowed=st.tuples(_text, _text), value=_text
)
_curve = st.builds(
    CurveSpec,
    feature=_text,
    start=_number,
    end=_number,
    points=st.integers(2, 1000),
    summary=st.sampled_from(Summary),
    at=st.none() | _number,
)
_density = st.builds(DensitySpec, parts=st.tuples(_text), target=_number, tolerance=_number, weight=st.floats(0, 1e6))
_plausibility = st.builds(
    PlausibilitySpec,
    weight=st.floats(0, 1e6),
    at_least=st.none() | st.floats(0.01, 99.9),
    measure=st.sampled_from(MeasureName),
    left_out=st.tuples(_text),
)
_rule = (
    st.builds(SumConstraintSpec, features=st.tuples(_text), low=st.none() | _number, high=st.none() | _number)
    | st.builds(OrderConstraintSpec, smaller=_text, larger=_text)
    | st.builds(AtMostConstraintSpec, features=st.tuples(_text), most=st.integers(), threshold=_number)
)
_objective = st.builds(
    OutcomeSpec,
    name=_text,
    model=st.builds(ModelRef, name=_text, digest=_text, kind=st.sampled_from(["saved", "function"])),
    formula=st.just(""),
    unit=_text,
    curve=st.none() | _curve,
    goal=st.sampled_from(Goal),
    value=st.none() | _number,
    at_least=st.none() | st.floats(-1e3, 0),
    at_most=st.none() | st.floats(0, 1e3),
    confidence=st.none() | st.floats(0.51, 0.99),
    importance=st.integers(1, 5),
    worst=st.none() | _number,
    best=st.none() | _number,
)
_formula = st.builds(
    OutcomeSpec,
    name=st.just("the cost"),
    model=st.none(),
    formula=st.just("2 * x"),
    curve=st.none(),
    goal=st.none() | st.sampled_from(Goal),
    value=_number,
    at_least=st.none(),
    confidence=st.floats(0.51, 0.99),
    importance=st.integers(1, 5),
)
_specs = st.builds(
    RunSpec,
    name=_text,
    dataset=st.builds(DatasetRef, name=_text, digest=_text),
    outcomes=st.tuples(_objective) | st.tuples(_objective, _formula),
    combine=st.sampled_from(Combine),
    features=st.lists(_numeric | _categorical, max_size=3).map(tuple),
    density=st.none() | _density,
    plausibility=st.none() | _plausibility,
    risk_aversion=st.floats(0, 1e3),
    level=st.floats(0.01, 0.99),
    constraints=st.lists(_rule, max_size=2).map(tuple),
    method=st.builds(LineagesSpec, n_lineages=st.integers(), min_improvement=_number)
    | st.builds(NichesSpec, n_lineages=st.integers(), immigrants_from=st.none() | st.sampled_from(ImmigrantSource)),
    budget=st.builds(BudgetSpec, evaluations=st.integers(1), seconds=st.none() | st.floats(1e-3, 1e6), stall=st.none()),
    n_results=st.integers(1, 50),
    floor=st.builds(FloorSpec, kind=st.sampled_from(FloorKind), amount=_number),
    choice=st.sampled_from(Choice),
    seed=st.integers(0, 2**63),
    distinct=st.floats(0, 1e3),
    is_compared=st.booleans(),
)


def _smallest(**changes):
    given = {"dataset": {"name": "t", "digest": "d"}, "model": {"name": "m"}, "features": []}
    return RunSpec.model_validate(given | changes)


@given(_specs)
def test_a_specification_survives_the_way_through_json(spec):
    assert RunSpec.model_validate_json(spec.model_dump_json()) == spec


def test_what_is_not_said_has_the_defaults_of_the_engine():
    assert _smallest().method == method_named(DEFAULT_METHOD)
    floor = QualityFloor()
    assert (_smallest().floor.kind, _smallest().floor.amount) == (floor.kind, floor.amount)
    assert _smallest().choice is Choice.SPREAD


def test_fields_that_were_added_later_have_defaults():
    document = json.loads(_smallest().model_dump_json())
    del document["choice"]
    assert RunSpec.model_validate(document) == _smallest()


@pytest.mark.parametrize(
    "where",
    [
        *((), ("dataset",), ("density",), ("method",), ("budget",), ("floor",), ("features", 0)),
        *(("outcomes", 0), ("outcomes", 0, "model"), ("outcomes", 0, "curve")),
    ],
)
def test_an_unknown_field_is_refused_wherever_it_stands(bumps_spec, where):
    document = json.loads(
        bumps_spec.revised(
            curve=CurveSpec(feature="x", start=0, end=1), density=DensitySpec(parts=("x",), target=1, tolerance=1)
        ).model_dump_json()
    )
    RunSpec.model_validate(document)
    part = document
    for key in where:
        part = part[key]
    part["wieght"] = 1
    with pytest.raises(ValidationError, match="wieght"):
        RunSpec.model_validate(document)


_DENSITY = {"parts": ["x"], "target": 1, "tolerance": 1}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("outcomes.0.goal", {"goal": "most"}),
        ("n_results", {"n_results": 0}),
        ("n_results", {"n_results": 51}),
        ("seed", {"seed": -1}),
        ("distinct", {"distinct": -0.1}),
        ("choice", {"choice": "roulette"}),
        ("floor.kind", {"floor": {"kind": "good", "amount": 1}}),
        ("budget.evaluations", {"budget": {"evaluations": 0}}),
        ("budget.seconds", {"budget": {"seconds": 0}}),
        ("budget.stall", {"budget": {"stall": 0}}),
        ("density.weight", {"density": _DENSITY | {"weight": -1}}),
        ("density.weight", {"density": _DENSITY | {"weight": float("nan")}}),
        ("outcomes.0.curve.points", {"curve": {"feature": "x", "start": 0, "end": 1, "points": 1}}),
        ("outcomes.0.curve.points", {"curve": {"feature": "x", "start": 0, "end": 1, "points": 1001}}),
        ("method.lineages.n_lineages", {"method": {"n_lineages": 1.5}}),
        ("method.cma_es.n_lineages", {"method": {"name": "cma_es", "n_lineages": 5}}),
        ("outcomes.0.model.kind", {"model": {"name": "m", "kind": "pickle"}}),
        ("features", {"features": [{"name": "x", "kind": "numeric", "low": 0}]}),
        ("features", {"features": [{"name": "x", "kind": "text"}]}),
    ],
)
def test_what_is_out_of_range_is_refused_and_named(field, changes):
    with pytest.raises(ValidationError) as refused:
        _smallest(**changes)
    assert any(".".join(map(str, error["loc"])).startswith(field) for error in refused.value.errors())


def test_revising_checks_anew(bumps_spec):
    assert bumps_spec.revised(seed=7).seed == 7
    assert bumps_spec.seed == 0
    with pytest.raises(ValidationError, match="n_results"):
        bumps_spec.revised(n_results=0)
    with pytest.raises(ValidationError, match="nresults"):
        bumps_spec.revised(nresults=3)


def test_a_specification_cannot_be_changed(bumps_spec):
    with pytest.raises(ValidationError, match="frozen"):
        bumps_spec.seed = 1


@pytest.mark.parametrize("knob", ["n_lineages", "n_mutants", "n_immigrants", "patience"])
def test_a_knob_of_zero_is_refused_in_words(knob):
    with pytest.raises(SpaceError, match="must be at least 1, got 0"):
        LineagesSpec(**{knob: 0}).settings()


ANY_RULE = TypeAdapter(ConstraintSpec)


@pytest.mark.parametrize(
    "rule",
    [
        SumConstraintSpec(features=("a", "b"), low=1.5),
        RatioConstraintSpec(numerator=("a",), denominator=("b", "c"), low=0.1, high=0.2),
        OrderConstraintSpec(smaller="a", larger="b"),
        AtMostConstraintSpec(features=("a", "b"), most=1, threshold=0.5),
        ForbiddenConstraintSpec(combination=(CategoriesSpec(feature="a", categories=("x", "y")),)),
    ],
)
def test_a_rule_survives_the_way_through_json(rule):
    assert ANY_RULE.validate_json(ANY_RULE.dump_json(rule)) == rule


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "product", "features": ["a"]},
        {"features": ["a"], "low": 1},
        {"kind": "sum", "features": ["a"], "maximum": 1},
        {"kind": "order", "smaller": "a"},
        {"kind": "at most", "features": ["a"], "most": "few"},
    ],
)
def test_a_document_that_is_no_rule_is_refused(document):
    with pytest.raises(ValidationError):
        ANY_RULE.validate_python(document)


_MODEL = {"name": "m"}
_STRENGTH = {"name": "strength", "model": _MODEL}
_COST = {"name": "cost", "formula": "2 * x"}
_SWEPT = {"curve": {"feature": "age", "start": 1, "end": 100}}


def _several(*outcomes, **changes):
    given = {"dataset": {"name": "t", "digest": "d"}, "outcomes": outcomes, "features": []}
    return RunSpec.model_validate(given | changes)


def test_a_document_of_version_1_is_a_run_with_one_outcome():
    curve = {"feature": "age", "start": 1.0, "end": 100.0}
    read = _smallest(version=1, goal="value", value=3.0, curve=curve)
    assert read.version == 2
    assert [(each.name, each.goal, each.value) for each in read.outcomes] == [("", Goal.VALUE, 3.0)]
    assert (read.model, read.goal, read.value, read.curve) == (
        ModelRef(name="m"),
        Goal.VALUE,
        3.0,
        CurveSpec(**curve),
    )
    assert not read.has_several_outcomes and not read.is_front


def test_version_1_searched_for_a_maximum_where_it_said_nothing():
    assert _smallest().goal is Goal.MAXIMUM


def test_a_version_that_is_not_known_is_refused():
    with pytest.raises(ValidationError, match="version"):
        _several(_STRENGTH | {"goal": "maximum"}, version=3)


def test_what_belongs_to_the_objective_is_changed_in_its_outcome():
    spec = _several(_COST | {"goal": "minimum"}, _STRENGTH | {"at_least": 40})
    changed = spec.revised(goal=Goal.VALUE, value=100.0, seed=7)
    assert (changed.goal, changed.value, changed.seed) == (Goal.VALUE, 100.0, 7)
    assert changed.outcomes[1] == spec.outcomes[1]
    assert spec.revised(goal=Goal.MINIMUM) == spec
    both = spec.revised(
        outcomes=(spec.outcomes[0], OutcomeSpec(name="height", model=ModelRef(name="h"))), goal=Goal.MAXIMUM
    )
    assert [(each.name, each.goal) for each in both.outcomes] == [("cost", Goal.MAXIMUM), ("height", None)]


def test_one_goal_is_no_front_and_several_are_one_or_a_desirability():
    best, cheap = _STRENGTH | {"goal": "maximum"}, _COST | {"goal": "minimum"}
    assert not _several(best, _COST | {"at_most": 9}).is_front
    assert _several(best, cheap).is_front
    as_one = _several(best, cheap, combine="desirability")
    assert as_one.is_desirability and not as_one.is_front
    assert (as_one.goal, as_one.value, as_one.curve) == (Goal.MAXIMUM, None, None)


def test_the_model_of_a_run_that_searches_for_a_formula_is_that_of_its_measured_outcome():
    assert _several(_COST | {"goal": "minimum"}, _STRENGTH).model == ModelRef(name="m")


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ([_STRENGTH], "Nothing is searched for"),
        ([_COST | {"goal": "minimum"}], "needs an outcome with a model"),
        ([_STRENGTH | {"goal": "maximum"}, _STRENGTH], "'strength' is there more than once"),
        ([{"name": "strength", "goal": "maximum"}], "either a model or a formula"),
        ([_STRENGTH | {"formula": "2 * x", "goal": "maximum"}], "either a model or a formula"),
        ([_STRENGTH | {"goal": "maximum"}, {"formula": "2 * x"}], "A formula has no name"),
        ([_STRENGTH | {"goal": "maximum", "at_least": 3, "at_most": 2}], "at least 3 and at most 2: swap"),
        ([_STRENGTH | {"goal": "maximum"}, _COST | _SWEPT], "curves are of measured outcomes"),
        (
            [_STRENGTH | {"goal": "maximum"} | _SWEPT, {"name": "shrinkage", "model": _MODEL, "at_most": 1}],
            "'shrinkage' has no curve over age",
        ),
        ([_STRENGTH | {"goal": "maximum", "confidence": 0.5}], "confidence"),
        ([_STRENGTH | {"goal": "maximum", "importance": 6}], "importance"),
    ],
)
def test_outcomes_that_make_no_run_are_refused_in_words(outcomes, words):
    with pytest.raises(ValidationError, match=words):
        _several(*outcomes)
