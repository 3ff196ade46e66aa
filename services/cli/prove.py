"""``prove SPEC.json``: how much better than its results any candidate of a run could be."""

import argparse
from pathlib import Path

from services.catalog.loading import Catalog
from services.specs.run import RunSpec

SECONDS_BETWEEN_LINES = 5.0


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command that proves."""
    prove = commands.add_parser("prove", help="prove how much better than its results any candidate of a run could be")
    prove.add_argument("spec", type=Path, help="the RunSpec as JSON")
    prove.add_argument("--result", type=Path, help="the result.json of that run, to compare with")
    prove.add_argument("--percent", type=float, default=0.01, help="a gap that is small enough (default 0.01 %%)")
    prove.add_argument("--seconds", type=float, default=60.0, help="at most (default 60)")
    prove.add_argument("--out", type=Path, help="file for what was proven, as JSON")
    prove.set_defaults(act=prove_command)


def prove_command(given: argparse.Namespace, catalog: Catalog) -> None:
    """Prove how much better than the results of a run any candidate could be; print it, and write it to ``out``."""
    from services.specs.results import RunResult
    from services.studies.proof import ProofSpec, ProofStep, run_proof

    run = RunSpec.model_validate_json(given.spec.read_bytes())
    known = RunResult.model_validate_json(given.result.read_bytes()).results.X if given.result else ()
    spec = ProofSpec(run=run, known=known, percent=given.percent, seconds=given.seconds)
    printed_at = 0.0

    def show(step: ProofStep) -> None:
        nonlocal printed_at
        if step.gap is not None and step.seconds - printed_at >= SECONDS_BETWEEN_LINES:
            printed_at = step.seconds
            print(f"{step.seconds:.0f} s: best {step.best:.6g}, limit {step.limit:.6g}, {step.boxes} boxes", flush=True)

    result = run_proof(spec, catalog.model_data(run), on_step=show)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(result.model_dump_json(indent=1), encoding="utf-8")
    ended = "proven" if result.is_proven else f"not closed, ended by {result.end}"
    print(f"{result.sentence} ({ended}; {result.last.boxes} boxes in {result.last.seconds:.1f} s)")
    for words in result.relaxed:
        print(f"Left out of the limit: {words}.")
