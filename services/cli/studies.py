"""``tune`` and ``compare``: the same search at several settings, and by several methods."""

from argparse import Namespace

from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.cli.documents import names_a_run, options_named, read_document
from services.cli.files import OutputFolder, check_written
from services.cli.interrupts import stoppable
from services.cli.printing import Printer
from services.cli.runs import over_table
from services.papers.exports import to_csv
from services.results.report import objective_short, objective_words
from services.specs.run import RunSpec
from services.studies.compare.methods import (
    METHOD_NAMES,
    ComparisonSpec,
    Entry,
    LeftOut,
    comparison_frame_of_methods,
    comparison_sentence,
    run_comparison,
    searches_frame,
)
from services.studies.parallel import Execution
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

TUNE_FILES = ("tune.json", "tune.csv", "results.csv")
COMPARE_FILES = ("methods.json", "methods.csv", "searches.csv")


def tune(given: Namespace, catalog: Catalog) -> None:
    """Repeat a run at several values of one setting."""
    printer = Printer(given.json)
    out = OutputFolder(given.out, TUNE_FILES, overwrite=given.overwrite) if given.out else None
    spec = _tuning(given, catalog)

    def show(piece: TunePoint | TuneFailure) -> None:
        words = f"not searched: {piece.error}" if isinstance(piece, TuneFailure) else ""
        if isinstance(piece, TunePoint):
            words = f"{len(piece.result.results)} results in {piece.result.statistics.seconds:.1f} s"
        printer.progress(f"{spec.dial} {piece.weight:g}: {words}")

    n_processes = Settings.from_environment().n_processes
    with stoppable() as should_stop:
        execution = Execution(n_processes=n_processes, on_piece=show, should_stop=should_stop)
        tuned = run_tune(spec, catalog.model_data(spec.run), execution)
    trouble = ""
    if out is not None:
        trouble = out.write(
            {
                "tune.json": lambda: tuned.model_dump_json(indent=1).encode(),
                "tune.csv": lambda: to_csv(curve_frame(tuned)),
                "results.csv": lambda: to_csv(sets_frame(tuned)),
            }
        )
    printer.document(tuned)
    printer.table(curve_frame(tuned))
    printer.say(*(f"{spec.dial} {failure.weight:g} was not searched: {failure.error}" for failure in tuned.failures))
    check_written(trouble)


def _tuning(given: Namespace, catalog: Catalog) -> TuneSpec:
    """The tuning that a document of a run or of a tuning asks for, setting and values changed where given."""
    content = given.spec.read_bytes()
    kept: TuneSpec | None = None
    if names_a_run(content):
        kept = read_document(given.spec, TuneSpec, content)
    run = over_table(read_document(given.spec, RunSpec, content) if kept is None else kept.run, given, catalog)
    own = default_swept_setting(run) if kept is None else kept.dial
    chosen = SweptSetting(given.dial) if given.dial else own
    usual = kept.weights if kept is not None and chosen is kept.dial else default_settings(chosen, run)
    with options_named({"weights": "--weights", "dial": "--dial", "": "--dial, --weights"}):
        return TuneSpec(run=run, dial=chosen, weights=tuple(given.weights or usual))


def compare(given: Namespace, catalog: Catalog) -> None:
    """Search a problem by several methods."""
    printer = Printer(given.json)
    out = OutputFolder(given.out, COMPARE_FILES, overwrite=given.overwrite) if given.out else None
    spec = _comparison(given, catalog)
    model_data = catalog.model_data(spec.run)

    def show(piece: Entry | LeftOut) -> None:
        printer.progress(_piece_words(piece))

    n_processes = Settings.from_environment().n_processes
    with stoppable() as should_stop:
        execution = Execution(n_processes=n_processes, on_piece=show, should_stop=should_stop)
        comparison = run_comparison(spec, model_data, execution)
    name, unit = objective_words(spec.run, model_data)
    short = objective_short(spec.run, name)
    frame = comparison_frame_of_methods(comparison, short, unit)
    trouble = ""
    if out is not None:
        trouble = out.write(
            {
                "methods.json": lambda: comparison.model_dump_json(indent=1).encode(),
                "methods.csv": lambda: to_csv(frame),
                "searches.csv": lambda: to_csv(searches_frame(comparison, short, unit)),
            }
        )
    printer.document(comparison)
    printer.table(frame)
    printer.say(f"distinct: {comparison.floor_words}, at least {spec.run.distinct:g} std. dev. apart.")
    printer.say(comparison_sentence(comparison, short), *map(_piece_words, comparison.left_out))
    check_written(trouble)


def _piece_words(piece: Entry | LeftOut) -> str:
    seed = "" if piece.seed is None else f", seed {piece.seed}"
    words = f"{piece.seconds:.1f} s" if isinstance(piece, Entry) else f"left out: {piece.words}"
    return f"{METHOD_NAMES[piece.method]}{seed}: {words}"


def _comparison(given: Namespace, catalog: Catalog) -> ComparisonSpec:
    """The comparison that a document of a run or of a comparison asks for, with what is given changed."""
    content = given.spec.read_bytes()
    if names_a_run(content):
        kept = read_document(given.spec, ComparisonSpec, content)
    else:
        kept = ComparisonSpec(run=read_document(given.spec, RunSpec, content))
    changes = {
        "run": over_table(kept.run, given, catalog),
        "methods": tuple(given.methods or kept.methods),
        "n_seeds": given.seeds if given.seeds is not None else kept.n_seeds,
    }
    with options_named({"n_seeds": "--seeds", "methods": "--methods", "": "--methods"}):
        return ComparisonSpec.model_validate(dict(kept) | changes)
