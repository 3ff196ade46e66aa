"""What somebody uploads: a .keras or .h5 file, alone or with the .json side file that says what its inputs are.

A model from elsewhere is evaluated on the recorded rows, given what its inputs are said to be.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from models import (
    Dataset,
    Ensemble,
    ModelCard,
    ModelFileError,
    ModelMismatchError,
    ModelStore,
    SavedModel,
    TrainingError,
    score,
)
from models.cards.card import make_card
from models.cards.mapping import MappedColumn, Mapping, Scaling
from models.cards.settings import Family
from models.data.encoding import Encoding
from models.data.metrics import Metrics
from models.data.split import Split, check_dataset
from models.intervals.residuals import residual_intervals
from models.keras.archive import MAXIMUM_BYTES
from models.keras.writer import KERAS_VERSION, keras_file_of
from models.networks.graph import Graph
from models.networks.plain import MAXIMUM_BYTES as MAXIMUM_ANSWER, packed, unpacked
from models.networks.read_model import ReadModel, fastest
from models.store import MAXIMUM_CARD_BYTES
from optimizer.features import evenly
from services.catalog.loading import align
from services.intake.sandbox import Limits, Refusal, run_in_sandbox

MAXIMUM_MEGABYTES = MAXIMUM_BYTES // 1_000_000
VERSIONS = {"keras": f"{KERAS_VERSION} layout, written from the uploaded numbers"}

LIMITS = Limits(memory=2**30, cpu_seconds=10, wall_seconds=20, answer=MAXIMUM_ANSWER, processes=0)
"""An honest file takes half a second and 60 MB."""
_ANEW = "Save the model anew with model.save('name.keras')"
_DAMAGED = f"The file cannot be read: it seems damaged. {_ANEW} and upload that."
_EXHAUSTED = (
    "Reading the file took more memory or time than a model of this size can need: it is damaged, or was not written "
    f"by Keras. {_ANEW}."
)

Forward = Callable[[np.ndarray], np.ndarray]
"""What a network computes: from (n, p) float32 inputs to (n,) outputs."""

_TRIED = (Scaling.NONE, Scaling.STANDARDISED, Scaling.RANGE)
_MAX_TRIED_ROWS = 500
_GOOD_R2 = 0.5
_HIGH_CORRELATION = 0.9


@dataclass(frozen=True)
class Upload:
    """An uploaded model, taken apart: numbers, and what its side file says.

    Attributes:
        side: the card that was exported with it, a mapping of its inputs, or None.
        name: of the file, without its ending.
        output: which of its outcomes is predicted; "" for the first.
    """

    model: ReadModel
    side: ModelCard | Mapping | None
    name: str
    output: str = ""

    @cached_property
    def networks(self) -> Ensemble | Graph:
        """What predicts: networks whose mean counts, or a graph."""
        return fastest(self.model.outputs[self.output or next(iter(self.model.outputs))])

    @property
    def n_inputs(self) -> int:
        """How many numbers it takes per row."""
        return self.model.n_inputs

    @property
    def words(self) -> str:
        """What it is, in a few words."""
        n, outputs = self.networks.n_members, len(self.model.outputs)
        members = f"{n} networks, averaged, " if n > 1 else "a network "
        several = f", {outputs} outputs" if outputs > 1 else ""
        return f"{members}of {self.n_inputs} inputs{several} and {self.networks.n_parameters:,} weights"

    def forward(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs (n,) of (n, p) float32 inputs."""
        return self.networks.mean(inputs)


def read_upload(files: Sequence[tuple[str, bytes]]) -> Upload:
    """The model in uploaded files (name, bytes); which is which is told by their content.

    Raises:
        ModelFileError: there is not one .keras file, with one .json side file at most, or either is unusable.
    """
    sides = [data for _, data in files if data.lstrip()[:1] == b"{"]
    models = [(name, data) for name, data in files if data.lstrip()[:1] != b"{"]
    if len(models) != 1 or len(sides) > 1:
        raise ModelFileError(
            "Expected one .keras or .h5 file, alone or with its one .json side file; got "
            f"{', '.join(repr(name[:60]) for name, _ in files) or 'nothing'}. Remove what does not belong."
        )
    name, data = models[0]
    model = inspect_keras_file(data)
    stem = name.replace("\\", "/").rpartition("/")[2].removesuffix(".keras").removesuffix(".h5")
    return Upload(model, _side(sides[0], data) if sides else None, stem[:60])


