"""What a run looks at: each outcome with what tells it, and what is wanted of it."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, model_validator

from optimizer import Goal, Summary
from services.specs.base import Spec

MAX_OUTCOMES = 12
CONFIDENCE = 0.95
"""With which a limit holds, unless something else is asked."""


class ModelRef(Spec):
    """Which predictor: a saved or an operator's model with its digest, a known function, or a Python callable."""

    kind: Literal["saved", "function", "operator", "callable"] = "saved"
    name: str
    digest: str = ""


class CurveSpec(Spec):
    """The curve over a sweep feature, and its summary."""

    feature: str
    start: float
    end: float
    points: int = Field(default=100, ge=2, le=1000)
    summary: Summary = Summary.AREA
    at: float | None = None


class Combine(StrEnum):
    """What several goals make: a front, on which none gains without another losing, or one desirability."""

    FRONT = "front"
    DESIRABILITY = "desirability"


class OutcomeSpec(Spec):
    """One outcome of a run. It is measured, then a model tells it, or calculated by a formula.

    An outcome with neither goal nor limit is only shown.

    Attributes:
        name: of the column or of the formula; "" for the one outcome of the table, as version 1 had it.
        model: of a measured outcome; None for a calculated one.
        formula: of a calculated outcome; "" for a measured one.
        unit: of a calculated outcome; "" for the one that follows from the formula.
        curve: whose summary is meant; None for the outcome itself.
        goal: what is searched for; None where the outcome is only limited or shown.
        value: that is searched for, where the goal is a value.
        at_least: limit, or None.
        at_most: limit, or None.
        confidence: with which a limit holds by the calibrated interval of the model; None where it holds by the
            prediction. Formulas are exact as far as what they name is.
        importance: of the goal in a desirability, 1 to 5.
        worst: where desirability is 0; None for the worst recorded value.
        best: where desirability is 1; None for the best recorded value. A goal of a value has none.
    """

    name: str = ""
    model: ModelRef | None = None
    formula: str = Field(default="", max_length=20_000)
    unit: str = ""
    curve: CurveSpec | None = None
    goal: Goal | None = None
    value: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    confidence: float | None = Field(default=CONFIDENCE, gt=0.5, lt=1)
    importance: int = Field(default=3, ge=1, le=5)
    worst: float | None = None
    best: float | None = None

    @model_validator(mode="after")
    def _is_told(self) -> "OutcomeSpec":
        name = self.name or "the outcome"
        if (self.model is None) == (not self.formula):
            raise ValueError(f"'{name}' needs either a model or a formula, and not both.")
        if self.formula and not self.name:
            raise ValueError("A formula has no name: give it one, such as cost.")
        if self.formula and self.curve is not None:
            raise ValueError(f"'{name}' is calculated, and curves are of measured outcomes: leave the curve out.")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(
                f"'{name}' cannot be at least {self.at_least:g} and at most {self.at_most:g}: swap the two, or leave "
                "one out."
            )
        return self

    @property
    def is_limited(self) -> bool:
        """Whether it has to keep anything."""
        return self.at_least is not None or self.at_most is not None


def with_outcomes(document: Any) -> Any:
    """A document of version 1, which had one outcome without a name, as one of version 2; any other as it is.

    Where a document of version 2 says such things as well, they are of its objective.
    """
    if not isinstance(document, dict):
        return document
    own = {name: document[name] for name in OF_OBJECTIVE if name in document}
    if not own:
        return document
    rest: dict[str, Any] = {name: value for name, value in document.items() if name not in OF_OBJECTIVE}
    rest["version"] = 2
    given: Any = rest.get("outcomes")
    if not isinstance(given, list | tuple) or not all(isinstance(each, dict) for each in given):
        return rest | {"outcomes": [{"goal": Goal.MAXIMUM} | own]}
    place = next((j for j, each in enumerate(given) if each.get("goal") is not None), 0)
    return rest | {"outcomes": [each | own if j == place else each for j, each in enumerate(given)]}


OF_OBJECTIVE = ("model", "goal", "value", "curve")
"""What version 1 said of its one outcome."""
