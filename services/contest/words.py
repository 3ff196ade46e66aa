"""What the methods are called where several are named side by side."""

from optimizer import METHODS

METHOD_NAMES = {
    "niches": "Niches",
    "lineages": "Lineages",
    "differential_evolution": "Differential evolution",
    "dual_annealing": "Dual annealing",
    "shgo": "SHGO",
    "multistart": "Multi-start gradients",
    "cma_es": "CMA-ES",
    "bayesian": "Bayesian (TPE)",
    "random_search": "Random search",
}
assert set(METHOD_NAMES) == set(METHODS)


def listed(names: list[str]) -> str:
    """Return names as a sentence has them: "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
