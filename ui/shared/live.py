"""A job on a page: what it is doing, the button that stops it, why it ended; and the live view of a search."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeGuard

import streamlit as st

from optimizer import DecisionKind
from services.jobs import Job, JobKind, JobState, RunRow
from services.jobs.durations import expected_of, share_by_time
from services.jobs.kinds import PAUSED, SEARCHING, share_done
from services.problems.estimate import SEARCH_SHARE, duration_words, left_words
from services.specs.errors import USER_ERRORS
from services.specs.run import RunSpec
from services.texts.specs import REPEATED, decisions_sentence
from services.texts.tables import left_over_words
from ui.shared import cache, frame
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label
from ui.web.live_view.component import (
    NEWS,
    NEWS_OF_FRONT,
    RunStatus,
    Sent,
    SteeringRequest,
    live_view,
    next_block,
)
from ui.web.live_view.row_block import RowBlock

POLL = "400ms"
_KEY = "live"  # of every run: the view goes from waiting over to a run, and keeps what the user chose in it
_END_WORDS = {
    JobState.FAILED: "failed: ",
    JobState.CANCELLED: "was stopped. ",
    JobState.INTERRUPTED: "was interrupted: ",
}


def write_progress(job: Job, share: float = 0.0) -> None:
    """Say how many jobs are before a queued one, or what a running one is doing; nothing of one that has ended.

    A bar moves meanwhile: by ``share``, the part of its work that is done, where that is above 0, else by what the job
    says itself, else by the time that it was expected to take. How long the rest takes is said with it.
    """
    if job.state is JobState.QUEUED:
        ahead = cache.supervisor().store.n_ahead(job.id)
        st.caption(f"Queued: {ahead} {'job is' if ahead == 1 else 'jobs are'} before this one.")
    elif not job.state.is_final:
        seconds = seconds_of(job)
        expected = expected_of(cache.supervisor().store, job)
        known = share or share_done(job.progress) or 0.0
        if job.kind is JobKind.SEARCH and share:
            known *= SEARCH_SHARE
        left = left_words(known, seconds)
        if expected is not None and not left and expected - seconds > 1:
            left = f"{duration_words(expected - seconds)} left"
        by_time = share_by_time(seconds, expected) if expected is not None else 0.0
        st.progress(min(1.0, known or by_time))
        words = re.sub(r", \d+ %$", "", job.progress) or "Starting"
        st.caption(f"{words} …" + (f" {left}" if left and " left" not in words else ""))


def seconds_of(job: Job | RunRow) -> float:
    """For how long a job has been running."""
    return (datetime.now(UTC) - job.started_at).total_seconds() if job.started_at else 0.0


def goes_on(job: Job | None) -> TypeGuard[Job]:
    """Whether there is a job, and it has not ended."""
    return job is not None and not job.state.is_final


def is_searching(job: Job | None) -> TypeGuard[Job]:
    """Whether a run still searches: what its results are shown beside may follow later."""
    return job is not None and not job.is_ready


def stop_button(job: Job | None, label: str = "Stop") -> None:
    """Draw the button that stops a job; nothing where none goes on."""
    if goes_on(job):
        # In the page's main part: one inside of a fragment would wait for a page that is being drawn.
        st.button(label, icon=":material/stop:", on_click=cache.supervisor().stop, args=(job.id,))


def follow(job: Job, draw: Callable[[Job], None] = write_progress, *, is_by_piece: bool = False) -> None:
    """Draw how far a job is, time and again, and the page anew when it has ended; or with each piece of its result."""

    @st.fragment(run_every=POLL)
    def poll() -> None:
        now = cache.job(job.id)
        is_new = now is not None and (now.is_ready != job.is_ready or (is_by_piece and now.n_pieces != job.n_pieces))
        if now is None or now.state.is_final or is_new:
            st.rerun()  # before anything is drawn: the message of a drawing just before would be lost
        draw(now)

    poll()


def follow_pieces(job: Job, n_done: int, n: int) -> None:
    """Draw how many of the searches of a job are done, time and again; the page anew with each more."""

    def draw(now: Job) -> None:
        words, _, doing = now.progress.partition("; ")
        if not doing:
            write_progress(now)
            return
        expected = expected_of(cache.supervisor().store, now)
        by_time = share_by_time(seconds_of(now), expected) if expected is not None else 0.0
        done, next_done = n_done / max(n, 1), (n_done + 0.95) / max(n, 1)  # what is at work moves the bar as well
        st.progress(min(max(done, by_time), next_done, 1.0), words)
        st.caption(f"{doing[:1].upper()}{doing[1:]} …")

    follow(job, draw, is_by_piece=True)


def show_end(job: Job, what: str = "run", kept: str | None = None) -> bool:
    """Say why a job called ``what`` ended, where it did not by itself, and what is ``kept`` of a stopped one.

    Whether there was something to say is returned.
    """
    if kept is None:
        kept = "what it had found until then is kept." if job.result else ""
    with st.container():  # always there, so that what follows stays where it is
        if job.state is JobState.CANCELLED and kept:
            st.info(f"You stopped the {what}; {kept}", icon=":material/stop_circle:")
        elif job.state in _END_WORDS:
            st.error(f"The {what} {_END_WORDS[job.state]}{safe_label(job.error)}", icon=":material/error:")
    return job.state in _END_WORDS


def show_live(session: AppSession, job: Job, height: int = 440, *, has_help: bool = True) -> None:
    """Draw a run, live while it goes on and as a replay when it has ended.

    The browser is sent what is new; where it lacks something before that, it asks for it.

    Args:
        height: in pixels; a phone takes what it needs.
        has_help: whether the view leads to How it works.
    """
    if session.live.sent_run != job.id:
        session.live.sent_run, session.live.sent = job.id, Sent()
    # What a fragment polls by is read when the whole page is drawn: its end draws the page anew, without polling.
    st.fragment(_draw, run_every=POLL if is_searching(job) else None)(job.id, height, is_searching(job), has_help)


def show_waiting(session: AppSession, spec: RunSpec, height: int = 440) -> None:
    """Draw the live view before there is a run of a specification: its recorded rows, and what to press."""
    session.live.sent_run = None
    st.fragment(_draw_waiting)(spec, height)


def _draw_waiting(spec: RunSpec, height: int) -> None:
    session = AppSession.current()
    _follow_help(session)
    try:
        scene = cache.waiting_scene(spec)
        session.live.waiting = spec
    except USER_ERRORS:  # what is wrong with the settings is said beside them
        known = session.live.waiting
        if known is None or (known.dataset, known.model) != (spec.dataset, spec.model):
            return
        scene = cache.waiting_scene(known)
    block, status = RowBlock.empty(len(scene.features), len(scene.goals)), RunStatus(None)
    live_view(
        scene,
        block,
        status,
        key=_KEY,
        height=height,
        on_gap=_go_back,
        on_request=lambda request: None,
        on_help=_ask_for_help,
    )


def _draw(run_id: str, height: int, went_on: bool, has_help: bool) -> None:
    session = AppSession.current()
    _follow_help(session)
    job = cache.job(run_id)
    if job is None:
        return
    if job.is_ready and went_on:
        st.rerun()  # before anything is drawn: the message of a drawing just before would be lost
    try:
        spec = RunSpec.model_validate_json(job.spec)
        scene, rows = cache.scene(run_id, spec)
        trace = cache.live_trace(run_id, spec)
        block = trace.read()
    except USER_ERRORS as error:
        st.warning(f"The picture of this run cannot be drawn any more: {safe_label(str(error))}")
        return
    found = cache.result(job)
    is_open = job.state is JobState.RUNNING and job.progress in (SEARCHING, PAUSED)
    status = RunStatus(
        job.state if found is None else JobState.DONE,  # what the results are shown beside has no picture
        rows.of_results(found.results, len(scene.features)) if found else None,
        rows.axes_of(found.results, scene) if found else None,
        left_over_words(found) if found else "",
        is_new=session.live.started == run_id,
        decisions=trace.decisions,
        is_open=is_open,
        is_held=is_open and job.progress == PAUSED,
    )
    news = NEWS_OF_FRONT if scene.goals else NEWS
    missing, session.live.sent = next_block(session.live.sent, block, is_final=job.is_ready, news=news)
    live_view(
        scene,
        missing,
        status,
        key=_KEY,
        height=height,
        is_looping=session.live.demo == run_id,
        on_gap=_go_back,
        on_request=partial(_pass_on, run_id),
        on_help=_ask_for_help if has_help else None,
    )
    if is_searching(job):
        write_progress(job, _share_done(spec, block, job))
    if found is not None and found.spec.decisions:
        st.caption(decisions_sentence(found.spec.decisions), help=REPEATED)


def _ask_for_help() -> None:
    AppSession.current().live.wants_help = True


def _follow_help(session: AppSession) -> None:
    """Lead to How it works where the user has asked for it: what is heard of a browser cannot switch pages itself."""
    if session.live.wants_help:
        session.live.wants_help = False
        st.switch_page(frame.HOW_IT_WORKS)


def _pass_on(run_id: str, request: SteeringRequest) -> None:
    supervisor = cache.supervisor()
    if request.lineage is None:
        supervisor.pause(run_id, request.kind == "hold")
    else:
        supervisor.steer(run_id, DecisionKind(request.kind), request.lineage)


def _share_done(spec: RunSpec, block: RowBlock, job: Job) -> float:
    """Which share of its budget a search has used, of evaluations or of time; 0 where it does something else."""
    if job.progress != SEARCHING or not len(block.generations):
        return 0.0
    used = float(block.generations[-1, 1]) / spec.budget.evaluations
    return max(used, seconds_of(job) / spec.budget.seconds) if spec.budget.seconds else used


def _go_back(generation: int) -> None:
    """Send next what follows the generation that the browser has last; after 0 that is the whole run."""
    session = AppSession.current()
    session.live.sent = replace(
        session.live.sent, generation=generation, is_thinned=session.live.sent.is_thinned and generation > 0
    )
