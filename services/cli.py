"""The command line: ``python -m services.cli run SPEC.json --out DIR`` and ``python -m services.cli train TABLE``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from services.errors import USER_ERRORS
from services.material import Shelves
from services.runspec import DatasetRef, RunSpec
from services.settings import Settings
from services.training import TrainingSpec, run_training


def run_command(spec_path: Path, out: Path, shelves: Shelves) -> None:
    """Run a specification; write ``results.csv``, ``trace.npz`` and ``result.json`` to ``out``."""
    from services.exports import to_csv
    from services.runs.traces import TracePiece
    from services.search import run_spec
    from services.sheets import results_frame

    spec = RunSpec.model_validate_json(spec_path.read_bytes())
    report = run_spec(spec, shelves.material(spec))
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.csv").write_bytes(to_csv(results_frame(report.result)))
    (out / "trace.npz").write_bytes(TracePiece(report.events, report.generations).to_bytes())
    (out / "result.json").write_text(report.result.model_dump_json(indent=1), encoding="utf-8")
    tally = report.result.tally
    print(
        f"{len(report.result.results)} results from {tally.n_lineages} lineages, {tally.n_generations} generations and "
        f"{tally.n_evaluations} evaluations in {tally.seconds:.1f} s: {out}"
    )


def train_command(arguments: argparse.Namespace, shelves: Shelves) -> None:
    """Train a model on a shipped table, and save it."""
    dataset = shelves.datasets.load(arguments.table)
    spec = TrainingSpec(
        dataset=DatasetRef(name=dataset.name, digest=dataset.digest),
        widths=tuple(arguments.widths),
        epochs=arguments.epochs,
        seed=arguments.seed,
    )
    trained = run_training(spec, dataset)
    saved = shelves.models.save(arguments.name, trained.keras_bytes, trained.card, overwrite=True)
    metrics = trained.card.metrics
    print(f"{saved.name}: R2 {metrics.r2:.3f}, RMSE {metrics.rmse:.3g}, MAE {metrics.mae:.3g} on held-out rows")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return 0, or 1 with the reason on standard error."""
    defaults = TrainingSpec.model_fields
    parser = argparse.ArgumentParser(prog="python -m services.cli", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a specification")
    run.add_argument("spec", type=Path, help="a RunSpec as JSON")
    run.add_argument("--out", type=Path, required=True, help="folder for results.csv, trace.npz and result.json")
    training = commands.add_parser("train", help="train and save a model")
    training.add_argument("table", help="name of a shipped table")
    training.add_argument("--name", required=True, help="name of the model")
    training.add_argument("--widths", type=int, nargs="+", default=list(defaults["widths"].default))
    training.add_argument("--epochs", type=int, default=defaults["epochs"].default)
    training.add_argument("--seed", type=int, default=defaults["seed"].default)
    given = parser.parse_args(arguments)
    try:
        shelves = Shelves.of(Settings.from_environment())
        if given.command == "run":
            run_command(given.spec, given.out, shelves)
        else:
            train_command(given, shelves)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'document'}: {e['msg']}" for e in error.errors())
        print(f"error: the specification cannot be used: {wrong}", file=sys.stderr)
        return 1
    except (*USER_ERRORS, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