def save_upload(store: ModelStore, name: str, upload: Upload, card: ModelCard) -> SavedModel:
    """Store an uploaded model, written anew from its numbers, and give it as it can be loaded from now on.

    Raises:
        ModelStoreError: the name cannot be used, or is taken.
        ModelFileError: networks and card do not fit.
    """
    networks = upload.networks
    if isinstance(networks, Ensemble):
        return store.save(name, keras_file_of(networks.members), card)
    kept = ReadModel({upload.output or next(iter(upload.model.outputs)): networks}, upload.model.vocabularies)
    return store.save(name, packed(kept), card)


def _side(data: bytes, model: bytes) -> ModelCard | Mapping:
    if len(data) > MAXIMUM_CARD_BYTES:
        raise ModelFileError(f"The .json side file has {len(data):,} bytes; at most {MAXIMUM_CARD_BYTES:,}.")
    if b'"format_version"' not in data:
        return Mapping.from_json(data)
    card = ModelCard.from_json(data)
    if card.family not in (Family.MLP, Family.KERAS):
        raise ModelFileError(f"The .json side file is of a {card.family.words.label.lower()}, not of a Keras model.")
    if card.network_sha256 not in ("", hashlib.sha256(model).hexdigest()):
        raise ModelFileError(
            "The .json side file was saved with another .keras file: bring the two that belong together."
        )
    return card


def check_card(card: ModelCard, upload: Upload) -> None:
    """Raise unless the card that came with a model is one for it.

    Raises:
        ModelFileError: the model takes another number of inputs than the card's features make.
    """
    try:
        check_inputs(card.encoding, upload.n_inputs)
    except (ModelMismatchError, ValueError) as error:
        raise ModelFileError(f"The .json side file is of another model. {error}") from None


def inspect_keras_file(data: bytes) -> ReadModel:
    """The model in the bytes of a .keras file that nobody trusts.

    Raises:
        ModelFileError: it is no .keras file of the layers that are understood, or takes too much memory or time.
    """
    try:
        return unpacked(run_in_sandbox("services.intake.uploads.child", data, {}, LIMITS, _DAMAGED, _EXHAUSTED))
    except Refusal as refusal:
        raise ModelFileError(str(refusal)) from None


def evaluated_card(
    mapping: Mapping, dataset: Dataset, n_inputs: int, forward: Forward, versions: dict[str, str]
) -> ModelCard:
    """The card of a model that was trained elsewhere, evaluated on every recorded row.

    Raises:
        ModelMismatchError: mapping, table and model do not fit, or it gives no number for some rows.
    """
    rows = mapping.rows_of(dataset)
    encoding = mapping.encoding_for(rows)
    check_inputs(encoding, n_inputs)
    predicted = encoding.decode_outcome(forward(encoding.encode(rows.X)))
    n_lost = int((~np.isfinite(predicted)).sum())
    if n_lost:
        raise ModelMismatchError(
            f"With these columns the model gives no number for {n_lost:,} of {len(predicted):,} recorded rows: look at "
            "how the inputs were scaled when it was trained."
        )
    none = np.empty(0, dtype=int)
    split = Split(none, none, np.arange(rows.n_rows))
    with np.errstate(over="ignore"):
        metrics = score(rows.y, predicted)
        if not np.isfinite([metrics.r2, metrics.rmse, metrics.mae]).all():
            raise ModelMismatchError(
                "With these columns the model's predictions are too large to compare: look at how it was scaled."
            )
        card = make_card(rows, split, encoding, predicted, versions=versions)
    try:
        check_dataset(rows)
    except TrainingError:  # the rows do not tell how far it is off
        return card
    return card.model_copy(update={"intervals": residual_intervals(rows, predicted)})


def check_inputs(encoding: Encoding, n_inputs: int) -> None:
    """Raise ModelMismatchError unless the chosen columns make as many inputs as the model takes."""
    if encoding.n_inputs == n_inputs:
        return
    made = [
        f"'{column.name}' {len(column.categories)} (one per category)"
        if column.is_categorical
        else f"'{column.name}' 1"
        for column in encoding.features
    ]
    raise ModelMismatchError(
        f"The model takes {n_inputs} inputs; the chosen columns make {encoding.n_inputs}: {', '.join(made)}. Choose "
        "the columns that it was trained on, in the order of its inputs."
    )


def suggest_mapping(
    dataset: Dataset, n_inputs: int, forward: Forward, vocabularies: Sequence[Sequence[str]] = ()
) -> Mapping | None:
    """The mapping that explains the recorded rows best among those worth a try, or None where none fits.

    The columns are all features of the table, or those without the sweep feature, or the numeric ones, in the table's
    order; the scaling is the one of none, standardised and 0..1, for inputs and outcome each, with the best R2 over a
    sample of the rows.

    Args:
        vocabularies: for each input in turn the words that it takes, nothing for a number; without any it is not known.
    """
    for features in _columns_of_words(dataset, vocabularies) if any(vocabularies) else _column_choices(dataset):
        if sum(len(column.categories) or 1 for column in features) == n_inputs:
            mappings = [_mapping(features, dataset, *scalings) for scalings in product(_TRIED, _TRIED)]
            rows = evenly(dataset.n_rows, _MAX_TRIED_ROWS)
            return max(mappings, key=lambda mapping: _r2(mapping, dataset, rows, forward))
    return None


