"""Python functions as predictors: any that somebody brings, and known ones for learning and tests."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.networks.predictor import as_rows


@dataclass(frozen=True, slots=True)
class CallablePredictor:
    """A function of rows in the place of a model.

    Attributes:
        function: maps (n, d) float64 rows, categories as codes, to (n,) or (n, 1) outcomes in their unit.
    """

    feature_names: tuple[str, ...]
    function: Callable[[np.ndarray], np.ndarray]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Outcomes (n,) float64 that the function gives for rows (n, d).

        Raises:
            ValueError: X has another number of columns than there are features, or the function gives anything but one
                number per row.
        """
        rows = as_rows(X, len(self.feature_names))
        given = np.asarray(self.function(rows.copy()), dtype=float)
        if given.shape not in ((len(rows),), (len(rows), 1)):
            raise ValueError(
                f"The function has to give one number per row, shape ({len(rows)},); it gave {given.shape} for rows of "
                f"shape {rows.shape}."
            )
        return given.reshape(-1)


@dataclass(frozen=True, slots=True)
class KnownFunction:
    """A function of rows (n, d) and its derivatives (n, d), each input from low to high, in the place of a model."""

    feature_names: tuple[str, ...]
    low: float
    high: float
    evaluate: Callable[[np.ndarray], np.ndarray]
    gradient: Callable[[np.ndarray], np.ndarray]

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Values (n,) float64 of rows (n, d); a missing value gives NaN.

        Raises:
            ValueError: X has another number of columns than the function has inputs.
        """
        return self.predict_with_gradient(X)[0]

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values (n,) of `predict` and their gradients (n, d); errors as there."""
        rows = as_rows(X, len(self.feature_names))
        with np.errstate(all="ignore"):
            return self.evaluate(rows), self.gradient(rows)


def bumps(x: np.ndarray) -> np.ndarray:
    """A smooth curve over [0, 10] with five peaks and five valleys of different height, like x in shape.

    10 + 4 sin(3 x) + 3 sin(0.7 x - 0.4) + 1.5 cos(1.9 x): the highest peak is 17.48 at x = 2.70 (the next 14.72 at
    0.52), the deepest valley 2.14 at 7.88 (the next 4.50 at 5.73).
    """
    return 10 + 4 * np.sin(3 * x) + 3 * np.sin(0.7 * x - 0.4) + 1.5 * np.cos(1.9 * x)


def _bumps_slope(x: np.ndarray) -> np.ndarray:
    return 12 * np.cos(3 * x) + 2.1 * np.cos(0.7 * x - 0.4) - 2.85 * np.sin(1.9 * x)


FUNCTIONS: dict[str, KnownFunction] = {
    "bumps": KnownFunction(
        feature_names=("x",), low=0.0, high=10.0, evaluate=lambda X: bumps(X[:, 0]), gradient=_bumps_slope
    )
}
"""Every known function by name."""

CATALYSTS = ("Ni", "Pd", "Pt")
"""The categories of the reactor's last input, in the order of their codes."""

_AT_100 = np.array([[0.30, 0.02], [1.0, 0.09], [0.55, 0.03]])  # rates of A to B and B to C, per hour, by catalyst
_ACTIVATION = np.array([[8_000.0, 9_500], [5_500, 9_000], [6_500, 11_000]])  # in kelvin, as E / R
_DIMER_AT_100, _DIMER_ACTIVATION = 0.02, 7_000.0


def reactor(X: np.ndarray) -> np.ndarray:
    """True yield [%], impurity [%] and energy [kWh/kg], (n, 3), of a made-up batch reactor at settings (n, 5).

    A reacts to the product B, and B further to the impurities: C, and dimers in concentrated batches (two reactions of
    first order in a row). Heating and holding take energy, which the product shares. Higher temperature and more time
    mean more yield, then more impurity; each catalyst has its own best recipe, and none is best in all three.

    Args:
        X: temperature [°C], time [h], concentration [mol/L], catalyst amount [%] and the code of one of `CATALYSTS`.
    """
    temperature, time, concentration, amount, catalyst = np.asarray(X, dtype=float).T
    colder = 1 / 373.15 - 1 / (temperature + 273.15)  # Arrhenius, from 100 °C
    code = catalyst.astype(int)
    by_catalyst = _AT_100[code] * np.exp(_ACTIVATION[code] * colder[:, None]) * (amount**0.8)[:, None]
    to_product = by_catalyst[:, 0]
    further = by_catalyst[:, 1] + _DIMER_AT_100 * concentration * np.exp(_DIMER_ACTIVATION * colder)
    left = np.exp(-to_product * time)
    z = (to_product - further) * time
    made = to_product * time * left * np.where(z == 0, 1.0, np.expm1(z) / np.where(z == 0, 1.0, z))
    energy = (temperature - 20) * (1.16 + 0.35 * time) / 1_000 + 0.01  # kWh per litre: heating, holding, pumping
    return np.column_stack(
        [100 * made, 100 * (1 - made - left), energy / (0.12 * concentration * np.maximum(made, 0.05))]
    )
