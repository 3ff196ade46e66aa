"""The three stories that ship: they work at once, with no training."""

from dataclasses import dataclass

from models import FUNCTIONS
from optimizer import FloorKind, Goal, Summary
from services.catalog.loading import Catalog
from services.problems.defaults import default_spec
from services.specs.method import LineagesSpec
from services.specs.outcomes import CurveSpec, ModelRef
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