def default_mapping(dataset: Dataset) -> Mapping:
    """The mapping to begin with where nothing can be tried: all features in their order, unscaled."""
    return _mapping(_column_choices(dataset)[0], dataset, Scaling.NONE, Scaling.NONE)


def metrics_on(card: ModelCard, dataset: Dataset, forward: Forward) -> Metrics:
    """The metrics of a model whose card is known on the recorded rows of a table.

    Raises:
        ModelMismatchError: model and table do not fit.
        DatasetError: the table has categories that the model never saw, or another outcome.
    """
    rows, encoding = align(dataset, card), card.encoding
    with np.errstate(all="ignore"):
        return score(rows.y, np.nan_to_num(encoding.decode_outcome(forward(encoding.encode(rows.X)))))


def is_good_fit(card: ModelCard) -> bool:
    """Whether a model predicts the recorded rows well enough for its columns to be the right ones."""
    return card.metrics.r2 >= _GOOD_R2


def r2_words(r2: float) -> str:
    """An R² as a person says it: how far below 0 it is says nothing more."""
    return f"{r2:.2f}" if r2 > -10 else "far below 0"


def fit_sentence(card: ModelCard) -> str:
    """What the fit says about the mapping, and what to look at where it is poor."""
    measured, predicted = np.array(card.held_out.measured), np.array(card.held_out.predicted)
    r2 = r2_words(card.metrics.r2)
    if is_good_fit(card):
        return f"The predictions agree with the recorded rows (R² {r2}): the columns seem to be the right ones."
    with np.errstate(all="ignore"):
        correlation = float(np.corrcoef(measured, predicted)[0, 1]) if np.ptp(predicted) > 0 else 0.0
    # A wrong scale of the outcome spoils R2 and leaves the correlation, a wrong order of columns spoils both.
    if abs(correlation) >= _HIGH_CORRELATION:
        return (
            f"The predictions rise and fall with the measurements, but on another scale (R² {r2}): the columns "
            "seem right, look at how the outcome was scaled."
        )
    return (
        f"The predictions do not agree with the recorded rows (R² {r2}): look at the order of the columns and at "
        "how the inputs were scaled."
    )


def _column_choices(dataset: Dataset) -> list[list[MappedColumn]]:
    every = list(dataset.features)
    choices = [every, [c for c in every if c.name != dataset.sweep], [c for c in every if not c.is_categorical]]
    return [[MappedColumn(name=c.name, categories=c.categories) for c in choice] for choice in choices if choice]


def _columns_of_words(dataset: Dataset, vocabularies: Sequence[Sequence[str]]) -> list[list[MappedColumn]]:
    """The features as a model with inputs of words takes them: its words tell which column each of these is."""
    numeric = [column.name for column in dataset.features if not column.is_categorical]
    textual = {column.name: set(column.categories) for column in dataset.features if column.is_categorical}
    chosen = list[MappedColumn]()
    for words in vocabularies:
        fitting = [name for name, known in textual.items() if known <= set(words)] if words else numeric
        if not fitting:
            return []
        chosen.append(MappedColumn(name=fitting[0], categories=tuple(words)))
        textual.pop(fitting[0], None)
        numeric = [name for name in numeric if name != fitting[0]]
    return [chosen]


def _mapping(features: list[MappedColumn], dataset: Dataset, inputs: Scaling, outcome: Scaling) -> Mapping:
    scaled = tuple(c if c.categories else c.model_copy(update={"scaling": inputs}) for c in features)
    return Mapping(features=scaled, outcome=MappedColumn(name=dataset.outcome.name, scaling=outcome))


def _r2(mapping: Mapping, dataset: Dataset, rows: np.ndarray, forward: Forward) -> float:
    """R2 over some rows, -inf where there is none."""
    known = mapping.rows_of(dataset)
    try:
        encoding = mapping.encoding_for(known)
    except ModelMismatchError:
        return -np.inf
    with np.errstate(all="ignore"):
        predicted = encoding.decode_outcome(forward(encoding.encode(known.X[rows])))
        if not np.isfinite(predicted).all():
            return -np.inf
        return score(known.y[rows], predicted).r2
