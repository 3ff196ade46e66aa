"""The settings of each family of models: what everybody sees, and what experts change.

Bounds and help of a number are those of its declaration in `models.cards.settings`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from models import Family, Smoothness, TrainingSettings
from services.studies.training import TrainingSpec
from ui.shared.widgets import choose


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

_MLP = TrainingSettings()
_MEMBERS = Number("Members", "n_members", high=20)
SEED = Number("Seed", "seed", high=2**31 - 1)

_MAIN: dict[Family, Columns] = {
    Family.RANDOM_FOREST: [[Number("Trees", "n_trees")]],
    Family.BOOSTING: [[Number("Trees at most", "rounds")], [Number("Members", "n_members", "boosting-members")]],
    Family.GAUSSIAN_PROCESS: [[Number("Rows to learn from at most", "max_rows")]],
}
"""What everybody sees, column by column; of a network see `_layers`."""

_ADVANCED: dict[Family, Columns] = {
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
        [Choice("Smoothness", "smoothness", {Smoothness.MATERN: "Matérn 5/2", Smoothness.RBF: "very smooth (RBF)"})],
        [Number("Restarts", "restarts")],
    ],
}
"""What experts change, column by column."""


def main_form(spec: TrainingSpec) -> TrainingSpec:
    """Draw what everybody sees of a family's settings; return the training with it."""
    return _layers(spec) if spec.family is Family.MLP else _drawn(spec, _MAIN[spec.family])


def advanced_form(spec: TrainingSpec) -> TrainingSpec:
    """Draw what experts change of a family's settings; return the training with it."""
    return _drawn(spec, _ADVANCED[spec.family])


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
    """Draw settings of the family in columns; return the training with them."""
    changes: dict[str, Any] = {}
    for place, settings in zip(st.columns(len(columns)), columns, strict=True):
        with place:
            changes |= {each.setting: each.draw(spec.options()) for each in settings}
    return spec.with_options(**changes)
