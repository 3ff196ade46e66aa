import pytest
from pydantic import TypeAdapter, ValidationError

from services.specs.constraints import (
    AtMostConstraintSpec,
    CategoriesSpec,
    ConstraintSpec,
    ForbiddenConstraintSpec,
    OrderConstraintSpec,
    RatioConstraintSpec,
    SumConstraintSpec,
)

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
