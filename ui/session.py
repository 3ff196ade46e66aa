"""What one browser session knows: one typed object under one key of the session state."""

from dataclasses import dataclass, field

import streamlit as st

from models import Dataset
from services.runspec import ModelRef, NumericSpec, RunSpec
from services.tables import CleanTable
from ui.live_view import Sent

_KEY = "app_session"


@dataclass
class AppSession:
    """The state of one user's work; runs and trainings themselves live in the run store.

    Attributes:
        dataset: the table in use, or None.
        model: the model in use, or None.
        draft: the run as set on the Optimize page, or None before that can be.
        run_id: the run shown on Optimize and Results, or None.
        training_id: the training shown on the Model page, or None.
        page: path of the page that was drawn last.
        form: raised whenever forms shall forget what was typed and show the session's values again.
        table_start: features as the feature table showed them first; a table must not be fed with its own output.
        open_rule: number of the rule that is being changed, or None.
        rules_begun: raised whenever the form of a new rule starts empty again.
        dial_turns: raised whenever the dial of realism sets what is drawn below it.
        lesson_id: the run shown on How it works, or None.
        tune_id: the tuning shown on the Tune page, or None.
        tune_setting: the setting of its dial whose results are shown, or None before one is.
        quality_id: the quality check of table and model that is shown, or None.
        cleaned: what was left out or changed on the way to the table, or None for one that ships.
        upload: name and bytes of the file on the Data page, or None.
        links: what addresses named when they were last followed.
        begun: the run that this session started and watches since, or None: it is drawn from its start.
        sent_run: the run whose trace the browser is being sent, or None.
        sent: what the browser knows of it.
    """

    dataset: Dataset | None = None
    model: ModelRef | None = None
    draft: RunSpec | None = None
    run_id: str | None = None
    training_id: str | None = None
    page: str = ""
    form: int = 0
    table_start: dict[str, NumericSpec] = field(default_factory=dict)
    open_rule: int | None = None
    rules_begun: int = 0
    dial_turns: int = 0
    lesson_id: str | None = None
    tune_id: str | None = None
    tune_setting: float | None = None
    quality_id: str | None = None
    cleaned: CleanTable | None = None
    upload: tuple[str, bytes] | None = None
    links: dict[str, str] = field(default_factory=dict)
    begun: str | None = None
    sent_run: str | None = None
    sent: Sent = field(default_factory=Sent)

    @classmethod
    def current(cls) -> "AppSession":
        """Return the session of the browser that is being answered."""
        if _KEY not in st.session_state:
            st.session_state[_KEY] = cls()
        return st.session_state[_KEY]

    def use_dataset(self, dataset: Dataset, cleaned: CleanTable | None = None) -> None:
        """Take a table; what depended on another one is dropped."""
        if self.dataset is None or self.dataset.digest != dataset.digest:
            self.model = None
            self.draft = None
            self.run_id = None
            self.training_id = None
            self.tune_id = None
        self.dataset = dataset
        self.cleaned = cleaned
        self.renew_forms()

    def use_model(self, model: ModelRef, draft: RunSpec) -> None:
        """Take a model and the run that it suggests; a shown run of another model is dropped."""
        if self.model != model:
            self.run_id = None
            self.tune_id = None
        self.model = model
        self.draft = draft
        self.renew_forms()

    def show_run(self, run_id: str, dataset: Dataset, spec: RunSpec) -> None:
        """Show a run, with its table, model and settings."""
        if self.dataset is None or self.dataset.digest != dataset.digest:
            self.cleaned = None
        if self.dataset is None or self.dataset.digest != dataset.digest or self.model != spec.model:
            self.tune_id = None
        self.dataset = dataset
        self.model = spec.model
        self.draft = spec
        self.run_id = run_id
        self.renew_forms()

    def show_tuning(self, tune_id: str, dataset: Dataset, run: RunSpec) -> None:
        """Show a tuning, with the table, model and settings of the run that it repeats."""
        self.use_dataset(dataset)
        self.use_model(run.model, run)
        self.tune_id, self.tune_setting = tune_id, None

    def enter(self, page: str) -> None:
        """Note which page is drawn; forms of a page that is entered anew show the session's values."""
        if self.page != page:
            self.page = page
            self.sent_run = None
            self.renew_forms()

    def renew_forms(self) -> None:
        """Make every form forget what was typed and show the session's values."""
        self.form += 1
        self.table_start = {}
        self.open_rule = None

    def key(self, name: str) -> str:
        """Return the key of a widget that shows one of the session's values."""
        return f"{name}:{self.form}"
