"""How many rows a run asks of a Python function whose rows cost, beside its budget, and how long it takes.

Run with ``python -m benchmarks.rows_asked``. The last line is JSON; a ratio above 1 breaks what a budget promises.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from types import FrameType

import numpy as np

from benchmarks.timing import print_table, seconds
from models import Dataset, Predictor
from optimizer import optimize
from optimizer.problem.objective import Summary
from services.catalog.loading import Catalog, ModelWithData
from services.catalog.settings import Settings
from services.problems.defaults import default_spec
from services.problems.estimate import estimate_rows
from services.results.search import run_spec
from services.specs.outcomes import ModelRef
from services.specs.run import BudgetSpec, RunSpec

BUDGETS = 200, 4_000
SECONDS = 0.05  # of a row of the slow function
DEPTH = 3  # functions below the run that tell who asks
BETWEEN = {"tried", "<lambda>", "of", "__init__"}  # functions that tell nothing


@dataclass
class CountingFunction:
    """A model as a function that counts its rows, those that it had been asked before, and who asked them."""

    predict: Callable[[np.ndarray], np.ndarray]
    callers: Counter[str] = field(default_factory=Counter)
    seen: set[bytes] = field(default_factory=set)

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """The model's answer."""
        self.callers[" > ".join(_callers(sys._getframe(1)))] += len(X)
        self.seen |= {row.tobytes() for row in X}
        return self.predict(X)

    @property
    def n_rows(self) -> int:
        """Rows asked."""
        return self.callers.total()


def _callers(frame: FrameType | None) -> list[str]:
    """The first functions of the project below the one that was begun with."""
    names: list[str] = []
    while frame is not None and frame.f_code.co_name not in ("run_spec", "main"):
        if frame.f_code.co_name not in BETWEEN:
            names.append(frame.f_code.co_name)
        frame = frame.f_back
    return list(islice(reversed(names), DEPTH))


def main() -> None:
    """Print who asks how many rows, then one JSON line."""
    catalog = Catalog.of(Settings.from_environment())
    library, store = catalog.datasets, catalog.models
    cases: dict[str, Callable[[int], CountingFunction]] = {
        "production": partial(_run, library.load("production_yield"), store.load("production_yield").predictor),
        "concrete, area under the curve": partial(_run, library.load("concrete"), store.load("concrete").predictor),
        "concrete, one age": partial(_run, library.load("concrete"), store.load("concrete").predictor, at=28.0),
        "a function within bounds": _optimize,
    }
    ratios, doubled = {}, 0
    for name, case in cases.items():
        for budget in BUDGETS:
            function = case(budget)
            ratios[f"{name}, {budget:,}"] = function.n_rows / budget
            doubled += function.n_rows - len(function.seen)
            print_table(
                f"{name}: {function.n_rows:,} rows asked, a budget of {budget:,}",
                ("asked by", "rows"),
                [(who, f"{n:,}") for who, n in function.callers.most_common()],
            )
    slow = partial(_slow, store.load("production_yield").predictor.predict)
    said, took = _times(library.load("production_yield"), slow, BUDGETS[0])
    print(f"a row of {SECONDS} s: {said:.1f} s said for {BUDGETS[0]} rows, {took:.1f} s taken")
    figures = {
        "rows_asked_over_budget": round(max(ratios.values()), 3),
        "rows_asked_twice": doubled,
        "seconds_over_said": round(took / said, 3),
    }
    print(json.dumps({"benchmark": "rows_asked", **figures, "ratios": {k: round(v, 3) for k, v in ratios.items()}}))


def _run(dataset: Dataset, predictor: Predictor, budget: int, *, at: float | None = None) -> CountingFunction:
    """What an estimate and a run of the suggested specification ask."""
    function = CountingFunction(predictor.predict)
    model_data = ModelWithData.of_callable(dataset, function, predictor.feature_names)
    spec: RunSpec = default_spec(model_data, dataset, ModelRef(kind="callable", name=dataset.name))
    spec = spec.revised(budget=BudgetSpec(evaluations=budget))
    if at is not None and spec.curve is not None:
        spec = spec.revised(curve=spec.curve.model_copy(update={"summary": Summary.POINT, "at": at}))
    estimate = estimate_rows(spec, model_data)
    result = run_spec(spec, model_data).result
    if estimate is not None:
        print(f"\n{estimate.words}")
    best = f"{max(result.results.outcomes):,.2f}" if len(result.results) else "none"
    print(f"{len(result.results)} results, the best {best}; {result.statistics.n_evaluations:,} candidates")
    print("\n".join(result.notes))
    return function


def _slow(predict: Callable[[np.ndarray], np.ndarray], X: np.ndarray) -> np.ndarray:
    """A model whose rows take a while."""
    time.sleep(SECONDS * len(X))
    return predict(X)


def _times(dataset: Dataset, function: Callable[[np.ndarray], np.ndarray], budget: int) -> tuple[float, float]:
    """The seconds that an estimate says for a run, and those that it takes."""
    model_data = ModelWithData.of_callable(dataset, function)
    spec = default_spec(model_data, dataset, ModelRef(kind="callable", name=dataset.name))
    spec = spec.revised(budget=BudgetSpec(evaluations=budget))
    estimate = estimate_rows(spec, model_data)
    assert estimate is not None
    return estimate.seconds, seconds(lambda: run_spec(spec, model_data))


def _optimize(budget: int) -> CountingFunction:
    """What a search for a function of arrays asks."""
    function = CountingFunction(lambda X: ((X - 0.3) ** 2).sum(axis=1))
    optimize(function, [(-1.0, 1.0)] * 3, budget=budget)
    return function


if __name__ == "__main__":
    main()
