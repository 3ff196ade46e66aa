"""What one session of a browser works with, and what its pages remember between reruns."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import streamlit as st

from models import Dataset
from services.intake.tables.cleaning import CleanTable
from services.papers.variants import Variant, Variants
from services.specs.outcomes import ModelRef
from services.specs.run import ConstraintSpec, RunSpec
from services.studies.what_if.settings import WhatIfStart
from ui.web.live_view.component import Sent

_KEY = "app_session"
MAX_CHANGES = 10
"""How many changes of a draft can be taken back."""


class Forms:
    """Keys for widgets that show values of the session.

    Streamlit keeps what was typed under the key of a widget, whatever value the widget is given later: one that is to
    show a changed value needs another key. Widgets that are renewed together are a group; "" renews all groups.
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
class DataPage:
    """Where the table in use comes from.

    Attributes:
        upload: name and bytes of the file, None for a table that ships.
        cleaned: what was changed on the way to the table in use, None for one that ships.
        rules: which of the relations found in it are rules of new runs, None before anybody chose.
    """

    upload: tuple[str, bytes] | None = None
    cleaned: CleanTable | None = None
    rules: tuple[ConstraintSpec, ...] | None = None


@dataclass
class OptimizePage:
    """What the forms beside a search remember.

    Attributes:
        refusal: why something that was typed on the board is not taken, or "".
        outcome_note: why a choice among the outcomes was not taken, or "".
        open_constraint: the number of the rule that is being changed, or None.
        open_outcome: name of the formula that is being changed, "" for a new outcome, None for none.
    """

    refusal: str = ""
    outcome_note: str = ""
    open_constraint: int | None = None
    open_outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the draft: what it was without it, and what was changed, in words."""

    spec: RunSpec
    words: str


@dataclass
class DraftHistory:
    """What the draft was before.

    Attributes:
        now: the draft as it was noted last, None before.
        past: the last changes, newest first.
        undone: those that were taken back, the one that comes back first first; ``spec`` is the draft with it.
    """

    now: RunSpec | None = None
    past: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = ()

    def begin(self, spec: RunSpec) -> None:
        """Begin anew: what was before had another table or model."""
        self.now, self.past, self.undone = spec, (), ()

    def note(self, spec: RunSpec, words: str) -> None:
        """Take a changed draft; one whose change has no words, such as of its name, is no step of its own."""
        if words and self.now is not None:
            self.past, self.undone = (Change(self.now, words), *self.past)[:MAX_CHANGES], ()
        self.now = spec

    def back(self, n: int) -> RunSpec:
        """The draft without the last ``n`` changes, which is the present one then."""
        for change in self.past[:n]:
            assert self.now is not None
            self.undone = (Change(self.now, change.words), *self.undone)[:MAX_CHANGES]
            self.now = change.spec
        self.past = self.past[n:]
        assert self.now is not None
        return self.now

    def again(self) -> RunSpec:
        """The draft with the change that was taken back last."""
        assert self.now is not None
        change, self.undone = self.undone[0], self.undone[1:]
        self.past = (Change(self.now, change.words), *self.past)[:MAX_CHANGES]
        self.now = change.spec
        return change.spec


@dataclass
class LiveView:
    """What the browser draws of a run.

    Attributes:
        demo: the run that is replayed again and again, or None.
        started: the run that this session started and watches since, or None: it is drawn from its start.
        sent_run: the run whose trace the browser is being sent, or None.
        sent: what the browser knows of it.
        wants_help: whether the user asks how all this works.
        waiting: the last specification that could be drawn before there is a run, or None.
    """

    demo: str | None = None
    started: str | None = None
    sent_run: str | None = None
    sent: Sent = field(default_factory=Sent)
    wants_help: bool = False
    waiting: RunSpec | None = None


@dataclass
class ResultsPage:
    """What is looked at.

    Attributes:
        chosen: position of the result that is looked at, from 0, or None before one is.
        run_id: the run that this result is of, or None.
    """

    chosen: int | None = None
    run_id: str | None = None


@dataclass
class WhatIfPage:
    """The setting that is explored.

    Attributes:
        setting: in the order of the model's features; None before it began anywhere.
        start: where it began, or None before it does.
        run_id: the run that was shown then, or None.
        locked: features that cannot be moved, by their positions, or None for those that the run freezes.
        revision: raised whenever the page sets the setting: the browser then takes it, and else keeps its own.
        variants: kept without a run, which would keep them itself.
        removed: the variant that was deleted last and its position, to have it back; None where there is none.
    """

    setting: tuple[float, ...] | None = None
    start: WhatIfStart | None = None
    run_id: str | None = None
    locked: tuple[int, ...] | None = None
    revision: int = 0
    variants: Variants = field(default_factory=Variants)
    removed: tuple[int, Variant] | None = None


@dataclass
class TunePage:
    """What realism costs, beside the settings of a run.

    Attributes:
        job_id: the tuning that is shown, or None.
        setting: of its dial, whose results are shown, or None before one is chosen.
        is_open: whether it stands in the place of the search.
    """

    job_id: str | None = None
    setting: float | None = None
    is_open: bool = False


@dataclass
class ComparePage:
    """The runs side by side, or None before any were chosen; and the comparison of methods that is shown, or None."""

    runs: tuple[str, ...] | None = None
    methods_id: str | None = None


class RunsPart(StrEnum):
    """What Runs shows; the value is what its button says."""

    ALL = "All runs"
    RUNS = "Compare runs"
    METHODS = "Compare methods"


@dataclass
class RunsPage:
    """Which part is shown; ids of the chosen runs, on any page of the list; and those of the last deletion."""

    part: RunsPart = RunsPart.ALL
    chosen: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()


def models_in(spec: RunSpec, dataset: Dataset) -> dict[str, ModelRef]:
    """The models of a run, by the outcome of its table that each predicts."""
    return {each.name or dataset.outcome.name: each.model for each in spec.outcomes if each.model is not None}


@dataclass
class AppSession:
    """The state of one user's work; runs and trainings themselves live in the run store.

    Attributes:
        models: the models in use, by the outcome that each predicts, in the table's order.
        draft: the run as set on the Optimize page, or None before that can be.
        note: a draft, and what Optimize says of it until it is changed or searched; or None.
        run_id: the run shown on Optimize and Results, or None.
        training_ids: the trainings shown on the Model page, one for each outcome that is trained.
        adopted_ids: the trainings whose models were taken, which happens once.
        outcome: of which the Model page shows training and model; the first one where the table has no such outcome.
        quality_id: the quality check of table and model that is shown, or None.
        lesson_id: the run shown on How it works, or None.
        page: path of the page that was drawn last.
        has_charts: whether the browser was sent a figure, so that it has loaded Plotly.
        former: address of a former page that led here, until the page that it is a part of now has taken note.
        links: what addresses named when they were last followed.
    """

    dataset: Dataset | None = None
    models: dict[str, ModelRef] = field(default_factory=dict)
    draft: RunSpec | None = None
    note: tuple[RunSpec, str] | None = None
    run_id: str | None = None
    training_ids: tuple[str, ...] = ()
    adopted_ids: frozenset[str] = frozenset()
    outcome: str = ""
    quality_id: str | None = None
    lesson_id: str | None = None
    page: str = ""
    has_charts: bool = False
    former: str = ""
    links: dict[str, str] = field(default_factory=dict)
    forms: Forms = field(default_factory=Forms)
    data: DataPage = field(default_factory=DataPage)
    optimize: OptimizePage = field(default_factory=OptimizePage)
    history: DraftHistory = field(default_factory=DraftHistory)
    live: LiveView = field(default_factory=LiveView)
    results: ResultsPage = field(default_factory=ResultsPage)
    what_if: WhatIfPage = field(default_factory=WhatIfPage)
    tune: TunePage = field(default_factory=TunePage)
    compare: ComparePage = field(default_factory=ComparePage)
    runs: RunsPage = field(default_factory=RunsPage)

    @classmethod
    def current(cls) -> "AppSession":
        """The session of the browser that is being answered."""
        if _KEY not in st.session_state:
            st.session_state[_KEY] = cls()
        return st.session_state[_KEY]

    @property
    def model(self) -> ModelRef | None:
        """The model of the objective of the run that is being set, or None before there is a model."""
        return self.draft.model if self.draft is not None else None

    @property
    def training_id(self) -> str | None:
        """The training shown on the Model page where there is one alone, the first of several, or None."""
        return self.training_ids[0] if self.training_ids else None

    @training_id.setter
    def training_id(self, job_id: str | None) -> None:
        self.training_ids = () if job_id is None else (job_id,)

    def use_dataset(self, dataset: Dataset, cleaned: CleanTable | None = None) -> None:
        """Take a table; what depended on another one is dropped."""
        if self.dataset is None or self.dataset.digest != dataset.digest:
            self.models, self.draft, self.training_ids, self.outcome = {}, None, (), ""
            self.data.rules = None
            self._drop_runs()
        self.dataset = dataset
        self.data.cleaned = cleaned
        self.renew_forms()

    def use_draft(self, draft: RunSpec, models: Mapping[str, ModelRef] | None = None) -> None:
        """Take the settings of a run on the table in use with its models; a shown run of other models is dropped.

        Args:
            models: of outcomes that the run does not look at, by name.
        """
        assert self.dataset is not None
        new = dict(models or {}) | models_in(draft, self.dataset)
        if self.model != draft.model or any(self.models.get(name, ref) != ref for name, ref in new.items()):
            self._drop_runs()
        self._take_models(new)
        self.draft = draft
        self.renew_forms()

    def _take_models(self, new: Mapping[str, ModelRef]) -> None:
        """Use these models of the table's outcomes, and go on using those of the others."""
        assert self.dataset is not None
        known = {**self.models, **new}
        self.models = {name: known[name] for name in self.dataset.outcome_names if name in known}

    def _drop_runs(self) -> None:
        """Show no run, tuning or comparison: those that were shown had another table or model."""
        self.run_id = self.tune.job_id = self.compare.methods_id = None
        self.stop_exploring()

    def show_run(self, run_id: str, dataset: Dataset, spec: RunSpec) -> None:
        """Show a run, with its table, model and settings."""
        is_other_table = self.dataset is None or self.dataset.digest != dataset.digest
        if is_other_table:
            self.models, self.data.cleaned = {}, None
        if is_other_table or self.model != spec.model:
            self.tune.job_id = self.compare.methods_id = None
        if self.run_id != run_id:
            self.stop_exploring()
        self.dataset, self.draft, self.run_id = dataset, spec, run_id
        self._take_models(models_in(spec, dataset))
        self.renew_forms()

    def explore(self, start: WhatIfStart) -> None:
        """Begin What if from a setting."""
        page = self.what_if
        page.setting, page.start, page.run_id, page.revision = start.setting, start, self.run_id, page.revision + 1

    def stop_exploring(self) -> None:
        """Forget the setting of What if and what belongs to it: it was another model's or run's."""
        self.what_if = WhatIfPage(revision=self.what_if.revision + 1)

    def take_former(self, address: str) -> bool:
        """Whether this address of a former page led here; true once, for the part that it leads to now."""
        is_it = self.former == address
        if is_it:
            self.former = ""
        return is_it

    def compare_runs(self, run_ids: Iterable[str]) -> None:
        """Show these runs side by side on Runs."""
        self.compare.runs, self.runs.part = tuple(run_ids), RunsPart.RUNS
        self.renew_forms()

    def enter(self, page: str) -> None:
        """Note which page is drawn; forms of a page that is entered anew show the session's values."""
        if self.page != page:
            self.page = page
            self.live.sent_run = None
            self.renew_forms()

    def renew_forms(self) -> None:
        """Make every form forget what was typed and show the session's values."""
        self.forms.renew()
        self.optimize = OptimizePage()
