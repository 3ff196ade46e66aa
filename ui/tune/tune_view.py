"""Which dial is tuned to which settings; then the curve, the chosen setting beside it, and the way to use it."""

from typing import Any

import streamlit as st
from pydantic import ValidationError

from services.catalog.loading import ModelWithData
from services.jobs import Job
from services.papers.exports import file_stem, to_csv
from services.specs.base import validation_message
from services.specs.digits import label
from services.specs.run import RunSpec
from services.studies.tune import (
    SWEPT_SETTINGS,
    TunePoint,
    TuneResult,
    TuneSpec,
    curve_frame,
    default_settings,
    default_swept_setting,
    parse_settings,
    price_sentence,
    sets_frame,
    setting_words,
    swept_settings_of,
)
from ui.charts.density import density_multiples_alt, density_multiples_figure, density_multiples_info
from ui.charts.price import AXES, Against, price_alt, price_axes, price_figure, price_info
from ui.charts.style import CHART_CONFIG
from ui.results.result_table import result_table
from ui.shared import cache
from ui.shared.live import follow_pieces, show_end
from ui.shared.session import AppSession
from ui.shared.widgets import choose, downloads, safe_label, show_chart, show_error

N_PANELS = 1  # unless the user asks for more
_SLIDER = "tune-setting"


def tune_form(session: AppSession, run: RunSpec, model_data: ModelWithData, shown: TuneSpec | None) -> TuneSpec | None:
    """Draw dial and settings, those of the shown tuning first; return the tuning, or None where it cannot be."""
    swept_settings = list(swept_settings_of(run, has_uncertainty=model_data.has_confidence))
    usual = default_swept_setting(run)
    first = next(dial for dial in (shown and shown.dial, usual, swept_settings[0]) if dial in swept_settings)
    columns = st.columns([1.3, 1], vertical_alignment="top", gap="medium")
    words = {swept: SWEPT_SETTINGS[swept].label for swept in swept_settings}
    with columns[0]:
        help = "What is turned; everything else stays as it is set."
        dial = choose("Dial", words, first, key=session.forms.key("tune-dial"), help=help)
    settings = shown.weights if shown is not None and shown.dial is dial else default_settings(dial, run)
    text = columns[1].text_input(
        label("Settings to try", SWEPT_SETTINGS[dial].unit),
        ", ".join(f"{setting:g}" for setting in settings),
        key=session.forms.key(f"tune-settings-{dial}"),
        help="Numbers between blanks or commas. Each is a search of its own; 0 switches the dial off.",
    )
    st.caption(f"{SWEPT_SETTINGS[dial].help} It is {SWEPT_SETTINGS[dial].read(run):g} now.")
    try:
        return TuneSpec(run=run, dial=dial, weights=parse_settings(text))
    except ValidationError as error:
        show_error(validation_message(error).removeprefix("document: "))
    except ValueError as error:
        show_error(error)
    return None


def chosen_setting(session: AppSession, tuned: TuneResult, point: TunePoint, present: float) -> None:
    """Draw the chosen setting beside the curve, with the button that takes it."""
    is_present = point.weight == present
    with st.container(border=True):
        st.write(safe_label(price_sentence(tuned.spec.dial, point, tuned.at(present))))
        is_pressed = st.button(
            "In use" if is_present else f"Use {point.weight:g}",
            icon=":material/check:" if is_present else ":material/tune:",
            type="primary",
            disabled=is_present,
            help="Sets it among the settings.",
        )
    if is_pressed and session.draft is not None:
        session.draft = SWEPT_SETTINGS[tuned.spec.dial].apply(session.draft, point.weight)
        session.renew_forms()
        st.rerun()


def tune_view(session: AppSession, job: Job, run: RunSpec) -> None:
    """Draw a tuning: how far it is, its curve, the chosen setting, and what each setting's results weigh."""
    tuned = cache.tuning(job.id, job.n_pieces)
    if tuned is None:
        return
    n_done = f"{len(tuned.points)} of {len(tuned.spec.weights)}"
    show_end(job, "tuning", f"{n_done} settings were done and are kept.")
    if not job.state.is_final:
        follow_pieces(job, len(tuned.points) + len(tuned.failures), len(tuned.spec.weights))
    for failure in tuned.failures:
        st.warning(safe_label(f"{setting_words(tuned.spec.dial, failure.weight).capitalize()}: {failure.error}"))
    if not tuned.points:
        return
    present = SWEPT_SETTINGS[tuned.spec.dial].read(run)
    point = _chosen_point(session, tuned, present)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _curves(tuned, present, point.weight)
        if job.state.is_final:  # a slider that grows while it is drawn may tell of its last value
            _setting_slider(session, tuned, present)
    with right:
        chosen_setting(session, tuned, point, present)
    _multiples(tuned, point.weight)
    with st.expander(f"All of the results with {setting_words(tuned.spec.dial, point.weight)}"):
        result_table(point.result)
    _downloads(tuned)


