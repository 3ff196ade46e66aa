"""Models on disk: NAME.keras, NAME.graph or NAME.skops with the model itself, and NAME.json with the card."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import count
from pathlib import Path

from models.cards.card import ModelCard
from models.cards.settings import Family
from models.errors import ModelFileError, ModelStoreError
from models.families.artifact import MAXIMUM_BYTES as MAXIMUM_SKOPS_BYTES, predictor_from
from models.keras.archive import MAXIMUM_BYTES as MAXIMUM_KERAS_BYTES
from models.keras.file import read_networks
from models.networks.ensemble import Ensemble
from models.networks.graph import Graph
from models.networks.plain import MARK, MAXIMUM_BYTES as MAXIMUM_GRAPH_BYTES, unpacked
from models.networks.predictor import EnsemblePredictor, Predictor
from models.networks.read_model import fastest

MAXIMUM_CARD_BYTES = 8_000_000
MAXIMUM_ARTIFACT_BYTES = {".keras": MAXIMUM_KERAS_BYTES, ".skops": MAXIMUM_SKOPS_BYTES, ".graph": MAXIMUM_GRAPH_BYTES}
"""How a model's own file may end, and how large it may be."""


def endings_of(family: Family) -> tuple[str, ...]:
    """The endings that the file of a family's models may have."""
    return {Family.MLP: (".keras",), Family.KERAS: (".keras", ".graph")}.get(family, (".skops",))


def ending_of(family: Family, artifact: bytes) -> str:
    """The ending of the file of a model; one from elsewhere that is no chain of layers is kept as a graph."""
    return ".graph" if family is Family.KERAS and artifact.startswith(MARK) else endings_of(family)[0]


@dataclass(frozen=True)
class SavedModel:
    """A model with its card; its own file is read when the predictor is first asked for.

    Attributes:
        artifact: the bytes of its .keras, .graph or .skops file.
        digest: SHA-256 over the bytes of both files.
    """

    name: str
    card: ModelCard
    artifact: bytes
    digest: str

    @cached_property
    def predictor(self) -> Predictor:
        """What answers for rows in the card's feature order.

        Raises:
            ModelFileError: the file is unusable, or does not fit the card.
        """
        encoding = self.card.encoding
        match ending_of(self.card.family, self.artifact):
            case ".skops":
                return predictor_from(self.artifact, encoding, self.card.family)
            case ".graph":
                networks: Ensemble | Graph = fastest(next(iter(unpacked(self.artifact).outputs.values())))
            case _:
                networks = read_networks(self.artifact)
        if networks.n_inputs != encoding.n_inputs:
            raise ModelFileError(
                f"The network takes {networks.n_inputs} inputs, the features of its .json side file make "
                f"{encoding.n_inputs}: bring the two files that were saved together."
            )
        return EnsemblePredictor(encoding, networks)


def unchecked_model(name: str, artifact: bytes, card_bytes: bytes) -> SavedModel:
    """The model of two files that belong together; its own file is not read yet.

    Raises:
        ModelFileError: the card is unusable, or was saved with another file.
    """
    if len(card_bytes) > MAXIMUM_CARD_BYTES:
        raise ModelFileError(f"The .json side file has {len(card_bytes):,} bytes; at most {MAXIMUM_CARD_BYTES:,}.")
    card = _card(card_bytes)
    if card.network_sha256 not in ("", hashlib.sha256(artifact).hexdigest()):
        raise ModelFileError(
            f"The .json side file was saved with another {ending_of(card.family, artifact)} file: bring the two that "
            "belong together."
        )
    return SavedModel(name, card, artifact, hashlib.sha256(artifact + card_bytes).hexdigest())


@lru_cache(maxsize=64)
def _card(card_bytes: bytes) -> ModelCard:
    """A card, which nobody can change; a list of models asks for the same ones again and again."""
    return ModelCard.from_json(card_bytes)


