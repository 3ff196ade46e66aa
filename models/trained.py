"""What training leaves, whatever the family."""

from dataclasses import dataclass

from models.card import ModelCard
from models.predictor import Predictor


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model fresh from training.

    Attributes:
        card: everything known about it but the weights.
        artifact: the bytes of its .keras or .skops file, as the store takes them.
        predictor: the same model, ready to predict for rows in the card's feature order.
    """

    card: ModelCard
    artifact: bytes
    predictor: Predictor
