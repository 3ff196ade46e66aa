"""A tuning on the page: its curve as it grows, the set of results of one setting, and the way back to Optimize."""

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from services.dials import DIALS
from services.estimate import duration_words
from services.exports import to_csv
from services.runs import Job, JobState
from services.runspec import RunSpec
from services.tune import TunePoint, TuneResult
from services.tunesheets import curve_frame, sets_frame
from services.tunewords import price_sentence
from ui import cache, charts, frame
from ui.components.downloads import file_stem
from ui.components.result_table import result_table
from ui.phase import write_phase
from ui.session import AppSession
from ui.text import safe_label

POLL = "500ms"
N_PANELS = 2  # side by side, unless the user asks for more
_SLIDER = "tune-setting"
_END_WORDS = {JobState.FAILED: "The tuning failed: ", JobState.INTERRUPTED: "The tuning was interrupted: "}


def tune_view(session: AppSession, job: Job, run: RunSpec) -> None:
    """Draw a tuning: how far it is, its curve, and the results of the chosen setting.

    Args:
        session: that chooses a setting.
        job: the tuning.
        run: the run as it is set on the Optimize page.
    """
    tuned = cache.tuning(job.id, job.n_chunks)
    if tuned is None:
        return
    _show_end(job, tuned)
    if not job.state.is_final:
        _follow(job, tuned)
    if not tuned.points:
        return
    present = DIALS[tuned.spec.dial].read(run)
    point = _chosen_point(session, tuned, present)
    _curves(tuned, present, point.weight)
    _setting_slider(session, tuned, present)
    _set_of_results(session, tuned, point, present)


def picked_setting(event: Any) -> float | None:
    """Return the setting of the point that was clicked, or None where a click chose none."""
    points = event.get("selection", {}).get("points", []) if event else []
    settings = [point.get("customdata") for point in points]
    numbers = [value[0] if isinstance(value, list | tuple) else value for value in settings if value is not None]
    return float(numbers[0]) if numbers else None


def use_setting(session: AppSession, run: RunSpec, tuned: TuneResult, setting: float) -> None:
    """Set the dial of the run that is set up on the Optimize page."""
    session.draft = DIALS[tuned.spec.dial].turn(run, setting)
    session.renew_forms()


def _show_end(job: Job, tuned: TuneResult) -> None:
    """Say why a tuning ended, where it did not end by itself."""
    n_done, n = len(tuned.points), len(tuned.spec.weights)
    if job.state is JobState.CANCELLED:
        st.info(
            f"You stopped the tuning; {n_done} of {n} settings were done and are kept.", icon=":material/stop_circle:"
        )
    elif job.state in _END_WORDS:
        st.error(_END_WORDS[job.state] + safe_label(job.error), icon=":material/error:")


def _follow(job: Job, tuned: TuneResult) -> None:
    """Show how far a tuning is; draw the page anew when a point has come or it has ended."""
    n_done, n = len(tuned.points), len(tuned.spec.weights)

    @st.fragment(run_every=POLL)
    def follow() -> None:
        now = cache.supervisor().store.get(job.id)
        if now is None or now.state.is_final or now.n_chunks != job.n_chunks:
            st.rerun()
        words = f"{n_done} of {n} settings done"
        if n_done and now.started_at:
            per_setting = (datetime.now(UTC) - now.started_at).total_seconds() / (n_done + 0.5)
            words += f", {duration_words(per_setting * (n - n_done - 0.5))} to go"
        st.progress(n_done / n, words)
        write_phase(now)

    follow()


def _chosen_point(session: AppSession, tuned: TuneResult, present: float) -> TunePoint:
    """Return the point whose results are shown: the chosen one, else the present setting's, else the last."""
    wanted = (session.tune_setting, present)
    found = [point for setting in wanted if setting is not None and (point := tuned.at(setting))]
    return found[0] if found else tuned.curve[-1]


