"""``tune SPEC.json --weights 0 0.5 1 2``: the price of realism without a page."""

import argparse
import json
from pathlib import Path

import pandas as pd

from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.specs.run import RunSpec
from services.studies.parallel import Execution
from services.studies.tune import TuneFailure, TunePoint, TuneResult, TuneSpec, run_tune
from services.studies.tune.swept_settings import SweptSetting, default_settings, default_swept_setting


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command that tunes."""
    tune = commands.add_parser("tune", help="repeat a run at several values of one setting, to see what realism costs")
    tune.add_argument("spec", type=Path, help="a RunSpec as JSON, or a TuneSpec, as tune.json has it under 'spec'")
    tune.add_argument("--weights", type=float, nargs="+", help="values of the setting (default: from off to strong)")
    tune.add_argument("--dial", choices=[dial.value for dial in SweptSetting], help="default: the first that is on")
    tune.add_argument("--out", type=Path, help="folder for tune.json, tune.csv and results.csv")
    tune.set_defaults(act=tune_command)


def tune_command(given: argparse.Namespace, catalog: Catalog) -> None:
    """Search at every setting and print the curve; write ``tune.json``, ``tune.csv`` and ``results.csv`` to ``out``."""
    from services.papers.exports import to_csv
    from services.studies.tune.texts import curve_frame, sets_frame

    spec = read_spec(given.spec.read_bytes(), given.dial, given.weights)

    def show(piece: TunePoint | TuneFailure) -> None:
        words = f"not searched: {piece.error}" if isinstance(piece, TuneFailure) else ""
        if isinstance(piece, TunePoint):
            words = f"{len(piece.result.results)} results in {piece.result.statistics.seconds:.1f} s"
        print(f"{spec.dial} {piece.weight:g}: {words}", flush=True)

    execution = Execution(n_processes=Settings.from_environment().n_processes, on_piece=show)
    tuned = run_tune(spec, catalog.model_data(spec.run), execution)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "tune.json").write_text(tuned.model_dump_json(indent=1), encoding="utf-8")
        (given.out / "tune.csv").write_bytes(to_csv(curve_frame(tuned)))
        (given.out / "results.csv").write_bytes(to_csv(sets_frame(tuned)))
    print(table(tuned))


def read_spec(document: bytes, dial: str | None, weights: list[float] | None) -> TuneSpec:
    """The tuning that a document of a run or of a tuning asks for, setting and values changed where given.

    Raises:
        pydantic.ValidationError: the document is neither, or the setting cannot have these values.
    """
    if not _is_tuning(document):
        run = RunSpec.model_validate_json(document)
        chosen = SweptSetting(dial) if dial else default_swept_setting(run)
        return TuneSpec(run=run, dial=chosen, weights=tuple(weights or default_settings(chosen, run)))
    spec = TuneSpec.model_validate_json(document)
    chosen = SweptSetting(dial) if dial else spec.dial
    kept = spec.weights if chosen is spec.dial else default_settings(chosen, spec.run)
    return TuneSpec(run=spec.run, dial=chosen, weights=tuple(weights or kept))


def table(tuned: TuneResult) -> str:
    """The curve as lines of text."""
    from services.studies.tune.texts import curve_frame

    with pd.option_context("display.width", 160, "display.max_columns", None):
        return curve_frame(tuned).to_string(index=False, na_rep="–", float_format=lambda value: f"{value:,.5g}")


def _is_tuning(document: bytes) -> bool:
    """Whether a document says which run to repeat; what is no JSON is left to be refused as a run."""
    try:
        given = json.loads(document)
    except ValueError:
        return False
    return isinstance(given, dict) and "run" in given
