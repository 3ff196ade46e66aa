"""How good a model is, on rows that its training never saw."""

import streamlit as st

from models import ModelCard
from services.intake.uploads.evaluation import fit_sentence, is_good_fit, r2_words
from services.texts.models import intervals_in_words, kind_of_model, rows_in_words
from ui.charts.predicted import held_out_info, predicted_alt, predicted_figure
from ui.shared.widgets import safe_label, show_chart


def model_view(card: ModelCard) -> None:
    """Draw the figures on held-out rows, and predicted against measured."""
    metrics, unit = card.metrics, safe_label(card.outcome.unit)
    columns = st.columns(3)
    columns[0].metric(
        "R² on held-out rows",
        f"{metrics.r2:.3f}",
        border=True,
        help="Share of the outcome's variation that the model explains; 1 is perfect, 0 no better than the mean.",
    )
    columns[1].metric("RMSE", f"{metrics.rmse:.3g} {unit}", border=True, help="Typical error, large ones weigh more.")
    columns[2].metric("MAE", f"{metrics.mae:.3g} {unit}", border=True, help="Mean absolute error.")
    kept = f" Rows that differ only in {safe_label(card.sweep)} stayed on one side." if card.sweep else ""
    st.caption(f"{kind_of_model(card)}. {rows_in_words(card)}{kept}")
    st.caption(safe_label(intervals_in_words(card)))
    info = held_out_info(card)
    if info is not None:
        show_chart("held-out-chart", predicted_figure(info), predicted_alt(info))


def judgement_view(card: ModelCard, key: str) -> None:
    """Draw the figures over the recorded rows, what they say, and predicted against measured."""
    metrics, unit = card.metrics, safe_label(card.outcome.unit)
    figures = st.columns(2)
    figures[0].metric("R² on recorded rows", r2_words(metrics.r2), border=True, help="1 is perfect, below 0 is no use.")
    figures[1].metric("MAE", f"{metrics.mae:.3g} {unit}", border=True, help="Mean absolute error.")
    info = held_out_info(card)
    if info is not None:
        show_chart(f"judgement-{key}", predicted_figure(info), predicted_alt(info), height=320)
    if is_good_fit(card):
        st.success(safe_label(fit_sentence(card)), icon=":material/check:")
    else:
        st.warning(safe_label(fit_sentence(card)), icon=":material/warning:")
    st.caption(
        "It may have been trained on these very rows, so this shows whether the columns are right, not how good the "
        "model is on new ones."
    )
