"""The families of models: what they are called, and what can be chosen about training each."""

from dataclasses import dataclass
from enum import StrEnum

from models.cards.settings import TrainingError, check_range, check_shares, check_whole

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


@dataclass(frozen=True, slots=True)
class ForestSettings:
    """How a random forest is grown.

    Attributes:
        n_trees: 10 to 1,000; more trees give a steadier mean, and cost as much more time to predict with.
        min_rows_per_leaf: rows at the end of a branch at least, 1 to 1,000; more make smoother forests.
        inputs_per_split: share of the inputs that each split may choose from, 0.05 to 1; less makes trees differ more.
        validation_share: share of the rows that other families stop by, 0.05 to 0.5; a forest learns from them too.
        test_share: share of the rows held out to judge the model, 0.05 to 0.5.
        seed: of the split, the resampling and the trees; the same seed gives the same forest.
    """

    n_trees: int = 300
    min_rows_per_leaf: int = 1
    inputs_per_split: float = 0.5
    validation_share: float = 0.15
    test_share: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what could not be trained.

        Raises:
            TrainingError: a setting is out of range.
        """
        check_whole("number of trees", self.n_trees, 10, 1_000)
        check_whole("number of rows per leaf", self.min_rows_per_leaf, 1, 1_000)
        check_range("share of inputs per split", self.inputs_per_split, 0.05, 1)
        check_shares(self.validation_share, self.test_share, self.seed)


@dataclass(frozen=True, slots=True)
class BoostingSettings:
    """How histogram gradient boosting is fitted: several members on resampled rows, so that it has a spread.

    Attributes:
        n_members: models on resampled rows whose mean predicts, 1 to 20; 1 learns from every row and has no spread.
        rounds: trees of each member at most, 1 to 2,000.
        learning_rate: how much of the rest each tree mends, above 0 and at most 1.
        max_leaves: leaves of a tree at most, 2 to 255.
        min_rows_per_leaf: rows at the end of a branch at least, 1 to 1,000.
        patience: rounds without a better validation loss after which a member ends, 1 to 1,000.
        validation_share: share of the rows that decide when to stop, 0.05 to 0.5.
        test_share: share of the rows held out to judge the model, 0.05 to 0.5.
        seed: of the split and the resampling; the same seed gives the same trees.
    """

    n_members: int = 5
    rounds: int = 300
    learning_rate: float = 0.2
    max_leaves: int = 15
    min_rows_per_leaf: int = 5
    patience: int = 20
    validation_share: float = 0.15
    test_share: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what could not be trained.

        Raises:
            TrainingError: a setting is out of range.
        """
        check_whole("number of members", self.n_members, 1, 20)
        check_whole("number of rounds", self.rounds, 1, 2_000)
        check_range("learning rate", self.learning_rate, 1e-4, 1)
        check_whole("number of leaves", self.max_leaves, 2, 255)
        check_whole("number of rows per leaf", self.min_rows_per_leaf, 1, 1_000)
        check_whole("patience", self.patience, 1, 1_000)
        n_nodes = self.n_members * self.rounds * (2 * self.max_leaves - 1)
        if n_nodes > MAXIMUM_NODES:
            raise TrainingError(
                f"These trees could have {n_nodes:,} nodes; at most {MAXIMUM_NODES:,} can be stored. Choose fewer "
                "rounds, leaves or members."
            )
        check_shares(self.validation_share, self.test_share, self.seed)


@dataclass(frozen=True, slots=True)
class GaussianProcessSettings:
    """How a Gaussian process is fitted: one length scale per input, and noise of its own.

    Attributes:
        smoothness: "matern" (nu = 5/2, twice differentiable) or "rbf" (infinitely smooth).
        max_rows: rows it learns from at most, drawn at random where there are more, 20 to 2,000; its time to predict
            grows with them, its time to train with their third power.
        restarts: further starts of the search for length scales, 0 to 10.
        validation_share: share of the rows that other families stop by, 0.05 to 0.5; this one learns from them too.
        test_share: share of the rows held out to judge the model, 0.05 to 0.5.
        seed: of the split, the rows drawn and the starts; the same seed gives the same model.
    """

    smoothness: Smoothness = Smoothness.MATERN
    max_rows: int = 1_000
    restarts: int = 1
    validation_share: float = 0.15
    test_share: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what could not be trained.

        Raises:
            TrainingError: a setting is out of range.
        """
        if self.smoothness not in list(Smoothness):
            raise TrainingError(f"The smoothness has to be one of {[*map(str, Smoothness)]}; got '{self.smoothness}'.")
        object.__setattr__(self, "smoothness", Smoothness(self.smoothness))
        check_whole("number of rows", self.max_rows, 20, 2_000)
        check_whole("number of restarts", self.restarts, 0, 10)
        check_shares(self.validation_share, self.test_share, self.seed)


FamilySettings = ForestSettings | BoostingSettings | GaussianProcessSettings
"""Settings of a family that scikit-learn trains."""
