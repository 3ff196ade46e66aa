"""How good a model is: the verdict first, then figures and pictures."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from models import Dataset
from services.digits import common_decimals
from services.quality import Grade, QualityResult
from services.quality.sheets import findings_frame, folds_frame, r2_words, with_spread
from ui import charts
from ui.components.chart import show_chart
from ui.text import safe_label

PREDICTION = "the prediction itself"


def quality_view(result: QualityResult, dataset: Dataset) -> None:
    """Draw what a check found.

    Args:
        result: of the check.
        dataset: the recorded rows, with the model's features in its order.
    """
    _verdict(result)
    _figures(result)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Predicted against measured")
        info = charts.predicted_info(result)
        show_chart("quality-predicted", charts.predicted_figure(info), charts.predicted_alt(info))
    with right:
        st.subheader("What it leans on")
        ranking = charts.importance_info(result)
        show_chart("quality-importance", charts.importance_figure(ranking), charts.importance_alt(ranking))
        st.caption(
            "Each feature in turn is shuffled among the rows: the more the error grows, the more the model leans on "
            "it. Lines show how that differs between parts and shuffles. Features that go together share it."
        )
    _residuals(result, dataset)
    _tables(result)


def _verdict(result: QualityResult) -> None:
    """Draw the verdict: its sentence in the colour of its grade, then what follows."""
    box, icon = {
        Grade.GOOD: (st.success, ":material/check_circle:"),
        Grade.FAIR: (st.info, ":material/info:"),
        Grade.WEAK: (st.warning, ":material/warning:"),
        Grade.USELESS: (st.error, ":material/error:"),
    }[result.verdict.grade]
    box(f"**{safe_label(result.verdict.headline)}**", icon=icon)
    st.markdown("\n".join(f"- {safe_label(sentence)}" for sentence in result.verdict.sentences))


def _figures(result: QualityResult) -> None:
    """Draw R2, RMSE, MAE and coverage with their spread, and how they came about."""
    unit = result.outcome_unit
    shown = [
        (
            "R²",
            r2_words(result.r2),
            "Share of the outcome's variation that is explained; 1 is perfect, 0 no better than the mean.",
        ),
        ("RMSE", with_spread(result.rmse, unit), "Typical error, large ones weigh more."),
        ("MAE", with_spread(result.mae, unit), "Mean absolute error."),
    ]
    if result.coverage is not None:
        level = f"{100 * result.coverage.level:.0f} %"
        shown.append((f"In the {level} interval", f"{100 * result.coverage.share:.0f} %", f"It should be {level}."))
    for column, (name, value, meaning) in zip(st.columns(len(shown)), shown, strict=True):
        column.metric(name, safe_label(value), border=True, help=meaning)
    st.caption(_how(result))


def _how(result: QualityResult) -> str:
    """Return how the figures came about."""
    n = len(result.measured)
    if not result.is_held_out:
        return f"Of {n:,} recorded rows, predicted by the model as it is."
    said = f"{n:,} rows in {len(result.folds)} parts, each predicted by a model trained on the others"
    if result.grouped_by:
        together = f"rows that differ only in {safe_label(result.grouped_by)} stayed together"
        said += f"; {together}, {result.n_groups:,} settings in all"
    return f"{said}. ± is from part to part."


def _residuals(result: QualityResult, dataset: Dataset) -> None:
    """Draw the errors against a feature of choice, first against the one where the model errs most."""
    st.subheader("Errors against a feature")
    choices = [*dataset.feature_names, None]
    told = next((finding.feature for finding in result.findings), _most_important(result))
    feature = st.selectbox(
        "Feature",
        choices,
        index=choices.index(told),
        format_func=lambda name: PREDICTION if name is None else name,
        key=f"quality-feature-{result.spec.key}-{result.spec.seed}",
        label_visibility="collapsed",
        width=320,
    )
    info = charts.residuals_info(result, dataset, feature)
    show_chart("quality-residuals", charts.residuals_figure(info), charts.residuals_alt(info))


def _most_important(result: QualityResult) -> str:
    return max(result.importance, key=lambda each: each.cost).feature


def _tables(result: QualityResult) -> None:
    """Draw where the model errs, and the figures of each part."""
    if result.findings:
        st.subheader("Where it errs")
        table = findings_frame(result)
        errors = table.columns[2:]
        decimals = common_decimals(table[errors].to_numpy().ravel().tolist())
        formats: dict[Any, Any] = dict.fromkeys(errors[:-1], f"{{:,.{decimals}f}}")
        formats[errors[-1]] = _signed(decimals)
        st.dataframe(
            table.style.format(formats),
            hide_index=True,
            width="stretch",
            alt="Ranges of features and categories in which the model errs more than elsewhere",
        )
        st.caption(
            "Only what is hardly chance: with errors dealt to the rows at random, a table like this would stay empty "
            "in 19 of 20 cases."
        )
    if result.is_held_out:
        with st.expander("Part by part", icon=":material/table_rows:"):
            st.dataframe(
                folds_frame(result),
                hide_index=True,
                alt="Rows, R², RMSE and MAE of each part while it was held out, and of all rows",
            )


def _signed(decimals: int) -> Callable[[float], str]:
    """Return what writes a number with its sign."""
    return lambda value: f"{value:+,.{decimals}f}".replace("-", "−")
