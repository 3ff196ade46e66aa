"""The search method of a run and its settings: one class per method, told apart by ``name``.

Each is made from the engine's own declaration of the method's settings; what stands here is what only a user reads.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, create_model

from optimizer import DEFAULT_METHOD, METHODS, Method, uses_strengths
from optimizer.methods.method import settings_of
from optimizer.niches.settings import NicheSettings
from services.specs.base import Spec
from services.specs.errors import UserError


class _MethodSpec(Spec):
    """What every method's specification offers.

    Attributes:
        sentence: how it searches, with places for the settings.
        lineage: what it calls a lineage, one of them.
        lineages: several of them.
        n_at_once: candidates that it has evaluated at once, about.
        takes_gradients: whether it asks for the gradient of every candidate where the model has one.
        overhead: seconds of its own per evaluation, about: measured on one core with the concrete model.
    """

    method: ClassVar[type]
    sentence: ClassVar[str]
    lineage: ClassVar[str] = "lineage"
    lineages: ClassVar[str] = "lineages"
    n_at_once: ClassVar[int] = 1
    takes_gradients: ClassVar[bool] = False
    overhead: ClassVar[float]
    name: str

    def settings(self) -> Method:
        """The method as the engine takes it.

        Raises:
            SpaceError: a setting is out of range.
        """
        method: Method = self.method(**self.model_dump(exclude={"name"}))
        return method

    @property
    def uses_strengths(self) -> bool:
        """Whether the mutation strengths of features say how it draws children."""
        return uses_strengths(self.settings())

    @property
    def words(self) -> str:
        """How it searches, the beginning of a sentence."""
        return self.sentence.format(**self.model_dump())

    def counted(self, n: int) -> str:
        """So many lineages, in the method's own words."""
        return f"{n:,} {self.lineage if n == 1 else self.lineages}"


def _spec_of(method: Method, **more: Any) -> Any:
    """The class of a method's specifications, with its settings as defaults; ``more`` are class attributes."""
    fields: Any = {name: (field.type, getattr(method, name)) for name, (field, _) in settings_of(method).items()}
    fields["name"] = Literal[method.name], method.name
    class_name = "".join(word.capitalize() for word in method.name.split("_")) + "Spec"
    made = create_model(class_name, __base__=_MethodSpec, __module__=__name__, __doc__=type(method).__doc__, **fields)
    for attribute, value in {"method": type(method), **more}.items():
        setattr(made, attribute, value)
    return made


NichesSpec = _spec_of(
    replace(NicheSettings(), spread=0.1),  # results shall differ; a search for optima alone needs none
    sentence="Niches: up to {n_lineages} lineages at once, each on a hill of its own",
    n_at_once=128,
    overhead=35e-6,
    old_names={"newcomers_from": "immigrants_from"},
)
LineagesSpec = _spec_of(
    METHODS["lineages"],
    sentence="Up to {n_lineages} lineages at once, {n_mutants} mutants each per generation",
    n_at_once=128,
    overhead=2e-6,
    old_names={"newcomers_from": "immigrants_from", "n_newcomers": "n_immigrants"},
)
DifferentialEvolutionSpec = _spec_of(
    METHODS["differential_evolution"],
    sentence="Differential evolution, {population} members per free feature",
    lineage="place in a population",
    lineages="places in populations",
    n_at_once=128,
    overhead=10e-6,
)
DualAnnealingSpec = _spec_of(
    METHODS["dual_annealing"],
    sentence="Dual annealing, begun anew when it has cooled down",
    lineage="chain",
    lineages="chains and descents",
    overhead=55e-6,
)
MultistartSpec = _spec_of(
    METHODS["multistart"],
    sentence="Descents by L-BFGS-B from random candidates",
    lineage="descent",
    lineages="descents",
    takes_gradients=True,
    overhead=75e-6,
)
CmaEsSpec = _spec_of(
    METHODS["cma_es"],
    sentence="CMA-ES, begun anew with larger and smaller populations",
    lineage="run of CMA-ES",
    lineages="runs of CMA-ES",
    n_at_once=16,
    overhead=100e-6,
)
BayesianSpec = _spec_of(
    METHODS["bayesian"],
    sentence="Bayesian optimisation, studies of {n_trials} candidates, {n_batch} at a time",
    lineage="study",
    lineages="studies",
    n_at_once=10,
    overhead=20e-3,
)
RandomSearchSpec = _spec_of(
    METHODS["random_search"],
    sentence="Random candidates, {n_per_generation} at a time",
    lineage="draw",
    lineages="draws",
    n_at_once=128,
    overhead=3e-6,
)


def check_methods(names: Iterable[str]) -> None:
    """Refuse names of methods that there are not.

    Raises:
        UserError: the text names those there are. It is no error of pydantic, so that pages show a kept document that
            names a method of before as they show one whose table is gone.
    """
    for name in names:
        if name not in METHODS:
            raise UserError(f"There is no method '{name}'; there are {', '.join(METHODS)}: choose one of these.")


def _named(document: Any) -> Any:
    """The document with the name of the method that it means; refuses the name of a method that there is not.

    Settings without a name are those of lineages, the first method there was, when nothing had to be named.
    """
    if not isinstance(document, dict):
        return document
    name = document.get("name", "lineages")
    check_methods([name])
    return {"name": name} | document


if TYPE_CHECKING:
    MethodSpec = _MethodSpec
else:
    MethodSpec = Annotated[
        NichesSpec
        | LineagesSpec
        | DifferentialEvolutionSpec
        | DualAnnealingSpec
        | MultistartSpec
        | CmaEsSpec
        | BayesianSpec
        | RandomSearchSpec,
        Field(discriminator="name"),
        BeforeValidator(_named),
    ]
"""The search method of a run."""


_ANY_METHOD: TypeAdapter[_MethodSpec] = TypeAdapter(MethodSpec)


def method_named(name: str = DEFAULT_METHOD) -> MethodSpec:
    """The method of that name with its default settings.

    Raises:
        UserError: there is none.
    """
    return _ANY_METHOD.validate_python({"name": name})
