"""The command line: ``python -m services.cli run SPEC.json --out DIR``, ``train TABLE`` and ``prove SPEC.json``."""

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

SECONDS_BETWEEN_LINES = 5.0


def run_command(spec_path: Path, out: Path, shelves: Shelves) -> None:
    """Run a specification; write ``results.csv``, ``figures.csv``, ``trace.npz`` and ``result.json`` to ``out``."""
    from services.exports import to_csv
    from services.figures import figures_frame, figures_sentence
    from services.problems import build_problem
    from services.projection import MapProjection
    from services.runs.traces import TracePiece
    from services.search import run_spec
    from services.sheets import results_frame

    spec = RunSpec.model_validate_json(spec_path.read_bytes())
    material = shelves.material(spec)
    report = run_spec(spec, material)
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.csv").write_bytes(to_csv(results_frame(report.result)))
    (out / "figures.csv").write_bytes(to_csv(figures_frame(report.result)))
    projection = MapProjection.of(material.dataset.X, build_problem(spec, material).space)
    trace = TracePiece.of(report.trace, projection.space.n_features, lambda: projection)
    (out / "trace.npz").write_bytes(trace.to_bytes())
    (out / "result.json").write_text(report.result.model_dump_json(indent=1), encoding="utf-8")
    tally = report.result.tally
    print(
        f"{len(report.result.results)} results from {spec.method.counted(tally.n_lineages)}, "
        f"{tally.n_generations} generations and "
        f"{tally.n_evaluations} evaluations in {tally.seconds:.1f} s: {out}"
    )
    if figures := figures_sentence(report.result):
        print(figures)


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


def prove_command(given: argparse.Namespace, shelves: Shelves) -> None:
    """Prove how much better than the results of a run any candidate could be; say it, and write it where asked to."""
    from services.proof import ProofSpec, ProofStep, run_proof
    from services.results import RunResult

    run = RunSpec.model_validate_json(given.spec.read_bytes())
    known = RunResult.model_validate_json(given.result.read_bytes()).results.X if given.result else ()
    spec = ProofSpec(run=run, known=known, percent=given.percent, seconds=given.seconds)
    told = 0.0

    def tell(step: ProofStep) -> None:
        nonlocal told
        if step.gap is not None and step.seconds - told >= SECONDS_BETWEEN_LINES:
            told = step.seconds
            print(f"{step.seconds:.0f} s: best {step.best:.6g}, limit {step.limit:.6g}, {step.boxes} boxes", flush=True)

    result = run_proof(spec, shelves.material(run), on_step=tell)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(result.model_dump_json(indent=1), encoding="utf-8")
    ended = "proven" if result.is_proven else f"not closed, ended by {result.end}"
    print(f"{result.sentence} ({ended}; {result.last.boxes} boxes in {result.last.seconds:.1f} s)")
    for words in result.relaxed:
        print(f"Left out of the limit: {words}.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return 0, or 1 with the reason on standard error."""
    defaults = TrainingSpec.model_fields
    parser = argparse.ArgumentParser(prog="python -m services.cli", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a specification")
    run.add_argument("spec", type=Path, help="a RunSpec as JSON")
    run.add_argument(
        "--out", type=Path, required=True, help="folder for results.csv, figures.csv, trace.npz and result.json"
    )
    training = commands.add_parser("train", help="train and save a model")
    training.add_argument("table", help="name of a shipped table")
    training.add_argument("--name", required=True, help="name of the model")
    training.add_argument("--widths", type=int, nargs="+", default=list(defaults["widths"].default))
    training.add_argument("--epochs", type=int, default=defaults["epochs"].default)
    training.add_argument("--seed", type=int, default=defaults["seed"].default)
    _add_prove(commands)
    given = parser.parse_args(arguments)
    try:
        shelves = Shelves.of(Settings.from_environment())
        if given.command == "run":
            run_command(given.spec, given.out, shelves)
        elif given.command == "prove":
            prove_command(given, shelves)
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


def _add_prove(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command that proves."""
    prove = commands.add_parser("prove", help="prove how much better than its results any candidate of a run could be")
    prove.add_argument("spec", type=Path, help="the RunSpec as JSON")
    prove.add_argument("--result", type=Path, help="the result.json of that run, to compare with")
    prove.add_argument("--percent", type=float, default=0.01, help="a gap that is small enough (default 0.01 %%)")
    prove.add_argument("--seconds", type=float, default=60.0, help="at most (default 60)")
    prove.add_argument("--out", type=Path, help="file for what was proven, as JSON")


if __name__ == "__main__":
    sys.exit(main())
