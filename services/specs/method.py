"""The search method of a run and its knobs: one class per method, told apart by ``name``."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, TypeAdapter

from optimizer import DEFAULT_METHOD, ImmigrantSource, LineageSettings, Method
from optimizer.methods.bayesian import Bayesian
from optimizer.methods.cma_es import CmaEs
from optimizer.methods.differential_evolution import DifferentialEvolution, Strategy
from optimizer.methods.dual_annealing import DualAnnealing
from optimizer.methods.multistart import Multistart
from optimizer.methods.random_search import RandomSearch
from optimizer.methods.shgo import Shgo
from optimizer.niches import NicheSettings
from services.specs.base import Spec

_NICHES = NicheSettings()
_LINEAGES = LineageSettings()
_EVOLUTION = DifferentialEvolution()
_ANNEALING = DualAnnealing()
_CMA_ES = CmaEs()
_BAYESIAN = Bayesian()


class _MethodSpec(Spec):
    """What every method's specification offers.

    Attributes:
        method: its class in the engine.
        sentence: how it searches, with places for the knobs.
        lineage: what it calls a lineage, one of them.
        lineages: several of them.
        n_at_once: candidates that it has evaluated at once, about.
        takes_gradients: whether it asks for the gradient of every candidate where the model has one.
        overhead: seconds of its own per evaluation, about: measured on one core with the concrete model.
    """

    method: ClassVar[Callable[..., Method]]
    sentence: ClassVar[str]
    lineage: ClassVar[str] = "lineage"
    lineages: ClassVar[str] = "lineages"
    n_at_once: ClassVar[int] = 1
    takes_gradients: ClassVar[bool] = False
    overhead: ClassVar[float]

    def settings(self) -> Method:
        """Return the method as the engine takes it.

        Raises:
            SpaceError: a knob is out of range.
        """
        return self.method(**self.model_dump(exclude={"name"}))

    @property
    def words(self) -> str:
        """How it searches, the beginning of a sentence."""
        return self.sentence.format(**self.model_dump())

    def counted(self, n: int) -> str:
        """Return so many lineages, in the method's own words."""
        return f"{n:,} {self.lineage if n == 1 else self.lineages}"


class NichesSpec(_MethodSpec):
    """Niches: lineages that are good local searches, each on a hill of its own."""

    method: ClassVar[Callable[..., Method]] = NicheSettings
    sentence: ClassVar[str] = "Niches: up to {n_lineages} lineages at once, each on a hill of its own"
    n_at_once: ClassVar[int] = 128
    overhead: ClassVar[float] = 35e-6
    old_names: ClassVar[dict[str, str]] = {"newcomers_from": "immigrants_from"}
    name: Literal["niches"] = "niches"
    n_lineages: int = _NICHES.n_lineages
    spread: float = 0.1  # results shall differ; a search for optima alone needs none
    immigrants_from: ImmigrantSource | None = _NICHES.immigrants_from


class LineagesSpec(_MethodSpec):
    """Lineages: many local searches by mutation that live while they improve."""

    method: ClassVar[Callable[..., Method]] = LineageSettings
    sentence: ClassVar[str] = "Up to {n_lineages} lineages at once, {n_mutants} mutants each per generation"
    n_at_once: ClassVar[int] = 128
    overhead: ClassVar[float] = 2e-6
    old_names: ClassVar[dict[str, str]] = {"newcomers_from": "immigrants_from", "n_newcomers": "n_immigrants"}
    name: Literal["lineages"] = "lineages"
    n_lineages: int = _LINEAGES.n_lineages
    n_mutants: int = _LINEAGES.n_mutants
    n_immigrants: int = _LINEAGES.n_immigrants
    patience: int = _LINEAGES.patience
    min_improvement: float = _LINEAGES.min_improvement
    immigrants_from: ImmigrantSource | None = _LINEAGES.immigrants_from


class DifferentialEvolutionSpec(_MethodSpec):
    """SciPy's differential evolution."""

    method: ClassVar[Callable[..., Method]] = DifferentialEvolution
    sentence: ClassVar[str] = "Differential evolution, {population} members per free feature"
    lineage: ClassVar[str] = "place in a population"
    lineages: ClassVar[str] = "places in populations"
    n_at_once: ClassVar[int] = 128
    overhead: ClassVar[float] = 10e-6
    name: Literal["differential_evolution"] = "differential_evolution"
    population: int = _EVOLUTION.population
    strategy: Strategy = _EVOLUTION.strategy
    tolerance: float = _EVOLUTION.tolerance
    max_generations: int = _EVOLUTION.max_generations


