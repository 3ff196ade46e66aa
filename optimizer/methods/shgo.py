"""Simplicial homology global optimisation, by SciPy: samples a mesh, and descends from each of its local minima."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from optimizer.checks import check_at_least
from optimizer.methods.external import EvaluationMonitor, ExternalMethod, UnitBox, finite
from optimizer.methods.multistart import Descent
from optimizer.problem.problem import Problem

_SCIPYS_DEFAULT = 100  # SciPy takes this number of samples for "none given", which is 2^d + 1


@dataclass(frozen=True, slots=True)
class Shgo(ExternalMethod):
    """SciPy's SHGO with simplicial sampling, over the whole space and then over random boxes of half its width.

    It knows no randomness of its own, so a second round over the whole space would do the same again. A lineage is a
    mesh (its best sample), and every descent from it is one of its own; a generation is about 100 evaluations. The time
    that SciPy spends on a mesh grows fast with its points.

    Attributes:
        n_samples: points of a mesh.

    Raises:
        SpaceError: the setting is out of range.
    """

    name: ClassVar[str] = "shgo"
    n_watched: ClassVar[int] = 100

    n_samples: int = 256

    def __post_init__(self) -> None:
        """Refuse a mesh of nothing."""
        check_at_least("The points of a mesh", self.n_samples, 2)

    def rounds(self, problem: Problem, rng: np.random.Generator) -> Callable[[EvaluationMonitor], None]:
        """Return what samples a mesh and descends from it; see `ExternalMethod.rounds`."""
        from scipy.optimize import shgo

        box = UnitBox.of(problem.space)
        n_samples = self.n_samples + (self.n_samples == _SCIPYS_DEFAULT)

        def mesh(watch: EvaluationMonitor) -> None:
            low = rng.uniform(0, 0.5, box.n) if watch.n_evaluations else np.zeros(box.n)
            high = low + 0.5 if watch.n_evaluations else np.ones(box.n)
            points = _Mesh(watch, box)
            shgo(
                points.value,
                list(zip(low, high, strict=True)),
                n=n_samples,
                sampling_method="simplicial",
                minimizer_kwargs={"method": "L-BFGS-B", "jac": points.slope},
                workers=points.sample,
            )
            watch.end(points.lineages)

        return mesh


class _Mesh:
    """SciPy's view of the score: samples all at once, descents one after the other."""

    def __init__(self, watch: EvaluationMonitor, box: UnitBox) -> None:
        self.lineages = watch.begin()  # of the mesh, then of each descent
        self._watch = watch
        self._box = box
        self._sampled: set[bytes] = set()
        self._last = np.empty(0)
        self._slope = np.empty(0)

    def sample(self, function: object, points: list[np.ndarray]) -> list[float]:
        """Return the scores of the points (k, m) of the mesh, in place of SciPy's own map of a function."""
        if not points:
            return []
        U = np.array(points)
        self._sampled.update(u.tobytes() for u in U)
        results = self._watch.evaluate(self._box.candidates(U), np.repeat(self.lineages[:1], len(U)))
        return finite(results.scores).tolist()

    def value(self, u: np.ndarray) -> float:
        """Return the score at coordinates (m,); at a point of the mesh a descent begins."""
        if u.tobytes() in self._sampled:
            self.lineages = np.append(self.lineages, self._watch.begin())
        value, self._slope = Descent(self._watch, self._box, self.lineages[-1:]).value_and_slope(u)
        self._last = u.copy()
        return value

    def slope(self, u: np.ndarray) -> np.ndarray:
        """Return (m,) the slope at coordinates (m,), known from `value` where that was just asked for."""
        if not np.array_equal(u, self._last):
            self.value(u)
        return self._slope
