"""``run``, ``spec`` and ``prove``: one search, the document that asks for it, and how much better it could be."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from optimizer import Hooks
from services.catalog.loading import Catalog
from services.cli.documents import options_named, read_document
from services.cli.files import OutputFile, OutputFolder, check_written
from services.cli.interrupts import stoppable
from services.cli.printing import Printer
from services.cli.tables import file_options, find_table, is_file
from services.intake.from_file import FileOptions
from services.jobs.workers.traces import TracePiece
from services.papers.exports import to_csv
from services.papers.lab_sheet.page import SheetOptions, lab_sheet
from services.papers.lab_sheet.table import lab_frame
from services.papers.run_export import RunExport, workbook
from services.problems.building import build_space
from services.problems.outcomes.asking import spec_of_words
from services.problems.projection import MapProjection
from services.results.baselines import baseline_sentence
from services.results.search import run_share, run_spec
from services.specs.errors import USER_ERRORS, UserError
from services.specs.outcomes import CONFIDENCE, Combine
from services.specs.results import RunResult
from services.specs.run import DatasetRef, RunSpec
from services.studies.proof import ProofSpec, ProofStep, run_proof
from services.texts.results import figures_frame, figures_sentence
from services.texts.tables import comparison_frame, outcomes_frame, verdict_words

RUN_FILES = ("result.json", "results.csv", "figures.csv", "trace.npz", "results.xlsx", "labsheet.html", "lab.csv")


def run(given: Namespace, catalog: Catalog) -> None:
    """Search as a specification says, and write what was found."""
    printer = Printer(given.json)
    out = OutputFolder(given.out, RUN_FILES, overwrite=given.overwrite) if given.out else None
    spec = over_table(read_document(given.spec, RunSpec), given, catalog)
    model_data = catalog.model_data(spec)
    with stoppable() as should_stop:
        hooks = Hooks(run_share(spec, lambda share: printer.share("Searching", share)), should_stop)
        report = run_spec(spec, model_data, hooks, on_step=printer.share)
    result = report.result
    run_export = RunExport.of(result, catalog)
    every = SheetOptions(tuple(range(len(result.results))))

    def trace() -> TracePiece:
        projection = MapProjection.of_table(model_data.dataset, build_space(spec, model_data.dataset), spec.swept)
        return TracePiece.of(report.trace, projection.space.n_features, lambda: projection)

    def lab_table() -> bytes:
        marks = catalog.datasets.marks(spec.dataset.digest)
        return to_csv(lab_frame(result, every.results, run_export.bands), marks)

    trouble = ""
    if out is not None:
        contents = {
            "result.json": lambda: result.model_dump_json(indent=1).encode(),
            "results.csv": lambda: to_csv(comparison_frame(result)),  # for scripts: always with commas
            "figures.csv": lambda: to_csv(figures_frame(result)),
            "trace.npz": lambda: trace().to_bytes(),
            "results.xlsx": lambda: workbook(replace(run_export, trace=trace())),
            "labsheet.html": lambda: lab_sheet(run_export, every).encode(),
            "lab.csv": lab_table,
        }
        if not every.results:
            del contents["labsheet.html"]
        trouble = out.write(contents)
    printer.document(result)
    _print_run(result, given.out, printer)
    check_written(trouble)


def _print_run(result: RunResult, out: Path | None, printer: Printer) -> None:
    statistics = result.statistics
    printer.say(
        f"{len(result.results)} results from {result.spec.method.counted(statistics.n_lineages)}, "
        f"{statistics.n_generations} generations and "
        f"{statistics.n_evaluations} evaluations in {statistics.seconds:.1f} s: {out}"
    )
    if result.outcomes:
        printer.table(outcomes_frame(result))
    said = (verdict_words(result), baseline_sentence(result), result.second_opinion)
    printer.say(*said, *result.notes, figures_sentence(result))


def over_table(spec: RunSpec, given: Namespace, catalog: Catalog) -> RunSpec:
    """A run over the table that the command line names, where it names one; else the run as it is.

    Raises:
        UserError: there is no such table, or it does not fit.
    """
    if given.table is None:
        if given.sheet:
            raise UserError("--sheet names a sheet of the file that --table names: give both, or neither.")
        return spec
    options = file_options(given)
    if is_file(given.table, catalog):
        options = _of_run(spec, catalog, options)
    table = find_table(given.table, catalog, options)
    table.keep(catalog)
    return spec.revised(dataset=table.ref)


def _of_run(spec: RunSpec, catalog: Catalog, options: FileOptions) -> FileOptions:
    """What a file has to hold for a run: its features and the outcomes that its models predict."""
    outcomes: dict[str, None] = {}
    for ref in (outcome.model for outcome in spec.outcomes if outcome.model is not None):
        if ref.kind == "saved":
            outcomes[catalog.saved_model(ref).card.outcome.name] = None
        elif ref.kind == "operator" and (card := catalog.operator.load(ref.name).card) is not None:
            outcomes[card.outcome.name] = None
    features = tuple(feature.name for feature in spec.features)
    return replace(options, outcomes=tuple(outcomes), features=features, sweep=spec.swept)


def write_spec(given: Namespace, catalog: Catalog) -> None:
    """Write a specification for `run` from short texts."""
    out = OutputFile(given.out, overwrite=given.overwrite) if given.out else None
    if given.confidence is not None and given.by_prediction:
        raise UserError(
            "--by-prediction: limits hold without confidence then, and --confidence gives one: leave it out."
        )
    for option, said in (("--confidence", given.confidence is not None), ("--by-prediction", given.by_prediction)):
        if said and not given.limit:
            raise UserError(f"{option} says how limits hold, and there is none: give --limit, or leave it out.")
    if given.combine is not None and len(given.goal) == 1:
        raise UserError("--combine says what several goals make, and there is one: give --goal again, or leave it out.")
    table = find_table(given.table, catalog, file_options(given))
    table.keep(catalog)
    confidence = CONFIDENCE if given.confidence is None else given.confidence
    with options_named({"confidence": "--confidence"}):
        spec = spec_of_words(
            catalog,
            table.dataset,
            goals=given.goal,
            limits=given.limit,
            formulas=given.formula,
            fixed=given.fix,
            models=given.model,
            confidence=None if given.by_prediction else confidence,
            combine=Combine(given.combine or Combine.FRONT),
        )
    changes = {"n_results": given.results, "seed": given.seed}
    with options_named({"n_results": "--results", "seed": "--seed", "evaluations": "--evaluations"}):
        if given.evaluations is not None:
            changes["budget"] = type(spec.budget).model_validate(dict(spec.budget) | {"evaluations": given.evaluations})
        spec = spec.revised(**{name: value for name, value in changes.items() if value is not None})
    document = spec.model_dump_json(indent=1)
    if out is None:
        print(document)
    else:
        check_written(out.write(document.encode()))


def prove(given: Namespace, catalog: Catalog) -> None:
    """Prove how much better than the results of a run any candidate could be."""
    printer = Printer(given.json)
    out = OutputFile(given.out, overwrite=given.overwrite) if given.out else None
    asked = over_table(read_document(given.spec, RunSpec), given, catalog)
    known: tuple[tuple[float, ...], ...] = ()
    if given.result is not None:
        result = read_document(given.result, RunResult)
        _check_same_run(given, asked, result)
        known = result.results.X
    with options_named({"percent": "--percent", "seconds": "--seconds"}):
        spec = ProofSpec(run=asked, known=known, percent=given.percent, seconds=given.seconds)
    try:
        model_data = catalog.model_data(asked)
    except USER_ERRORS as error:
        raise UserError(f"{given.spec}: {error}") from None

    def show(step: ProofStep) -> None:
        if step.gap is not None:
            words = f"{step.seconds:.0f} s: best {step.best:.6g}, limit {step.limit:.6g}, {step.boxes} boxes"
            printer.progress(words, "proof")

    with stoppable() as should_stop:
        proof = run_proof(spec, model_data, on_step=show, should_stop=should_stop)
    trouble = out.write(proof.model_dump_json(indent=1).encode()) if out is not None else ""
    printer.document(proof)
    ended = "proven" if proof.is_proven else f"not closed, ended by {proof.end}"
    printer.say(f"{proof.sentence} ({ended}; {proof.last.boxes} boxes in {proof.last.seconds:.1f} s)")
    printer.say(*(f"Left out of the limit: {words}." for words in proof.relaxed))
    check_written(trouble)


def _check_same_run(given: Namespace, asked: RunSpec, result: RunResult) -> None:
    """Raise UserError where a result is not of the run of which something is to be proven."""

    def differs(what: str, own: object, of_result: object) -> str:
        return f"{what} of {given.result} is {of_result}, that of {given.spec} is {own}" if own != of_result else ""

    found = result.spec
    said = (
        differs("the table", _named(asked.dataset), _named(found.dataset)),
        differs("the list of features", _features(asked), _features(found)),
        differs("the goal", asked.goal.value, found.goal.value),
    )
    if different := next(filter(None, said), ""):
        raise UserError(f"{given.result} is the result of another run: {different}. Give the result of this run.")


def _named(ref: DatasetRef) -> str:
    return f"'{ref.name}' ({ref.digest[:12]})"


def _features(spec: RunSpec) -> str:
    return ", ".join(feature.name for feature in spec.features)
