"""How a model from elsewhere agrees with the recorded rows, so that wrongly chosen columns are seen at once."""

import streamlit as st

from models import ModelCard
from services.uploads import is_agreeing, r2_words, verdict
from ui import charts
from ui.components.chart import show_chart
from ui.text import safe_label


def judgement_view(card: ModelCard, key: str) -> None:
    """Draw the figures over the recorded rows, what they say, and predicted against measured."""
    metrics, unit = card.metrics, safe_label(card.outcome.unit)
    figures = st.columns(2)
    figures[0].metric("R² on recorded rows", r2_words(metrics.r2), border=True, help="1 is perfect, below 0 is no use.")
    figures[1].metric("MAE", f"{metrics.mae:.3g} {unit}", border=True, help="Mean absolute error.")
    info = charts.held_out_info(card)
    if info is not None:
        show_chart(f"judgement-{key}", charts.held_out_figure(info), charts.held_out_alt(info), height=320)
    if is_agreeing(card):
        st.success(safe_label(verdict(card)), icon=":material/check:")
    else:
        st.warning(safe_label(verdict(card)), icon=":material/warning:")
    st.caption(
        "It may have been trained on these very rows, so this shows whether the columns are right, not how good the "
        "model is on new ones."
    )
