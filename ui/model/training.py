"""How a model is trained: family and settings, the loss curve as it goes on, and the name it is saved under."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from models import FAMILIES, Dataset, Family, ModelCard, OutcomeScale, Smoothness, TrainingError, TrainingSettings
from services.jobs import Job, JobKind, JobState
from services.jobs.kinds import epochs_of, share_done
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec
from services.texts.models import error_words, estimate_words, intervals_in_words, kind_of_model, rows_in_words
from ui.charts.model import held_out_info, loss_alt, loss_figure, loss_info, predicted_alt, predicted_figure
from ui.model.saved_models import use_saved
from ui.shared import cache
from ui.shared.live import goes_on, stop_button, write_progress
from ui.shared.session import AppSession
from ui.shared.widgets import choose, errors_shown, safe_label, show_chart, show_table_notes

_MLP = TrainingSettings()
POLL = "500ms"


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is drawn; what was chosen outlives a visit to another page.

    Attributes:
        label: beside it.
        setting: its name among the settings of the family.
        key: of the widget, where two families have one label.
        low: where the page offers less than what is declared.
        high: the same.
        is_percent: whether a share is drawn as a percentage.
    """

    label: str
    setting: str
    key: str = ""
    low: float | None = None
    high: float | None = None
    is_percent: bool = False

    def draw(self, options: Any) -> float:
        """Draw it and return what is chosen."""
        declared = {each.name: each for each in fields(options if hasattr(options, "__dataclass_fields__") else _MLP)}
        about = declared[self.setting].metadata
        start: Any = getattr(options, self.setting)
        low = about["low"] if self.low is None else self.low
        high = about["high"] if self.high is None else self.high
        if start is None:
            start = declared[self.setting].default
        if self.is_percent:
            low, high, start = round(100 * low), round(100 * high), round(100 * start)
        style = None if isinstance(start, int) else "%.4g"
        key, help = "training-" + (self.key or _key(self.label)), about["help"] or None
        given: float = st.number_input(
            self.label, low, high, start, format=style, key=key, persist_state="session", help=help
        )
        return given / 100 if self.is_percent else given


@dataclass(frozen=True, slots=True)
class Choice:
    """A drop-down of words for the values of a setting."""

    label: str
    setting: str
    words: Mapping[Any, str]

    def draw(self, options: Any) -> Any:
        """Draw it and return what is chosen."""
        key = "training-" + _key(self.label)
        return choose(self.label, self.words, getattr(options, self.setting), key=key, is_kept=True)


Columns = list[list[Number | Choice]]

_MEMBERS = Number("Members", "n_members", high=20)
SEED = Number("Seed", "seed", high=2**31 - 1)

_PROCESS_ROWS = Number("Rows to learn from at most", "max_rows")
_PROCESS_SCALE = Choice(
    "Scale of the outcome",
    "scale",
    {
        OutcomeScale.AUTOMATIC: "what fits clearly better",
        OutcomeScale.PLAIN: "as it is",
        OutcomeScale.LOG: "logarithm",
    },
)

_MAIN: dict[Family, Columns] = {
    Family.AUTOMATIC: [],
    Family.RANDOM_FOREST: [[Number("Trees", "n_trees")]],
    Family.BOOSTING: [[Number("Trees at most", "rounds")], [Number("Members", "n_members", "boosting-members")]],
    Family.GAUSSIAN_PROCESS: [[_PROCESS_ROWS]],
    Family.QUADRATIC: [[_PROCESS_ROWS]],
}
"""What everybody sees, column by column; of a network see `_layers`."""

_SMOOTHNESS = {
    Smoothness.AUTOMATIC: "what fits better",
    Smoothness.EXPONENTIAL: "jagged (exponential)",
    Smoothness.MATERN: "Matérn 5/2",
    Smoothness.RBF: "very smooth (RBF)",
}
_ADVANCED: dict[Family, Columns] = {
    Family.AUTOMATIC: [],
    Family.MLP: [
        [Number("Epochs at most", "epochs"), Number("Early stopping after [epochs]", "patience")],
        [Number("Batch size", "batch_size"), Number("Learning rate", "learning_rate", low=1e-6)],
    ],
    Family.RANDOM_FOREST: [
        [Number("Rows per leaf at least", "min_rows_per_leaf", "forest-leaf")],
        [Number("Inputs per split [%]", "inputs_per_split", is_percent=True)],
    ],
    Family.BOOSTING: [
        [Number("Learning rate", "learning_rate", "boosting-rate"), Number("Leaves at most", "max_leaves")],
        [
            Number("Rows per leaf at least", "min_rows_per_leaf", "boosting-leaf"),
            Number("Early stopping after [trees]", "patience", "boosting-patience"),
        ],
    ],
    Family.GAUSSIAN_PROCESS: [
        [Choice("Smoothness", "smoothness", _SMOOTHNESS), _PROCESS_SCALE],
        [Number("Restarts", "restarts")],
    ],
    Family.QUADRATIC: [[_PROCESS_SCALE]],
}
"""What experts change, column by column."""


def _layers(spec: TrainingSpec) -> TrainingSpec:
    """Draw layers, widths and members of a network; all layers have one width here."""
    columns = st.columns(3)
    with columns[0]:
        n_layers = _whole("Hidden layers", len(spec.widths), 8)
    with columns[1]:
        width = _whole("Neurons per layer", spec.widths[0], 4096)
    with columns[2]:
        n_members = _MEMBERS.draw(spec)
    return spec.with_options(widths=(width,) * n_layers, n_members=n_members)