def _curves(tuned: TuneResult, present: float, chosen: float) -> None:
    """Draw the outcome against what it is paid for; a click on a point chooses it."""
    axes = _panels(tuned)
    infos = [charts.price_info(tuned, against, present=present, chosen=chosen) for against in axes]
    if not infos:
        st.info("No setting has results that could be drawn yet.", icon=":material/search_off:")
        return
    for column, against, info in zip(st.columns(len(infos), gap="large"), axes, infos, strict=True):
        if info is None:
            continue
        key = f"price-{against.value}"
        with column:
            st.plotly_chart(
                charts.price_figure(info),
                key=key,
                config=charts.CHART_CONFIG,
                alt=charts.price_alt(info),
                on_select=lambda key=key: _take_click(key),
                selection_mode="points",
            )


def _panels(tuned: TuneResult) -> list[charts.Against]:
    """Return what the outcome is drawn against; where there is more than fits side by side, the user chooses."""
    axes = list(charts.price_axes(tuned))
    if len(axes) <= N_PANELS:
        return axes
    chosen = st.pills(
        "Drawn against",
        axes,
        default=axes[:N_PANELS],
        selection_mode="multi",
        format_func=lambda against: charts.AXES[against].name,
        wrap=True,
        key=f"price-axes:{tuned.spec.dial}",
    )
    return [against for against in axes if against in chosen] or axes[:1]


def _take_click(key: str) -> None:
    setting = picked_setting(st.session_state.get(key))
    if setting is not None:
        AppSession.current().tune_setting = setting


def _take_slider(key: str) -> None:
    AppSession.current().tune_setting = st.session_state[key]


def _setting_slider(session: AppSession, tuned: TuneResult, present: float) -> None:
    """Draw the settings that are done, to choose from without a pointer."""
    done = [point.weight for point in tuned.curve]
    if len(done) < 2:
        return
    key = f"{_SLIDER}:{len(done)}"  # a new one for more points: the browser may still tell of the old one's value
    st.session_state[key] = _chosen_point(session, tuned, present).weight
    info = DIALS[tuned.spec.dial]
    st.select_slider(
        f"Results shown: {info.label.lower()}",
        done,
        key=key,
        format_func=lambda setting: f"{setting:g}{' ' + info.unit if info.unit else ''}",
        on_change=_take_slider,
        args=(key,),
        help="Or click on a point of the curve.",
    )


def _set_of_results(session: AppSession, tuned: TuneResult, point: TunePoint, present: float) -> None:
    """Draw the results of one setting, and the button that takes it to the Optimize page."""
    is_present = point.weight == present
    words, button = st.columns([3, 1], vertical_alignment="center")
    words.write(safe_label(price_sentence(tuned.spec.dial, point, tuned.at(present))))
    with button, st.container(horizontal=True, horizontal_alignment="right"):
        is_pressed = st.button(
            "In use" if is_present else f"Use {point.weight:g}",
            icon=":material/check:" if is_present else ":material/tune:",
            type="primary",
            disabled=is_present,
        )
    if is_pressed and session.draft is not None:
        use_setting(session, session.draft, tuned, point.weight)
        st.switch_page(frame.OPTIMIZE)
    result_table(point.result)
    _downloads(tuned)


def _downloads(tuned: TuneResult) -> None:
    """Draw the buttons that take the curve and all sets of results away."""
    stem = f"{file_stem(tuned.spec.run.name)}-{tuned.spec.dial}"
    files = (
        ("Download the curve", to_csv(curve_frame(tuned)), f"{stem}-curve.csv", "text/csv"),
        ("Download all results", to_csv(sets_frame(tuned)), f"{stem}-results.csv", "text/csv"),
        ("Download specification", tuned.spec.model_dump_json(indent=2), f"{stem}.json", "application/json"),
    )
    with st.container(horizontal=True):
        for label, data, name, mime in files:
            st.download_button(label, data, name, mime, icon=":material/download:", on_click="ignore")
