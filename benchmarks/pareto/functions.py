"""Problems with several goals: four of engineering, one with 27 equivalent subsets, eight with equivalent settings.

Sources: R. Tanabe, H. Ishibuchi, "An Easy-to-use Real-world Multi-objective Optimization Problem Suite", Applied Soft
Computing 89, 2020, arXiv:2009.12867 (RE21, RE31, RE33, RE41; what their constraints are broken by is the last goal);
K. Deb, S. Tiwari, "Omni-optimizer", European Journal of Operational Research 185, 2008 (OmniTest); J. J. Liang et al.,
"Problem Definitions and Evaluation Criteria for the CEC 2020 Special Session on Multimodal Multiobjective
Optimization", Zhengzhou University, 2019 (MMF1 to MMF8). All goals are minimised.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]
"""Maps candidates (n, d) to goals (n, m), smaller is better."""


@dataclass(frozen=True, slots=True)
class FrontFunction:
    """A problem with several goals.

    Attributes:
        name: as in its suite.
        evaluate: maps (n, d) to (n, m), smaller is better.
        bounds: (low, high) of each of the d variables.
        pareto_set: maps a number to that many points of every equivalent part of the Pareto set, (n, d); None where it
            is not known in closed form.
        limits: maps (n, d) to (n, l), above 0 where a limit is broken; None without any.
    """

    name: str
    evaluate: Function
    bounds: tuple[tuple[float, float], ...]
    pareto_set: Callable[[int], np.ndarray] | None = None
    limits: Function | None = None


def broken(*slack: np.ndarray) -> np.ndarray:
    """The sum of what constraints are broken by, (n,); each slack (n,) should be at least 0."""
    return np.maximum(-np.array(slack), 0.0).sum(axis=0)


def four_bar_truss(X: np.ndarray) -> np.ndarray:
    """RE21: volume and displacement of a truss of four bars."""
    x1, x2, x3, x4 = X.T
    force, modulus, length = 10.0, 2e5, 200.0
    volume = length * (2 * x1 + np.sqrt(2) * x2 + np.sqrt(x3) + x4)
    displacement = force * length / modulus * (2 / x1 + 2 * np.sqrt(2) / x2 - 2 * np.sqrt(2) / x3 + 2 / x4)
    return np.column_stack([volume, displacement])


def two_bar_truss(X: np.ndarray) -> np.ndarray:
    """RE31: volume and stress of a truss of two bars, and what its limits are broken by."""
    x1, x2, x3 = X.T
    volume = x1 * np.sqrt(16 + x3**2) + x2 * np.sqrt(1 + x3**2)
    stress = 20 * np.sqrt(16 + x3**2) / (x1 * x3)
    other = 80 * np.sqrt(1 + x3**2) / (x3 * x2)
    return np.column_stack([volume, stress, broken(0.1 - volume, 1e5 - stress, 1e5 - other)])


def disc_brake(X: np.ndarray) -> np.ndarray:
    """RE33: mass and stopping time of a disc brake, and what its limits are broken by."""
    inner, outer, force, n_surfaces = X.T
    squares, cubes = outer**2 - inner**2, outer**3 - inner**3
    mass = 4.9e-5 * squares * (n_surfaces - 1)
    time = 9.82e6 * squares / (force * n_surfaces * cubes)
    limits = broken(
        outer - inner - 20,
        0.4 - force / (3.14 * squares),
        1 - 2.22e-3 * force * cubes / squares**2,
        2.66e-2 * force * n_surfaces * cubes / squares - 900,
    )
    return np.column_stack([mass, time, limits])


def car_side_impact(X: np.ndarray) -> np.ndarray:
    """RE41: weight, force on the pubis and velocities of a car hit from the side, and what limits are broken by."""
    x1, x2, x3, x4, x5, x6, x7 = X.T
    weight = 1.98 + 4.9 * x1 + 6.67 * x2 + 6.98 * x3 + 4.01 * x4 + 1.78 * x5 + 1e-5 * x6 + 2.73 * x7
    force = 4.72 - 0.5 * x4 - 0.19 * x2 * x3
    pillar = 10.58 - 0.674 * x1 * x2 - 0.67275 * x2
    door = 16.45 - 0.489 * x3 * x7 - 0.843 * x5 * x6
    abdomen = 1.16 - 0.3717 * x2 * x4 - 0.0092928 * x3
    upper = 0.261 - 0.0159 * x1 * x2 - 0.06486 * x1 - 0.019 * x2 * x7 + 0.0144 * x3 * x5 + 0.0154464 * x6
    middle = 0.214 + 0.00817 * x5 - 0.045195 * x1 - 0.0135168 * x1 + 0.03099 * x2 * x6 - 0.018 * x2 * x7
    middle = middle + 0.007176 * x3 + 0.023232 * x3 - 0.00364 * x5 * x6 - 0.018 * x2**2
    lower = 0.74 - 0.61 * x2 - 0.031296 * x3 - 0.031872 * x7 + 0.227 * x2**2
    first = 28.98 + 3.818 * x3 - 4.2 * x1 * x2 + 1.27296 * x6 - 2.68065 * x7
    second = 33.86 + 2.95 * x3 - 5.057 * x1 * x2 - 3.795 * x2 - 3.4431 * x7 + 1.45728
    third = 46.36 - 9.9 * x2 - 4.4505 * x1
    limits = broken(
        1 - abdomen,
        0.32 - upper,
        0.32 - middle,
        0.32 - lower,
        32 - first,
        32 - second,
        32 - third,
        4 - force,
        9.9 - pillar,
        15.7 - door,
    )
    return np.column_stack([weight, force, 0.5 * (pillar + door), limits])


RE = (
    FrontFunction("RE21", four_bar_truss, ((1, 3), (2**0.5, 3), (2**0.5, 3), (1, 3))),
    FrontFunction("RE31", two_bar_truss, ((1e-5, 100), (1e-5, 100), (1, 3))),
    FrontFunction("RE33", disc_brake, ((55, 80), (75, 110), (1000, 3000), (11, 20))),
    FrontFunction(
        "RE41",
        car_side_impact,
        ((0.5, 1.5), (0.45, 1.35), (0.5, 1.5), (0.5, 1.5), (0.875, 2.625), (0.4, 1.2), (0.4, 1.2)),
    ),
)
"""Problems of engineering."""


N_SUBSETS = 27


def omni_test(X: np.ndarray) -> np.ndarray:
    """OmniTest: sums of sines and of cosines, the same whenever a variable moves by 2."""
    return np.column_stack([np.sin(np.pi * X).sum(axis=1), np.cos(np.pi * X).sum(axis=1)])


def subsets(X: np.ndarray, tolerance: float = 0.05) -> np.ndarray:
    """Numbers of the equivalent subsets of OmniTest, d = 3, that rows ``X`` (n, 3) lie on, each once.

    A row lies on one when it is as near as ``tolerance``, in each variable, to a point of it.
    """
    parts, turns = np.floor(X / 2), X % 2  # on a subset all turns are equal, and between 1 and 1.5
    middle = np.clip((turns.max(axis=1) + turns.min(axis=1)) / 2, 1.0, 1.5)
    lies = (np.abs(turns - middle[:, None]) <= tolerance).all(axis=1)
    return np.unique(parts[lies].astype(int) @ [9, 3, 1])


def _omni_set(n: int) -> np.ndarray:
    corners = np.stack(np.meshgrid(*[[1.0, 3.0, 5.0]] * 3), axis=-1).reshape(-1, 1, 3)
    return (corners + np.linspace(0, 0.5, n)[None, :, None]).reshape(-1, 3)


OMNI = FrontFunction("OmniTest", omni_test, ((0, 6),) * 3, _omni_set)


def _mmf(
    name: str, value: Function, shifts: tuple[float, ...], low: float, high: float, curve: Function
) -> FrontFunction:
    """One of MMF1, 5, 6, 7: goals |x1 - 2| and a valley along a curve over x1 in [1, 3], repeated at shifts of x2."""

    def pareto_set(n: int) -> np.ndarray:
        x1 = np.linspace(1, 3, n)
        parts = [np.column_stack([x1, curve(np.abs(x1 - 2)) + shift]) for shift in shifts]
        X = np.concatenate(parts)
        return X[(X[:, 1] >= low) & (X[:, 1] <= high)]

    return FrontFunction(name, value, ((1, 3), (low, high)), pareto_set)


def _sine(t: np.ndarray) -> np.ndarray:
    return np.sin(6 * np.pi * t + np.pi)


def _winding(t: np.ndarray) -> np.ndarray:
    return (0.3 * t**2 * np.cos(24 * np.pi * t + 4 * np.pi) + 0.6 * t) * np.sin(6 * np.pi * t + np.pi)


def mmf1(X: np.ndarray) -> np.ndarray:
    """MMF1: two equivalent sets, a sine to the left of x1 = 2 and one to the right."""
    t = np.abs(X[:, 0] - 2)
    return np.column_stack([t, 1 - np.sqrt(t) + 2 * (X[:, 1] - _sine(t)) ** 2])


def _rippled(x1: np.ndarray, away: np.ndarray) -> np.ndarray:
    ripples = 4 * away**2 - 2 * np.cos(20 * away * np.pi / np.sqrt(2)) + 2
    return np.column_stack([x1, 1 - np.sqrt(x1) + 2 * ripples])


def mmf2(X: np.ndarray) -> np.ndarray:
    """MMF2: two equivalent sets among many local ones."""
    x1, x2 = X.T
    return _rippled(x1, np.where(x2 > 1, x2 - 1, x2) - np.sqrt(x1))


def mmf3(X: np.ndarray) -> np.ndarray:
    """MMF3: as MMF2, with sets that overlap in x2."""
    x1, x2 = X.T
    is_upper = (x2 >= 1) | ((x1 < 0.25) & (x2 > 0.5))
    return _rippled(x1, x2 - 0.5 * is_upper - np.sqrt(x1))


def mmf4(X: np.ndarray) -> np.ndarray:
    """MMF4: four equivalent sets, arcs to the left and right, below and above; the front is concave."""
    t, x2 = np.abs(X[:, 0]), X[:, 1]
    return np.column_stack([t, 1 - t**2 + 2 * (x2 - (x2 >= 1) - np.sin(np.pi * t)) ** 2])


def mmf5(X: np.ndarray) -> np.ndarray:
    """MMF5: four equivalent sets, sines to the left and right, below and above."""
    t, x2 = np.abs(X[:, 0] - 2), X[:, 1]
    return np.column_stack([t, 1 - np.sqrt(t) + 2 * (x2 - 2 * (x2 > 1) - _sine(t)) ** 2])


def mmf6(X: np.ndarray) -> np.ndarray:
    """MMF6: as MMF5, with sets that overlap in x2."""
    t, x2 = np.abs(X[:, 0] - 2), X[:, 1]
    is_upper = x2 > np.where(_sine(t) >= 0, 1.0, 0.0)
    return np.column_stack([t, 1 - np.sqrt(t) + 2 * (x2 - is_upper - _sine(t)) ** 2])


def mmf7(X: np.ndarray) -> np.ndarray:
    """MMF7: two equivalent sets along winding curves."""
    t = np.abs(X[:, 0] - 2)
    return np.column_stack([t, 1 - np.sqrt(t) + (X[:, 1] - _winding(t)) ** 2])


def mmf8(X: np.ndarray) -> np.ndarray:
    """MMF8: four equivalent sets, rising to the left and right, below and above; the front is concave."""
    t, x2 = np.abs(X[:, 0]), X[:, 1]
    away = x2 - 4 * (x2 > 4) - np.sin(t) - t
    return np.column_stack([np.sin(t), np.sqrt(np.maximum(1 - np.sin(t) ** 2, 0)) + 2 * away**2])


def _rooted_set(shift: float) -> Callable[[int], np.ndarray]:
    def pareto_set(n: int) -> np.ndarray:
        x1 = np.linspace(0, 1, n)
        return np.concatenate([np.column_stack([x1, np.sqrt(x1) + part]) for part in (0.0, shift)])

    return pareto_set


def _mmf4_set(n: int) -> np.ndarray:
    x1 = np.linspace(-1, 1, n)
    return np.concatenate([np.column_stack([x1, np.sin(np.pi * np.abs(x1)) + part]) for part in (0.0, 1.0)])


def _mmf8_set(n: int) -> np.ndarray:
    x1 = np.linspace(-np.pi, np.pi, n)
    return np.concatenate([np.column_stack([x1, np.sin(np.abs(x1)) + np.abs(x1) + part]) for part in (0.0, 4.0)])


MMF = (
    _mmf("MMF1", mmf1, (0.0,), -1, 1, _sine),
    FrontFunction("MMF2", mmf2, ((0, 1), (0, 2)), _rooted_set(1.0)),
    FrontFunction("MMF3", mmf3, ((0, 1), (0, 1.5)), _rooted_set(0.5)),
    FrontFunction("MMF4", mmf4, ((-1, 1), (0, 2)), _mmf4_set),
    _mmf("MMF5", mmf5, (0.0, 2.0), -1, 3, _sine),
    _mmf("MMF6", mmf6, (0.0, 1.0), -1, 2, _sine),
    _mmf("MMF7", mmf7, (0.0,), -1, 1, _winding),
    FrontFunction("MMF8", mmf8, ((-np.pi, np.pi), (0, 9)), _mmf8_set),
)
"""Problems whose settings come in equivalent sets."""
