"""The specification of a run: one JSON document with everything the run depends on."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from optimizer import (
    DEFAULT_MEASURE,
    DEFAULT_STRENGTH,
    Choice,
    Decision,
    FloorKind,
    Goal,
    MeasureName,
    QualityFloor,
    is_steerable,
)
from services.specs.base import Spec
from services.specs.method import MethodSpec, method_named
from services.specs.outcomes import MAX_OUTCOMES, OF_OBJECTIVE, Combine, CurveSpec, ModelRef, OutcomeSpec, with_outcomes

MAX_STARTS = 1_000
MAX_EVALUATIONS = 100_000_000
"""That forms offer."""
_FLOOR = QualityFloor()


class SumConstraintSpec(Spec):
    """The sum of some features lies between two numbers, or is one where both are the same; None is no limit.

    Attributes:
        weights: what each feature counts, also below 0; empty where each counts 1.
    """

    kind: Literal["sum"] = "sum"
    features: tuple[str, ...]
    low: float | None = None
    high: float | None = None
    weights: tuple[float, ...] = ()


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
    """At most so many of some features are above a threshold, and those at least so much; 0 for any amount."""

    kind: Literal["at most"] = "at most"
    features: tuple[str, ...]
    most: int
    threshold: float = 0.0
    least: float = 0.0


class CategoriesSpec(Spec):
    """Some categories of a feature."""

    feature: str
    categories: tuple[str, ...]


class ForbiddenConstraintSpec(Spec):
    """Some categories of different features never go together."""

    kind: Literal["forbidden"] = "forbidden"
    combination: tuple[CategoriesSpec, ...]


class ConditionalConstraintSpec(Spec):
    """Where a feature has one of some categories, a number lies between two; None is no limit."""

    kind: Literal["if"] = "if"
    feature: str
    categories: tuple[str, ...]
    then: str
    low: float | None = None
    high: float | None = None


class SubspaceConstraintSpec(Spec):
    """Many features move together as they do in the recorded rows; see `optimizer.SubspaceConstraint`."""

    kind: Literal["together"] = "together"
    features: tuple[str, ...]


ConstraintSpec = Annotated[
    SumConstraintSpec
    | RatioConstraintSpec
    | OrderConstraintSpec
    | AtMostConstraintSpec
    | ForbiddenConstraintSpec
    | ConditionalConstraintSpec
    | SubspaceConstraintSpec,
    Field(discriminator="kind"),
]


class DatasetRef(Spec):
    """Which recorded rows: a name to find them by, and the digest they must have."""

    name: str
    digest: str


class _FeatureSpec(Spec):
    """A feature of either kind.

    Attributes:
        mutation_strength: how far children are drawn at first: of a number in recorded standard deviations, of a
            category the probability that it is drawn anew. 0 keeps what a lineage found; None is as usual, which is for
            the method to say (`services.problems.strengths`).
    """

    @model_validator(mode="before")
    @classmethod
    def _with_strength(cls, document: Any) -> Any:
        """The document with the former name read, whose usual number stood for what is None now."""
        if isinstance(document, dict) and "weight" in document:
            weight = document["weight"]
            rest = {name: value for name, value in document.items() if name != "weight"}
            return {"mutation_strength": None if weight == DEFAULT_STRENGTH else weight} | rest
        return document


class NumericSpec(_FeatureSpec):
    """A numeric feature: free between two bounds, or frozen at a value.

    Attributes:
        tolerance: how exactly it is dosed, one standard deviation in the feature's unit; by default 2 % of its range.
    """

    kind: Literal["numeric"] = "numeric"
    name: str
    is_free: bool = True
    low: float
    high: float
    value: float
    mutation_strength: float | None = None
    step: float | None = None
    tolerance: float | None = Field(default=None, ge=0)


class CategoricalSpec(_FeatureSpec):
    """A categorical feature: free among the allowed categories, or frozen at one."""

    kind: Literal["categorical"] = "categorical"
    name: str
    is_free: bool = True
    allowed: tuple[str, ...]
    value: str
    mutation_strength: float | None = None


FeatureSpec = Annotated[NumericSpec | CategoricalSpec, Field(discriminator="kind")]


class DensitySpec(Spec):
    """The density penalty: which parts add up, to what, how far from it is usual, and what it costs to be farther.

    Attributes:
        tolerance: within it nothing is paid.
        weight: of one tolerance beyond the tolerance; farther off, by its square.
    """

    parts: tuple[str, ...]
    target: float
    tolerance: float
    weight: float = Field(default=2.0, ge=0)


class DistanceSpec(Spec):
    """The distance penalty: how much it weighs to lie farther from every recorded row than these from one another.

    Attributes:
        weight: of one recorded standard deviation beyond the threshold.
        threshold: in recorded standard deviations; by default 95 % of the recorded rows have a neighbour within it.
    """

    weight: float = Field(default=2.0, ge=0)
    threshold: float | None = Field(default=None, ge=0)
    left_out: tuple[str, ...] = ()


class PlausibilitySpec(Spec):
    """How plausible candidates are to be: a penalty in the search, and a gate that results have to pass.

    Attributes:
        weight: of one unit of unusualness beyond the median recorded row; 0 is off.
        at_least: percentage that every result needs, or None.
        extrapolation_limit: how uncertain the predictions of results may be: their standard error is at most this many
            standard deviations of the objective over the recorded rows, or what is usual at these if that is more. None
            for as uncertain as they like; models without calibrated intervals know no such limit.
        measure: of unusualness, one of `optimizer.MEASURES`.
        left_out: features that do not count; the sweep feature of a curve never does.
    """

    old_names: ClassVar[dict[str, str]] = {"reach": "extrapolation_limit"}

    weight: float = Field(default=0.0, ge=0)
    at_least: float | None = Field(default=None, gt=0, lt=100)
    extrapolation_limit: float | None = Field(default=None, gt=0)
    measure: MeasureName = DEFAULT_MEASURE
    left_out: tuple[str, ...] = ()

    @property
    def is_gate(self) -> bool:
        """Whether results have to pass anything."""
        return self.at_least is not None or self.extrapolation_limit is not None


class ReferenceSpec(Spec):
    """The recorded row or setting that results are compared with; see `services.problems.reference`.

    Attributes:
        row: number of the recorded row, as the table counts it; None for a setting that was typed in.
        values: of all features, in the order of the run's; categories by name.
        name: of the setting; a recorded row is called by its number.
    """

    row: int | None = None
    values: tuple[float | str, ...]
    name: str = "Reference"


class BudgetSpec(Spec):
    """When the search ends.

    Attributes:
        evaluations: candidates that it evaluates; of a Python function whose rows cost, the rows that the whole run
            asks, checks included.
        seconds: wall time of the search at most.
        stall: generations without a better best after which it ends.
    """

    evaluations: int = Field(default=40_000, ge=1)
    seconds: float | None = Field(default=None, gt=0)
    stall: int | None = Field(default=None, ge=1)


class FloorSpec(Spec):
    """Which candidates are good enough to become results; see `optimizer.QualityFloor`."""

    kind: FloorKind = _FLOOR.kind
    amount: float = _FLOOR.amount


class RunSpec(Spec):
    """Everything a run depends on: the same document and seed give the same results, wherever it runs.

    Attributes:
        outcomes: what is looked at, in the order in which it is shown; at least one has a goal and one a model.
        combine: what several goals make.
        constraints: what every candidate meets, unlike penalties, which only count in its score.
        choice: how results are chosen from what passes the floor: good and different, or by K-Means as published.
        distinct: two results are at least this far apart, in recorded standard deviations over all free features.
        unmeasured_only: whether a result differs from every recorded row by more than the dosing tolerance in at least
            one feature; documents of before do not ask for that.
        plausibility: how plausible candidates are to be, and results at least; None where nothing is asked.
        risk_aversion: how many standard errors of the objective count against its prediction (the search looks for the
            best lower confidence bound; upper for a minimum); 0 is off.
        level: of the intervals that results are given with, the share of true values that they shall hold.
        reference: what results are compared with; None for the best recorded row.
        starts: settings of all features, in the order of the model's and categories as codes, at which lineages begin
            in the first generation for certain, the best of them where there are more than may live at once.
        continues: id of the run that this one continues; "" for none.
        decisions: about lineages, each taken after a generation; a search that repeats them finds the same.
        is_compared: with any realism (penalty, plausibility, risk aversion), the same search is done once more without
            it, to show what it changed.
    """

    old_names: ClassVar[dict[str, str]] = {"caution": "risk_aversion", "rules": "constraints"}

    version: Literal[2] = 2
    name: str = "Run"
    dataset: DatasetRef
    outcomes: tuple[OutcomeSpec, ...] = Field(min_length=1, max_length=MAX_OUTCOMES)
    combine: Combine = Combine.FRONT
    features: tuple[FeatureSpec, ...]
    density: DensitySpec | None = None
    distance: DistanceSpec | None = None
    plausibility: PlausibilitySpec | None = None
    risk_aversion: float = Field(default=0.0, ge=0)
    level: float = Field(default=0.9, gt=0, lt=1)
    constraints: tuple[ConstraintSpec, ...] = ()
    method: MethodSpec = method_named()
    budget: BudgetSpec = BudgetSpec()
    n_results: int = Field(default=5, ge=1, le=50)
    floor: FloorSpec = FloorSpec()
    choice: Choice = Choice.SPREAD
    seed: int = Field(default=0, ge=0)
    distinct: float = Field(default=1.0, ge=0)
    unmeasured_only: bool = False
    is_compared: bool = True
    reference: ReferenceSpec | None = None
    starts: tuple[tuple[float, ...], ...] = Field(default=(), max_length=MAX_STARTS)
    continues: str = ""
    decisions: tuple[Decision, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read_version_1(cls, document: Any) -> Any:
        return with_outcomes(document)

    @model_validator(mode="after")
    def _outcomes_fit(self) -> "RunSpec":
        names = [outcome.name for outcome in self.outcomes]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"'{twice[0]}' is there more than once: give every outcome one goal and one name.")
        if not self.objectives:
            raise ValueError("Nothing is searched for: set one outcome to maximise, minimise or a value.")
        if all(outcome.model is None for outcome in self.outcomes):
            raise ValueError("A run needs an outcome with a model, and all of them are formulas: add a measured one.")
        if (swept := self.swept) is not None:
            for outcome in self.outcomes:
                if outcome.model is not None and (outcome.curve is None or outcome.curve.feature != swept):
                    raise ValueError(
                        f"'{outcome.name}' has no curve over {swept}, and another outcome has: give it one as well, "
                        "such as its value at one point."
                    )
        return self

    @property
    def objectives(self) -> tuple[OutcomeSpec, ...]:
        """The outcomes that have a goal."""
        return tuple(outcome for outcome in self.outcomes if outcome.goal is not None)

    @property
    def objective(self) -> OutcomeSpec:
        """The first of the outcomes that have a goal."""
        return self.objectives[0]

    @property
    def is_front(self) -> bool:
        """Whether several goals make a front."""
        return len(self.objectives) > 1 and self.combine is Combine.FRONT

    @property
    def is_calculated(self) -> bool:
        """Whether the objective is a formula or a desirability, which nobody measures."""
        return self.is_desirability or bool(self.objective.formula)

    @property
    def told(self) -> str:
        """How the objective of a candidate is known: "calculated", or "predicted" by a model."""
        return "calculated" if self.is_calculated else "predicted"

    @property
    def is_desirability(self) -> bool:
        """Whether several goals make one desirability, of which the most is searched for."""
        return len(self.objectives) > 1 and self.combine is Combine.DESIRABILITY

    @property
    def has_several_outcomes(self) -> bool:
        """Whether there is more to look at than one outcome."""
        return len(self.outcomes) > 1

    @property
    def model(self) -> ModelRef:
        """The model of the objective; where that is calculated, of the first outcome that has one."""
        return self.objective.model or next(outcome.model for outcome in self.outcomes if outcome.model is not None)

    @property
    def goal(self) -> Goal:
        """What is searched for in the objective; of a desirability, the most."""
        return Goal.MAXIMUM if self.is_desirability else self.objective.goal or Goal.MAXIMUM

    @property
    def value(self) -> float | None:
        """The value of the objective that is searched for, where its goal is one."""
        return None if self.is_desirability else self.objective.value

    @property
    def curve(self) -> CurveSpec | None:
        """The curve whose summary the objective is, or None."""
        return None if self.is_desirability else self.objective.curve

    @property
    def swept(self) -> str | None:
        """The feature that curves of outcomes run over, or None."""
        return next((outcome.curve.feature for outcome in self.outcomes if outcome.curve is not None), None)

    @property
    def n_active_penalties(self) -> int:
        """How many penalties have a weight above 0."""
        penalties = (self.density, self.distance, self.plausibility)
        return sum(penalty is not None and penalty.weight > 0 for penalty in penalties)

    @property
    def is_penalised(self) -> bool:
        """Whether anything but the objective counts: penalties, the plausibility asked for, or risk aversion."""
        is_gated = self.plausibility is not None and self.plausibility.is_gate
        return is_gated or self.risk_aversion > 0 or self.n_active_penalties > 0

    def parts(self, recorded: tuple[str, ...]) -> tuple[str, ...]:
        """The features that add up to the density: those of the penalty, else those that the table names."""
        return self.density.parts if self.density else recorded

    def left_out(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The features that do not count: those named, and the sweep feature of a curve."""
        return names if self.swept is None or self.swept in names else (*names, self.swept)

    def step_of(self, name: str, *, is_integer: bool) -> float | None:
        """What a feature's values are multiples of: 1 for whole numbers, else the step that it was given, if any."""
        steps = {feature.name: feature.step for feature in self.features if isinstance(feature, NumericSpec)}
        return 1.0 if is_integer else steps.get(name)

    def searched_by(self, method: MethodSpec) -> "RunSpec":
        """The run with another method; without settings to begin at and decisions where that cannot be steered."""
        if is_steerable(method_named(method.name).settings()):
            return self.revised(method=method)
        return self.revised(method=method, starts=(), continues="", decisions=())

    def revised(self, **changes: object) -> "RunSpec":
        """The specification with some fields changed, checked anew; model, goal, value and curve are the objective's.

        Raises:
            pydantic.ValidationError: a field is out of range.
        """
        own = {name: changes.pop(name) for name in OF_OBJECTIVE if name in changes}
        changed = RunSpec.model_validate(dict(self) | changes)
        if not own:
            return changed
        objective = OutcomeSpec.model_validate(dict(changed.objective) | own)
        outcomes = tuple(objective if each is changed.objective else each for each in changed.outcomes)
        return RunSpec.model_validate(dict(changed) | {"outcomes": outcomes})