class DualAnnealingSpec(_MethodSpec):
    """SciPy's dual annealing."""

    method: ClassVar[Callable[..., Method]] = DualAnnealing
    sentence: ClassVar[str] = "Dual annealing, begun anew when it has cooled down"
    lineage: ClassVar[str] = "chain"
    lineages: ClassVar[str] = "chains and descents"
    overhead: ClassVar[float] = 55e-6
    name: Literal["dual_annealing"] = "dual_annealing"
    initial_temperature: float = _ANNEALING.initial_temperature
    visit: float = _ANNEALING.visit
    max_iterations: int = _ANNEALING.max_iterations
    has_descents: bool = _ANNEALING.has_descents


class ShgoSpec(_MethodSpec):
    """SciPy's simplicial homology global optimisation."""

    method: ClassVar[Callable[..., Method]] = Shgo
    sentence: ClassVar[str] = "SHGO, {n_samples} samples a mesh"
    lineage: ClassVar[str] = "mesh"
    lineages: ClassVar[str] = "meshes and descents"
    overhead: ClassVar[float] = 80e-6
    name: Literal["shgo"] = "shgo"
    n_samples: int = Shgo().n_samples


class MultistartSpec(_MethodSpec):
    """Multi-start L-BFGS-B."""

    method: ClassVar[Callable[..., Method]] = Multistart
    sentence: ClassVar[str] = "Descents by L-BFGS-B from random candidates"
    lineage: ClassVar[str] = "descent"
    lineages: ClassVar[str] = "descents"
    takes_gradients: ClassVar[bool] = True
    overhead: ClassVar[float] = 75e-6
    name: Literal["multistart"] = "multistart"
    max_iterations: int = Multistart().max_iterations


class CmaEsSpec(_MethodSpec):
    """CMA-ES with restarts."""

    method: ClassVar[Callable[..., Method]] = CmaEs
    sentence: ClassVar[str] = "CMA-ES, begun anew with larger and smaller populations"
    lineage: ClassVar[str] = "run of CMA-ES"
    lineages: ClassVar[str] = "runs of CMA-ES"
    n_at_once: ClassVar[int] = 16
    overhead: ClassVar[float] = 100e-6
    name: Literal["cma_es"] = "cma_es"
    population: int | None = _CMA_ES.population
    sigma: float = _CMA_ES.sigma
    tolerance: float = _CMA_ES.tolerance


class BayesianSpec(_MethodSpec):
    """Bayesian optimisation by Optuna's TPE."""

    method: ClassVar[Callable[..., Method]] = Bayesian
    sentence: ClassVar[str] = "Bayesian optimisation, studies of {n_trials} candidates, {n_batch} at a time"
    lineage: ClassVar[str] = "study"
    lineages: ClassVar[str] = "studies"
    n_at_once: ClassVar[int] = 10
    overhead: ClassVar[float] = 20e-3
    name: Literal["bayesian"] = "bayesian"
    n_batch: int = _BAYESIAN.n_batch
    n_random: int = _BAYESIAN.n_random
    n_trials: int = _BAYESIAN.n_trials


class RandomSearchSpec(_MethodSpec):
    """Random search."""

    method: ClassVar[Callable[..., Method]] = RandomSearch
    sentence: ClassVar[str] = "Random candidates, {n_per_generation} at a time"
    lineage: ClassVar[str] = "draw"
    lineages: ClassVar[str] = "draws"
    n_at_once: ClassVar[int] = 128
    overhead: ClassVar[float] = 3e-6
    name: Literal["random_search"] = "random_search"
    n_per_generation: int = RandomSearch().n_per_generation


def _named(document: Any) -> Any:
    """Return the document with the name of the method that it means.

    Knobs without a name are those of lineages, the first method there was, when nothing had to be named. A run that
    says nothing about its method has the default one.
    """
    if isinstance(document, dict) and "name" not in document:
        return {"name": "lineages"} | document
    return document


MethodSpec = Annotated[
    NichesSpec
    | LineagesSpec
    | DifferentialEvolutionSpec
    | DualAnnealingSpec
    | ShgoSpec
    | MultistartSpec
    | CmaEsSpec
    | BayesianSpec
    | RandomSearchSpec,
    Field(discriminator="name"),
    BeforeValidator(_named),
]
"""The search method of a run."""


_ANY_METHOD: TypeAdapter[MethodSpec] = TypeAdapter(MethodSpec)


def method_named(name: str = DEFAULT_METHOD) -> MethodSpec:
    """Return the method of that name with its default knobs.

    Raises:
        pydantic.ValidationError: there is none.
    """
    return _ANY_METHOD.validate_python({"name": name})
