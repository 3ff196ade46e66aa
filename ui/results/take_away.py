"""The downloads of a run: files for the laboratory, for spreadsheets, to show, to repeat."""

import math
from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

import streamlit as st

from services.jobs import Job
from services.papers.choices import RunChoices, change_choices, choices_of
from services.papers.exports import to_csv
from services.papers.lab_sheet.page import SheetOptions, lab_sheet
from services.papers.lab_sheet.table import batch_unit, lab_frame
from services.papers.run_export import RunExport, workbook
from services.results.names import result_names
from services.specs.errors import USER_ERRORS
from services.specs.results import RunResult
from services.texts.tables import left_over_words, results_frame
from ui.shared import cache
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


def take_away(result: RunResult, job: Job, choices: RunChoices, *, is_primary: bool) -> None:
    """Draw the buttons that open on what goes to the laboratory, and on all files of a run.

    Nothing is made before it is asked for; what goes to the laboratory is looked up when a file is made.
    """
    n, store = len(result.results), cache.supervisor().store
    names, chosen = result_names(n), choices.for_lab(n)

    def options() -> SheetOptions:
        found = choices_of(store, job.id)
        return SheetOptions(found.for_lab(n), found.litres, cache.marks_of(result.spec).decimal)

    words = f"Lab sheet ({len(choices.to_lab)})" if choices.to_lab else "Lab sheet"
    kind: Literal["primary", "secondary"] = "primary" if is_primary else "secondary"
    with (
        st.popover(words, icon=":material/science:", key="to-lab", type=kind),
        st.container(gap="small"),
    ):
        which = ", ".join(names[k] for k in chosen) if choices.to_lab else "All results"
        st.markdown(f"**{which}**", help="The flask in a row of the table puts a result on the sheet or takes it off.")
        if unit := batch_unit(result):
            st.fragment(_litres)(job.id, choices.litres, unit)
        _buttons(lab_files(result, job, options))
    with (
        st.popover("Take it away", icon=":material/download:", key="take-away"),
        st.container(gap="small"),
    ):
        _buttons(run_files(result, job))


def _litres(run_id: str, known: float | None, unit: str) -> None:
    """Draw the volume of a batch, in a fragment: the buttons beside it stay as they are, and lose no click."""
    key = f"lab-litres-{run_id}"

    def keep() -> None:
        litres = st.session_state[key]
        change_choices(cache.supervisor().store, run_id, lambda found: found.model_copy(update={"litres": litres}))

    st.number_input(
        "Batch volume [L]",
        min_value=0.1,
        value=known,
        placeholder="none",
        key=key,
        on_change=keep,
        help=f"With a volume, the lab sheet also says how many {unit} of each part go into such a batch.",
    )


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

    def sheet() -> bytes:
        return lab_sheet(_packed(result, job), chosen()).encode()

    def table() -> bytes:
        return to_csv(lab_frame(result, chosen().results, _packed(result, job).bands), cache.marks_of(result.spec))

    return [
        File("Lab sheet (HTML)", "One A4 page per result, to print and fill in.", f"{stem}-lab.html", sheet),
        File("Lab table (CSV)", "To fill in and to upload again.", f"{stem}-lab.csv", table),
    ]


def run_files(result: RunResult, job: Job) -> list[File]:
    """What holds a whole run: results, workbook, live picture, specification."""
    stem = RunExport(result, job.finished_at or job.created_at, job.id, job.name).stem

    def table() -> bytes:
        shown = choices_of(cache.supervisor().store, job.id).shown(len(result.results))
        return to_csv(results_frame(result).iloc[list(shown)], cache.marks_of(result.spec))

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
    left_out = choices_of(cache.supervisor().store, job.id).left_out
    return RunExport.of(
        result, cache.catalog(), when=when, run_id=job.id, name=job.name, trace=course, left_out=left_out
    )


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
    found[list(packed.left_out)] = math.nan
    axes = rows.axes_of(result.results, scene)
    status = RunStatus(job.state, found, axes, left_over_words(result), decisions=trace.decisions)
    return animation(packed, Replay(scene, block, status)).encode()
