"""Models on disk: NAME.keras with the weights and NAME.json with the card."""

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from models.card import ModelCard
from models.errors import ModelFileError, ModelStoreError
from models.keras_file import MAXIMUM_BYTES, read_network
from models.network import Network
from models.predictor import MlpPredictor

SHIPPED_FOLDER = Path(__file__).parent / "saved"
SHIPPED_MODELS = ("concrete", "production_yield")
MAXIMUM_CARD_BYTES = 8_000_000
_NAME = re.compile(r"\w(?:[\w -]{0,58}[\w-])?")


@dataclass(frozen=True)
class SavedModel:
    """A model with its card, as read from its two files.

    Attributes:
        name: what the user calls it.
        card: everything known about it but the weights.
        network: the weights, ready to predict.
        digest: SHA-256 over the bytes of both files.
    """

    name: str
    card: ModelCard
    network: Network
    digest: str

    @cached_property
    def predictor(self) -> MlpPredictor:
        """What answers for rows in the card's feature order."""
        return MlpPredictor(self.card.encoding, self.network)


def read_model(name: str, keras_bytes: bytes, card_bytes: bytes) -> SavedModel:
    """Return the model that the bytes of its two files hold; neither is trusted.

    Raises:
        ModelFileError: either is unusable, or they do not belong together.
    """
    if len(card_bytes) > MAXIMUM_CARD_BYTES:
        raise ModelFileError(f"The .json side file has {len(card_bytes):,} bytes; at most {MAXIMUM_CARD_BYTES:,}.")
    card = ModelCard.from_json(card_bytes)
    if card.network_sha256 not in ("", hashlib.sha256(keras_bytes).hexdigest()):
        raise ModelFileError(
            "The .json side file was saved with another .keras file: bring the two that belong together."
        )
    network = read_network(keras_bytes)
    n_inputs = card.encoding.n_inputs
    if network.n_inputs != n_inputs:
        raise ModelFileError(
            f"The network takes {network.n_inputs} inputs, the features of its .json side file make {n_inputs}: bring "
            "the two files that were saved together."
        )
    return SavedModel(name, card, network, hashlib.sha256(keras_bytes + card_bytes).hexdigest())


class ModelStore:
    """The models in one folder, by name."""

    def __init__(self, folder: Path | str = SHIPPED_FOLDER) -> None:
        self.folder = Path(folder)

    def names(self) -> list[str]:
        """Return the names of all models, sorted; one without its side file is among them and refused when loaded."""
        return sorted(path.stem for path in self.folder.glob("*.keras") if _NAME.fullmatch(path.stem))

    def is_shipped(self, name: str) -> bool:
        """Return whether a model came with the product; such a one is never deleted."""
        return name in SHIPPED_MODELS

    def load(self, name: str) -> SavedModel:
        """Return a saved model.

        Raises:
            ModelStoreError: there is none of that name.
            ModelFileError: its files are unusable, or one of them is missing.
        """
        keras_path, card_path = self._paths(name)
        there = [path for path in (keras_path, card_path) if path.is_file()]
        if not there:
            raise ModelStoreError(f"There is no saved model '{name}'; there are {self.names()}.")
        if len(there) == 1:
            lacking = card_path if there == [keras_path] else keras_path
            raise ModelFileError(
                f"The model '{name}' lacks its file {lacking.name}: save it anew, or restore that file."
            )
        return read_model(name, _read(keras_path, MAXIMUM_BYTES), _read(card_path, MAXIMUM_CARD_BYTES))

    def save(self, name: str, keras_bytes: bytes, card: ModelCard, *, overwrite: bool = False) -> SavedModel:
        """Return the model as it can be loaded from now on.

        Args:
            name: up to 60 letters, digits, spaces, _ and -.
            keras_bytes: of its .keras file.
            card: what is known about it.
            overwrite: replace a model of that name.

        Raises:
            ModelStoreError: the name cannot be used, or is taken.
            ModelFileError: network and card cannot be used.
        """
        paths = self._paths(name)
        taken = [other for other in self.names() if other.casefold() == name.casefold()]
        if taken and not (overwrite and taken == [name]):
            raise ModelStoreError(f"There is a saved model '{taken[0]}' already: choose another name.")
        card = card.model_copy(update={"network_sha256": hashlib.sha256(keras_bytes).hexdigest()})
        card_bytes = card.to_json().encode()
        saved = read_model(name, keras_bytes, card_bytes)
        self.folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, (keras_bytes, card_bytes), strict=True):
            _write(path, content)
        return saved

    def delete(self, name: str) -> None:
        """Remove a model that a user saved.

        Raises:
            ModelStoreError: there is none of that name, or it came with the product.
        """
        paths = self._paths(name)
        if self.is_shipped(name):
            raise ModelStoreError(f"The model '{name}' came with the product and stays.")
        if not any(path.is_file() for path in paths):
            raise ModelStoreError(f"There is no saved model '{name}'; there are {self.names()}.")
        for path in paths:
            path.unlink(missing_ok=True)

    def _paths(self, name: str) -> tuple[Path, Path]:
        """Return the two files of a model."""
        if not _NAME.fullmatch(name):
            raise ModelStoreError(
                f"A model's name has 1 to 60 letters, digits, spaces, _ or - and begins with a letter or digit; got "
                f"'{name[:80]}'."
            )
        return self.folder / f"{name}.keras", self.folder / f"{name}.json"


def _read(path: Path, limit: int) -> bytes:
    """Return a file's bytes, one more than the limit at most, so that what is too large is refused unread."""
    with path.open("rb") as file:
        return file.read(limit + 1)


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
