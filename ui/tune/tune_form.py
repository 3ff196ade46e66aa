"""Which dial is turned, and to which settings."""

import streamlit as st
from pydantic import ValidationError

from services.catalog.loading import ModelWithData
from services.specs.base import validation_message
from services.specs.run import RunSpec
from services.studies.tune import TuneSpec
from services.studies.tune.swept_settings import (
    SWEPT_SETTINGS,
    SweptSetting,
    default_settings,
    default_swept_setting,
    parse_settings,
    swept_settings_of,
)
from ui.shared.session import AppSession
from ui.shared.widgets import safe_label


def tune_form(session: AppSession, run: RunSpec, model_data: ModelWithData, shown: TuneSpec | None) -> TuneSpec | None:
    """Draw dial and settings, those of the shown tuning first; return the tuning, or None where it cannot be.

    Args:
        session: whose forms they are.
        run: that is repeated.
        model_data: its table and model.
        shown: the tuning whose curve is on the page, or None.
    """
    swept_settings = list(swept_settings_of(run, has_uncertainty=model_data.confidence is not None))
    usual = default_swept_setting(run)
    first = next(dial for dial in (shown and shown.dial, usual, swept_settings[0]) if dial in swept_settings)
    columns = st.columns([1.3, 1], vertical_alignment="top", gap="medium")
    with columns[0]:
        dial = st.selectbox(
            "Dial",
            swept_settings,
            index=swept_settings.index(first),
            format_func=lambda dial: SWEPT_SETTINGS[dial].label,
            key=session.forms.key("tune-dial"),
            help="What is turned; everything else stays as it is set on the Optimize page.",
        )
    with columns[1]:
        text = _settings_text(session, run, shown, dial)
    st.caption(f"{SWEPT_SETTINGS[dial].help} On the Optimize page it is {SWEPT_SETTINGS[dial].read(run):g} now.")
    try:
        return TuneSpec(run=run, dial=dial, weights=parse_settings(text))
    except ValidationError as error:
        st.error(safe_label(validation_message(error).removeprefix("document: ")), icon=":material/error:")
    except ValueError as error:
        st.error(safe_label(str(error)), icon=":material/error:")
    return None


def _settings_text(session: AppSession, run: RunSpec, shown: TuneSpec | None, dial: SweptSetting) -> str:
    is_shown = shown is not None and shown.dial is dial
    settings = shown.weights if is_shown and shown else default_settings(dial, run)
    unit = f" [{SWEPT_SETTINGS[dial].unit}]" if SWEPT_SETTINGS[dial].unit else ""
    return st.text_input(
        f"Settings to try{unit}",
        ", ".join(f"{setting:g}" for setting in settings),
        key=session.forms.key(f"tune-settings-{dial}"),
        help="Numbers between blanks or commas. Each is a search of its own; 0 switches the dial off.",
    )
