"""How results hold when the truth is asked: gain, coverage and width of the intervals, harm and time.

Run with ``python -m benchmarks.truth``. Known functions stand in for plants: rows around six recipes of each are
measured with noise, a model is trained, calibrated and searched as the app does it, and the true function is asked
about the five results. Constructions are chosen with ``--half choosing`` and reported on with ``--half reporting``.

Gain is the true mean of the results above that of the five best recorded rows, as a share of what the true function
makes possible within the recorded ranges; intervals are those of 90 %. Every table prints one line of JSON when it is
done, the last line has all figures; ``--json FILE`` also writes these to a file. Ctrl-C ends the run and keeps what it
has. The full grid: ``--rows 40 150 600 --noise 0.05 0.15 --families`` with the names of all families.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from benchmarks.truth import PLANTS
from benchmarks.truth.asking import DEFAULT, FAMILIES, N_ROWS, Answer, Case, Table, answer_of
from benchmarks.truth.concrete import strongest_mixes
from benchmarks.truth.figures import print_figures, report_of
from benchmarks.truth.plant import NOISE, Half
from services.problems.defaults import DEFAULT_EXTRAPOLATION_LEVEL, ExtrapolationLevel

ALL = "all"
N_SEEDS = 3


def main() -> None:
    """Print a line for every table as it is done, what they come to, then one JSON line."""
    arguments = parse_arguments()
    report: dict[str, object] = {"benchmark": "truth", "half": arguments.half, "asked": n_tables(arguments)}
    report["extrapolation"] = arguments.extrapolation
    answers: list[Answer] = []
    try:
        for answer in ask(arguments):
            answers.append(answer)
            print(progress_line(answer, len(answers), n_tables(arguments)), flush=True)
        if arguments.concrete:
            words, report["strongest_mixes"] = strongest_mixes()
            print(words)
    except KeyboardInterrupt:
        print("Interrupted: the figures are those of the tables above.", file=sys.stderr)
    finally:
        print_figures(answers)
        line = json.dumps(report | {"done": len(answers)} | report_of(answers))
        if arguments.json:
            arguments.json.write_text(line + "\n", encoding="utf-8")
        print(line)


def parse_arguments() -> argparse.Namespace:
    """What the command line asks for; ``plants`` are those of the half."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description=__doc__)
    parser.add_argument("--half", choices=[*Half, ALL], default=ALL)
    parser.add_argument("--plants", nargs="+", choices=list(PLANTS), default=list(PLANTS), metavar="PLANT")
    parser.add_argument("--rows", nargs="+", type=int, default=[N_ROWS])
    parser.add_argument("--noise", nargs="+", type=float, default=[NOISE], help="shares of the standard deviation")
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=[DEFAULT], metavar="FAMILY")
    levels = list(ExtrapolationLevel)
    parser.add_argument("--extrapolation", choices=levels, type=ExtrapolationLevel, default=DEFAULT_EXTRAPOLATION_LEVEL)
    parser.add_argument("--concrete", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    arguments.plants = [name for name in arguments.plants if arguments.half in (ALL, PLANTS[name].half)]
    return arguments


def n_tables(arguments: argparse.Namespace) -> int:
    """How many tables are asked about, each counted once for every family."""
    each = (arguments.plants, arguments.rows, arguments.noise, arguments.families)
    return arguments.seeds * math.prod(len(given) for given in each)


def ask(arguments: argparse.Namespace) -> Iterator[Answer]:
    """The answers one after the other; the families of one table follow each other."""
    for rows, noise, seed, name in product(arguments.rows, arguments.noise, range(arguments.seeds), arguments.plants):
        table = Table.of(PLANTS[name], seed, rows, noise)
        for family in arguments.families:
            yield answer_of(Case(name, rows, noise, seed, family), table, arguments.extrapolation)


def progress_line(answer: Answer, done: int, asked: int) -> str:
    """One line of JSON about a table that is done, and where the run stands."""
    return json.dumps(
        {"done": done, "asked": asked}
        | answer.case._asdict()
        | {
            "gain": round(answer.gain, 3),
            "results": len(answer.truth),
            "covered": int(answer.covered.sum()),
            "harmful": int(answer.is_harmful.sum()),
            "seconds": None if answer.refusal else round(answer.seconds, 1),
        }
        | ({"refusal": answer.refusal} if answer.refusal else {})
    )


if __name__ == "__main__":
    main()
