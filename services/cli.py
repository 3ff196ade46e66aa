"""The command line: ``python -m services.cli run | spec | train | prove | tune | compare | quality``.

`_parser` lists the commands with their arguments, and the function that acts on these.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ValidationError

from models import FAMILIES, PhysicalLimits, TrainingSettings
from optimizer import METHODS
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.papers.exports import to_csv
from services.results.report import objective_short, objective_words
from services.specs.base import validation_message
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import CONFIDENCE, Combine, ModelRef
from services.specs.results import RunResult
from services.specs.run import DatasetRef, RunSpec
from services.studies.compare.methods import (
    METHOD_NAMES,
    USUAL_METHODS,
    ComparisonSpec,
    Entry,
    LeftOut,
    comparison_frame_of_methods,
    comparison_sentence,
    run_comparison,
    searches_frame,
)
from services.studies.parallel import Execution
from services.studies.proof import ProofSpec, ProofStep, run_proof
from services.studies.quality.check import run_quality
from services.studies.quality.report import QualitySpec, figure_lines
from services.studies.training import TrainingSpec, run_training
from services.studies.tune import (
    SweptSetting,
    TuneFailure,
    TunePoint,
    TuneSpec,
    curve_frame,
    default_settings,
    default_swept_setting,
    run_tune,
    sets_frame,
)
from services.texts.datasets import few_rows_words, table_warning
from services.texts.models import error_words, estimate_words, leaderboard_lines

SECONDS_BETWEEN_LINES = 5.0  # that a proof prints


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return 0, or 1 with the reason on standard error."""
    given = _parser().parse_args(arguments)
    try:
        given.act(given, Catalog.of(Settings.from_environment()))
    except ValidationError as error:
        print(f"error: the specification cannot be used: {validation_message(error)}", file=sys.stderr)
        return 1
    except (*USER_ERRORS, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.cli", description="Run a specification, train a model, or ask how good results are."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, act: Callable[[argparse.Namespace, Catalog], None], help: str) -> Callable[..., Any]:
        """Add a command that acts on its arguments; what is called to add these."""
        added = commands.add_parser(name, help=help)
        added.set_defaults(act=act)
        return added.add_argument

    add = command("run", _run, "run a specification")
    add("spec", type=Path, help="a RunSpec as JSON")
    files = "results.csv, figures.csv, results.xlsx, labsheet.html, lab.csv, trace.npz and result.json"
    add("--out", type=Path, required=True, help=f"folder for {files}")

    add = command("spec", _spec, "write a specification for `run`: goals, limits and formulas of a shipped table")
    add("table", help="name of a shipped table")
    add("--goal", required=True, action="append", help="such as 'cost minimum', 'strength max' or 'pH = 7'; several")
    add("--limit", default=[], action="append", help="such as 'strength >= 40' or 'water / cement <= 0.55'; several")
    add("--formula", default=[], action="append", help="such as 'w/c = water / cement'; several")
    add("--fix", default=[], action="append", help="a feature at a value, such as 'age = 28'; several")
    add("--model", default=[], action="append", help="saved models (default: the first of each outcome); several")
    add("--confidence", type=float, default=CONFIDENCE, help=f"with which limits hold (default {CONFIDENCE:g})")
    add("--by-prediction", action="store_true", help="limits hold by the prediction, without its interval")
    add("--combine", choices=list(Combine), default=Combine.FRONT, help="what several goals make (default front)")
    add("--results", type=int, help="how many results")
    add("--evaluations", type=int, help="at most")
    add("--seed", type=int, default=0)
    add("--out", type=Path, help="file for it (default: it is printed)")

    usual = TrainingSettings()
    mlp = "of mlp, which is taken where it is given"
    trained_here = [family.value for family, words in FAMILIES.items() if words.is_trained_here]
    add = command("train", _train, "train and save a model")
    add("table", help="name of a shipped table")
    add("--name", required=True, help="name of the model")
    add("--family", choices=trained_here, help="what kind of model (default automatic: families are compared)")
    add("--widths", type=int, nargs="+", help=f"hidden layers, {mlp} (default {' '.join(map(str, usual.widths))})")
    add("--epochs", type=int, help=f"at most, {mlp} (default {usual.epochs})")
    add("--members", type=int, help=f"networks whose mean predicts, {mlp} (default {usual.n_members})")
    add("--seed", type=int, default=usual.seed)
    add("--outcome", help="of a table with several (default: its first)")
    add("--lowest-possible", type=float, help="outcome that physics allows, such as 0 (default: no limit)")
    add("--highest-possible", type=float, help="the same upwards, such as 100 for a share in %%")

    add = command("prove", _prove, "prove how much better than its results any candidate of a run could be")
    add("spec", type=Path, help="the RunSpec as JSON")
    add("--result", type=Path, help="the result.json of that run, to compare with")
    add("--percent", type=float, default=0.01, help="a gap that is small enough (default 0.01 %%)")
    add("--seconds", type=float, default=60.0, help="at most (default 60)")
    add("--out", type=Path, help="file for what was proven, as JSON")

    add = command("tune", _tune, "repeat a run at several values of one setting, to see what realism costs")
    add("spec", type=Path, help="a RunSpec as JSON, or a TuneSpec, as tune.json has it under 'spec'")
    add("--weights", type=float, nargs="+", help="values of the setting (default: from off to strong)")
    add("--dial", choices=[dial.value for dial in SweptSetting], help="default: the first that is on")
    add("--out", type=Path, help="folder for tune.json, tune.csv and results.csv")

    add = command("compare", _compare, "search a problem by several methods with as many evaluations each")
    add("spec", type=Path, help="a RunSpec as JSON, or a ComparisonSpec, as methods.json has under 'spec'")
    by_default = f"by default: {' '.join(USUAL_METHODS)}"
    add("--methods", nargs="+", choices=list(METHODS), help=by_default, metavar="METHOD")
    add("--seeds", type=int, help="searches by each method, with seeds that follow one another")
    add("--out", type=Path, help="folder for methods.json, methods.csv and searches.csv")

    add = command("quality", _quality, "cross-validate a model and say where it errs")
    add("table", help="name of a shipped table")
    add("--model", required=True, help="name of a saved model")
    add("--folds", type=int, default=5, help="parts that are held out in turn (default 5)")
    add("--seed", type=int, default=0, help="of folds and shuffles (default 0)")
    add("--out", type=Path, help="file for all figures, as JSON")
    return parser


def _run(given: argparse.Namespace, catalog: Catalog) -> None:
    from services.jobs.workers.traces import TracePiece
    from services.papers.lab_sheet.page import SheetOptions, lab_sheet
    from services.papers.lab_sheet.table import lab_frame
    from services.papers.run_export import RunExport, workbook
    from services.problems.building import build_space
    from services.problems.projection import MapProjection
    from services.results.baselines import baseline_sentence
    from services.results.search import run_spec
    from services.texts.results import figures_frame, figures_sentence
    from services.texts.tables import outcomes_frame, results_frame, verdict_words

    out: Path = given.out
    spec = RunSpec.model_validate_json(given.spec.read_bytes())
    model_data = catalog.model_data(spec)
    report = run_spec(spec, model_data)
    out.mkdir(parents=True, exist_ok=True)
    marks = catalog.datasets.marks(spec.dataset.digest)
    (out / "results.csv").write_bytes(to_csv(results_frame(report.result)))  # for scripts: always with commas
    (out / "figures.csv").write_bytes(to_csv(figures_frame(report.result)))
    projection = MapProjection.of_table(model_data.dataset, build_space(spec, model_data.dataset), spec.swept)
    trace = TracePiece.of(report.trace, projection.space.n_features, lambda: projection)
    (out / "trace.npz").write_bytes(trace.to_bytes())
    run_export = RunExport.of(report.result, catalog, trace=trace)
    everything = SheetOptions(tuple(range(len(report.result.results))))
    (out / "results.xlsx").write_bytes(workbook(run_export))
    if everything.results:
        (out / "labsheet.html").write_text(lab_sheet(run_export, everything), encoding="utf-8")
    (out / "lab.csv").write_bytes(to_csv(lab_frame(report.result, everything.results, run_export.bands), marks))
    _write(out / "result.json", report.result)
    statistics = report.result.statistics
    print(
        f"{len(report.result.results)} results from {spec.method.counted(statistics.n_lineages)}, "
        f"{statistics.n_generations} generations and "
        f"{statistics.n_evaluations} evaluations in {statistics.seconds:.1f} s: {out}"
    )
    if report.result.outcomes:
        _print(outcomes_frame(report.result))
    said = (verdict_words(report.result), baseline_sentence(report.result), report.result.second_opinion)
    for words in (*said, *report.result.notes, figures_sentence(report.result)):
        if words:
            print(words)


def _spec(given: argparse.Namespace, catalog: Catalog) -> None:
    from services.problems.outcomes.asking import spec_of_words

    spec = spec_of_words(
        catalog,
        given.table,
        goals=given.goal,
        limits=given.limit,
        formulas=given.formula,
        fixed=given.fix,
        models=given.model,
        confidence=None if given.by_prediction else given.confidence,
        combine=Combine(given.combine),
    )
    changes = {"n_results": given.results, "seed": given.seed}
    if given.evaluations is not None:
        changes["budget"] = spec.budget.model_copy(update={"evaluations": given.evaluations})
    spec = spec.revised(**{name: value for name, value in changes.items() if value is not None})
    if given.out is None:
        print(spec.model_dump_json(indent=1))
    else:
        _write(given.out, spec)


def _train(given: argparse.Namespace, catalog: Catalog) -> None:
    dataset = catalog.datasets.load(given.table)
    dataset = dataset.for_outcome(given.outcome or dataset.outcome.name)
    limits = PhysicalLimits(given.lowest_possible, given.highest_possible)
    if not limits.is_open:
        dataset = replace(dataset, limits=limits)
        catalog.datasets.save(dataset)  # so that a run can name it
    asked = {"family": given.family, "widths": given.widths, "epochs": given.epochs, "n_members": given.members}
    ref, known = DatasetRef(name=dataset.name, digest=dataset.digest), {k: v for k, v in asked.items() if v is not None}
    spec = TrainingSpec.model_validate({"dataset": ref, "seed": given.seed, **known})
    trained = run_training(spec, dataset)
    saved = catalog.models.save(given.name, trained.artifact, trained.card, overwrite=True)
    label, metrics = saved.card.family.words.label, saved.card.metrics
    r2, rmse, mae = (
        estimate_words(metrics.r2, metrics.r2_error),
        error_words(metrics.rmse, metrics.rmse_error),
        error_words(metrics.mae, metrics.mae_error),
    )
    how = "cross-validated" if metrics.is_cross_validated else "on held-out rows"
    figures = f"R2 {r2}, RMSE {rmse}, MAE {mae} {how}"
    print(f"{saved.name}: {label}, {figures}")
    for line in leaderboard_lines(saved.card.leaderboard) if saved.card.leaderboard else ():
        print(line)
    for words in filter(None, (table_warning(dataset), few_rows_words(dataset))):
        print(words)


def _prove(given: argparse.Namespace, catalog: Catalog) -> None:
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
        _write(given.out, result)
    ended = "proven" if result.is_proven else f"not closed, ended by {result.end}"
    print(f"{result.sentence} ({ended}; {result.last.boxes} boxes in {result.last.seconds:.1f} s)")
    for words in result.relaxed:
        print(f"Left out of the limit: {words}.")


def _tune(given: argparse.Namespace, catalog: Catalog) -> None:
    spec = _tuning(given.spec.read_bytes(), given.dial, given.weights)

    def show(piece: TunePoint | TuneFailure) -> None:
        words = f"not searched: {piece.error}" if isinstance(piece, TuneFailure) else ""
        if isinstance(piece, TunePoint):
            words = f"{len(piece.result.results)} results in {piece.result.statistics.seconds:.1f} s"
        print(f"{spec.dial} {piece.weight:g}: {words}", flush=True)

    execution = Execution(n_processes=Settings.from_environment().n_processes, on_piece=show)
    tuned = run_tune(spec, catalog.model_data(spec.run), execution)
    if given.out:
        _write(given.out / "tune.json", tuned)
        (given.out / "tune.csv").write_bytes(to_csv(curve_frame(tuned)))
        (given.out / "results.csv").write_bytes(to_csv(sets_frame(tuned)))
    _print(curve_frame(tuned))


def _tuning(document: bytes, dial: str | None, weights: list[float] | None) -> TuneSpec:
    """The tuning that a document of a run or of a tuning asks for, setting and values changed where given."""
    if not _names_a_run(document):
        run = RunSpec.model_validate_json(document)
        chosen = SweptSetting(dial) if dial else default_swept_setting(run)
        return TuneSpec(run=run, dial=chosen, weights=tuple(weights or default_settings(chosen, run)))
    spec = TuneSpec.model_validate_json(document)
    chosen = SweptSetting(dial) if dial else spec.dial
    kept = spec.weights if chosen is spec.dial else default_settings(chosen, spec.run)
    return TuneSpec(run=spec.run, dial=chosen, weights=tuple(weights or kept))


def _compare(given: argparse.Namespace, catalog: Catalog) -> None:
    spec = _comparison(given.spec.read_bytes(), given.methods, given.seeds)
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
        _write(given.out / "methods.json", comparison)
        (given.out / "methods.csv").write_bytes(to_csv(frame))
        (given.out / "searches.csv").write_bytes(to_csv(searches_frame(comparison, short, unit)))
    _print(frame)
    print(f"distinct: {comparison.floor_words}, at least {spec.run.distinct:g} std. dev. apart.")
    print(comparison_sentence(comparison, short))


def _comparison(document: bytes, methods: list[str] | None, n_seeds: int | None) -> ComparisonSpec:
    """The comparison that a document of a run or of a comparison asks for, with what is given changed."""
    if _names_a_run(document):
        spec = ComparisonSpec.model_validate_json(document)
    else:
        spec = ComparisonSpec(run=RunSpec.model_validate_json(document))
    changes = {"methods": methods or spec.methods, "n_seeds": n_seeds if n_seeds is not None else spec.n_seeds}
    return ComparisonSpec.model_validate(dict(spec) | changes)


def _quality(given: argparse.Namespace, catalog: Catalog) -> None:
    dataset = catalog.datasets.load(given.table)
    saved = catalog.models.load(given.model)
    spec = QualitySpec(
        dataset=DatasetRef(name=dataset.name, digest=dataset.digest),
        model=ModelRef(name=saved.name, digest=saved.digest),
        n_folds=given.folds,
        seed=given.seed,
    )
    result = run_quality(spec, catalog)
    assert result is not None  # nobody can stop it
    if given.out:
        _write(given.out, result)
    print(result.verdict.headline)
    for sentence in result.verdict.sentences:
        print(f"- {sentence}")
    for line in figure_lines(result):
        print(line)


def _names_a_run(document: bytes) -> bool:
    """Whether a document says which run to repeat; what is no JSON is left to be refused as a run."""
    try:
        given = json.loads(document)
    except ValueError:
        return False
    return isinstance(given, dict) and "run" in given


def _print(frame: pd.DataFrame) -> None:
    with pd.option_context("display.width", 160, "display.max_columns", None):
        print(frame.to_string(index=False, na_rep="–", float_format=lambda value: f"{value:,.5g}"))


def _write(path: Path, document: BaseModel) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document.model_dump_json(indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
