"""The model in use: its name, how well it predicts, how it was chosen, and the way on."""

import streamlit as st

from models import Dataset, ModelCard
from services.catalog.loading import take_same_features
from services.jobs import Job, JobState
from services.jobs.kinds import epochs_of
from services.specs.outcomes import ModelRef
from services.specs.run import RunSpec
from services.texts.models import (
    error_words,
    estimate_words,
    intervals_in_words,
    kind_of_model,
    rows_in_words,
)
from ui.charts.model import held_out_info, loss_alt, loss_figure, loss_info, predicted_alt, predicted_figure
from ui.model.leaderboard import leaderboard_view
from ui.model.saved_models import rename_or_delete
from ui.model.training import show_training
from ui.shared import cache, frame
from ui.shared.session import AppSession, models_in
from ui.shared.widgets import errors_shown, safe_label, show_chart


def model_in_use(session: AppSession, model: ModelRef, dataset: Dataset, job: Job | None) -> None:
    """Draw the model in use and the button that leads on; ``job`` is its training, where that is known."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.subheader(safe_label(model.name), width="content")
            st.badge("In use", icon=":material/check:", color="green")
            if model.kind == "saved":
                rename_or_delete(session, cache.catalog().saved_model(model))
        if st.button("Next: Optimize", type="primary", icon=":material/arrow_forward:"):
            st.switch_page(frame.OPTIMIZE)
    if job is not None and job.state is JobState.CANCELLED:
        show_training(job)
    if session.draft is not None and model not in models_in(session.draft, dataset).values():
        with errors_shown():
            st.info(safe_label(_why_not_shown(session.draft, dataset, model)), icon=":material/info:")
    card = cache.card_of(model)
    if card is not None:
        _card(card, model.digest, job)


def _why_not_shown(draft: RunSpec, dataset: Dataset, model: ModelRef) -> str:
    """Why the run that is being set does not look at the outcome of a model."""
    own, others = cache.model_data(dataset, model).dataset, cache.model_data(dataset, draft.model).dataset
    if take_same_features(own, others):
        return f"Optimize does not look at {own.outcome.name}: add it to the outcomes there."
    return (
        f"Optimize cannot look at {own.outcome.name} beside {others.outcome.name}: their models take other features. "
        "Train both on this table."
    )


def _card(card: ModelCard, digest: str, job: Job | None) -> None:
    """Draw the figures on rows that the model did not see, and predicted against measured."""
    info = held_out_info(card)
    left, right = st.columns([5, 4], gap="large") if info is not None else (st.container(), None)
    with left:
        _figures(card)
        leaderboard_view(card)
        kept = f" Rows that differ only in {safe_label(card.sweep)} stayed on one side." if card.sweep else ""
        with st.expander("What these figures mean", key="figures-mean"):
            st.write(f"{kind_of_model(card)}. {rows_in_words(card)}{kept}")
            st.write(safe_label(intervals_in_words(card)))
            records = epochs_of(cache.supervisor().store.pieces(job.id)) if job is not None else []
            if records:
                loss = loss_info(records)
                show_chart("loss", loss_figure(loss), loss_alt(loss), height=240)
    if right is not None and info is not None:
        with right:
            figure, alt = cache.chart(f"held out {digest}", lambda: (predicted_figure(info), predicted_alt(info)))
            show_chart("held-out-chart", figure, alt, height=380)


def _figures(card: ModelCard) -> None:
    metrics, unit = card.metrics, safe_label(card.outcome.unit)
    columns = st.columns(3)
    columns[0].metric(
        "R², cross-validated" if metrics.is_cross_validated else "R² on held-out rows",
        estimate_words(metrics.r2, metrics.r2_error),
        help="Share of the outcome's variation that the model explains; 1 is perfect, 0 no better than the mean.",
    )
    rmse, mae = error_words(metrics.rmse, metrics.rmse_error, unit), error_words(metrics.mae, metrics.mae_error, unit)
    columns[1].metric("RMSE", rmse, help="Typical error, large ones weigh more.")
    columns[2].metric("MAE", mae, help="Mean absolute error.")
