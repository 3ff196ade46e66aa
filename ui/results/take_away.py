"""The downloads of a run: files for the laboratory, for spreadsheets, to show, to repeat."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import streamlit as st

from services.jobs import Job
from services.papers.exports import to_csv
from services.papers.lab_sheet.page import SheetOptions, lab_sheet
from services.papers.lab_sheet.table import batch_unit, lab_frame
from services.papers.run_export import RunExport, workbook
from services.specs.errors import USER_ERRORS
from services.specs.results import RunResult
from services.texts.tables import left_over_words, results_frame
from ui.shared import cache
from ui.shared.session import AppSession
from ui.web.animation.page import Replay, animation
from ui.web.live_view.component import RunStatus

_TYPES = {
    "html": "text/html",
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SPECIFICATION = "All the run depends on, as one document: `python -m services.cli run FILE --out DIR`"


class File(NamedTuple):
    """A file to take away: its button, what it is good for, and what makes its content when it is asked for."""

    label: str
    meaning: str
    name: str
    make: Callable[[], bytes]
    more: str = ""


def take_away(result: RunResult, job: Job) -> None:
    """Draw the button that opens on all files of a run; nothing is made before it is asked for.

    What goes to the laboratory is chosen in a fragment of its own and looked up when a file is made: buttons that were
    drawn anew with every choice would lose the clicks in between.
    """
    session, everything = AppSession.current(), SheetOptions(tuple(range(len(result.results))))
    with (
        st.container(horizontal=True, horizontal_alignment="right"),
        st.popover("Take it away", icon=":material/download:", key="take-away"),
        st.container(gap="small"),
    ):
        st.markdown("**For the laboratory**")
        st.fragment(_choose)(session, result, job.id)
        _buttons(lab_files(result, job, lambda: session.results.to_lab.get(job.id, everything)))
        st.markdown("**The whole run**")
        _buttons(run_files(result, job))


def _choose(session: AppSession, result: RunResult, run_id: str) -> None:
    numbers, unit = range(1, len(result.results) + 1), batch_unit(result)
    known = session.results.to_lab.get(run_id, SheetOptions(tuple(number - 1 for number in numbers)))
    left, right = st.columns([13, 10], gap="small") if unit else (st.container(), None)
    kept = left.pills(
        "Results to try out",
        numbers,
        selection_mode="multi",
        default=[k + 1 for k in known.results],
        key=f"lab-results-{run_id}",
        help="None chosen is all of them.",
    )
    litres = None
    if right is not None:
        litres = right.number_input(
            "Batch volume [L]",
            min_value=0.1,
            value=known.litres,
            placeholder="none",
            key=f"lab-litres-{run_id}",
            help=f"With a volume, the lab sheet also says how many {unit} of each part go into such a batch.",
        )
    session.results.to_lab[run_id] = SheetOptions(tuple(sorted(number - 1 for number in kept or numbers)), litres)


def _buttons(files: list[File]) -> None:
    for file in files:
        button, meaning = st.columns(2, vertical_alignment="center", gap="small")
        button.download_button(
            file.label,
            file.make,
            file.name,
            _TYPES[file.name.rpartition(".")[2]],
            icon=":material/download:",
            help=file.more or None,
            on_click="ignore",
            width="stretch",
        )
        meaning.caption(file.meaning)


def lab_files(result: RunResult, job: Job, chosen: Callable[[], SheetOptions]) -> list[File]:
    """What goes to the laboratory: a sheet to print and a table to fill in; ``chosen`` says what is on them."""
    stem = RunExport(result, job.finished_at or job.created_at, job.id, job.name).stem
    sheet, table = partial(_sheet, result, job, chosen), partial(_table, result, job, chosen)
    return [
        File("Lab sheet", "One A4 page per result, to print and fill in.", f"{stem}-lab.html", sheet),
        File("Lab table (CSV)", "To fill in and to upload again.", f"{stem}-lab.csv", table),
    ]


def run_files(result: RunResult, job: Job) -> list[File]:
    """What holds a whole run: results, workbook, live picture, specification."""
    stem = RunExport(result, job.finished_at or job.created_at, job.id, job.name).stem

    def table() -> bytes:
        return to_csv(results_frame(result), cache.marks_of(result.spec))

    def book() -> bytes:
        return workbook(_packed(result, job))

    def specification() -> bytes:
        return result.spec.model_dump_json(indent=2).encode()

    picture = partial(_picture, result, job)
    return [
        File("Results (CSV)", "One row per result, with all digits.", f"{stem}.csv", table),
        File("Workbook (Excel)", "Everything, on several sheets.", f"{stem}.xlsx", book),
        File("Live picture (HTML)", "The search in one file that plays offline.", f"{stem}-live.html", picture),
        File("Specification (JSON)", "Repeats the run anywhere.", f"{stem}.json", specification, _SPECIFICATION),
    ]


def _packed(result: RunResult, job: Job) -> RunExport:
    when, course = job.finished_at or job.created_at, cache.course(job.id).read()
    return RunExport.of(result, cache.catalog(), when=when, run_id=job.id, name=job.name, trace=course)


def _sheet(result: RunResult, job: Job, chosen: Callable[[], SheetOptions]) -> bytes:
    return lab_sheet(_packed(result, job), chosen()).encode()


def _table(result: RunResult, job: Job, chosen: Callable[[], SheetOptions]) -> bytes:
    return to_csv(lab_frame(result, chosen().results, _packed(result, job).bands), cache.marks_of(result.spec))


def _picture(result: RunResult, job: Job) -> bytes:
    """The live picture, or the page without it where table or model are gone."""
    packed = _packed(result, job)
    try:
        scene, rows = cache.scene(job.id, result.spec)
        trace = cache.live_trace(job.id, result.spec)
        block = trace.read()
    except USER_ERRORS as error:
        return animation(packed, None, why=str(error)).encode()
    if not len(block.generations):
        return animation(packed, None, why="none of its generations is kept.").encode()
    found = rows.of_results(result.results, len(scene.features))
    axes = rows.axes_of(result.results, scene)
    status = RunStatus(job.state, found, axes, left_over_words(result), decisions=trace.decisions)
    return animation(packed, Replay(scene, block, status)).encode()
