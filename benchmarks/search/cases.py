"""The problems that are searched: the shipped models, with and without penalties and rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from optimizer import Goal, Problem
from optimizer.proof import ReluNetwork
from services.catalog.loading import Catalog, ModelWithData
from services.problems.building import build_problem
from services.problems.stories import story, story_spec
from services.specs.constraints import SumConstraintSpec
from services.specs.run import DistanceSpec, NumericSpec, RunSpec
from services.studies.proof import relu_network

AGE = 28.0
USUAL_SUM = 2343.5  # kg/m³, the recorded mean of the parts' sum, on the parts' step of 0.1
STUDY_WEIGHT = 300.0  # MPa for each recorded standard deviation beyond the usual distance, as in the first study


@dataclass(frozen=True, slots=True)
class Case:
    """One problem of the benchmark.

    Attributes:
        name: short, as on the command line.
        words: what is searched.
        spec: the whole of it, as a run has it.
        problem: for the methods.
        network: the same predictions, for proofs.
    """

    name: str
    words: str
    spec: RunSpec
    problem: Problem
    network: ReluNetwork

    def in_percent(self, scores: float, best: float) -> float:
        """Return a difference of scores in percent of the optimum's score ``best``, or of the value searched for."""
        objective = self.problem.objective
        if objective.goal is Goal.VALUE:
            assert objective.value is not None
            return 100 * scores * objective.scale / abs(objective.value)
        return 100 * scores / abs(best)

    def value(self, score: float) -> float:
        """Return a score in the unit of the objective, penalties taken off; near to a value, the distance from it."""
        objective = self.problem.objective
        return -score * objective.scale if objective.goal is Goal.MAXIMUM else score * objective.scale


def _concrete_curve(catalog: Catalog) -> RunSpec:
    """Return the concrete story without its penalty."""
    return story_spec(story("concrete"), catalog).revised(density=None)


def _concrete(catalog: Catalog) -> RunSpec:
    """Return the strength at one age, without penalty or rule."""
    spec = _concrete_curve(catalog)
    features = tuple(
        feature.model_copy(update={"is_free": False, "value": AGE})
        if isinstance(feature, NumericSpec) and feature.name == "age"
        else feature
        for feature in spec.features
    )
    return spec.revised(curve=None, features=features)


def _concrete_near(catalog: Catalog) -> RunSpec:
    """Return the strength at one age with the distance penalty as it comes."""
    return _concrete(catalog).revised(distance=DistanceSpec())


def _concrete_nearest(catalog: Catalog) -> RunSpec:
    """Return the strength at one age with a distance penalty of 300 MPa a unit."""
    spec = _concrete(catalog)
    scale = build_problem(spec, catalog.model_data(spec)).objective.scale
    return spec.revised(distance=DistanceSpec(weight=STUDY_WEIGHT / scale))


def _concrete_sum(catalog: Catalog) -> RunSpec:
    """Return the strength at one age under the rule that the parts weigh what they usually do."""
    parts = story_spec(story("concrete"), catalog).density
    assert parts is not None
    return _concrete(catalog).revised(
        constraints=(SumConstraintSpec(features=parts.parts, low=USUAL_SUM, high=USUAL_SUM),)
    )


CASES: Mapping[str, tuple[str, Callable[[Catalog], RunSpec]]] = {
    "concrete": (f"strength at age {AGE:g}", _concrete),
    "curve": ("area under strength over age, day 1 to 100", _concrete_curve),
    "density": ("the same area, density penalty of weight 2", lambda s: story_spec(story("concrete"), s)),
    "distance": (f"strength at age {AGE:g}, distance penalty of weight 2", _concrete_near),
    "distance_300": (f"strength at age {AGE:g}, distance penalty of {STUDY_WEIGHT:g} MPa a unit", _concrete_nearest),
    "sum": (f"strength at age {AGE:g}, the sum of the parts is {USUAL_SUM:g} kg/m³", _concrete_sum),
    "production": ("a yield of 100 % of the production line", lambda s: story_spec(story("production"), s)),
}
"""Words and specification of every problem, by its name."""


def case(name: str, catalog: Catalog) -> Case:
    """Return the problem of that name.

    Raises:
        KeyError: there is none.
    """
    words, specify = CASES[name]
    spec = specify(catalog)
    model_data: ModelWithData = catalog.model_data(spec)
    return Case(name, words, spec, build_problem(spec, model_data), relu_network(model_data.predictor))
