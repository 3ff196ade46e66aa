"""How results hold when the truth is asked: gain, coverage and errors, for every position of the dial.

Run with ``python -m benchmarks.truth``; ``--plants``, ``--seeds`` and ``--ways`` run a part of it, ``--no-concrete``
leaves the concrete mixes out. The last line is JSON; ``--json FILE`` also writes it to a file.

For every known function and seed, 600 rows around six recipes are measured with 5 % noise, a model is trained and
searched as the app does it, and the true function is asked about the results. Gain is the true mean of the five results
above that of the five best recorded rows, as a share of what the true function makes possible within the recorded
ranges. Coverage is the share of results whose true outcome lies in the stated 90 % interval.
"""

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.timing import print_table
from benchmarks.truth import PLANTS
from benchmarks.truth.asking import DEFAULT_WAY, WAYS, Answer, Table, answers, strongest_mixes
from models import TrainedModel
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training

N_SEEDS = 3
ByPlant = Mapping[str, Sequence[Answer]]
"""The answers of every seed, by plant."""


def main() -> None:
    """Print a table for every way of searching, then one JSON line."""
    arguments = parse_arguments()
    found: dict[str, dict[str, list[Answer]]] = defaultdict(lambda: defaultdict(list))
    for name in arguments.plants:
        for seed in range(arguments.seeds):
            table = Table.of(PLANTS[name], seed)
            model = trained(table, seed)
            with threadpool_limits(limits=1):
                for way, answer in answers(table, model, seed, arguments.ways).items():
                    found[way][name].append(answer)
            print(f"{name}, seed {seed}: R2 {model.card.metrics.r2:.3f}", flush=True)
    for way, by_plant in found.items():
        print_way(way, by_plant)
    report: dict[str, object] = {"benchmark": "truth", "ways": {way: figures(each) for way, each in found.items()}}
    if DEFAULT_WAY in found:
        report |= figures(found[DEFAULT_WAY])
    if arguments.concrete:
        words, report["strongest_mixes"] = strongest_mixes()
        print(words)
    line = json.dumps(report)
    if arguments.json:
        arguments.json.write_text(line + "\n", encoding="utf-8")
    print(line)


def parse_arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description=__doc__)
    parser.add_argument("--plants", nargs="+", choices=list(PLANTS), default=list(PLANTS))
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    parser.add_argument("--concrete", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def trained(table: Table, seed: int) -> TrainedModel:
    """The model that the app trains on a table by default, with its intervals."""
    dataset = table.dataset
    return run_training(TrainingSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest), seed=seed), dataset)


def summary(given: Sequence[Answer]) -> dict[str, float]:
    """Median gain, coverage and root mean squared error of some answers, and how many results are harmful."""
    covered, errors = (np.concatenate([getattr(each, key) for each in given]) for key in ("covered", "errors"))
    return {
        "gain": statistics.median(each.gain for each in given),
        "coverage": float(covered.mean()),
        "error_sd": float(np.sqrt(np.mean(errors**2))),
        "harmful": sum(each.n_harmful for each in given),
        "results": len(covered),
    }


def every_answer(by_plant: ByPlant) -> list[Answer]:
    """The answers of all plants."""
    return [answer for given in by_plant.values() for answer in given]


def figures(by_plant: ByPlant) -> dict[str, object]:
    """Gain, coverage and error of one way, each overall and by function."""
    overall, per_plant = summary(every_answer(by_plant)), {name: summary(given) for name, given in by_plant.items()}
    return {
        key: {"overall": round(overall[key], 3), **{name: round(each[key], 3) for name, each in per_plant.items()}}
        for key in ("gain", "coverage", "error_sd")
    } | {key: overall[key] for key in ("harmful", "results")}


def print_way(way: str, by_plant: ByPlant) -> None:
    """Print what one way of searching came to."""
    rows = []
    for name, given in (*by_plant.items(), ("overall", every_answer(by_plant))):
        found = summary(given)
        rows.append(
            (
                name,
                "" if name == "overall" else " ".join(f"{answer.gain:.2f}" for answer in given),
                f"{found['gain']:.2f}",
                f"{100 * found['coverage']:.0f} %",
                f"{found['error_sd']:.2f}",
                f"{found['harmful']} of {found['results']}",
            )
        )
    head = ("", "gain by seed", "median", "coverage", "error [std. dev.]", "below median row")
    print_table(WAYS[way][0], head, rows)


if __name__ == "__main__":
    main()
