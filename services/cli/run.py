"""``run SPEC.json --out DIR``: a run without a page."""

import argparse
from pathlib import Path

from services.catalog.loading import Catalog
from services.specs.run import RunSpec


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command that runs a specification."""
    run = commands.add_parser("run", help="run a specification")
    run.add_argument("spec", type=Path, help="a RunSpec as JSON")
    run.add_argument(
        "--out",
        type=Path,
        required=True,
        help="folder for results.csv, figures.csv, results.xlsx, labsheet.html, lab.csv, trace.npz and result.json",
    )
    run.set_defaults(act=run_command)


def run_command(given: argparse.Namespace, catalog: Catalog) -> None:
    """Run a specification; write tables, workbook, lab sheet and lab table, trace and result to ``out``."""
    from services.jobs.workers.traces import TracePiece
    from services.papers.exports import to_csv
    from services.papers.lab_sheet.page import SheetOptions, lab_sheet
    from services.papers.lab_sheet.table import lab_frame
    from services.papers.run_export import RunExport
    from services.papers.workbook import workbook
    from services.problems.building import build_space
    from services.problems.projection import MapProjection
    from services.results.baselines import baseline_sentence
    from services.results.search import run_spec
    from services.texts.results import figures_frame, figures_sentence
    from services.texts.tables import results_frame

    out: Path = given.out
    spec = RunSpec.model_validate_json(given.spec.read_bytes())
    model_data = catalog.model_data(spec)
    report = run_spec(spec, model_data)
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.csv").write_bytes(to_csv(results_frame(report.result)))
    (out / "figures.csv").write_bytes(to_csv(figures_frame(report.result)))
    projection = MapProjection.of(model_data.dataset.X, build_space(spec, model_data.dataset))
    trace = TracePiece.of(report.trace, projection.space.n_features, lambda: projection)
    (out / "trace.npz").write_bytes(trace.to_bytes())
    run_export = RunExport.of(report.result, catalog, trace=trace)
    everything = SheetOptions(tuple(range(len(report.result.results))))
    (out / "results.xlsx").write_bytes(workbook(run_export))
    if everything.results:
        (out / "labsheet.html").write_text(lab_sheet(run_export, everything), encoding="utf-8")
    (out / "lab.csv").write_bytes(to_csv(lab_frame(report.result, everything.results, run_export.bands)))
    (out / "result.json").write_text(report.result.model_dump_json(indent=1), encoding="utf-8")
    statistics = report.result.statistics
    print(
        f"{len(report.result.results)} results from {spec.method.counted(statistics.n_lineages)}, "
        f"{statistics.n_generations} generations and "
        f"{statistics.n_evaluations} evaluations in {statistics.seconds:.1f} s: {out}"
    )
    for words in (baseline_sentence(report.result), *report.result.notes, figures_sentence(report.result)):
        if words:
            print(words)
