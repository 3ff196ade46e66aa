"""The families of models, and what they are called."""

from dataclasses import dataclass
from enum import StrEnum

MAXIMUM_NODES = 3_000_000
"""Of all trees of a model at most: walking more takes gigabytes."""


class Family(StrEnum):
    """What kind of thing answers "what would the outcome be?"."""

    MLP = "mlp"
    RANDOM_FOREST = "random_forest"
    BOOSTING = "boosting"
    GAUSSIAN_PROCESS = "gaussian_process"
    KERAS = "keras"

    @property
    def words(self) -> "FamilyWords":
        """What a person reads about this family."""
        return FAMILIES[self]


@dataclass(frozen=True, slots=True)
class FamilyWords:
    """A family as it is called on screen.

    Attributes:
        label: its name at the beginning of a line.
        help: one sentence: what it is and when to take it.
        is_trained_here: whether a table can be handed to it; the others are brought along.
    """

    label: str
    help: str
    is_trained_here: bool = True


FAMILIES: dict[Family, FamilyWords] = {
    Family.MLP: FamilyWords(
        "Neural network",
        "A smooth curve through the rows, several members for its uncertainty; the default, and the only one that the "
        "proof understands.",
    ),
    Family.RANDOM_FOREST: FamilyWords(
        "Random forest",
        "The mean of several hundred decision trees; needs no tuning, never predicts beyond what was recorded, and is "
        "slower to search than a network.",
    ),
    Family.BOOSTING: FamilyWords(
        "Gradient boosting",
        "Small trees that each mend what the ones before left; often the most exact on large tables, in steps rather "
        "than smooth.",
    ),
    Family.GAUSSIAN_PROCESS: FamilyWords(
        "Gaussian process",
        "A smooth curve that knows how unsure it is between the rows; at its best on small tables, on large ones it "
        "sees a part of the rows.",
    ),
    Family.KERAS: FamilyWords(
        "Keras model",
        "A model that was trained elsewhere and brought along.",
        is_trained_here=False,
    ),
}


class Smoothness(StrEnum):
    """How smooth a Gaussian process takes the outcome to be."""

    MATERN = "matern"
    RBF = "rbf"