def _whole(label: str, start: int, high: int) -> int:
    return int(st.number_input(label, 1, high, start, key=f"training-{_key(label)}", persist_state="session"))


def _key(label: str) -> str:
    return label.split(" [")[0].lower().replace(" ", "-")


def _drawn(spec: TrainingSpec, columns: Columns) -> TrainingSpec:
    changes: dict[str, Any] = {}
    if not columns:
        return spec
    for place, settings in zip(st.columns(len(columns)), columns, strict=True):
        with place:
            changes |= {each.setting: each.draw(spec.options()) for each in settings}
    return spec.with_options(**changes)


def training_form(session: AppSession, dataset: Dataset, job: Job | None) -> None:
    """Draw what the table is good for, the family and its settings; start and stop a training."""
    show_table_notes(dataset)
    spec = TrainingSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest))
    names = {family: words.label for family, words in FAMILIES.items() if words.is_trained_here}
    family = choose("Family", names, spec.family, key="training-family", is_kept=True)
    st.caption(FAMILIES[family].help)
    spec = spec.model_copy(update={"family": family})
    spec = _layers(spec) if spec.family is Family.MLP else _drawn(spec, _MAIN[spec.family])
    with st.expander("Advanced"):
        spec = _held_out(_drawn(spec, _ADVANCED[spec.family]))
    with st.container(horizontal=True):
        is_pressed = st.button("Train", type="primary", icon=":material/model_training:", disabled=goes_on(job))
        stop_button(job, "Stop and keep the best")
    if is_pressed:
        with errors_shown():
            spec.settings()
            session.training_id = cache.supervisor().submit(JobKind.TRAINING, dataset.name, spec.model_dump_json())
            st.rerun()


def _held_out(spec: TrainingSpec) -> TrainingSpec:
    """Draw what every family has: which rows judge the model, and the seed."""
    left, right = st.columns(2)
    held_out = left.slider(
        "Held-out rows [%]",
        5,
        40,
        round(spec.test_share * 100),
        key="held-out",
        persist_state="session",
        help="Rows that training never sees, to judge the model by.",
    )
    with right:
        seed = SEED.draw(spec)
    return spec.model_copy(update={"test_share": held_out / 100, "seed": seed})


def save_form(session: AppSession, dataset: Dataset, job: Job, card: ModelCard) -> None:
    """Draw a name and the button that saves the trained model and uses it."""
    columns = st.columns([2, 1], vertical_alignment="bottom")
    name = columns[0].text_input("Name of the model", dataset.name, max_chars=60, key=f"model-name-{job.id}")
    is_pressed = columns[1].button("Save and use it", type="primary", icon=":material/save:", width="stretch")
    if not is_pressed:
        return
    artifact = cache.supervisor().store.artifact(job.id)
    with errors_shown():
        if artifact is None:
            raise TrainingError("The training kept no model: train again.")
        saved = cache.catalog().models.save(name.strip(), artifact, card)
        use_saved(session, dataset, saved.name)


def show_training(job: Job) -> None:
    """Draw a training, live while it goes on."""
    if job.state in (JobState.FAILED, JobState.INTERRUPTED):
        st.error(f"The training did not succeed: {safe_label(job.error)}", icon=":material/error:")
    elif job.state is JobState.CANCELLED:
        if job.result:
            st.info("You stopped the training; what it had learned so far is kept.", icon=":material/stop_circle:")
        else:
            st.info("You stopped the training before it had learned anything to keep.", icon=":material/stop_circle:")
    st.fragment(_draw, run_every=POLL if goes_on(job) else None)(job.id, goes_on(job))


def _draw(job_id: str, went_on: bool) -> None:
    store = cache.supervisor().store
    job = store.get(job_id)
    if job is None:
        return
    if job.state.is_final and went_on:
        st.rerun()
    records = epochs_of(store.pieces(job_id))
    share = None if job.state.is_final else share_done(job.progress)
    if share is not None:
        st.progress(share, f"{safe_label(job.progress)} …")
    else:
        write_progress(job)  # families without epochs, and what comes after them, are told in words
    if not records:
        return
    info = loss_info(records)
    show_chart("loss", loss_figure(info), loss_alt(info), height=240)


def model_view(card: ModelCard) -> None:
    """Draw the figures on held-out rows, and predicted against measured."""
    metrics, unit = card.metrics, safe_label(card.outcome.unit)
    columns = st.columns(3)
    columns[0].metric(
        "R², cross-validated" if metrics.is_cross_validated else "R² on held-out rows",
        estimate_words(metrics.r2, metrics.r2_error),
        border=True,
        help="Share of the outcome's variation that the model explains; 1 is perfect, 0 no better than the mean.",
    )
    rmse, mae = error_words(metrics.rmse, metrics.rmse_error, unit), error_words(metrics.mae, metrics.mae_error, unit)
    columns[1].metric("RMSE", rmse, border=True, help="Typical error, large ones weigh more.")
    columns[2].metric("MAE", mae, border=True, help="Mean absolute error.")
    kept = f" Rows that differ only in {safe_label(card.sweep)} stayed on one side." if card.sweep else ""
    st.caption(f"{kind_of_model(card)}. {rows_in_words(card)}{kept}")
    st.caption(safe_label(intervals_in_words(card)))
    info = held_out_info(card)
    if info is not None:
        show_chart("held-out-chart", predicted_figure(info), predicted_alt(info))