def picked_setting(event: Any) -> float | None:
    """The setting of the point that was clicked, or None where a click chose none."""
    points = event.get("selection", {}).get("points", []) if event else []
    settings = [point.get("customdata") for point in points]
    numbers = [value[0] if isinstance(value, list | tuple) else value for value in settings if value is not None]
    return float(numbers[0]) if numbers else None


def _chosen_point(session: AppSession, tuned: TuneResult, present: float) -> TunePoint:
    """The point whose results are shown: the chosen one, else the present setting's, else the last."""
    wanted = (session.tune.setting, present)
    found = [point for setting in wanted if setting is not None and (point := tuned.at(setting))]
    return found[0] if found else tuned.curve[-1]


def _curves(tuned: TuneResult, present: float, chosen: float) -> None:
    axes = _panels(tuned)
    infos = [price_info(tuned, against, present=present, chosen=chosen) for against in axes]
    if not infos:
        st.info("No setting has results that could be drawn yet.", icon=":material/search_off:")
        return
    for column, against, info in zip(st.columns(len(infos), gap="large"), axes, infos, strict=True):
        if info is None:
            continue
        key = f"price-{against.value}"
        column.plotly_chart(
            price_figure(info),
            key=key,
            config=CHART_CONFIG,
            alt=price_alt(info),
            on_select=lambda key=key: _take_click(key),
            selection_mode="points",
        )


def _panels(tuned: TuneResult) -> list[Against]:
    """What the outcome is drawn against; where there is more than fits side by side, the user chooses."""
    axes = list(price_axes(tuned))
    if len(axes) <= N_PANELS:
        return axes
    chosen = st.pills(
        "Drawn against",
        axes,
        default=axes[:N_PANELS],
        selection_mode="multi",
        format_func=lambda against: AXES[against].name,
        wrap=True,
        key=f"price-axes:{tuned.spec.dial}",
    )
    return [against for against in axes if against in chosen] or axes[:1]


def _take_click(key: str) -> None:
    setting = picked_setting(st.session_state.get(key))
    if setting is not None:
        AppSession.current().tune.setting = setting


def _setting_slider(session: AppSession, tuned: TuneResult, present: float) -> None:
    """Draw the settings that are done, to choose from without a pointer."""
    done = [point.weight for point in tuned.curve]
    if len(done) < 2:
        return
    key = f"{_SLIDER}:{len(done)}"  # a new one for more points: the browser may still tell of the old one's value
    st.session_state[key] = _chosen_point(session, tuned, present).weight
    info = SWEPT_SETTINGS[tuned.spec.dial]

    def take() -> None:
        session.tune.setting = st.session_state[key]

    st.select_slider(
        f"Results shown: {info.label.lower()}",
        done,
        key=key,
        format_func=lambda setting: f"{setting:g}{' ' + info.unit if info.unit else ''}",
        on_change=take,
        help="Or click on a point of the curve.",
    )


def _multiples(tuned: TuneResult, chosen: float) -> None:
    info = density_multiples_info(tuned, chosen)
    if info is None:
        return
    st.subheader("What the results weigh at every setting")
    st.caption(
        "Marks are the results, blue bars the lineages that were good enough to become one, grey bars all recorded "
        "rows; the green band is the usual density."
    )
    show_chart("density-multiples", density_multiples_figure(info), density_multiples_alt(info))


def _downloads(tuned: TuneResult) -> None:
    stem = f"{file_stem(tuned.spec.run.name)}-{tuned.spec.dial}"
    downloads(
        ("Download the curve", to_csv(curve_frame(tuned)), f"{stem}-curve.csv", "text/csv"),
        ("Download all results", to_csv(sets_frame(tuned)), f"{stem}-results.csv", "text/csv"),
        ("Download specification", tuned.spec.model_dump_json(indent=2), f"{stem}.json", "application/json"),
    )
