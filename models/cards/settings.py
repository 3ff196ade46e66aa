"""The families of models, and what can be chosen about training: every setting with default, bounds and meaning, once.

Trainers, specifications (`services.studies.training`) and forms read these declarations. Settings that only one family
has are its options; with the shares and the seed that all have they are its settings.
"""

from dataclasses import Field, dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import ConfigDict

from models.errors import TrainingError

MAXIMUM_NODES = 3_000_000
"""Of all trees of a model at most: walking more takes gigabytes."""


class Family(StrEnum):
    """What kind of thing answers "what would the outcome be?"; "automatic" is none, but a choice among them."""

    AUTOMATIC = "automatic"
    MLP = "mlp"
    RANDOM_FOREST = "random_forest"
    BOOSTING = "boosting"
    GAUSSIAN_PROCESS = "gaussian_process"
    QUADRATIC = "quadratic"
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

    @property
    def name(self) -> str:
        """What it is called within a sentence."""
        return self.label if self.label.startswith(("Gaussian", "Keras")) else self.label.lower()


FAMILIES: dict[Family, FamilyWords] = {
    Family.AUTOMATIC: FamilyWords(
        "Automatic",
        "Compares the families on rows that each of them has not seen, takes the one that predicts these best, and "
        "shows how all of them did.",
    ),
    Family.MLP: FamilyWords(
        "Neural network",
        "A smooth curve through the rows, several members for its uncertainty; good at large tables, and the only one "
        "that the proof understands.",
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
        "A smooth curve that knows how unsure it is between the rows; at its best on small tables, of large ones it "
        "sees 2,000 rows.",
    ),
    Family.QUADRATIC: FamilyWords(
        "Quadratic response surface",
        "Linear and quadratic terms of all features, held back as far as the rows ask for (ridge): the surface of "
        "designed experiments, at its best where rows are few and the outcome bends once.",
    ),
    Family.KERAS: FamilyWords(
        "Keras model",
        "A model that was trained elsewhere and brought along.",
        is_trained_here=False,
    ),
}


class Smoothness(StrEnum):
    """How smooth a Gaussian process takes the outcome to be; "automatic": as the rows have most evidence for."""

    AUTOMATIC = "automatic"
    EXPONENTIAL = "exponential"
    MATERN = "matern"
    RBF = "rbf"


class OutcomeScale(StrEnum):
    """On which scale a process learns the outcome; "automatic": logarithms where the rows say so clearly."""

    AUTOMATIC = "automatic"
    PLAIN = "plain"
    LOG = "log"


def setting(default: Any, low: float, high: float, name: str, help: str = "", *, is_optional: bool = False) -> Any:
    """A field of settings.

    Args:
        default: its value where nothing is chosen; its type decides whether numbers have to be whole.
    """
    about = {"low": low, "high": high, "name": name, "help": help, "is_optional": is_optional}
    return field(default=default, metadata=about)


def _validation_share() -> Any:
    return setting(
        0.15, 0.05, 0.5, "validation share", "Rows that decide when to stop; families that never stop learn from them."
    )


def _test_share() -> Any:
    return setting(0.15, 0.05, 0.5, "test share", "Rows that training never sees, to measure the model by.")


def _seed() -> Any:
    return setting(0, 0, 2**32 - 1, "seed", "Of the split and of all draws: the same seed gives the same model.")


def _members(most: int) -> Any:
    return setting(
        5,
        1,
        most,
        "number of members",
        "Models trained on rows of their own, whose mean predicts: where they disagree, the prediction is uncertain. "
        "With 1, nothing is known of that.",
    )


class _Checked:
    """Settings that refuse what could not be trained."""

    validation_share: float
    test_share: float
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __post_init__(self) -> None:
        for declared in fields(self):
            given = getattr(self, declared.name)
            if declared.metadata and not (given is None and declared.metadata["is_optional"]):
                _check(declared, given)
        shares = self.validation_share + self.test_share
        if shares > 0.8:
            raise TrainingError(f"The sum of validation and test share has to be a number from 0 to 0.8; got {shares}.")


def _check(declared: "Field[Any]", given: Any) -> None:
    """Raise TrainingError unless a value is within the bounds of its declaration, and whole where it has to be."""
    is_whole = isinstance(declared.default, int)
    low, high = declared.metadata["low"], declared.metadata["high"]
    if isinstance(given, bool) or not isinstance(given, int if is_whole else int | float) or not low <= given <= high:
        kind, style = ("whole number", ",") if is_whole else ("number", ",g")
        raise TrainingError(
            f"The {declared.metadata['name']} has to be a {kind} from {low:{style}} to {high:{style}}; got {given}."
        )


@dataclass(frozen=True)
class TrainingSettings(_Checked):
    """How MLPs are built and fitted.

    Attributes:
        widths: neurons of each hidden layer, 1 to 8 layers of 1 to 4096.
        patience: None trains all epochs and keeps the last weights.
    """

    widths: tuple[int, ...] = (32, 32, 32)
    epochs: int = setting(500, 1, 10_000, "number of epochs", "Passes over the training rows at most.")
    batch_size: int = setting(
        32, 1, 65_536, "batch size", "Rows per step at most; small tables take a sixteenth of their training rows."
    )
    learning_rate: float = setting(0.005, 1e-8, 1.0, "learning rate", "Size of the steps.")
    patience: int | None = setting(
        100,
        1,
        10_000,
        "patience",
        "Training ends when the validation loss has not improved for so many epochs.",
        is_optional=True,
    )
    validation_share: float = _validation_share()
    test_share: float = _test_share()
    seed: int = _seed()
    weight_decay: float = setting(
        0.3, 0.0, 10.0, "weight decay", "Pull of the weights towards 0 (decoupled, as in AdamW): more is smoother."
    )
    averaging: float = setting(
        0.995, 0.0, 0.9999, "averaging", "How slowly the averaged weights, which are kept, follow; 0 keeps the last."
    )
    n_members: int = _members(32)

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        _check(_LAYERS, len(self.widths))
        for width in self.widths:
            _check(_WIDTH, width)
        super().__post_init__()


