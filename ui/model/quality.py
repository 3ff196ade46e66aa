"""The quality check of the model in use: a button, what it is doing, the verdict, figures and pictures."""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from models import Dataset
from services.catalog.loading import ModelWithData
from services.jobs import Job, JobKind, JobState
from services.problems.estimate import duration_words
from services.specs.digits import common_decimals
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.quality.check import estimate_seconds
from services.studies.quality.report import (
    Grade,
    QualityResult,
    QualitySpec,
    findings_frame,
    folds_frame,
    r2_words,
    together_words,
    with_spread,
)
from ui.charts.model import (
    importance_alt,
    importance_figure,
    predicted_alt,
    predicted_figure,
    predicted_info,
    residuals_alt,
    residuals_figure,
    residuals_info,
)
from ui.shared import cache
from ui.shared.frame import name_in_address
from ui.shared.live import follow, goes_on, stop_button
from ui.shared.plan import takes
from ui.shared.session import AppSession
from ui.shared.widgets import choose, safe_label, show_chart

PREDICTION = "the prediction itself"
_LEANS = (
    "Each feature in turn is shuffled among the rows: the more the error grows, the more the model leans on it. Lines "
    "show how that differs between parts and shuffles. Features that go together share it."
)
Info = TypeVar("Info")


def quality_part(session: AppSession, dataset: Dataset, model: ModelRef, model_data: ModelWithData) -> None:
    """Draw the check of the model in use, folded until somebody asks for it or an address names it."""
    key = session.forms.key("quality")
    is_asked_for = session.take_former("quality")
    with st.expander(
        "How good is it? Check it on all rows",
        expanded=is_asked_for or session.quality_id is not None,
        icon=":material/fact_check:",
        key=key,
        on_change="rerun",
    ) as part:
        if not part.open:
            session.quality_id = None
            name_in_address(session, "quality")
            return
        result = quality_job(session, dataset, model)
        if result is not None:
            quality_view(result, model_data.dataset)
            check_again(session, result)


def quality_job(session: AppSession, dataset: Dataset, model: ModelRef) -> QualityResult | None:
    """Draw the way to a check of this table and this model; return what it found, or None before that.

    A check belongs to table and model, not to the browser session: whoever works with both sees it.
    """
    spec = QualitySpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest), model=model)
    job = _job_of(session, spec)
    session.quality_id = job.id if job else None
    name_in_address(session, "quality")
    if job is None:
        _offer(session, spec, dataset)
        return None
    if goes_on(job):
        with st.container():
            st.markdown("**The check goes on.** You may visit other pages, or close this one, and come back.")
            follow(job)
            stop_button(job)
        return None
    result = cache.quality(job.id)
    if result is None:
        _say_why(job)
        _offer(session, spec, dataset)
    return result


def check_again(session: AppSession, result: QualityResult) -> None:
    """Draw the button that makes a new check, with the rows in other parts."""
    spec = result.spec.model_copy(update={"seed": result.spec.seed + 1})
    st.button(
        "Check again with other parts",
        icon=":material/refresh:",
        on_click=_start,
        args=(session, spec),
        help="The rows are dealt to other parts: figures that change much with that are not to be relied on.",
    )


def _job_of(session: AppSession, spec: QualitySpec) -> Job | None:
    """The check that the address named, if it is of this table and model, else the newest one."""
    store = cache.supervisor().store
    named = cache.job(session.quality_id)
    is_of_these = named is not None and named.kind is JobKind.QUALITY and named.name == spec.key
    return named if is_of_these else store.latest(JobKind.QUALITY, spec.key)


def _offer(session: AppSession, spec: QualitySpec, dataset: Dataset) -> None:
    card = cache.saved_card(spec.model)
    is_trained_here = card is not None and card.settings is not None
    with st.container():
        st.markdown("**This model has not been checked on this table yet.**")
        if is_trained_here:
            kept = ""
            sweep = dataset.sweep or (card.sweep if card else None)
            if sweep:
                kept = f" Rows that differ only in {safe_label(sweep)} stay together."
            st.write(
                f"The rows are dealt into {spec.n_folds} parts, and the model is trained {spec.n_folds} times in the "
                f"same way, each time without one part. So every row is predicted by a model that never saw it.{kept}"
            )
        else:
            st.write(
                "It was not trained here, so it cannot be trained anew without some of the rows: it is judged on the "
                "recorded rows as it is, which flatters it."
            )
        if card is not None and card.dataset.digest != dataset.digest:
            st.write(
                f"It was trained on {safe_label(card.dataset.name)}, another table than this one. What is checked is a "
                "model trained in the same way on this table."
                if is_trained_here
                else f"It says of itself that it was trained on {safe_label(card.dataset.name)}."
            )
        seconds = takes(JobKind.QUALITY, estimate_seconds(spec, card, dataset.n_rows))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Check this model",
                icon=":material/fact_check:",
                on_click=_start,
                args=(session, spec),
            )
            st.caption(f"Takes {duration_words(seconds)}. You may go on with other pages.", width="content")


