"""``compare SPEC.json --methods niches cma_es``: several methods on one problem at equal evaluations."""

import argparse
import json
from pathlib import Path

import pandas as pd

from optimizer import METHODS
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.specs.run import RunSpec
from services.studies.compare.methods import run_comparison
from services.studies.compare.methods_spec import USUAL_METHODS, ComparisonSpec, Entry, LeftOut
from services.studies.compare.methods_texts import METHOD_NAMES
from services.studies.parallel import Execution


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command that compares methods."""
    compare = commands.add_parser("compare", help="search a problem by several methods with as many evaluations each")
    compare.add_argument(
        "spec", type=Path, help="a RunSpec as JSON, or a ComparisonSpec, as methods.json has under 'spec'"
    )
    compare.add_argument(
        "--methods", nargs="+", choices=list(METHODS), help=f"by default: {' '.join(USUAL_METHODS)}", metavar="METHOD"
    )
    compare.add_argument("--seeds", type=int, help="searches by each method, with seeds that follow one another")
    compare.add_argument("--out", type=Path, help="folder for methods.json, methods.csv and searches.csv")
    compare.set_defaults(act=compare_command)


def compare_command(given: argparse.Namespace, catalog: Catalog) -> None:
    """Search by every method and print a row for each; write all figures to ``out`` where asked to."""
    from services.papers.exports import to_csv
    from services.results.report import objective_short, objective_words
    from services.studies.compare.methods_texts import (
        comparison_frame_of_methods,
        comparison_sentence,
        searches_frame,
    )

    spec = read_spec(given.spec.read_bytes(), given.methods, given.seeds)
    model_data = catalog.model_data(spec.run)

    def show(piece: Entry | LeftOut) -> None:
        seed = "" if piece.seed is None else f", seed {piece.seed}"
        words = f"{piece.seconds:.1f} s" if isinstance(piece, Entry) else f"left out: {piece.words}"
        print(f"{METHOD_NAMES[piece.method]}{seed}: {words}", flush=True)

    execution = Execution(n_processes=Settings.from_environment().n_processes, on_piece=show)
    comparison = run_comparison(spec, model_data, execution)
    name, unit = objective_words(spec.run, model_data)
    short = objective_short(spec.run, name)
    frame = comparison_frame_of_methods(comparison, short, unit)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "methods.json").write_text(comparison.model_dump_json(indent=1), encoding="utf-8")
        (given.out / "methods.csv").write_bytes(to_csv(frame))
        (given.out / "searches.csv").write_bytes(to_csv(searches_frame(comparison, short, unit)))
    with pd.option_context("display.width", 160, "display.max_columns", None):
        print(frame.to_string(index=False, na_rep="–", float_format=lambda value: f"{value:,.5g}"))
    print(f"distinct: {comparison.floor_words}, at least {spec.run.distinct:g} std. dev. apart.")
    print(comparison_sentence(comparison, short))


def read_spec(document: bytes, methods: list[str] | None, n_seeds: int | None) -> ComparisonSpec:
    """The comparison that a document of a run or of a comparison asks for, with what is given changed.

    Raises:
        pydantic.ValidationError: the document is neither, or the comparison cannot be.
    """
    try:
        given = json.loads(document)
    except ValueError:
        given = None
    if isinstance(given, dict) and "run" in given:
        spec = ComparisonSpec.model_validate_json(document)
    else:
        spec = ComparisonSpec(run=RunSpec.model_validate_json(document))
    changes = {"methods": methods or spec.methods, "n_seeds": n_seeds if n_seeds is not None else spec.n_seeds}
    return ComparisonSpec.model_validate(dict(spec) | changes)
