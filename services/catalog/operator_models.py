"""The operator's own models: Keras files in a folder of the server that is trusted, unlike anything uploaded."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models import Ensemble, EnsemblePredictor, Graph, ModelCard, ModelFileError, ModelStoreError, Predictor
from models.cards.mapping import Mapping
from models.keras.archive import MAXIMUM_BYTES
from models.keras.file import read_networks
from models.keras.operator_model import KerasModelFile
from models.store import MAXIMUM_CARD_BYTES, written_whole

_NAME = re.compile(r"\w(?:[\w .-]{0,58}[\w-])?")


@dataclass(frozen=True, eq=False)
class OperatorModel:
    """A model of the operator's folder.

    Attributes:
        name: of the file, without its ending.
        side: the card beside it or made on the Model page, a mapping that has yet to be judged, or None.
        converted: the same model in NumPy, or None where it takes TensorFlow.
        reason: why it takes TensorFlow, "" where it does not.
    """

    name: str
    path: Path
    sha256: str
    side: ModelCard | Mapping | None
    converted: Ensemble | Graph | None
    reason: str

    @property
    def card(self) -> ModelCard | None:
        """What is known about it, or None before its inputs were mapped."""
        return self.side if isinstance(self.side, ModelCard) else None

    @property
    def n_inputs(self) -> int:
        """How many numbers it takes per row, where it was converted.

        Raises:
            ModelFileError: it was not.
        """
        if self.converted is None:
            raise ModelFileError(f"The operator's model '{self.name}' is known by TensorFlow alone. {self.reason}")
        return self.converted.n_inputs

    @property
    def digest(self) -> str:
        """SHA-256 over the model and its card."""
        card = self.card.to_json() if self.card else ""
        return hashlib.sha256(f"{self.sha256}{card}".encode()).hexdigest()

    @property
    def predictor(self) -> Predictor:
        """What answers for rows in the card's feature order; deferred where it takes TensorFlow.

        Raises:
            ModelFileError: its inputs have not been mapped yet, or to columns that make another number of inputs.
        """
        if self.card is None:
            raise ModelFileError(
                f"What the inputs of the operator's model '{self.name}' are is not known yet: say it on the Model "
                f"page, or put {self.name}.json beside it."
            )
        encoding = self.card.encoding
        try:
            if self.converted is not None:
                return EnsemblePredictor(encoding, self.converted)
        except ValueError as error:
            raise ModelFileError(
                f"The card of the operator's model '{self.name}' is of another model. {error}"
            ) from None
        return KerasModelFile(self.path, encoding)


class OperatorModels:
    """The models in the operator's folder, by name.

    Args:
        folder: that the operator named, or None where there is none.
        cards: folder for cards made on the Model page.
    """

    def __init__(self, folder: Path | None = None, cards: Path = Path()) -> None:
        self._folder = folder
        self._cards = cards

    def names(self) -> list[str]:
        """The names of all models, sorted."""
        if self._folder is None or not self._folder.is_dir():
            return []
        return sorted(path.stem for path in self._folder.glob("*.keras") if _NAME.fullmatch(path.stem))

    def load(self, name: str) -> OperatorModel:
        """A model of the folder; TensorFlow is not loaded for it.

        Raises:
            ModelStoreError: there is none of that name.
            ModelFileError: its side file is unusable.
        """
        if self._folder is None or name not in self.names():
            raise ModelStoreError(
                f"There is no operator's model '{name}'; there are {self.names()}. The operator names their folder in "
                "MIXWRIGHT_MODELS."
            )
        path = self._folder / f"{name}.keras"
        about = path.stat()
        sha256, converted, reason = _read_once(path, about.st_mtime_ns, about.st_size)
        return OperatorModel(name, path, sha256, self._side(path, sha256), converted, reason)

    def save_card(self, name: str, card: ModelCard) -> OperatorModel:
        """A model with the card that says what its inputs are; it is found again from now on.

        Raises:
            ModelStoreError: there is no such model.
        """
        model = self.load(name)
        self._cards.mkdir(parents=True, exist_ok=True)
        whole = card.model_copy(update={"network_sha256": model.sha256})
        with written_whole(self._cards / f"{name}.json") as path:
            path.write_bytes(whole.to_json().encode())
        return self.load(name)

    def _side(self, path: Path, sha256: str) -> ModelCard | Mapping | None:
        """What is known about a file's inputs: what was said on the Model page, else the file beside it."""
        made = self._cards / f"{path.stem}.json"
        if made.is_file():
            card = ModelCard.from_json(made.read_bytes())
            if card.network_sha256 == sha256:
                return card
        beside = path.with_suffix(".json")
        if not beside.is_file():
            return None
        content = beside.read_bytes()[: MAXIMUM_CARD_BYTES + 1]
        if b'"format_version"' not in content:
            return Mapping.from_json(content)
        card = ModelCard.from_json(content)
        if card.network_sha256 not in ("", sha256):
            raise ModelFileError(f"'{beside.name}' was saved with another .keras file than the one beside it.")
        return card


@lru_cache(maxsize=64)
def _read_once(path: Path, changed: int, size: int) -> tuple[str, Ensemble | Graph | None, str]:
    """A file's digest, and the model in NumPy or why it takes TensorFlow; read anew when the file changed."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if size > MAXIMUM_BYTES:
        return sha256, None, f"The file has {size / 1e6:,.0f} MB."
    try:
        return sha256, read_networks(path.read_bytes()), ""
    except ModelFileError as error:
        return sha256, None, str(error)
