"""Known functions in the place of a plant: six from the literature, two recipes of our own.

Borehole, OTL circuit, piston and wing weight are stated as in Surjanovic and Bingham's Virtual Library of Simulation
Experiments; Hartmann's function in six dimensions as in Dixon and Szegö 1978. All are searched for their maximum.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

N_RECIPES = 6
SPREAD = 0.08  # of rows around their recipe, as a share of each input's range
WEIGHING = 0.02  # of a recipe's total, as a share of it: parts are weighed in one by one
NOISE = 0.05  # of measuring, as a share of the outcome's standard deviation over the rows


@dataclass(frozen=True, slots=True)
class Plant:
    """A process whose true mean outcome is known everywhere.

    Attributes:
        truth: maps (n, d) to the true mean outcomes (n,).
        tried: (d,) greatest values that recipes were made with.
    """

    name: str
    inputs: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    truth: Callable[[np.ndarray], np.ndarray]
    parts: tuple[str, ...]
    total: float | None
    tried: np.ndarray

    def rows(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Settings (n, d) around six recipes, and what was measured there (n,)."""
        span = self.high - self.low
        recipes = self.low + (self.tried - self.low) * rng.uniform(0.15, 0.85, (N_RECIPES, len(span)))
        X = recipes[rng.integers(N_RECIPES, size=n)] + SPREAD * span * rng.standard_normal((n, len(span)))
        X = np.clip(X, self.low, self.high)
        if self.total is not None:
            X *= self.total * (1 + WEIGHING * rng.standard_normal((n, 1))) / X.sum(axis=1, keepdims=True)
        truth = self.truth(X)
        return X, truth + NOISE * truth.std() * rng.standard_normal(n)

    def best(self, low: np.ndarray, high: np.ndarray) -> float:
        """The greatest true outcome between bounds (d,), as differential evolution and its polish find it."""
        from scipy.optimize import differential_evolution

        found = [
            differential_evolution(
                lambda x: -self.truth(x.T if x.ndim > 1 else x[None]).squeeze(),
                list(zip(low, high, strict=True)),
                vectorized=True,
                updating="deferred",
                maxiter=400,
                tol=1e-9,
                rng=seed,
            ).fun
            for seed in range(3)
        ]
        return float(-min(found))


def _plant(
    name: str,
    ranges: dict[str, tuple[float, float]],
    truth: Callable[..., np.ndarray],
    total: float | None = None,
    tried: dict[str, float] | None = None,
) -> Plant:
    """A plant; with a total all inputs are parts of it, and of some only so much was ever tried."""
    low, high = np.array(list(ranges.values()), dtype=float).T
    most = np.array([(tried or {}).get(input_, top) for input_, top in zip(ranges, high, strict=True)])
    parts = () if total is None else tuple(ranges)
    return Plant(name, tuple(ranges), low, high, lambda X: truth(*X.T), parts, total, most)


