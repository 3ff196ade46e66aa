"""``run SPEC.json --out DIR``: a run without a page."""

import argparse
from pathlib import Path

from services.catalog.loading import Shelves
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


def run_command(given: argparse.Namespace, shelves: Shelves) -> None:
    """Run a specification; write tables, workbook, lab sheet and lab table, trace and result to ``out``."""
    from services.jobs.workers.traces import TracePiece
    from services.papers.exports import to_csv
    from services.papers.lab_sheet.page import Chosen, lab_sheet
    from services.papers.lab_sheet.table import lab_frame
    from services.papers.takeaway import Takeaway
    from services.papers.workbook import workbook
    from services.problems.building import build_problem
    from services.problems.projection import MapProjection
    from services.results.baselines import baseline_sentence
    from services.results.search import run_spec
    from services.texts.results import figures_frame, figures_sentence
    from services.texts.tables import results_frame

    out: Path = given.out
    spec = RunSpec.model_validate_json(given.spec.read_bytes())
    material = shelves.material(spec)
    report = run_spec(spec, material)
    out.mkdir(parents=True, exist_ok=True)
    (out / "results.csv").write_bytes(to_csv(results_frame(report.result)))
    (out / "figures.csv").write_bytes(to_csv(figures_frame(report.result)))
    projection = MapProjection.of(material.dataset.X, build_problem(spec, material).space)
    trace = TracePiece.of(report.trace, projection.space.n_features, lambda: projection)
    (out / "trace.npz").write_bytes(trace.to_bytes())
    takeaway = Takeaway.of(report.result, shelves, course=trace)
    everything = Chosen(tuple(range(len(report.result.results))))
    (out / "results.xlsx").write_bytes(workbook(takeaway))
    if everything.results:
        (out / "labsheet.html").write_text(lab_sheet(takeaway, everything), encoding="utf-8")
    (out / "lab.csv").write_bytes(to_csv(lab_frame(report.result, everything.results, takeaway.bands)))
    (out / "result.json").write_text(report.result.model_dump_json(indent=1), encoding="utf-8")
    tally = report.result.tally
    print(
        f"{len(report.result.results)} results from {spec.method.counted(tally.n_lineages)}, "
        f"{tally.n_generations} generations and "
        f"{tally.n_evaluations} evaluations in {tally.seconds:.1f} s: {out}"
    )
    for words in (baseline_sentence(report.result), *report.result.notes, figures_sentence(report.result)):
        if words:
            print(words)
