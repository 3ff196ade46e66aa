"""How well Automatic chooses: what the family that it takes loses against the best one, and what the choice costs.

Run with ``python -m benchmarks.families``. Each table is drawn at several sizes: known functions at random settings
within their ranges, measured with noise, and the concrete table as it is. Every family that is compared is trained on
it, and so is Automatic; R2 is that of fresh rows of the same distribution, where the truth is known without noise, or
of the concrete rows that were not drawn.

The regret of a table and a size is the mean R2 of the family that is best there, less the mean R2 of what Automatic
took, both over the seeds; R2 below 0, which is worse than the mean of the rows, counts as 0. The last line is JSON:
``regret`` is the worst over tables and sizes, ``regret_by_table`` the worst over the sizes of each, ``seconds_200``
the median seconds of an automatic training of 200 rows, sklearn imported. Networks are left out as Automatic leaves
them out of tables so small.
"""

import argparse
import json
import statistics
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from benchmarks.timing import print_table, seconds
from benchmarks.truth import PLANTS
from models import AutomaticSettings, Column, Dataset, TrainedModel, score, train, train_automatically
from models.cards.settings import SETTINGS
from models.training.automatic import families_left_out
from services.catalog.loading import Catalog
from services.catalog.settings import Settings

CONCRETE = "concrete"
TABLES = (CONCRETE, "borehole", "otl", "piston", "wing")
SIZES = (20, 50, 100, 200, 400)
NOISE = 0.05  # of measuring, as a share of the outcome's standard deviation
N_SEEDS = 3
N_FRESH = 2_000
TIMED = 200


class Drawn(NamedTuple):
    """A table, and fresh rows (m, d) with their true outcomes (m,)."""

    dataset: Dataset
    X: np.ndarray
    truth: np.ndarray

    def r2(self, model: TrainedModel) -> float:
        """R2 of a model at the fresh rows, at least 0."""
        return max(0.0, score(self.truth, model.predictor.predict(self.X)).r2)


class Outcome(NamedTuple):
    """What became of one table.

    Attributes:
        r2: of each family, by its name.
        taken: the family that Automatic took, and its R2 and seconds.
    """

    table: str
    size: int
    r2: dict[str, float]
    taken: str
    taken_r2: float
    seconds: float


def main() -> None:
    """Print a line for every size of every table, then one JSON line."""
    arguments = parse_arguments()
    train_automatically(drawn(arguments.tables[0], SIZES[0], 0).dataset)  # imports are not part of the seconds
    outcomes = list(ask(arguments))
    lines, regrets = [], dict[tuple[str, int], float]()
    for table, size in product(arguments.tables, arguments.sizes):
        own = [each for each in outcomes if (each.table, each.size) == (table, size)]
        means = {name: statistics.fmean(each.r2[name] for each in own) for name in own[0].r2}
        taken = statistics.fmean(each.taken_r2 for each in own)
        regrets[table, size] = max(0.0, max(means.values()) - taken)
        families = ", ".join(sorted({each.taken for each in own}))
        took = statistics.median(each.seconds for each in own)
        cells = [
            *(f"{means[name]:.3f}" for name in means),
            f"{taken:.3f}",
            f"{regrets[table, size]:.3f}",
            f"{took:.1f}",
        ]
        lines.append([f"{table}, {size} rows", *cells, families])
    head = ["table", *outcomes[0].r2, "automatic", "regret", "seconds", "taken"]
    print_table("R2 of fresh rows, mean over seeds", head, lines)
    timed = [each.seconds for each in outcomes if each.size == TIMED]
    print(
        json.dumps(
            {
                "benchmark": "families",
                "seeds": arguments.seeds,
                "regret": round(max(regrets.values()), 4),
                "regret_by_table": {
                    table: round(max(regrets[table, size] for size in arguments.sizes), 4) for table in arguments.tables
                },
                "seconds_200": round(statistics.median(timed), 2) if timed else None,
            }
        )
    )


def parse_arguments() -> argparse.Namespace:
    """Which tables, sizes and seeds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.families", description=__doc__)
    parser.add_argument("--tables", nargs="+", choices=[CONCRETE, *PLANTS], default=list(TABLES), metavar="TABLE")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    return parser.parse_args()


def ask(arguments: argparse.Namespace) -> Iterator[Outcome]:
    """What becomes of each table, one after the other."""
    for table, size, seed in product(arguments.tables, arguments.sizes, range(arguments.seeds)):
        yield outcome_of(table, size, seed)


def outcome_of(table: str, size: int, seed: int) -> Outcome:
    """Every family, and Automatic, on one table."""
    given = drawn(table, size, seed)
    left_out = families_left_out(given.dataset)
    families = [family for family in SETTINGS if family not in left_out]
    r2 = {family.value: given.r2(train(given.dataset, SETTINGS[family](seed=seed))) for family in families}
    found: list[TrainedModel] = []
    took = seconds(lambda: found.append(train_automatically(given.dataset, AutomaticSettings(seed=seed))))
    return Outcome(table, size, r2, found[0].card.family.value, given.r2(found[0]), took)


def drawn(table: str, size: int, seed: int) -> Drawn:
    """So many rows of a table, measured with noise, and fresh ones."""
    rng = np.random.default_rng([seed, size])
    if table == CONCRETE:
        dataset = Catalog.of(Settings.from_environment()).datasets.load(CONCRETE)
        order = rng.permutation(dataset.n_rows)
        fresh = order[size:]
        return Drawn(dataset.taken(order[:size]), dataset.X[fresh], dataset.y[fresh])
    plant = PLANTS[table]
    X, fresh_X = (rng.uniform(plant.low, plant.high, (n, len(plant.low))) for n in (size, N_FRESH))
    truth = plant.truth(X)
    y = truth + NOISE * truth.std() * rng.standard_normal(size)
    return Drawn(Dataset(table, plant.columns, Column("outcome"), X, y), fresh_X, plant.truth(fresh_X))


if __name__ == "__main__":
    main()
