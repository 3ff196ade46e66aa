"""The settings of each family of models: what everybody sees, and what experts change."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from models import Family, Smoothness
from services.studies.training import TrainingSpec
from ui.shared.widgets import choose

MOST_MEMBERS = 20
_MEMBERS_HELP = (
    "Models trained on rows of their own, whose mean predicts: where they disagree, the prediction is uncertain. "
    "With 1, nothing is known of that."
)
_SMOOTHNESS = {Smoothness.MATERN: "Matérn 5/2", Smoothness.RBF: "very smooth (RBF)"}
_Form = Callable[[TrainingSpec], TrainingSpec]


@dataclass(frozen=True, slots=True)
class FamilyForm:
    """How the settings of one family are drawn.

    Attributes:
        main: draws what everybody sees; returns the training with it.
        advanced: draws what experts change; returns the training with it.
    """

    main: _Form
    advanced: _Form


def whole(label: str, start: int, low: int, high: int, help: str | None = None, key: str = "") -> int:
    """Draw a whole number that outlives a visit to another page; its key comes from the label unless given."""
    name = "training-" + (key or label.split(" [")[0].lower().replace(" ", "-"))
    return int(st.number_input(label, low, high, start, key=name, persist_state="session", help=help))


def real(label: str, start: float, low: float, high: float, help: str | None = None, key: str = "") -> float:
    """Draw a number that outlives a visit to another page; its key comes from the label unless given."""
    name = "training-" + (key or label.lower().replace(" ", "-"))
    return float(st.number_input(label, low, high, start, format="%.4g", key=name, persist_state="session", help=help))


def _layers(spec: TrainingSpec) -> TrainingSpec:
    """Draw layers, widths and members of a network."""
    columns = st.columns(3)
    with columns[0]:
        n_layers = whole("Hidden layers", len(spec.widths), 1, 8)
    with columns[1]:
        width = whole("Neurons per layer", spec.widths[0], 1, 4096)
    with columns[2]:
        n_members = whole("Members", spec.n_members, 1, MOST_MEMBERS, _MEMBERS_HELP)
    return spec.model_copy(update={"widths": (width,) * n_layers, "n_members": n_members})


def _fitting(spec: TrainingSpec) -> TrainingSpec:
    """Draw how a network is fitted."""
    columns = st.columns(2)
    with columns[0]:
        epochs = whole("Epochs at most", spec.epochs, 1, 10_000)
        patience = whole(
            "Early stopping after [epochs]",
            spec.patience or spec.epochs,
            1,
            10_000,
            "Training ends when the validation loss has not improved for so many epochs.",
        )
    with columns[1]:
        batch_size = whole("Batch size", spec.batch_size, 1, 65_536)
        rate = real("Learning rate", spec.learning_rate, 1e-6, 1.0)
    changes = {"epochs": epochs, "batch_size": batch_size, "patience": patience, "learning_rate": rate}
    return spec.model_copy(update=changes)


def _trees(spec: TrainingSpec) -> TrainingSpec:
    """Draw how many trees a forest has."""
    n_trees = whole("Trees", spec.forest.n_trees, 10, 1_000, "More give a steadier mean and take longer to ask.")
    return spec.model_copy(update={"forest": spec.forest.model_copy(update={"n_trees": n_trees})})


def _growing(spec: TrainingSpec) -> TrainingSpec:
    """Draw how the trees of a forest are grown."""
    columns = st.columns(2)
    with columns[0]:
        leaf = whole(
            "Rows per leaf at least", spec.forest.min_rows_per_leaf, 1, 1_000, "More make it smoother.", "forest-leaf"
        )
    with columns[1]:
        share = whole(
            "Inputs per split [%]",
            round(100 * spec.forest.inputs_per_split),
            5,
            100,
            "Share of the inputs that each split may choose from; less makes trees differ more.",
        )
    changes = {"min_rows_per_leaf": leaf, "inputs_per_split": share / 100}
    return spec.model_copy(update={"forest": spec.forest.model_copy(update=changes)})


def _boosted(spec: TrainingSpec) -> TrainingSpec:
    """Draw how many trees are boosted, and how many members there are."""
    columns = st.columns(2)
    with columns[0]:
        rounds = whole(
            "Trees at most", spec.boosting.rounds, 1, 2_000, "Of each member; it ends early when they help no more."
        )
    with columns[1]:
        n_members = whole("Members", spec.boosting.n_members, 1, MOST_MEMBERS, _MEMBERS_HELP, "boosting-members")
    changes = {"rounds": rounds, "n_members": n_members}
    return spec.model_copy(update={"boosting": spec.boosting.model_copy(update=changes)})


def _boosting(spec: TrainingSpec) -> TrainingSpec:
    """Draw how trees are boosted."""
    given = spec.boosting
    columns = st.columns(2)
    with columns[0]:
        rate = real(
            "Learning rate", given.learning_rate, 1e-4, 1.0, "How much of the rest each tree mends.", "boosting-rate"
        )
        leaves = whole("Leaves at most", given.max_leaves, 2, 255)
    with columns[1]:
        leaf = whole("Rows per leaf at least", given.min_rows_per_leaf, 1, 1_000, key="boosting-leaf")
        patience = whole(
            "Early stopping after [trees]",
            given.patience,
            1,
            1_000,
            "A member ends when the validation loss has not improved for so many trees.",
            "boosting-patience",
        )
    changes = {"learning_rate": rate, "max_leaves": leaves, "min_rows_per_leaf": leaf, "patience": patience}
    return spec.model_copy(update={"boosting": given.model_copy(update=changes)})


def _process(spec: TrainingSpec) -> TrainingSpec:
    """Draw from how many rows a Gaussian process learns."""
    rows = whole(
        "Rows to learn from at most",
        spec.gaussian_process.max_rows,
        20,
        2_000,
        "Drawn at random where there are more; the time to train grows with their third power.",
    )
    changed = spec.gaussian_process.model_copy(update={"max_rows": rows})
    return spec.model_copy(update={"gaussian_process": changed})


def _process_fitting(spec: TrainingSpec) -> TrainingSpec:
    """Draw how a Gaussian process is fitted."""
    given = spec.gaussian_process
    columns = st.columns(2)
    with columns[0]:
        smoothness = choose("Smoothness", _SMOOTHNESS, given.smoothness, key="training-smoothness", is_kept=True)
    with columns[1]:
        restarts = whole("Restarts", given.restarts, 0, 10, "Further starts of the search for length scales.")
    changed = given.model_copy(update={"smoothness": smoothness, "restarts": restarts})
    return spec.model_copy(update={"gaussian_process": changed})


FAMILY_FORMS = {
    Family.MLP: FamilyForm(_layers, _fitting),
    Family.RANDOM_FOREST: FamilyForm(_trees, _growing),
    Family.BOOSTING: FamilyForm(_boosted, _boosting),
    Family.GAUSSIAN_PROCESS: FamilyForm(_process, _process_fitting),
}
"""The forms of the families that are trained here."""
