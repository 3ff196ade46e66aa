"""Linear relations among recorded numbers: parts that sum to 100, columns that copy another, totals, weighted sums.

Columns are compared in units of their own rounding, where a relation is a direction in which the rows vary by rounding
alone: a small singular value. Columns are taken away while such a direction is left, until all that remain are needed
(a circuit, in the words of matroids); its weights are rounded to whole or short numbers, and every row is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIN_ROWS = 8
"""With fewer rows, chance makes relations."""

MAX_COLUMNS = 60
"""Of more columns, single equations tell nobody anything, and take long to find; copies are found among all."""

LARGEST = 1e100
"""Columns with a larger number are in no relation: its square is out of range."""

_ASKED = 1_000  # rows that tell which columns may nearly add up; then all are asked
_MOST_SUMMED = 200  # columns: the time for near sums grows with their square
_SPARE_ROWS = 5  # more than a relation has columns
_EXACT = 1e-9  # of the numbers that are added up
_MAX_DECIMALS = 9
_ROUNDING = 0.6  # twice the standard deviation of rounding, in its unit
_LEAST_LEVELS = 3.0  # a standard deviation is at least so many units: counts and levels are not rounded numbers
_LEAST_UNITS = 5.0  # a standard deviation is at least so many, where rounding is to explain what is left over
_MOST_ROUNDING = 1.4  # times the standard deviation that rounding makes
_ROWS_OF_LEVELS = 20
_LEAST_VALUES = 5  # different ones of a part that was weighed: of levels, some subset always has a steady sum
_ABOUT = 1.2  # times the smallest residuals
_SHARE = 0.05  # of the spread that the columns would have if they were independent, at most
_NEAR_SHARE = 0.1
_NEAR_SPREAD = 0.025  # of the usual sum, for sums that nearly stay the same
_NEAR_EVERY_ROW = 0.02  # of it, unless nearly all rows agree
_NEAR_ROWS = 0.9
_FIRM = 0.01  # of a power of ten: shares that were rounded or weighed
_LARGEST_WHOLE = 12
_DIGITS = range(1, 6)
_MOST_WEIGHED = 5  # columns with weights that are not whole: of more, any collinear table has some


@dataclass(frozen=True, slots=True)
class Relation:
    """An equation that recorded rows meet: the weighted sum of some features is one value.

    Attributes:
        names: of the features, in the table's order.
        weights: of each; whole numbers where they can be.
        value: what they add up to, the roundest number that the rows allow.
        tolerance: how far the rounding of the columns can take a row from it.
        n_met: recorded rows that meet it, to the tolerance.
        n_rows: recorded rows.
        low: smallest recorded sum.
        high: largest recorded sum.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...]
    value: float
    tolerance: float
    n_met: int
    n_rows: int
    low: float
    high: float

    @property
    def is_exact(self) -> bool:
        """Whether every recorded row meets it."""
        return self.n_met == self.n_rows

    @property
    def is_sum(self) -> bool:
        """Whether the features simply add up: parts of a whole."""
        return all(weight == 1 for weight in self.weights)

    @property
    def is_copy(self) -> bool:
        """Whether one of two features is the other, or the same in another unit."""
        return len(self.names) == 2 and self.weights[0] * self.weights[1] < 0

    @property
    def is_firm(self) -> bool:
        """Whether it has to hold: exact in all rows, or shares of 1, 100 or 1,000 that were rounded or weighed."""
        is_whole = self.is_sum and self.value > 0 and np.isclose(np.log10(self.value) % 1, 0, atol=1e-9)
        near = max(abs(self.low - self.value), abs(self.high - self.value)) <= _FIRM * abs(self.value) * (1 + _EXACT)
        return self.is_exact or bool(is_whole and near)

    @property
    def words(self) -> str:
        """The equation, such as "solid + liquid = 120" or "temp in F = 1.8 temp + 32"."""
        weights, value = np.array(self.weights), self.value
        if self.is_copy:  # the one by the other that takes fewer digits, the later one by the earlier where both do
            by = min((1, 0), key=lambda j: len(f"{weights[1 - j] / weights[j]:.7g}{value / weights[j] + 0.0:.7g}"))
            weights, value = weights / weights[by], value / self.weights[by]
        left = [_term(w, name) for w, name in zip(weights, self.names, strict=True) if w > 0]
        right = [_term(-w, name) for w, name in zip(weights, self.names, strict=True) if w < 0]
        if len(right) == 1 < len(left) and value == 0:
            left, right = right, left
        end = [_number(abs(value))] if value or not right else []
        sign = " - " if value < 0 and right else " + "
        return f"{' + '.join(left)} = {sign.join([' + '.join(right), *end]) if right else '-' * (value < 0) + end[0]}"

    @property
    def sentence(self) -> str:
        """The equation, and in how many rows it holds."""
        if self.is_exact:
            return f"{self.words} in all {self.n_rows:,} rows"
        if self.is_sum and self.n_met < _NEAR_ROWS * self.n_rows:
            return f"{self.words}, nearly: {_number(self.low)} to {_number(self.high)} in {self.n_rows:,} rows"
        return f"{self.words} in {self.n_met:,} of {self.n_rows:,} rows"


