"""Hard rules as a specification states them: features and categories by name."""

from typing import Annotated, Literal

from pydantic import Field

from services.specs.base import Spec


class SumConstraintSpec(Spec):
    """The sum of some features lies between two numbers, or is one where both are the same; None is no limit."""

    kind: Literal["sum"] = "sum"
    features: tuple[str, ...]
    low: float | None = None
    high: float | None = None


class RatioConstraintSpec(Spec):
    """The ratio of two sums of features lies between two numbers; None is no limit."""

    kind: Literal["ratio"] = "ratio"
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    low: float | None = None
    high: float | None = None


class OrderConstraintSpec(Spec):
    """One feature is at most another."""

    kind: Literal["order"] = "order"
    smaller: str
    larger: str


class AtMostConstraintSpec(Spec):
    """At most so many of some features are above a threshold."""

    kind: Literal["at most"] = "at most"
    features: tuple[str, ...]
    most: int
    threshold: float = 0.0


class CategoriesSpec(Spec):
    """Some categories of a feature."""

    feature: str
    categories: tuple[str, ...]


class ForbiddenConstraintSpec(Spec):
    """Some categories of different features never go together."""

    kind: Literal["forbidden"] = "forbidden"
    combination: tuple[CategoriesSpec, ...]


ConstraintSpec = Annotated[
    SumConstraintSpec | RatioConstraintSpec | OrderConstraintSpec | AtMostConstraintSpec | ForbiddenConstraintSpec,
    Field(discriminator="kind"),
]
