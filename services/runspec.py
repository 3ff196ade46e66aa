"""The specification of a run: one JSON document with everything the run depends on."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from optimizer import DEFAULT_WEIGHT, FloorKind, Goal, LineageSettings, Summary

_DEFAULTS = LineageSettings()


class Spec(BaseModel):
    """Frozen, and strict about names: a typing error in a document is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetRef(Spec):
    """Which recorded rows: a name to find them by, and the digest they must have."""

    name: str
    digest: str


class ModelRef(Spec):
    """Which predictor: a saved model with its digest, or a known function."""

    kind: Literal["saved", "function"] = "saved"
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


class NumericSpec(Spec):
    """A numeric feature: free between two bounds, or frozen at a value."""

    kind: Literal["numeric"] = "numeric"
    name: str
    is_free: bool = True
    low: float
    high: float
    value: float
    weight: float = DEFAULT_WEIGHT
    step: float | None = None


class CategoricalSpec(Spec):
    """A categorical feature: free among the allowed categories, or frozen at one."""

    kind: Literal["categorical"] = "categorical"
    name: str
    is_free: bool = True
    allowed: tuple[str, ...]
    value: str
    weight: float = DEFAULT_WEIGHT


FeatureSpec = Annotated[NumericSpec | CategoricalSpec, Field(discriminator="kind")]


class DensitySpec(Spec):
    """The density penalty: which parts add up, to what, and how much a deviation weighs."""

    parts: tuple[str, ...]
    target: float
    tolerance: float
    weight: float = Field(default=2.0, ge=0)


class MethodSpec(Spec):
    """The search method and its knobs."""

    name: Literal["lineages"] = "lineages"
    n_lineages: int = _DEFAULTS.n_lineages
    n_mutants: int = _DEFAULTS.n_mutants
    n_newcomers: int = _DEFAULTS.n_newcomers
    patience: int = _DEFAULTS.patience
    min_improvement: float = _DEFAULTS.min_improvement

    def settings(self) -> LineageSettings:
        """Return the knobs as the engine takes them.

        Raises:
            SpaceError: a knob is out of range.
        """
        return LineageSettings(**self.model_dump(exclude={"name"}))


class BudgetSpec(Spec):
    """When the search ends."""

    evaluations: int = Field(default=40_000, ge=1)
    seconds: float | None = Field(default=None, gt=0)
    stall: int | None = Field(default=None, ge=1)


class FloorSpec(Spec):
    """Which candidates are good enough to become results."""

    kind: FloorKind = FloorKind.BEST_SHARE
    amount: float = 0.5


class RunSpec(Spec):
    """Everything a run depends on: the same document and seed give the same results, wherever it runs.

    Attributes:
        distinct: two results are at least this far apart, in recorded standard deviations over all free features.
        is_compared: with a density penalty, the same search is done once more without it, to show what it changed.
    """

    version: Literal[1] = 1
    name: str = "Run"
    dataset: DatasetRef
    model: ModelRef
    goal: Goal = Goal.MAXIMUM
    value: float | None = None
    curve: CurveSpec | None = None
    features: tuple[FeatureSpec, ...]
    density: DensitySpec | None = None
    method: MethodSpec = MethodSpec()
    budget: BudgetSpec = BudgetSpec()
    n_results: int = Field(default=5, ge=1, le=50)
    floor: FloorSpec = FloorSpec()
    seed: int = Field(default=0, ge=0)
    distinct: float = Field(default=1.0, ge=0)
    is_compared: bool = True

    def revised(self, **changes: object) -> "RunSpec":
        """Return the specification with some fields changed, checked anew.

        Raises:
            pydantic.ValidationError: a field is out of range.
        """
        return RunSpec.model_validate(dict(self) | changes)
