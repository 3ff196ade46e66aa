"""Other searches for several goals, by pymoo: NSGA-II, NSGA-III and SMS-EMOA."""

from typing import Any

import numpy as np

from benchmarks.pareto.functions import FrontFunction

N_POINTS = 100
"""Points of a final front, and candidates of a generation of the peers."""

_DIVISIONS = {2: 99, 3: 12, 4: 7}  # of the reference directions of NSGA-III: about 100 of them

PEERS = ("NSGA-II", "NSGA-III", "SMS-EMOA")


def run_peer(
    name: str, function: FrontFunction, n_evaluations: int, seed: int, population: int = N_POINTS
) -> tuple[np.ndarray, np.ndarray]:
    """The last population that a peer finds, settings (k, d) and goals (k, m), with its own default settings."""
    from pymoo.core.problem import Problem
    from pymoo.optimize import minimize

    low, high = np.array(function.bounds, dtype=float).T

    class Wrapped(Problem):
        def __init__(self) -> None:
            n_goals = function.evaluate(((low + high) / 2)[None]).shape[1]
            n_limits = 0 if function.limits is None else function.limits(((low + high) / 2)[None]).shape[1]
            super().__init__(n_var=len(low), n_obj=n_goals, n_ieq_constr=n_limits, xl=low, xu=high)

        def _evaluate(self, x: np.ndarray, out: dict[str, Any], *args: Any, **kwargs: Any) -> None:
            out["F"] = function.evaluate(x)
            if function.limits is not None:
                out["G"] = function.limits(x)

    problem = Wrapped()
    found = minimize(problem, _algorithm(name, problem.n_obj, population), ("n_eval", n_evaluations), seed=seed)
    kept = found.pop.get("feas").reshape(-1)
    return found.pop.get("X")[kept], found.pop.get("F")[kept]


def _algorithm(name: str, n_goals: int, population: int) -> Any:
    if name == "NSGA-II":
        from pymoo.algorithms.moo.nsga2 import NSGA2

        return NSGA2(pop_size=population)
    if name == "NSGA-III":
        from pymoo.algorithms.moo.nsga3 import NSGA3
        from pymoo.util.ref_dirs import get_reference_directions

        return NSGA3(get_reference_directions("das-dennis", n_goals, n_partitions=_DIVISIONS[n_goals]))
    from pymoo.algorithms.moo.sms import SMSEMOA

    return SMSEMOA(pop_size=population)
