"""The methods of search: one short file each, all with the same face.

A new one is a frozen dataclass of its settings that offers what `Method` says, and one line in `METHODS`.
"""

from optimizer.checks import SpaceError
from optimizer.methods.bayesian import Bayesian
from optimizer.methods.cma_es import CmaEs
from optimizer.methods.differential_evolution import DifferentialEvolution
from optimizer.methods.dual_annealing import DualAnnealing
from optimizer.methods.lineages import LineageSettings
from optimizer.methods.method import Method
from optimizer.methods.multistart import Multistart
from optimizer.methods.niches import NicheSettings
from optimizer.methods.random_search import RandomSearch
from optimizer.methods.shgo import Shgo

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        NicheSettings(),
        LineageSettings(),
        DifferentialEvolution(),
        DualAnnealing(),
        Shgo(),
        Multistart(),
        CmaEs(),
        Bayesian(),
        RandomSearch(),
    )
}
"""Every method by its name, with its default settings."""

DEFAULT_METHOD = "niches"


def method_of(given: Method | str) -> Method:
    """Return the method that a name stands for, with its default settings, or the method given.

    Raises:
        SpaceError: there is no method of that name, or it is no method.
    """
    if isinstance(given, str):
        if given not in METHODS:
            raise SpaceError(f"There is no method '{given}'; there are {', '.join(METHODS)}.")
        return METHODS[given]
    if isinstance(given, type):
        raise SpaceError(f"A method is an object, got the class {given.__name__}: write {given.__name__}().")
    if not isinstance(given, Method):
        raise SpaceError(
            f"A method is a name ({', '.join(METHODS)}) or an object with `name`, `n_first` and `run`, "
            f"got {type(given).__name__}."
        )
    return given