def _start(session: AppSession, spec: QualitySpec) -> None:
    supervisor = cache.supervisor()
    job = supervisor.store.latest(JobKind.QUALITY, spec.key)
    if not goes_on(job):
        session.quality_id = supervisor.submit(JobKind.QUALITY, spec.key, spec.model_dump_json())


def _say_why(job: Job) -> None:
    if job.state is JobState.CANCELLED:
        st.info("You stopped the check. Half a check says nothing, so nothing was kept.", icon=":material/stop_circle:")
    else:
        st.error(f"The check did not succeed: {safe_label(job.error)}", icon=":material/error:")


def quality_view(result: QualityResult, dataset: Dataset) -> None:
    """Draw what a check found; the dataset has the model's features in its order."""
    _verdict(result)
    _figures(result)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Predicted against measured")
        _chart("predicted", result, lambda: _with_words(predicted_figure, predicted_alt, predicted_info(result)))
    with right:
        st.subheader("What it leans on", help=_LEANS)
        _chart("importance", result, lambda: _with_words(importance_figure, importance_alt, result))
    _residuals(result, dataset)
    _folds(result)


def _chart(name: str, result: QualityResult, draw: Callable[[], tuple[Any, str]]) -> None:
    """Draw a picture of a check, made once."""
    show_chart(f"quality-{name.split()[0]}", *cache.chart(f"{name} {result.spec.key} {result.spec.seed}", draw))


def _with_words(figure: Callable[[Info], Any], alt: Callable[[Info], str], info: Info) -> tuple[Any, str]:
    return figure(info), alt(info)


def _verdict(result: QualityResult) -> None:
    box, icon = {
        Grade.GOOD: (st.success, ":material/check_circle:"),
        Grade.FAIR: (st.info, ":material/info:"),
        Grade.WEAK: (st.warning, ":material/warning:"),
        Grade.USELESS: (st.error, ":material/error:"),
    }[result.verdict.grade]
    box(f"**{safe_label(result.verdict.headline)}**", icon=icon)
    _where(result)


def _figures(result: QualityResult) -> None:
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
    n = len(result.measured)
    if not result.is_held_out:
        return f"Of {n:,} recorded rows, predicted by the model as it is."
    words = f"{n:,} rows in {len(result.folds)} parts, each predicted by a model trained on the others"
    if together := together_words(result):
        words += f"; {safe_label(together)}"
    if result.n_deals > 1:
        return f"{words}; dealt {result.n_deals} times, for rows are few. ± is one standard error."
    return f"{words}. ± is from part to part."


def _residuals(result: QualityResult, dataset: Dataset) -> None:
    st.subheader("Errors against a feature")
    words = dict(zip(dataset.feature_names, dataset.feature_names, strict=True)) | {None: PREDICTION}
    most_important = max(result.importance, key=lambda each: each.cost).feature
    first = next((finding.feature for finding in result.findings), most_important)
    key = f"quality-feature-{result.spec.key}-{result.spec.seed}"
    feature = choose("Feature", words, first, key=key, label_visibility="collapsed", width=320)
    _chart(
        f"residuals {feature}",
        result,
        lambda: _with_words(residuals_figure, residuals_alt, residuals_info(result, dataset, feature)),
    )


def _where(result: QualityResult) -> None:
    """Draw how far off it is, and folded where it errs most, with what to do about it."""
    sentences = result.verdict.sentences
    shown = sentences[:1] if result.is_held_out else [sentences[0], sentences[-1]]  # the last says that it is flattered
    others = [sentence for sentence in sentences if sentence not in shown]
    st.markdown(safe_label(" ".join(shown)))
    with st.expander("Where it errs, and what to do", icon=":material/troubleshoot:"):
        st.markdown("\n".join(f"- {safe_label(sentence)}" for sentence in others))
        if not result.findings:
            return
        table = findings_frame(result)
        errors = table.columns[2:]
        decimals = common_decimals(table[errors].to_numpy().ravel().tolist())
        formats: dict[Any, Any] = dict.fromkeys(errors[:-1], f"{{:,.{decimals}f}}")
        formats[errors[-1]] = lambda value: f"{value:+,.{decimals}f}".replace("-", "−")
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


def _folds(result: QualityResult) -> None:
    if result.is_held_out:
        with st.expander("Part by part", icon=":material/table_rows:"):
            st.dataframe(
                folds_frame(result),
                hide_index=True,
                alt="Rows, R², RMSE and MAE of each part while it was held out, and of all rows",
            )
