import numpy as np
import pytest

from models import DatasetError
from optimizer import (
    CardinalityConstraint,
    ForbiddenConstraint,
    OrderConstraint,
    RatioConstraint,
    SpaceError,
    SumConstraint,
)
from services.problems.building import build_problem
from services.problems.constraints import build_constraints, constraint_words, constraints_met
from services.results.search import run_spec
from services.specs.constraints import (
    AtMostConstraintSpec,
    CategoriesSpec,
    ForbiddenConstraintSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    SumConstraintSpec,
)
from services.texts.tables import provenance_frame, recorded_frame, results_frame, search_sentence

RULES = (
    SumConstraintSpec(features=("sand", "water"), low=90, high=90),
    RatioConstraintSpec(numerator=("water",), denominator=("sand", "water"), low=0.3, high=None),
    OrderConstraintSpec(smaller="speed", larger="temp"),
    AtMostConstraintSpec(features=("speed", "temp"), most=1, threshold=20.0),
    ForbiddenConstraintSpec(combination=(CategoriesSpec(feature="resin", categories=("A", "C")),)),
)


@pytest.fixture
def ruled_spec(plain_spec):
    return plain_spec.revised(constraints=RULES, n_results=4)


def test_rules_come_to_the_engine_as_columns_and_codes(plain_spec, mixed_dataset):
    assert build_constraints(plain_spec.revised(constraints=RULES), mixed_dataset) == (
        SumConstraint((0, 1), 90, 90),
        RatioConstraint((1,), (0, 1), 0.3, np.inf),
        OrderConstraint(3, 2),
        CardinalityConstraint((3, 2), 1, 20.0),
        ForbiddenConstraint(((4, (0, 2)),), labels=(("A", "C"),)),
    )


def test_rules_are_told_in_the_words_of_the_table(plain_spec, mixed_dataset):
    assert constraint_words(build_constraints(plain_spec.revised(constraints=RULES), mixed_dataset), mixed_dataset) == (
        "the sum of sand and water is 90",
        "water / (sand + water) is at least 0.3",
        "speed is at most temp",
        "at most 1 of speed and temp is above 20",
        "never resin A or C",
    )


def test_every_result_meets_every_rule_and_says_so(ruled_spec, mixed):
    result = run_spec(ruled_spec, mixed).result
    X = np.array(result.results.X)
    assert len(X) == 4
    np.testing.assert_allclose(X[:, 0] + X[:, 1], 90, rtol=1e-9)
    assert (X[:, 1] >= 0.3 * 90 - 1e-6).all() and (X[:, 3] <= X[:, 2]).all() and (X[:, 4] == 1).all()
    assert result.results.constraints_met == ((True,) * 5,) * 4
    assert result.constraints == constraint_words(build_constraints(ruled_spec, mixed.dataset), mixed.dataset)
    recorded = np.array(result.best_recorded.constraints_met)
    np.testing.assert_array_equal(recorded[:, 4], np.array(result.best_recorded.X)[:, 4] == 1)
    assert type(result).model_validate_json(result.model_dump_json()) == result


def test_a_rule_on_the_parts_goes_together_with_a_curve_and_a_penalty(mixed_spec, mixed):
    result = run_spec(mixed_spec.revised(constraints=RULES[:1]), mixed).result
    for rows in (result.results, result.unpenalised):
        np.testing.assert_allclose(rows.densities, 90, rtol=1e-9)
        assert all(met == (True,) for met in rows.constraints_met)


def test_sheets_say_how_many_rules_each_row_meets_and_which_there_were(ruled_spec, plain_spec, mixed):
    result = run_spec(ruled_spec, mixed).result
    assert list(results_frame(result)["rules met"]) == ["5 of 5"] * 4
    assert recorded_frame(result)["rules met"].str.fullmatch("[0-5] of 5").all()
    told = provenance_frame(result).set_index("what")["value"]
    assert [told[f"rule {number}"] for number in range(1, 6)] == list(result.constraints)
    assert search_sentence(result).endswith(" · ".join(f"rule: {rule}" for rule in result.constraints))
    plain = run_spec(plain_spec, mixed).result
    assert plain.constraints == () and plain.results.constraints_met is None
    assert "rules met" not in results_frame(plain)


def test_no_rule_no_word(mixed_dataset):
    assert constraint_words((), mixed_dataset) == ()
    assert constraints_met((), mixed_dataset.X) is None


@pytest.mark.parametrize(
    ("rule", "error", "words"),
    [
        (SumConstraintSpec(features=("sand", "salt"), low=1), DatasetError, ["['salt']", "does not use", "'water'"]),
        (OrderConstraintSpec(smaller="a", larger="sand"), DatasetError, ["['a']", "does not use"]),
        (SumConstraintSpec(features=("sand", "resin"), low=1), SpaceError, ["numeric", "resin is categorical"]),
        (SumConstraintSpec(features=("sand", "water")), SpaceError, ["no limit"]),
        (SumConstraintSpec(features=(), low=1), SpaceError, ["name at least one"]),
        (SumConstraintSpec(features=("sand", "water"), low=5, high=4), SpaceError, ["between 5 and 4", "swap"]),
        (
            SumConstraintSpec(features=("sand", "water"), low=900),
            SpaceError,
            ["sum of sand and water is at most", "900"],
        ),
        (AtMostConstraintSpec(features=("sand", "water"), most=2), SpaceError, ["from 0 to 1", "got 2"]),
        (
            ForbiddenConstraintSpec(combination=(CategoriesSpec(feature="resin", categories=("Z",)),)),
            DatasetError,
            ["['Z']", "'resin'", "['A', 'B', 'C']"],
        ),
        (
            ForbiddenConstraintSpec(combination=(CategoriesSpec(feature="sand", categories=("A",)),)),
            SpaceError,
            ["categorical features", "'sand' is numeric"],
        ),
        (
            ForbiddenConstraintSpec(combination=(CategoriesSpec(feature="resin", categories=("A", "B", "C")),)),
            SpaceError,
            ["never resin A or B or C", "every allowed category"],
        ),
    ],
)
def test_a_rule_that_cannot_be_met_is_refused_before_the_run(plain_spec, mixed, rule, error, words):
    with pytest.raises(error) as refused:
        build_problem(plain_spec.revised(constraints=(rule,)), mixed)
    assert [word for word in words if word not in str(refused.value)] == []


def test_no_rule_can_speak_of_the_sweep_feature(mixed_spec, mixed):
    rule = SumConstraintSpec(features=("sand", "age"), low=1)
    with pytest.raises(SpaceError, match=r"runs over all values of 'age'.*leave it out of the rule"):
        build_problem(mixed_spec.revised(constraints=(rule,)), mixed)


def test_a_frozen_feature_counts_with_its_value(plain_spec, mixed, with_feature):
    held = with_feature(plain_spec, "sand", is_free=False, value=60.0)
    space = build_problem(held.revised(constraints=RULES[:1]), mixed).space
    X = space.sample(5, np.random.default_rng(0))
    np.testing.assert_allclose(X[:, :2], [[60, 30]] * 5)
