"""Plants from the literature.

Borehole, OTL circuit, piston and wing weight are stated as in Surjanovic and Bingham's Virtual Library of Simulation
Experiments, which names who published them first.
"""

import numpy as np

from benchmarks.truth.plant import Half, Kind, Plant, plant


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


def _ishigami(x1: np.ndarray, x2: np.ndarray, x3: np.ndarray) -> np.ndarray:
    """Ishigami's function: waves, and one whose height depends on another input."""
    return np.sin(x1) + 7 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1)


PUBLISHED: tuple[Plant, ...] = (
    plant(
        "borehole", Half.CHOOSING, Kind.SMOOTH,
        {"rw": (0.05, 0.15), "r": (100, 50_000), "Tu": (63_070, 115_600), "Hu": (990, 1110), "Tl": (63.1, 116),
         "Hl": (700, 820), "L": (1120, 1680), "Kw": (9855, 12_045)},
        _borehole,
        source="Harper and Gupta 1983",
    ),
    plant(
        "otl", Half.REPORTING, Kind.SMOOTH,
        {"Rb1": (50, 150), "Rb2": (25, 70), "Rf": (0.5, 3), "Rc1": (1.2, 2.5), "Rc2": (0.25, 1.2), "beta": (50, 300)},
        _otl,
        source="Ben-Ari and Steinberg 2007",
    ),
    plant(
        "piston", Half.REPORTING, Kind.SMOOTH,
        {"M": (30, 60), "S": (0.005, 0.02), "V0": (0.002, 0.01), "k": (1000, 5000), "P0": (90_000, 110_000),
         "Ta": (290, 296), "T0": (340, 360)},
        _piston,
        source="Kenett and Zacks 1998",
    ),
    plant(
        "wing", Half.CHOOSING, Kind.SMOOTH,
        {"Sw": (150, 200), "Wfw": (220, 300), "A": (6, 10), "Lambda": (-10, 10), "q": (16, 45), "lambda": (0.5, 1),
         "tc": (0.08, 0.18), "Nz": (2.5, 6), "Wdg": (1700, 2500), "Wp": (0.025, 0.08)},
        _wing,
        source="Forrester, Sobester and Keane 2008",
    ),
    plant(
        "hartmann", Half.CHOOSING, Kind.MULTIMODAL,
        {f"x{i}": (0, 1) for i in range(1, 7)},
        _hartmann,
        source="Dixon and Szegö 1978",
    ),
    plant(
        "ishigami", Half.REPORTING, Kind.MULTIMODAL,
        {f"x{i}": (-np.pi, np.pi) for i in range(1, 4)},
        _ishigami,
        source="Ishigami and Homma 1990",
    ),
)  # fmt: skip