def _term(weight: float, name: str) -> str:
    return name if weight == 1 else f"{_number(weight)} {name}"


def _number(value: float) -> str:
    return f"{value:,.7g}"


def rounding_units(X: np.ndarray) -> np.ndarray:
    """What the values of each column (n, d) are multiples of: 1, 0.1, 0.01 ..., 0 for none of these, (d,)."""
    units = np.zeros(X.shape[1])
    for j, values in enumerate(X.T):
        size = max(float(np.abs(values).max(initial=0.0)), 1e-300)
        for decimals in range(_MAX_DECIMALS + 1):
            if np.abs(values - np.round(values, decimals)).max(initial=0.0) <= 1e-12 * size:
                units[j] = 10.0**-decimals
                break
    return units


def find_relations(X: np.ndarray, names: Sequence[str]) -> tuple[Relation, ...]:
    """The linear relations among columns ``X`` (n, d), copies first, then sums and the rest.

    A relation is exact where every row meets it to the rounding of its columns; near ones are sums that vary little, or
    that nearly all rows meet. Other equations that a slip breaks are not found.
    """
    if len(X):
        varies = np.flatnonzero(np.abs(X).max(axis=0) <= LARGEST)
        varies = varies[(np.ptp(X[:, varies], axis=0) > 0) & (X[:, varies].std(axis=0) > 0)]  # 1e-200 squared is 0
    else:
        varies = np.empty(0, dtype=int)
    if len(X) < MIN_ROWS or len(varies) < 2:
        return ()
    table = _Columns.of(X[:, varies], [names[j] for j in varies.tolist()])
    found, left = table.copies()
    if len(left) <= MAX_COLUMNS and len(X) >= len(left) + _SPARE_ROWS:
        equations, left = table.equations(left)
        found += equations
    found += table.near_sums(left[:_MOST_SUMMED])
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Columns:
    """Columns that vary, and the units in which they are compared.

    Attributes:
        X: (n, d) recorded values.
        units: (d,) of their rounding, for tolerances.
        R: (d, d) triangle whose columns have the lengths and angles of the centred columns in units of rounding.
    """

    X: np.ndarray
    names: Sequence[str]
    units: np.ndarray
    scale: np.ndarray
    R: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray, names: Sequence[str]) -> "_Columns":
        units, stds = rounding_units(X), X.std(axis=0)
        scale = np.clip(units, 1e-9 * stds, stds / _LEAST_LEVELS)
        return cls(X, names, units, scale, np.asarray(np.linalg.qr((X - X.mean(axis=0)) / scale, mode="r")))

    @property
    def _most(self) -> float:
        """The length of a direction in which rows vary by rounding alone."""
        return _ROUNDING * float(np.sqrt(len(self.X)))

    def copies(self) -> tuple[list[Relation], list[int]]:
        """Columns that follow another one upwards, and the columns left without them."""
        stds = self.X.std(axis=0)
        correlations = np.corrcoef(self.X.T)
        found: list[Relation] = []
        left: list[int] = []
        for j in range(len(stds)):
            for i in left:
                if len(self.X) < _ROWS_OF_LEVELS and len(np.unique(self.X[:, [i, j]], axis=0)) < 3:
                    continue  # two levels are soon equal by chance
                if not (correlations[i, j] > 1 - _SHARE**2 and self._is_line(i, j)):
                    continue
                if (relation := self._relation([i, j])) is not None:
                    found.append(relation)
                    break
            else:
                left.append(j)
        return found, left

    def _is_line(self, i: int, j: int) -> bool:
        """Whether a straight line tells one column by another about as exactly as they were rounded."""
        a, b = self.X[:, i], self.X[:, j]
        slope = float(np.cov(a, b, bias=True)[0, 1] / a.var())
        off = np.abs(b - b.mean() - slope * (a - a.mean())).max()
        size = np.abs(b).max() + abs(slope) * np.abs(a).max()
        return bool(off <= abs(slope) * self.units[i] + self.units[j] + _EXACT * size)

    def equations(self, left: list[int]) -> tuple[list[Relation], list[int]]:
        """Relations of which none contains another, and the columns left, of which none is in a relation."""
        found: list[Relation] = []
        tried, used = list(left), set[int]()
        while len(tried) > 1 and self._is_related(tried):
            circuit = self._circuit(tried)
            relation = self._relation(circuit)
            if relation is None:
                break
            found.append(relation)
            used |= set(circuit)
            # without one of its columns the relation is gone, and others that share the rest are not
            tried.remove(circuit[-1])
        return found, [j for j in left if j not in used]

    def _is_related(self, columns: Sequence[int]) -> bool:
        return np.linalg.svd(self.R[:, columns], compute_uv=False)[-1] <= self._most

    def _circuit(self, columns: Sequence[int]) -> list[int]:
        """The smallest set found of columns that are related while no fewer of them are."""
        orders = (columns, columns[::-1])
        circuits = []
        for order in orders:
            kept = list(columns)
            for j in order:
                without = [i for i in kept if i != j]
                if len(without) > 1 and self._is_related(without):
                    kept = without
            circuits.append(kept)
        return min(circuits, key=len)

    def _relation(self, columns: list[int]) -> Relation | None:
        """The equation of columns that seem related, None where rows do not meet it or chance explains it.

        Whole weights with which every row meets it come first; of others, the shortest whose residuals are about the
        smallest.
        """
        if len(self.X) < len(columns) + _SPARE_ROWS:
            return None
        direction = np.linalg.svd(self.R[:, columns], full_matrices=False)[2][-1] / self.scale[columns]
        X, found = self.X[:, columns], list[tuple[float, Relation]]()
        for weights in _rounded(direction * X.std(axis=0), direction):
            relation = self._asked(columns, weights)
            if relation is not None and relation.is_exact:
                if (weights == np.round(weights)).all():
                    return relation
                independent = float(np.sqrt(np.square(weights) @ X.var(axis=0)))
                found.append((float((X @ weights).std()) / independent, relation))
        if not found:
            return None
        least = min(share for share, _ in found)
        return next(relation for share, relation in found if share <= _ABOUT * least + _EXACT)

    def _asked(self, columns: list[int], weights: np.ndarray) -> Relation | None:
        """The equation with these weights, None where the columns do not make up for each other."""
        X = self.X[:, columns]
        sums = X @ weights
        size = np.abs(X) @ np.abs(weights)
        tolerance = float(np.abs(weights) @ self.units[columns]) / 2
        slack = tolerance * (1 + 1e-6) + _EXACT * float(size.max())
        independent = float(np.sqrt(np.square(weights) @ X.var(axis=0)))
        if sums.std() > _SHARE * independent or not self._is_rounding(columns, weights, sums):
            return None
        value = _value(sums, slack)
        n_met = int((np.abs(sums - value) <= slack).sum())
        if np.ptp(sums) <= 2 * _EXACT * size.max():
            tolerance = 0.0
        names = tuple(self.names[j] for j in columns)
        low, high = float(sums.min()), float(sums.max())
        return Relation(names, tuple(map(float, weights)), value, tolerance, n_met, len(X), low, high)

    def _is_rounding(self, columns: list[int], weights: np.ndarray, sums: np.ndarray) -> bool:
        """Whether sums (n,) vary by no more than the rounding of columns that were rounded, not counted, makes them."""
        spread, X = float(sums.std()), self.X[:, columns]
        if spread <= _EXACT * float((np.abs(X) @ np.abs(weights)).max()):
            return True
        units = self.units[columns]
        is_measured = (X.std(axis=0) >= _LEAST_UNITS * units).all() and len(X) >= 2 * len(columns) + _SPARE_ROWS
        return bool(is_measured) and spread <= _MOST_ROUNDING * float(np.linalg.norm(weights * units)) / np.sqrt(12)

    def near_sums(self, left: list[int]) -> list[Relation]:
        """Sums of columns, none negative, that nearly stay the same although each column varies.

        Spreads are between quantiles, so that a slip in a few rows hides nothing.
        """
        chosen = [j for j in left if (self.X[:, j] >= 0).all() and len(np.unique(self.X[:, j])) >= _LEAST_VALUES]
        if len(self.X) < len(chosen):
            return []
        asked = self.X[:: max(len(self.X) // _ASKED, 1)]
        while len(chosen) >= 2:
            X = asked[:, chosen]
            total = X.sum(axis=1)
            middle, spread = float(np.median(total)), float(_spread(total))
            independent = float(np.sqrt(np.square(_spread(X)).sum()))
            without = _spread(total[:, None] - X)
            if spread <= _NEAR_SPREAD * middle and spread <= _NEAR_SHARE * independent and (without > spread).all():
                tolerance = float(self.units[chosen].sum()) / 2
                total = self.X[:, chosen].sum(axis=1)
                value = _value(total, max(spread / 2, tolerance))
                off = np.abs(total - value)
                n_met = int((off <= tolerance + _EXACT * middle).sum())
                if off.max() > _NEAR_EVERY_ROW * middle and n_met < _NEAR_ROWS * len(self.X):
                    return []
                names = tuple(self.names[j] for j in chosen)
                ends = float(total.min()), float(total.max())
                others = [j for j in left if j not in chosen]
                found = Relation(names, (1.0,) * len(names), value, tolerance, n_met, len(self.X), *ends)
                return [found, *self.near_sums(others)]
            chosen.pop(int(without.argmin()))
        return []


def _spread(values: np.ndarray) -> np.ndarray:
    """What four fifths of the values lie within, of each column."""
    low, high = np.quantile(values, [0.1, 0.9], axis=0)
    return np.asarray(high - low)


def _rounded(contributions: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    """Weights as whole numbers, then with ever more digits, the largest contribution's positive."""
    weights = weights * np.sign(weights[np.abs(contributions).argmax()])
    if (weights < 0).all():
        weights = -weights
    tries = []
    for unit in np.unique(np.abs(weights)):
        whole = np.rint(weights / unit)
        if np.abs(whole).max() <= _LARGEST_WHOLE and np.abs(whole).min() >= 1:
            tries.append(whole)
    tries.sort(key=lambda whole: float(np.abs(whole).sum()))
    if len(weights) <= _MOST_WEIGHED:
        for digits in _DIGITS:
            for one in (-1, 0):  # by the last column, as copies are told, and by the first
                scaled = [float(f"{w:.{digits}g}") for w in weights / weights[one]]
                tries.append(np.array(scaled))
    return tries


def _value(sums: np.ndarray, slack: float) -> float:
    """The roundest number that all sums (n,) allow, each to the slack; near their median where none does."""
    size, mean = float(np.abs(sums).max()), float(np.median(sums))
    if np.ptp(sums) <= _EXACT * size:
        return float(f"{mean:.10g}") + 0.0
    least, most = float(sums.max()) - slack, float(sums.min()) + slack
    if least > most:  # not all rows agree: the roundest near most of them
        least, most = mean - slack, mean + slack
    if least <= 0 <= most:
        return 0.0
    for decimals in range(-12, 13):
        value = round(mean, decimals)
        if least <= value <= most:
            return float(value)
    return mean