SHIPPED_FOLDER = Path(__file__).parent / "saved"
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
        saved = self.load_lazily(name)
        _ = saved.predictor
        return saved

    def load_lazily(self, name: str) -> SavedModel:
        """A saved model whose own file is read when its predictor is first asked for: what a list of models needs.

        Raises:
            ModelStoreError: there is none of that name.
            ModelFileError: its card is unusable, or one of its files is missing.
        """
        artifact_paths, card_path = self._paths(name)
        artifacts = [path for path in artifact_paths if path.is_file()]
        if not artifacts and not card_path.is_file():
            raise self._absent(name)
        if not card_path.is_file():
            raise ModelFileError(f"The model '{name}' lacks its file {card_path.name}: {_MEND}")
        card_bytes = _read(card_path, MAXIMUM_CARD_BYTES)
        endings = endings_of(_card(card_bytes).family)
        for path in artifacts:
            if path.suffix in endings:
                return unchecked_model(name, _read(path, MAXIMUM_ARTIFACT_BYTES[path.suffix]), card_bytes)
        raise ModelFileError(f"The model '{name}' lacks its file {' or '.join(name + end for end in endings)}: {_MEND}")

    def save(self, name: str, artifact: bytes, card: ModelCard, *, overwrite: bool = False) -> SavedModel:
        """The model as it can be loaded from now on.

        Args:
            name: up to 60 letters, digits, spaces, _ and -.
            artifact: the bytes of its own file, .keras or .skops as its family has it.

        Raises:
            ModelStoreError: the name cannot be used, or is taken.
            ModelFileError: file and card cannot be used.
        """
        artifact_paths, card_path = self._paths(name)
        self._check_free(name, except_for=name if overwrite else "")
        card = card.model_copy(update={"network_sha256": hashlib.sha256(artifact).hexdigest()})
        card_bytes = card.to_json().encode()
        saved = unchecked_model(name, artifact, card_bytes)
        _ = saved.predictor  # its file can be read
        self.folder.mkdir(parents=True, exist_ok=True)
        kept, *stale = sorted(artifact_paths, key=lambda path: path.suffix != ending_of(card.family, artifact))
        for path, content in ((kept, artifact), (card_path, card_bytes)):
            with written_whole(path) as part:
                part.write_bytes(content)
                part.chmod(0o644)
        for path in stale:  # a model of that name was of another family
            path.unlink(missing_ok=True)
        return saved

    def check_new_name(self, name: str, *, overwrite: bool = False) -> None:
        """Refuse a name that a new model of a user cannot have: what can be known before hours of training.

        Args:
            overwrite: the user's own model of that name may be replaced.

        Raises:
            ModelStoreError: the name cannot be used, is taken, or belongs to a model that came with the product.
        """
        self._paths(name)
        known = (*SHIPPED_MODELS, *self.names())  # a shipped name means one model, in whatever folder
        taken = next((other for other in known if other.casefold() == name.casefold()), None)
        if taken is None:
            return
        free = next(f"{name[:50]} {n}" for n in count(2) if f"{name[:50]} {n}" not in known)
        if self.is_shipped(taken):
            raise ModelStoreError(
                f"'{taken}' is a model that came with the product, and stays: choose another name, such as '{free}'."
            )
        if not (overwrite and taken == name):
            raise ModelStoreError(f"There is a saved model '{taken}' already: choose another name, such as '{free}'.")

    def find(self, digest: str) -> SavedModel:
        """The saved model of this digest, whatever it is called now; its own file is read as by `load_lazily`.

        Raises:
            ModelStoreError: there is none.
        """
        for name in self.names():
            try:
                saved = self.load_lazily(name)
            except (ModelFileError, ModelStoreError):
                continue  # a damaged one hides no other
            if saved.digest == digest:
                return saved
        raise ModelStoreError(f"There is no saved model with the digest {digest[:12]}...; it was deleted.")

    def rename(self, name: str, wanted: str) -> None:
        """Give a model that a user saved another name; its digest stays, and so do runs that name it.

        Raises:
            ModelStoreError: there is none of that name, it came with the product, or the wanted name cannot be used or
                is taken.
        """
        (artifact_paths, card_path), (wanted_artifacts, wanted_card) = self._paths(name), self._paths(wanted)
        if self.is_shipped(name):
            raise ModelStoreError(f"The model '{name}' came with the product and keeps its name.")
        if name not in self.names() or not card_path.is_file():
            raise self._absent(name)
        self._check_free(wanted, except_for=name)
        for path, new in zip((*artifact_paths, card_path), (*wanted_artifacts, wanted_card), strict=True):
            if path.is_file():
                path.rename(new)

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
            raise self._absent(name)
        for path in paths:
            path.unlink(missing_ok=True)

    def _absent(self, name: str) -> ModelStoreError:
        return ModelStoreError(f"There is no saved model '{name}'; there are {self.names()}.")

    def _check_free(self, name: str, *, except_for: str) -> None:
        """Refuse a name that a model has, in whatever case, but for that of one model."""
        for other in self.names():
            if other.casefold() == name.casefold() and other != except_for:
                raise ModelStoreError(f"There is a saved model '{other}' already: choose another name.")

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


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A path to write to; the file appears under its own name only when it is complete."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("r+b") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
