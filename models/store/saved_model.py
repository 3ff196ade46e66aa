"""A model as its two files hold it, whatever its family."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from models.cards.card import ModelCard
from models.cards.families import Family
from models.data.encoding import Encoding
from models.errors import ModelFileError
from models.families.artifact import MAXIMUM_BYTES as MAXIMUM_SKOPS_BYTES, predictor_from
from models.keras.file import MAXIMUM_BYTES as MAXIMUM_KERAS_BYTES, read_networks
from models.networks.predictor import EnsemblePredictor, Predictor

MAXIMUM_CARD_BYTES = 8_000_000
MAXIMUM_ARTIFACT_BYTES = {".keras": MAXIMUM_KERAS_BYTES, ".skops": MAXIMUM_SKOPS_BYTES}
"""How a model's own file may end, and how large it may be."""


def ending_of(family: Family) -> str:
    """The ending of the file of a family's models."""
    return ".keras" if family in (Family.MLP, Family.KERAS) else ".skops"


@dataclass(frozen=True)
class SavedModel:
    """A model with its card; its own file is read when the predictor is first asked for.

    Attributes:
        name: what the user calls it.
        card: everything known about it but the weights.
        artifact: the bytes of its .keras or .skops file.
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
        if ending_of(self.card.family) == ".skops":
            return predictor_from(self.artifact, encoding, self.card.family)
        return _keras_predictor(self.artifact, encoding)


def unchecked_model(name: str, artifact: bytes, card_bytes: bytes) -> SavedModel:
    """The model of two files that belong together; its own file is not read yet.

    Raises:
        ModelFileError: the card is unusable, or was saved with another file.
    """
    if len(card_bytes) > MAXIMUM_CARD_BYTES:
        raise ModelFileError(f"The .json side file has {len(card_bytes):,} bytes; at most {MAXIMUM_CARD_BYTES:,}.")
    card = ModelCard.from_json(card_bytes)
    if card.network_sha256 not in ("", hashlib.sha256(artifact).hexdigest()):
        raise ModelFileError(
            f"The .json side file was saved with another {ending_of(card.family)} file: bring the two that belong "
            "together."
        )
    return SavedModel(name, card, artifact, hashlib.sha256(artifact + card_bytes).hexdigest())


def read_model(name: str, artifact: bytes, card_bytes: bytes) -> SavedModel:
    """The model that the bytes of its two files hold, both read.

    Raises:
        ModelFileError: either is unusable, or they do not belong together.
    """
    saved = unchecked_model(name, artifact, card_bytes)
    _ = saved.predictor
    return saved


def _keras_predictor(artifact: bytes, encoding: Encoding) -> EnsemblePredictor:
    """The predictor of the bytes of a .keras file."""
    networks = read_networks(artifact)
    if networks.n_inputs != encoding.n_inputs:
        raise ModelFileError(
            f"The network takes {networks.n_inputs} inputs, the features of its .json side file make "
            f"{encoding.n_inputs}: bring the two files that were saved together."
        )
    return EnsemblePredictor(encoding, networks)