_LAYERS: "Field[Any]" = setting(3, 1, 8, "number of hidden layers")
_WIDTH: "Field[Any]" = setting(32, 1, 4096, "number of neurons in a layer")


@dataclass(frozen=True)
class _Shared(_Checked):
    validation_share: float = _validation_share()
    test_share: float = _test_share()
    seed: int = _seed()


@dataclass(frozen=True)
class AutomaticSettings(_Shared):
    """What the families are compared with; the one that is taken has its own defaults beside these shares and seed."""


class _Options:
    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class ForestOptions(_Options):
    """How a random forest is grown."""

    n_trees: int = setting(300, 10, 1_000, "number of trees", "More give a steadier mean and take longer to ask.")
    min_rows_per_leaf: int = setting(1, 1, 1_000, "number of rows per leaf", "More make it smoother.")
    inputs_per_split: float = setting(
        0.5,
        0.05,
        1.0,
        "share of inputs per split",
        "Share of the inputs that each split may choose from; less makes trees differ more.",
    )


@dataclass(frozen=True)
class ForestSettings(_Shared, ForestOptions):
    """All that a random forest depends on beside its rows."""


@dataclass(frozen=True)
class BoostingOptions(_Options):
    """How histogram gradient boosting is fitted: several members on resampled rows, so that it has a spread."""

    n_members: int = _members(20)
    rounds: int = setting(300, 1, 2_000, "number of rounds", "Of each member; it ends early when they help no more.")
    learning_rate: float = setting(0.2, 1e-4, 1.0, "learning rate", "How much of the rest each tree mends.")
    max_leaves: int = setting(15, 2, 255, "number of leaves", "Leaves of a tree: more make finer steps.")
    min_rows_per_leaf: int = setting(5, 1, 1_000, "number of rows per leaf", "More make it smoother.")
    patience: int = setting(
        20, 1, 1_000, "patience", "A member ends when the validation loss has not improved for so many trees."
    )


@dataclass(frozen=True)
class BoostingSettings(_Shared, BoostingOptions):
    """All that boosted trees depend on beside their rows."""

    def __post_init__(self) -> None:
        super().__post_init__()
        n_nodes = self.n_members * self.rounds * (2 * self.max_leaves - 1)
        if n_nodes > MAXIMUM_NODES:
            raise TrainingError(
                f"These trees could have {n_nodes:,} nodes; at most {MAXIMUM_NODES:,} can be stored. Choose fewer "
                "rounds, leaves or members."
            )


def _max_rows() -> Any:
    about = "Drawn at random where there are more; the time to train grows with their third power."
    return setting(2_000, 20, 2_000, "number of rows", about)


@dataclass(frozen=True)
class GaussianProcessOptions(_Options):
    """How a Gaussian process is fitted: one length scale per feature, a trend and noise of its own.

    Attributes:
        smoothness: "exponential" (jagged), "matern" (nu = 5/2, twice differentiable), "rbf" (infinitely smooth), or
            which of the last two fits better.
        scale: on which the outcome is learned; a model that is trained has the one that was taken.
    """

    smoothness: Smoothness = Smoothness.AUTOMATIC
    scale: OutcomeScale = OutcomeScale.AUTOMATIC
    max_rows: int = _max_rows()
    restarts: int = setting(0, 0, 10, "number of restarts", "Further starts of the search for length scales.")


@dataclass(frozen=True)
class GaussianProcessSettings(_Shared, GaussianProcessOptions):
    """All that a Gaussian process depends on beside its rows."""

    def __post_init__(self) -> None:
        _take_word(self, "smoothness", Smoothness)
        _take_word(self, "scale", OutcomeScale)
        super().__post_init__()


@dataclass(frozen=True)
class QuadraticOptions(_Options):
    """How a quadratic response surface is fitted: a process whose covariance is that of its terms alone.

    Attributes:
        scale: as that of a Gaussian process.
    """

    scale: OutcomeScale = OutcomeScale.AUTOMATIC
    max_rows: int = _max_rows()


@dataclass(frozen=True)
class QuadraticSettings(_Shared, QuadraticOptions):
    """All that a quadratic response surface depends on beside its rows."""

    def __post_init__(self) -> None:
        _take_word(self, "scale", OutcomeScale)
        super().__post_init__()


def _take_word(settings: Any, name: str, kind: type[StrEnum]) -> None:
    """Make a setting one of the words of its kind, or raise TrainingError."""
    given = getattr(settings, name)
    if given not in list(kind):
        raise TrainingError(f"The {name} has to be one of {[*map(str, kind)]}; got '{given}'.")
    object.__setattr__(settings, name, kind(given))


ProcessSettings = GaussianProcessSettings | QuadraticSettings
"""Settings of a family whose predictor is a process."""

FamilySettings = ForestSettings | BoostingSettings | ProcessSettings
"""Settings of a family that is not trained by Keras."""

ModelSettings = TrainingSettings | FamilySettings
"""What a model was trained with."""

AskedSettings = AutomaticSettings | ModelSettings
"""What a training can be asked for with."""

SETTINGS: dict[Family, type[ModelSettings]] = {
    Family.MLP: TrainingSettings,
    Family.RANDOM_FOREST: ForestSettings,
    Family.BOOSTING: BoostingSettings,
    Family.GAUSSIAN_PROCESS: GaussianProcessSettings,
    Family.QUADRATIC: QuadraticSettings,
}
"""The settings of each family that is trained here."""
