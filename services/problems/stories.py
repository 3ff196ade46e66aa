"""The four stories that ship: they work at once, with no training."""

from dataclasses import dataclass

from models import FUNCTIONS, Dataset, DatasetError
from optimizer import FloorKind, Goal, Summary
from services.catalog.loading import Catalog
from services.problems.defaults import default_spec
from services.problems.outcomes.drafts import with_outcomes
from services.specs.method import LineagesSpec
from services.specs.outcomes import CurveSpec, ModelRef, OutcomeSpec
from services.specs.run import BudgetSpec, FloorSpec, NumericSpec, RunSpec


@dataclass(frozen=True, slots=True)
class Story:
    """One ready-made problem.

    Attributes:
        key: short name, as in links and file names.
        text: what the user will see, in a sentence or two.
    """

    key: str
    title: str
    text: str
    dataset: str
    model: ModelRef


LESSON = LineagesSpec(n_lineages=20, n_mutants=2, n_immigrants=2, patience=12)
"""How the lesson on one feature searches: by plain lineages, whose every step can be followed by eye."""

STORIES = (
    Story(
        "concrete",
        "Strong concrete that can be mixed",
        "1,030 recorded mixes, strength over age. Find five different mixes that are strong from day 1 to 100 "
        "and weigh what concrete weighs.",
        "concrete",
        ModelRef(name="concrete"),
    ),
    Story(
        "front",
        "Strong, cheap and low in CO₂",
        "The same mixes at 28 days, with prices that you can edit. Watch a front grow: mixes none of which can gain in "
        "strength, cost or CO₂ without losing in another.",
        "concrete",
        ModelRef(name="concrete"),
    ),
    Story(
        "production",
        "A production line at full yield",
        "2,000 recorded hours of a line with pressure, temperature and speed. Find different settings that reach "
        "a yield of 100 %.",
        "production_yield",
        ModelRef(name="production_yield"),
    ),
    Story(
        "bumps",
        "A curve with many peaks",
        "One feature, one bumpy curve. Watch lineages climb several peaks at once, and see why one best point is not "
        "enough.",
        "bumps",
        ModelRef(kind="function", name="bumps"),
    ),
)


def story(key: str) -> Story:
    """The story of that key.

    Raises:
        KeyError: there is none.
    """
    return {story.key: story for story in STORIES}[key]


def story_spec(chosen: Story, catalog: Catalog) -> RunSpec:
    """The run that a story starts."""
    dataset = catalog.datasets.load(chosen.dataset)
    model = chosen.model
    if model.kind == "saved":
        model = model.model_copy(update={"digest": catalog.models.load(model.name).digest})
    spec = default_spec(catalog.pair(dataset, model), dataset, model, name=chosen.title)
    if chosen.key == "concrete":
        curve = CurveSpec(feature="age", start=1, end=100, points=100, summary=Summary.AREA)
        return spec.revised(curve=curve, budget=BudgetSpec(evaluations=5_000))  # finds as good ones, and is soon there
    if chosen.key == "front":
        return _front(spec, dataset, catalog)
    if chosen.key == "production":
        return spec.revised(goal=Goal.VALUE, value=100.0, floor=FloorSpec(), risk_aversion=0.0)
    function = FUNCTIONS["bumps"]
    low, high = function.low, function.high
    features = tuple(
        feature.model_copy(update={"low": low, "high": high}) if isinstance(feature, NumericSpec) else feature
        for feature in spec.features
    )
    budget = spec.budget.model_copy(update={"evaluations": 4_000})
    floor = FloorSpec(kind=FloorKind.BEST_SHARE, amount=1.0)  # every peak counts here, the low ones too
    return spec.model_copy(update={"features": features, "budget": budget, "floor": floor})


DAYS = 28.0
"""The age at which the strength of concrete is specified."""
MOST_WATER = 0.55
"""Water over cement: the usual limit for concrete outdoors, such as EN 206 has for rain and frost (XF1)."""


def _front(spec: RunSpec, dataset: Dataset, catalog: Catalog) -> RunSpec:
    """Concrete at 28 days: strength up, cost and CO2 down, the water/cement ratio limited."""
    prices = catalog.datasets.prices("concrete")
    if prices is None:
        raise DatasetError("The prices of the concrete story are not there: put concrete_prices.json beside its table.")
    cost, co2 = prices.cost(dataset.features), prices.co2(dataset.features)
    strength = spec.objective.model_copy(update={"name": dataset.outcome.name, "curve": None})
    features = tuple(
        feature.model_copy(update={"is_free": False, "value": DAYS}) if feature.name == "age" else feature
        for feature in spec.features
    )
    outcomes = (
        strength,
        OutcomeSpec(name=cost.name, formula=cost.formula.text, unit=cost.unit, goal=Goal.MINIMUM),
        OutcomeSpec(name=co2.name, formula=co2.formula.text, unit=co2.unit, goal=Goal.MINIMUM),
        OutcomeSpec(name="water/cement", formula="water / cement", at_most=MOST_WATER),
    )
    spec = spec.revised(curve=None, features=features, budget=BudgetSpec(evaluations=5_000))
    return with_outcomes(spec, outcomes, dataset.outcome.name)
