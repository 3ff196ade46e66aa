"""A price table: what each feature costs and emits, and the two formulas that follow from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.data.dataset import Column
from models.errors import FormulaError
from models.formulas.formula import number_text, quoted
from models.formulas.names import clipped, nearest
from models.formulas.outcomes import FormulaOutcome

CO2 = "kg CO₂"
"""The unit of what is emitted."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of a feature costs and emits: of "kg/m³" one kg, of "%" the whole.

    Attributes:
        cost: in the currency of the table; below 0 for what is paid for taking it; None if not known.
        co2: in kg of CO2 or of what warms as much; None if not known.
    """

    cost: float | None = None
    co2: float | None = None


@dataclass(frozen=True)
class PriceTable:
    """Prices and emissions by the name of a feature; features that are not there cost and emit nothing.

    Attributes:
        currency: as it stands before or behind amounts, such as "€".
        whole: what the prices of shares in % are for.

    Raises:
        FormulaError: a number is not finite.
    """

    prices: Mapping[str, Price]
    currency: str = "€"
    whole: str = "kg"

    def __post_init__(self) -> None:
        for name, price in self.prices.items():
            for value in (price.cost, price.co2):
                if value is not None and not np.isfinite(value):
                    raise FormulaError(f"Expected a price or an amount of CO2 for '{clipped(name)}', got {value}.")

    def cost(self, features: Sequence[Column], name: str = "cost") -> FormulaOutcome:
        """What a candidate costs: the sum of its features by their prices, such as in €/m³.

        Raises:
            FormulaError: the table has no price, or one for what is no feature or a feature of categories.
        """
        weights = {feature: price.cost for feature, price in self.prices.items() if price.cost}
        return self._sum(name, weights, features, self.currency)

    def co2(self, features: Sequence[Column], name: str = "CO2") -> FormulaOutcome:
        """What a candidate emits, such as in kg CO₂/m³; otherwise as `cost`."""
        weights = {feature: price.co2 for feature, price in self.prices.items() if price.co2}
        return self._sum(name, weights, features, CO2)

    def _sum(self, name: str, weights: Mapping[str, float], features: Sequence[Column], amount: str) -> FormulaOutcome:
        if not weights:
            raise FormulaError(f"{clipped(name)}: every feature has 0 or nothing: give at least one number.")
        columns = {column.name: column for column in features}
        for feature in weights:
            if feature not in columns:
                near = nearest(feature, columns)
                there = f"did you mean {near[0]}?" if near else f"there are {clipped(', '.join(columns))}."
                raise FormulaError(f"{clipped(name)}: there is no feature '{clipped(feature)}'; {there}")
            if columns[feature].is_categorical:
                raise FormulaError(
                    f"{clipped(name)}: '{clipped(feature)}' holds categories, which have no amount: leave its price "
                    "empty, or write the formula yourself."
                )
        shown = [column.unit for column in features if column.name in weights]
        is_share = all("%" in unit for unit in shown)
        # of "kg/m³" the amount is per kg, so that what is left is per m³
        per = {self.whole} if is_share else {unit.partition("/")[2] for unit in shown}
        unit = f"{amount}/{per.pop()}".rstrip("/") if len(per) == 1 and all(shown) else ""
        text = weighted_sum({column.name: weights[column.name] for column in features if column.name in weights})
        return FormulaOutcome.of(name, f"({text}) / 100" if is_share else text, unit)


def weighted_sum(weights: Mapping[str, float]) -> str:
    """The text of a formula that sums columns by their weights, none of them 0: "0.1 * cement - 0.02 * [fly ash]"."""
    terms = [f"{'- ' if w < 0 else '+ '}{number_text(abs(w))} * {quoted(name)}" for name, w in weights.items()]
    return " ".join(terms).removeprefix("+ ")
