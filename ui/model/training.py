"""How a model is trained: family and settings, what is known while it goes on, and that its model is used at once."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import streamlit as st

from models import FAMILIES, Dataset, Family, OutcomeScale, Smoothness, TrainingSettings
from services.intake.roles.outcome_problems import too_few_words
from services.jobs import Job, JobState
from services.jobs.kinds import epochs_of, scores_of, share_done
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec
from ui.charts.model import loss_alt, loss_figure, loss_info
from ui.model.leaderboard import growing_leaderboard
from ui.shared import cache, frame
from ui.shared.live import goes_on, write_progress
from ui.shared.session import AppSession
from ui.shared.widgets import choose, errors_shown, safe_label, show_chart

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


def training_form(session: AppSession, dataset: Dataset, outcome: str, job: Job | None) -> None:
    """Draw the family and its settings, and the buttons that train a model of an outcome so, or of every outcome."""
    spec = TrainingSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest))
    names = {family: words.label for family, words in FAMILIES.items() if words.is_trained_here}
    family = choose("Family", names, spec.family, key="training-family", is_kept=True)
    st.caption(FAMILIES[family].help)
    spec = spec.model_copy(update={"family": family})
    spec = _layers(spec) if spec.family is Family.MLP else _drawn(spec, _MAIN[spec.family])
    with st.expander("Advanced"):
        spec = _held_out(_drawn(spec, _ADVANCED[spec.family]))
    trainable = frame.trainable(dataset)
    with st.container(horizontal=True):
        is_off = goes_on(job) or outcome not in trainable
        is_own = st.button("Train so", icon=":material/model_training:", disabled=is_off)
        is_all = len(trainable) > 1 and st.button(
            f"Train all {len(trainable)} outcomes so", icon=":material/model_training:", disabled=goes_on(job)
        )
    if is_own or is_all:
        with errors_shown():
            spec.settings()
            frame.begin_training(session, dataset, spec, trainable if is_all else [outcome])
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


def offer_training(session: AppSession, dataset: Dataset, outcome: str, jobs: Mapping[str, Job]) -> None:
    """Draw why the last training made no model, if so, and the button that trains as Automatic does.

    Args:
        jobs: the trainings that are shown, by outcome.
    """
    job = jobs.get(outcome)
    if job is not None and not job.result:
        show_training(job)
    trainable = frame.trainable(dataset)
    if outcome not in trainable:
        n_rows = int(np.isfinite(dataset.measured(outcome)).sum())
        words = f"{too_few_words(outcome, n_rows)} Its values stay in the table: record more, or take it off on Data."
        st.warning(safe_label(words), icon=":material/warning:")
        st.page_link(frame.DATA, label="Change the outcomes on Data", icon=":material/table_chart:")
        return
    what = f"**{safe_label(outcome)}** of " if dataset.other_outcomes else ""
    st.write(
        f"There is no model for {what}**{safe_label(dataset.name)}** yet. **Automatic** compares families of models on "
        "rows that they have not seen, and takes the best."
    )
    lacking = [name for name in trainable if name not in session.models and not goes_on(jobs.get(name))]
    with st.container(horizontal=True):
        is_own = st.button("Train", type="primary", icon=":material/model_training:")
        is_all = len(lacking) > 1 and st.button(f"Train all {len(lacking)}", icon=":material/model_training:")
    if is_own or is_all:
        with errors_shown():
            frame.begin_training(session, dataset, outcomes=lacking if is_all else [outcome])
            st.rerun()


def show_training(job: Job) -> None:
    """Draw a training: live while it goes on, then why it ended where it did not by itself."""
    if job.state in (JobState.FAILED, JobState.INTERRUPTED):
        st.error(f"The training did not succeed: {safe_label(job.error)}", icon=":material/error:")
    elif job.state is JobState.CANCELLED:
        kept = "; what it had learned so far is kept." if job.result else " before it had learned anything to keep."
        st.info(f"You stopped the training{kept}", icon=":material/stop_circle:")
    elif goes_on(job):
        spec = TrainingSpec.model_validate_json(job.spec)
        dataset = cache.catalog().dataset(spec.dataset) if spec.family is Family.AUTOMATIC else None
        st.fragment(_draw, run_every=POLL)(job.id, dataset)


def _draw(job_id: str, compared_on: Dataset | None) -> None:
    """Draw how far a training is and, of one that compares families on a table, what is known of them."""
    store = cache.supervisor().store
    job = store.get(job_id)
    if job is None or job.state.is_final:
        st.rerun()  # before anything is drawn: the message of a drawing just before would be lost
    share = share_done(job.progress)
    if share is None:
        write_progress(job)
    else:
        st.progress(share, f"{safe_label(job.progress)} …")
    pieces = store.pieces(job_id)
    if compared_on is not None and job.state is not JobState.QUEUED:
        growing_leaderboard(compared_on, scores_of(pieces))
    if records := epochs_of(pieces):
        info = loss_info(records)
        show_chart("loss", loss_figure(info), loss_alt(info), height=240)
