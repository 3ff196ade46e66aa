"""A tuning on the page: its curve as it grows, the set of results of one setting, and the way back to Optimize."""

from typing import Any

import streamlit as st

from services.exports import to_csv
from services.files import file_stem
from services.runs import Job, JobState
from services.runspec import RunSpec
from services.tune import TunePoint, TuneResult
from services.tune.dials import DIALS, setting_words
from services.tune.sheets import curve_frame, sets_frame
from ui import cache, charts
from ui.components.chart import show_chart
from ui.components.following import follow_pieces
from ui.components.result_table import result_table
from ui.components.tune_chosen import chosen_setting
from ui.session import AppSession
from ui.text import safe_label

N_PANELS = 1  # unless the user asks for more
_SLIDER = "tune-setting"
_END_WORDS = {JobState.FAILED: "The tuning failed: ", JobState.INTERRUPTED: "The tuning was interrupted: "}


def tune_view(session: AppSession, job: Job, run: RunSpec) -> None:
    """Draw a tuning: how far it is, its curve with the chosen setting beside it, and what each setting's results weigh.

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
        follow_pieces(job, len(tuned.points) + len(tuned.failures), len(tuned.spec.weights))
    for failure in tuned.failures:
        st.warning(safe_label(f"{setting_words(tuned.spec.dial, failure.weight).capitalize()}: {failure.error}"))
    if not tuned.points:
        return
    present = DIALS[tuned.spec.dial].read(run)
    point = _chosen_point(session, tuned, present)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _curves(tuned, present, point.weight)
        if job.state.is_final:  # a slider that grows while it is drawn may tell of its last value
            _setting_slider(session, tuned, present)
    with right:
        chosen_setting(session, tuned, point, present)
    _multiples(tuned, point.weight)
    st.subheader(f"All of the results with {setting_words(tuned.spec.dial, point.weight)}")
    result_table(point.result)
    _downloads(tuned)


def picked_setting(event: Any) -> float | None:
    """Return the setting of the point that was clicked, or None where a click chose none."""
    points = event.get("selection", {}).get("points", []) if event else []
    settings = [point.get("customdata") for point in points]
    numbers = [value[0] if isinstance(value, list | tuple) else value for value in settings if value is not None]
    return float(numbers[0]) if numbers else None


def _show_end(job: Job, tuned: TuneResult) -> None:
    """Say why a tuning ended, where it did not end by itself."""
    n_done, n = len(tuned.points), len(tuned.spec.weights)
    if job.state is JobState.CANCELLED:
        st.info(
            f"You stopped the tuning; {n_done} of {n} settings were done and are kept.", icon=":material/stop_circle:"
        )
    elif job.state in _END_WORDS:
        st.error(_END_WORDS[job.state] + safe_label(job.error), icon=":material/error:")


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


def _multiples(tuned: TuneResult, chosen: float) -> None:
    """Draw what the results of every setting weigh, where something adds up."""
    info = charts.density_multiples_info(tuned, chosen)
    if info is None:
        return
    st.subheader("What the results weigh at every setting")
    st.caption(
        "Marks are the results, blue bars the lineages that were good enough to become one, grey bars all recorded "
        "rows; the green band is the usual density."
    )
    show_chart("density-multiples", charts.density_multiples_figure(info), charts.density_multiples_alt(info))


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
