"""Models on disk: NAME.keras or NAME.skops with the model itself, and NAME.json with the card."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from models.cards.card import ModelCard
from models.errors import ModelFileError, ModelStoreError
from models.store.saved_model import (
    MAXIMUM_ARTIFACT_BYTES,
    MAXIMUM_CARD_BYTES,
    SavedModel,
    ending_of,
    read_model,
    unchecked_model,
)

SHIPPED_FOLDER = Path(__file__).parents[1] / "saved"
SHIPPED_MODELS = ("concrete", "production_yield")
_MEND = "save it anew, or restore that file."
_NAME = re.compile(r"\w(?:[\w -]{0,58}[\w-])?")


class ModelStore:
    """The models in one folder, by name."""

    def __init__(self, folder: Path | str = SHIPPED_FOLDER) -> None:
        self.folder = Path(folder)

    def names(self) -> list[str]:
        """The names of all models, sorted; one without its side file is among them and refused when loaded."""
        found = {path.stem for ending in MAXIMUM_ARTIFACT_BYTES for path in self.folder.glob(f"*{ending}")}
        return sorted(name for name in found if _NAME.fullmatch(name))

    def is_shipped(self, name: str) -> bool:
        """Whether a model came with the product; such a one is never deleted."""
        return name in SHIPPED_MODELS

    def load(self, name: str) -> SavedModel:
        """A saved model, both files read.

        Raises:
            ModelStoreError: there is none of that name.
            ModelFileError: its files are unusable, or one of them is missing.
        """
        return read_model(name, *self._read(name))

    def load_lazily(self, name: str) -> SavedModel:
        """A saved model whose own file is read when its predictor is first asked for: what a list of models needs.

        Raises:
            ModelStoreError: there is none of that name.
            ModelFileError: its card is unusable, or one of its files is missing.
        """
        return unchecked_model(name, *self._read(name))

    def _read(self, name: str) -> tuple[bytes, bytes]:
        artifact_paths, card_path = self._paths(name)
        artifacts = [path for path in artifact_paths if path.is_file()]
        if not artifacts and not card_path.is_file():
            raise ModelStoreError(f"There is no saved model '{name}'; there are {self.names()}.")
        if not card_path.is_file():
            raise ModelFileError(f"The model '{name}' lacks its file {card_path.name}: {_MEND}")
        card_bytes = _read(card_path, MAXIMUM_CARD_BYTES)
        ending = ending_of(ModelCard.from_json(card_bytes).family)
        for path in artifacts:
            if path.suffix == ending:
                return _read(path, MAXIMUM_ARTIFACT_BYTES[ending]), card_bytes
        raise ModelFileError(f"The model '{name}' lacks its file {name}{ending}: {_MEND}")

    def save(self, name: str, artifact: bytes, card: ModelCard, *, overwrite: bool = False) -> SavedModel:
        """The model as it can be loaded from now on.

        Args:
            name: up to 60 letters, digits, spaces, _ and -.
            artifact: the bytes of its own file, .keras or .skops as its family has it.
            card: what is known about it.
            overwrite: replace a model of that name.

        Raises:
            ModelStoreError: the name cannot be used, or is taken.
            ModelFileError: file and card cannot be used.
        """
        artifact_paths, card_path = self._paths(name)
        taken = [other for other in self.names() if other.casefold() == name.casefold()]
        if taken and not (overwrite and taken == [name]):
            raise ModelStoreError(f"There is a saved model '{taken[0]}' already: choose another name.")
        card = card.model_copy(update={"network_sha256": hashlib.sha256(artifact).hexdigest()})
        card_bytes = card.to_json().encode()
        saved = read_model(name, artifact, card_bytes)
        self.folder.mkdir(parents=True, exist_ok=True)
        kept, *stale = sorted(artifact_paths, key=lambda path: path.suffix != ending_of(card.family))
        _write(kept, artifact)
        _write(card_path, card_bytes)
        for path in stale:  # a model of that name was of another family
            path.unlink(missing_ok=True)
        return saved

    def delete(self, name: str) -> None:
        """Remove a model that a user saved.

        Raises:
            ModelStoreError: there is none of that name, or it came with the product.
        """
        artifact_paths, card_path = self._paths(name)
        paths = (*artifact_paths, card_path)
        if self.is_shipped(name):
            raise ModelStoreError(f"The model '{name}' came with the product and stays.")
        if not any(path.is_file() for path in paths):
            raise ModelStoreError(f"There is no saved model '{name}'; there are {self.names()}.")
        for path in paths:
            path.unlink(missing_ok=True)

    def _paths(self, name: str) -> tuple[tuple[Path, ...], Path]:
        if not _NAME.fullmatch(name):
            raise ModelStoreError(
                f"A model's name has 1 to 60 letters, digits, spaces, _ or - and begins with a letter or digit; got "
                f"'{name[:80]}'."
            )
        artifacts = tuple(self.folder / f"{name}{ending}" for ending in MAXIMUM_ARTIFACT_BYTES)
        return artifacts, self.folder / f"{name}.json"


def _read(path: Path, limit: int) -> bytes:
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
