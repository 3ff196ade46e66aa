"""The chosen setting of a tuning: what it promises and costs, its results in brief, and the way to Optimize."""

import streamlit as st

from services.digits import common_decimals, label, number_words
from services.naming import result_names
from services.runspec import RunSpec
from services.sheets import predicted_header
from services.tune import TunePoint, TuneResult
from services.tune.dials import DIALS
from services.tune.words import price_sentence
from services.wordings import percent_words
from ui import frame
from ui.session import AppSession
from ui.text import safe_label


def chosen_setting(session: AppSession, tuned: TuneResult, point: TunePoint, present: float) -> None:
    """Draw the chosen setting beside the curve, with the button that takes it to the Optimize page.

    Args:
        session: whose run it is taken to.
        tuned: the tuning.
        point: of the chosen setting.
        present: the setting that the run has on the Optimize page.
    """
    is_present = point.weight == present
    with st.container(border=True):
        st.write(safe_label(price_sentence(tuned.spec.dial, point, tuned.at(present))))
        if len(point.result.results):
            st.table(_brief(point), border="horizontal")
        is_pressed = st.button(
            "In use" if is_present else f"Use {point.weight:g}",
            icon=":material/check:" if is_present else ":material/tune:",
            type="primary",
            disabled=is_present,
            help="Sets it on the Optimize page.",
        )
    if is_pressed and session.draft is not None:
        use_setting(session, session.draft, tuned, point.weight)
        st.switch_page(frame.OPTIMIZE)


def use_setting(session: AppSession, run: RunSpec, tuned: TuneResult, setting: float) -> None:
    """Set the dial of the run that is set up on the Optimize page."""
    session.draft = DIALS[tuned.spec.dial].turn(run, setting)
    session.renew_forms()


def _brief(point: TunePoint) -> dict[str, list[str]]:
    """Return the results in a few columns of words: what is predicted, how plausible, what density."""
    result, rows = point.result, point.result.results
    decimals = common_decimals(rows.outcomes)
    columns = {
        "": result_names(len(rows)),
        predicted_header(result): [number_words(value, decimals) for value in rows.outcomes],
    }
    if rows.plausibility is not None:
        columns["plausibility"] = [percent_words(value) for value in rows.plausibility]
    if rows.densities is not None and result.density is not None:
        decimals = common_decimals(rows.densities)
        words = [number_words(value, decimals) for value in rows.densities]
        columns[label("density", result.density.unit)] = words
    return {safe_label(header): words for header, words in columns.items()}
