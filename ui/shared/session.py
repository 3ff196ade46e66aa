"""What one session knows of its What if: where it began, what is locked, which variants it keeps without a run."""

from collections import Counter
from dataclasses import dataclass, field

import streamlit as st

from models import Dataset
from services.intake.tables.cleaning import CleanTable
from services.papers.lab_sheet.page import SheetOptions
from services.specs.run import ModelRef, RunSpec
from services.studies.what_if.starts import WhatIfStart
from services.studies.what_if.variants import Variant, Variants
from ui.web.live_view import Sent

_KEY = "app_session"


@dataclass
class Exploring:
    """The state of one user's What if.

    Attributes:
        start: where it began, or None before it does.
        run_id: the run that was shown then, or None.
        locked: features that cannot be moved, by their places, or None for those that the run freezes.
        times: raised whenever the page sets the setting: the browser then takes it, and else keeps its own.
        variants: kept without a run, which would keep them itself.
        removed: the variant that was deleted last and its place, to have it back; None where there is none.
    """

    start: WhatIfStart | None = None
    run_id: str | None = None
    locked: tuple[int, ...] | None = None
    times: int = 0
    variants: Variants = field(default_factory=Variants)
    removed: tuple[int, Variant] | None = None


@dataclass
class RunsView:
    """What is chosen in the list of runs.

    Attributes:
        chosen: ids of the chosen runs, on any page of the list.
        undone: ids of the runs that the last deletion took away, which can be had back with one click.
    """

    chosen: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()


class Forms:
    """Keys for widgets that show values of the session.

    Streamlit keeps what was typed under the key of a widget, whatever value the widget is given later: one that is to
    show a changed value needs another key. Widgets that are renewed together are a group; those of the group "" are
    renewed with every other value of the session, and have all groups with them.
    """

    def __init__(self) -> None:
        self._versions: Counter[str] = Counter()

    def renew(self, group: str = "") -> None:
        """Make the widgets of a group forget what was typed and show the session's values again."""
        self._versions[group] += 1

    def version(self, group: str = "") -> str:
        """What changes whenever a group is renewed."""
        return f"{self._versions['']}.{self._versions[group]}" if group else str(self._versions[""])

    def key(self, name: str, group: str = "") -> str:
        """The key of a widget."""
        return f"{name}:{self.version(group)}"


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
        board_turns: raised whenever features are set elsewhere than on their board, which then shows them anew.
        moving_turns: raised whenever the board sets what may move, which is shown anew beside the reference.
        board_refusal: why something that was typed on the board is not taken, or "".
        open_constraint: number of the rule that is being changed, or None.
        new_constraint_form: raised whenever the form of a new rule starts empty again.
        dial_turns: raised whenever the dial of realism sets what is drawn below it.
        lesson_id: the run shown on How it works, or None.
        tune_id: the tuning shown on the Tune page, or None.
        tune_setting: the setting of its dial whose results are shown, or None before one is.
        compared: the runs that the Compare page shows side by side, or None before any were chosen.
        comparison_id: the comparison of methods shown on the Compare page, or None.
        quality_id: the quality check of table and model that is shown, or None.
        cleaned: what was left out or changed on the way to the table, or None for one that ships.
        upload: name and bytes of the file on the Data page, or None.
        to_lab: what goes to the laboratory, by run.
        links: what addresses named when they were last followed.
        tour: number of the stop of the tour that is shown on Start, or None.
        demo: the run that is replayed again and again, or None.
        begun: the run that this session started and watches since, or None: it is drawn from its start.
        sent_run: the run whose trace the browser is being sent, or None.
        sent: what the browser knows of it.
        chosen: place of the result that is looked at, from 0, or None before one is.
        chosen_of: the run that this result is of, or None.
        explored: the setting that What if shows, in the order of the model's features; None before it began anywhere.
        exploring: what else What if knows.
        runs: what is chosen in the list of runs, and what was just done in it.
    """

    dataset: Dataset | None = None
    model: ModelRef | None = None
    draft: RunSpec | None = None
    run_id: str | None = None
    training_id: str | None = None
    page: str = ""
    forms: Forms = field(default_factory=Forms)
    form: int = 0
    board_turns: int = 0
    moving_turns: int = 0
    board_refusal: str = ""
    open_constraint: int | None = None
    new_constraint_form: int = 0
    dial_turns: int = 0
    lesson_id: str | None = None
    tune_id: str | None = None
    tune_setting: float | None = None
    compared: tuple[str, ...] | None = None
    comparison_id: str | None = None
    quality_id: str | None = None
    cleaned: CleanTable | None = None
    upload: tuple[str, bytes] | None = None
    to_lab: dict[str, SheetOptions] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    tour: int | None = None
    demo: str | None = None
    begun: str | None = None
    sent_run: str | None = None
    sent: Sent = field(default_factory=Sent)
    chosen: int | None = None
    chosen_of: str | None = None
    explored: tuple[float, ...] | None = None
    exploring: Exploring = field(default_factory=Exploring)
    runs: RunsView = field(default_factory=RunsView)

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
            self.comparison_id = None
            self.stop_exploring()
        self.dataset = dataset
        self.cleaned = cleaned
        self.renew_forms()

    def use_model(self, model: ModelRef, draft: RunSpec) -> None:
        """Take a model and the run that it suggests; a shown run of another model is dropped."""
        if self.model != model:
            self.run_id = None
            self.tune_id = None
            self.comparison_id = None
            self.stop_exploring()
        self.model = model
        self.draft = draft
        self.renew_forms()

    def show_run(self, run_id: str, dataset: Dataset, spec: RunSpec) -> None:
        """Show a run, with its table, model and settings."""
        if self.dataset is None or self.dataset.digest != dataset.digest:
            self.cleaned = None
        if self.dataset is None or self.dataset.digest != dataset.digest or self.model != spec.model:
            self.tune_id = None
            self.comparison_id = None
        if self.run_id != run_id:
            self.stop_exploring()
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

    def show_comparison(self, comparison_id: str, dataset: Dataset, run: RunSpec) -> None:
        """Show a comparison of methods, with the table, model and settings of the run that they search."""
        self.use_dataset(dataset)
        self.use_model(run.model, run)
        self.comparison_id = comparison_id

    def explore(self, start: WhatIfStart) -> None:
        """Begin What if from a setting."""
        self.explored, self.exploring.start, self.exploring.run_id = start.setting, start, self.run_id
        self.exploring.times += 1

    def stop_exploring(self) -> None:
        """Forget the setting of What if and what belongs to it: it was another model's or run's."""
        self.explored, self.exploring = None, Exploring(times=self.exploring.times + 1)

    def enter(self, page: str) -> None:
        """Note which page is drawn; forms of a page that is entered anew show the session's values."""
        if self.page != page:
            self.page = page
            self.sent_run = None
            self.renew_forms()

    def renew_forms(self) -> None:
        """Make every form forget what was typed and show the session's values."""
        self.form += 1
        self.board_refusal = ""
        self.open_constraint = None

    def key(self, name: str) -> str:
        """Return the key of a widget that shows one of the session's values."""
        return f"{name}:{self.form}"
