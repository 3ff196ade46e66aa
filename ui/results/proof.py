"""How much better than its results any candidate of a run could be: a button, the limit as it sinks, the sentence."""

import streamlit as st

from optimizer import Goal
from optimizer.proof import ProofEnd
from services.jobs import Job, JobKind
from services.jobs.kinds import steps_of
from services.specs.digits import label
from services.specs.results import RunResult
from services.studies.proof import ProofResult, ProofSpec, ProofStep, proof_refusal
from ui.shared import cache
from ui.shared.live import follow, goes_on, seconds_of, stop_button, write_progress
from ui.shared.widgets import safe_label, show_error

TITLE = "How much better could it get?"
_HELP = "Counting what penalties take off."
_ENDS = {
    ProofEnd.USER: "You stopped it; the limit that it had reached until then is kept.",
    ProofEnd.TIME: "The time was up; a longer proof would say more.",
    ProofEnd.BOXES: "It looked at as many parts of the space as it may.",
    ProofEnd.MEMORY: "It was about to take too much memory.",
    ProofEnd.PRECISION: "That is as near as the rounding of the model's predictions allows.",
}


def proof_section(run: Job, result: RunResult) -> None:
    """Draw the proof of a run that has results, folded until there is one: a button that starts it, what it proved.

    It belongs to the run, not to the browser session: whoever shows the run sees it.
    """
    if result.spec.model.kind == "function" or result.outcomes:  # limits, formulas and fronts are not bounded yet
        return
    job = cache.supervisor().store.latest(JobKind.PROOF, run.id)
    with st.expander(TITLE, icon=":material/verified:", expanded=job is not None):
        st.write(
            "The search tried some candidates; a proof bounds all of them. It says how much better than these results "
            "any candidate within the bounds could be, by the model."
        )
        if refused := proof_refusal(result.spec):
            st.caption(refused)
            return
        with st.container(horizontal=True):
            st.button(
                "Prove it" if job is None else "Prove it again",
                icon=":material/verified:",
                disabled=goes_on(job),
                on_click=_start,
                args=(run.id,),
                help="Takes a second to a minute, on the server. You may go on with other pages.",
            )
            stop_button(job, "Stop and keep the limit")
        if goes_on(job):
            _follow(job, result)
        elif job is not None:
            _show_end(job, result)


def _start(run_id: str) -> None:
    """Queue the proof of a run, unless one is queued or running."""
    supervisor = cache.supervisor()
    job, result = supervisor.store.latest(JobKind.PROOF, run_id), cache.result(cache.job(run_id))
    if result is not None and (not goes_on(job)):
        supervisor.submit(JobKind.PROOF, run_id, ProofSpec.of(result).model_dump_json())


def _follow(job: Job, result: RunResult) -> None:

    def draw(now: Job) -> None:
        steps = steps_of(cache.supervisor().store.pieces(job.id, first=max(now.n_pieces - 1, 0)))
        if steps:
            _figures(steps[-1], result)
        seconds = ProofSpec.model_validate_json(now.spec).seconds
        write_progress(now, seconds_of(now) / seconds if seconds else 0.0)

    follow(job, draw)


def _show_end(job: Job, result: RunResult) -> None:
    if job.result is None:
        show_error(job.error or "The proof ended before it reached a limit.")
        return
    proven = ProofResult.model_validate_json(job.result)
    icon = ":material/verified:" if proven.is_proven else ":material/rule:"
    (st.success if proven.is_proven else st.info)(safe_label(proven.sentence), icon=icon)
    if proven.end in _ENDS:
        st.caption(_ENDS[proven.end])
    _figures(proven.last, result)
    for words in proven.relaxed:
        st.caption(safe_label(f"Left out of the limit, which makes it wider than it had to be: {words}."))
    if proven.is_better_found and proven.best:
        st.write("The better candidate that the proof came upon:")
        st.dataframe([_settings(proven.best, result)], hide_index=True)


def _figures(step: ProofStep, result: RunResult) -> None:
    is_near = result.goal is Goal.VALUE
    unit = f" {result.objective_unit}" if result.objective_unit else ""
    columns = st.columns(4)
    shown = {
        "Nearest known" if is_near else "Best known": step.best,
        "None can be nearer" if is_near else "None can be better": step.limit,
    }
    for column, (name, value) in zip(columns, shown.items(), strict=False):
        column.metric(name, "…" if value is None else safe_label(f"{value:,.6g}{unit}"), help=_HELP)
    gap = "…" if step.gap is None else f"{step.gap:.2g}{unit}" if step.percent is None else f"{step.percent:.2g} %"
    columns[2].metric("Gap", safe_label(gap))
    columns[3].metric("Parts looked at", f"{step.boxes:,}", help=f"In {step.seconds:.1f} s.")


def _settings(X: tuple[float, ...], result: RunResult) -> dict[str, float | str]:
    """A candidate by the names of its features; the sweep feature of a curve has no setting."""
    sweep = result.spec.swept
    return {
        label(feature.name, feature.unit): feature.categories[int(value)] if feature.categories else value
        for value, feature in zip(X, result.features, strict=True)
        if feature.name != sweep
    }