def _borehole(
    rw: np.ndarray, r: np.ndarray, tu: np.ndarray, hu: np.ndarray, tl: np.ndarray, hl: np.ndarray, length: np.ndarray,
    kw: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The flow of water through a borehole in cubic metres a year."""
    ratio = np.log(r / rw)
    return 2 * np.pi * tu * (hu - hl) / (ratio * (1 + 2 * length * tu / (ratio * rw**2 * kw) + tu / tl))


def _otl(
    rb1: np.ndarray, rb2: np.ndarray, rf: np.ndarray, rc1: np.ndarray, rc2: np.ndarray, beta: np.ndarray
) -> np.ndarray:
    """The midpoint voltage of a push-pull circuit without an output transformer."""
    vb1 = 12 * rb2 / (rb1 + rb2)
    gain = beta * (rc2 + 9)
    return (vb1 + 0.74) * gain / (gain + rf) + 11.35 * rf / (gain + rf) + 0.74 * rf * gain / ((gain + rf) * rc1)


def _piston(
    mass: np.ndarray, surface: np.ndarray, volume: np.ndarray, spring: np.ndarray, pressure: np.ndarray,
    ambient: np.ndarray, filling: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The seconds that a piston takes for a cycle."""
    force = pressure * surface + 19.62 * mass - spring * volume / surface
    gas = pressure * volume / filling * ambient
    moved = surface / (2 * spring) * (np.sqrt(force**2 + 4 * spring * gas) - force)
    return 2 * np.pi * np.sqrt(mass / (spring + surface**2 * gas / moved**2))


def _wing(
    area: np.ndarray, fuel: np.ndarray, aspect: np.ndarray, sweep: np.ndarray, pressure: np.ndarray,
    taper: np.ndarray, thickness: np.ndarray, load: np.ndarray, gross: np.ndarray, paint: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """The weight of a light aircraft's wing in pounds."""
    cosine = np.cos(np.radians(sweep))
    return (
        0.036 * area**0.758 * fuel**0.0035 * (aspect / cosine**2) ** 0.6 * pressure**0.006 * taper**0.04
        * (100 * thickness / cosine) ** -0.3 * (load * gross) ** 0.49 + area * paint
    )  # fmt: skip


_HARTMANN_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
_HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def _hartmann(*inputs: np.ndarray) -> np.ndarray:
    """Hartmann's function, turned so that its four bumps point upwards."""
    X = np.column_stack(inputs)
    bumps = np.exp(-(_HARTMANN_A * (X[:, None] - _HARTMANN_P) ** 2).sum(axis=2))
    return bumps @ np.array([1.0, 1.2, 3.0, 3.2])


def _mortar(
    cement: np.ndarray, slag: np.ndarray, ash: np.ndarray, water: np.ndarray, plasticizer: np.ndarray, sand: np.ndarray
) -> np.ndarray:
    """The strength of a made-up mortar in MPa; too much plasticizer, ash or slag harms, wrong volumes do too."""
    binder = cement + 0.8 * slag + 0.5 * ash
    strength = 90 * np.exp(-2.2 * water / binder) * binder / (binder + 120)
    strength *= 1 + 0.12 * np.tanh((plasticizer - 4) / 3)
    harm = 0.6 * np.maximum(plasticizer - 14, 0) ** 2 + 0.12 * np.maximum(ash - 180, 0)
    harm += 18 * np.maximum(slag / cement - 1.6, 0)
    density = cement + slag + ash + water + plasticizer + sand
    return strength - harm - 1.5 * ((density - 2340) / 90) ** 2


def _syrup(sugar: np.ndarray, fruit: np.ndarray, acid: np.ndarray, pectin: np.ndarray, aroma: np.ndarray) -> np.ndarray:
    """How much a made-up syrup is liked; shares of the whole count, and much pectin or aroma spoils it."""
    total = sugar + fruit + acid + pectin + aroma
    sugar, fruit, acid, pectin, aroma = (100 * part / total for part in (sugar, fruit, acid, pectin, aroma))
    liking = 40 + 0.5 * sugar + 0.3 * fruit + 0.02 * sugar * fruit - 0.012 * (sugar - 35) ** 2
    liking += 3 * np.log1p(acid) + 2.5 * pectin + 0.8 * aroma
    return liking - 2.2 * np.maximum(pectin - 9, 0) ** 2 - 1.5 * np.maximum(aroma - 14, 0) ** 1.5


PLANTS: dict[str, Plant] = {
    plant.name: plant
    for plant in (
        _plant(
            "borehole",
            {"rw": (0.05, 0.15), "r": (100, 50_000), "Tu": (63_070, 115_600), "Hu": (990, 1110), "Tl": (63.1, 116),
             "Hl": (700, 820), "L": (1120, 1680), "Kw": (9855, 12_045)},
            _borehole,
        ),
        _plant(
            "otl",
            {"Rb1": (50, 150), "Rb2": (25, 70), "Rf": (0.5, 3), "Rc1": (1.2, 2.5), "Rc2": (0.25, 1.2),
             "beta": (50, 300)},
            _otl,
        ),
        _plant(
            "piston",
            {"M": (30, 60), "S": (0.005, 0.02), "V0": (0.002, 0.01), "k": (1000, 5000), "P0": (90_000, 110_000),
             "Ta": (290, 296), "T0": (340, 360)},
            _piston,
        ),
        _plant(
            "wing",
            {"Sw": (150, 200), "Wfw": (220, 300), "A": (6, 10), "Lambda": (-10, 10), "q": (16, 45), "lambda": (0.5, 1),
             "tc": (0.08, 0.18), "Nz": (2.5, 6), "Wdg": (1700, 2500), "Wp": (0.025, 0.08)},
            _wing,
        ),
        _plant("hartmann", {f"x{i}": (0, 1) for i in range(1, 7)}, _hartmann),
        _plant(
            "mortar",
            {"cement": (100, 450), "slag": (0, 300), "ash": (0, 250), "water": (130, 240), "plasticizer": (0, 20),
             "sand": (1500, 1900)},
            _mortar,
            total=2340,
            tried={"plasticizer": 13, "ash": 180},
        ),
        _plant(
            "syrup",
            {"sugar": (10, 60), "fruit": (10, 50), "acid": (0, 20), "pectin": (0, 15), "aroma": (0, 25)},
            _syrup,
            total=100,
            tried={"pectin": 9, "aroma": 13},
        ),
    )
}  # fmt: skip
