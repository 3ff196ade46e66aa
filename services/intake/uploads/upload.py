"""What somebody uploads: a .keras file, alone or with the .json side file that says what its inputs are."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models import Ensemble, ModelCard, ModelFileError, ModelMismatchError, ModelStore, SavedModel
from models.cards.mapping import Mapping
from models.cards.settings import Family
from models.keras.file import MAXIMUM_BYTES
from models.keras.plain_networks import MAXIMUM_BYTES as MAXIMUM_ANSWER, unpack_networks
from models.keras.writer import KERAS_VERSION, keras_file_of
from models.store import MAXIMUM_CARD_BYTES
from services.intake.sandbox import ExitCode, Limits, run_in_sandbox
from services.intake.uploads.evaluation import check_inputs

MAXIMUM_MEGABYTES = MAXIMUM_BYTES // 1_000_000
VERSIONS = {"keras": f"{KERAS_VERSION} layout, written from the uploaded numbers"}

LIMITS = Limits(memory=2**30, cpu_seconds=10, wall_seconds=20, answer=MAXIMUM_ANSWER, processes=0)
"""An honest file takes half a second and 60 MB."""


@dataclass(frozen=True)
class Upload:
    """An uploaded model, taken apart: numbers, and what its side file says.

    Attributes:
        networks: one, or the members of an ensemble whose mean is predicted.
        side: the card that was exported with it, a mapping of its inputs, or None.
        name: of the file, without its ending.
    """

    networks: Ensemble
    side: ModelCard | Mapping | None
    name: str

    @property
    def n_inputs(self) -> int:
        """How many numbers it takes per row."""
        return self.networks.n_inputs

    @property
    def words(self) -> str:
        """What it is, in a few words."""
        n = self.networks.n_members
        members = f"{n} networks, averaged, " if n > 1 else "a network "
        return f"{members}of {self.n_inputs} inputs and {self.networks.n_parameters:,} weights"

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
            "Expected one .keras file, alone or with its one .json side file; got "
            f"{', '.join(repr(name[:60]) for name, _ in files) or 'nothing'}. Remove what does not belong."
        )
    name, data = models[0]
    networks = inspect_keras_file(data)
    stem = name.replace("\\", "/").rpartition("/")[2].removesuffix(".keras")
    return Upload(networks, _side(sides[0], data) if sides else None, stem[:60])


def save_upload(store: ModelStore, name: str, upload: Upload, card: ModelCard) -> SavedModel:
    """Store an uploaded model, written anew from its numbers, and give it as it can be loaded from now on.

    Raises:
        ModelStoreError: the name cannot be used, or is taken.
        ModelFileError: networks and card do not fit.
    """
    return store.save(name, keras_file_of(upload.networks.members), card)


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


def inspect_keras_file(data: bytes) -> Ensemble:
    """The networks in the bytes of a .keras file that nobody trusts: one, or the members of an ensemble.

    Raises:
        ModelFileError: it is no .keras file of the layers that are understood, or takes too much memory or time.
    """
    ended = run_in_sandbox("services.intake.uploads.child", data, {}, LIMITS)
    if ended.code is ExitCode.ANSWERED:
        return unpack_networks(ended.answer)
    if ended.code is ExitCode.REFUSED:
        raise ModelFileError(ended.refusal)
    if ended.code is ExitCode.EXHAUSTED:
        raise ModelFileError(
            "Reading the file took more memory or time than a model of this size can need: it is damaged, or was not "
            "written by Keras. Save the model anew with model.save('name.keras')."
        )
    raise ModelFileError(
        "The file cannot be read: it seems damaged. Save the model anew with model.save('name.keras') and upload that."
    )
