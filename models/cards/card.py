"""What is known about a saved model beside its weights: the JSON side file."""

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal, Self

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from models.cards.settings import (
    SETTINGS,
    Family,
    GaussianProcessSettings,
    ModelSettings,
    OutcomeScale,
    Smoothness,
    TrainingSettings,
)
from models.data.dataset import Column, ColumnKind, Dataset
from models.data.encoding import Encoding
from models.data.limits import NO_LIMITS, PhysicalLimits
from models.data.metrics import score
from models.data.split import Split
from models.errors import ModelFileError, ModelMismatchError
from models.networks.predictor import Predictor

_MAXIMUM_HELD_OUT = 2_000


class CardPart(BaseModel):
    """A frozen part of a document: nothing unknown in it, every number finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def first_error(error: ValidationError, whole: str = "") -> str:
    """The first of what is wrong with a document: where, or ``whole`` for none of its parts alone, and what."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"])) or whole
    return f"{where}: {first['msg']}" if where else first["msg"]


class KernelCard(CardPart):
    """A kernel (`models.families.process.Kernel`) of standardised rows and outcomes, as a document holds it."""

    smoothness: Smoothness
    scales: tuple[float, ...] = Field(min_length=1)
    variance: float = Field(ge=0)
    linear: float = Field(ge=0)
    quadratic: float = Field(ge=0)
    noise: float = Field(ge=0)


class CompanionCard(CardPart):
    """Another kind of model of the same rows: how far it disagrees says how wrong the model may be.

    Attributes:
        weight: of the squared difference to it, in the squared standard error.
    """

    kernel: KernelCard
    weight: float = Field(gt=0)


class IntervalCard(CardPart):
    """How far predictions of this model were off on rows that it never saw.

    Attributes:
        companions: other kinds of models of the same rows.
        noise: standard deviation of a measurement around its mean, in standard deviations of the outcome.
        scores: increasing quantiles, evenly spaced, of the error of held-out rows divided by the expected one.
        above: what standard errors are multiplied by in a search for high outcomes, at least 1; learned by hiding the
            highest recorded ones.
        below: the same for low outcomes.
        surprise_above: what the other side of intervals is multiplied by in a search for high outcomes, at least 1: so
            much better than predicted were hidden rows.
        surprise_below: the same for low outcomes.
        coverage: share of held-out random rows within their interval at `level`.
        n_rows: rows that were held out, one by one or with others.
        residuals: of what a model misses that cannot be trained anew, in standard deviations of the residuals; it is
            corrected by them. None for models that are trained here.
    """

    companions: tuple[CompanionCard, ...]
    noise: float = Field(ge=0)
    scores: tuple[float, ...] = Field(min_length=1)
    above: float = Field(ge=1)
    below: float = Field(ge=1)
    surprise_above: float = Field(default=1.0, ge=1)
    surprise_below: float = Field(default=1.0, ge=1)
    coverage: float = Field(ge=0, le=1)
    level: float = Field(gt=0, lt=1)
    n_rows: int = Field(ge=1)
    residuals: KernelCard | None = None

    def factor(self, level: float) -> float:
        """How many expected errors hold a share ``level``, 0 to 1, of the held-out rows."""
        return float(np.interp(level, (np.arange(len(self.scores)) + 0.5) / len(self.scores), self.scores))


class FeatureCard(CardPart):
    """A feature as the model knows it.

    Attributes:
        unit: as shown after numbers, "" where there is none.
        categories: in the order of their codes, empty for numeric features.
        mean: over the training rows; 0 for categories. Inputs are standardised with it.
        std: over the training rows, 0 for a feature that never varied; 1 for categories.
        low: smallest recorded value (or code).
        high: largest recorded value (or code).
    """

    name: str
    unit: str = ""
    kind: ColumnKind = ColumnKind.NUMERIC
    categories: tuple[str, ...] = ()
    is_integer: bool = False
    mean: float
    std: float = Field(ge=0)
    low: float
    high: float
    frequencies: tuple[float, ...] = ()


class OutcomeCard(CardPart):
    """The outcome: mean and std over the training rows, low and high over all recorded ones.

    Attributes:
        limits: that physics sets to it.
    """

    name: str
    unit: str = ""
    is_integer: bool = False
    mean: float
    std: float = Field(gt=0)
    low: float
    high: float
    limits: PhysicalLimits = NO_LIMITS


class MetricsCard(CardPart):
    """Agreement with the held-out rows, rmse and mae in the outcome's unit, and how many rows each side had.

    Of a small table the figures come from cross-validation: every row was held out, several times.

    Attributes:
        r2_error: standard error of ``r2`` over folds; None where figures come from one split.
        rmse_error: of ``rmse``.
        mae_error: of ``mae``.
        n_folds: parts that were held out in turn; 0 where figures come from one split.
        n_repeats: how often the rows were dealt into parts.
    """

    r2: float
    rmse: float
    mae: float
    n_train: int
    n_validation: int
    n_test: int
    r2_error: float | None = Field(default=None, ge=0)
    rmse_error: float | None = Field(default=None, ge=0)
    mae_error: float | None = Field(default=None, ge=0)
    n_folds: int = 0
    n_repeats: int = 0

    @property
    def is_cross_validated(self) -> bool:
        """Whether the figures come from cross-validation."""
        return self.n_folds > 0


class History(CardPart):
    """Losses per epoch (mean squared error of the standardised outcome).

    Attributes:
        train_loss: one per epoch, the mean over its steps.
        validation_loss: one per epoch, of the weights that would be kept.
        best_epoch: whose weights were kept, counted from 1.
        ended: "finished" all epochs, "early" for want of improvement, or "stopped" by the user.
    """

    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    best_epoch: int
    ended: Literal["finished", "early", "stopped"] = "finished"


class HeldOut(CardPart):
    """Measured and predicted outcomes of held-out rows, in the outcome's unit; a sample where there are many."""

    measured: tuple[float, ...]
    predicted: tuple[float, ...]


class DatasetCard(CardPart):
    """The dataset that the model was trained on."""

    name: str
    digest: str
    n_rows: int


class FamilyScore(CardPart):
    """How a family did where families were compared.

    Attributes:
        r2: of rows held out, mean over the repeats; None where it was not compared.
        error: standard error of ``r2`` over the folds.
        seconds: that its cross-validation took.
        words: why it was taken, or not, as one sentence.
    """

    family: Family
    r2: float | None = None
    error: float | None = Field(default=None, ge=0)
    seconds: float = Field(default=0.0, ge=0)
    words: str


class Leaderboard(CardPart):
    """What families were compared before one of them was taken, best first, then those that were left out.

    Attributes:
        n_rows: rows of the comparison, none of them among those that judge the model.
        n_folds: parts of these that were held out in turn.
        n_repeats: how often they were dealt into parts.
    """

    scores: tuple[FamilyScore, ...] = Field(min_length=1)
    n_rows: int = Field(ge=1)
    n_folds: int = Field(ge=2)
    n_repeats: int = Field(ge=1)


class ModelCard(CardPart):
    """Everything about a saved model but its weights.

    Attributes:
        settings: that it was trained with, of its family; None for a model that was not trained here.
        history: of its training, None for a model that was not trained here, or not in epochs.
        network_sha256: of the .keras or .skops file that this card belongs to; "" where it was not saved yet.
        intervals: how its intervals are calibrated, None where they are not.
        leaderboard: of the families that it was chosen among, None where a person chose.
    """

    format_version: Literal[1] = 1
    features: tuple[FeatureCard, ...] = Field(min_length=1)
    outcome: OutcomeCard
    sweep: str | None = None
    parts: tuple[str, ...] = ()
    metrics: MetricsCard
    family: Family = Family.MLP
    settings: ModelSettings | None = None
    history: History | None = None
    held_out: HeldOut
    dataset: DatasetCard
    versions: dict[str, str]
    created_at: datetime
    network_sha256: str = ""
    intervals: IntervalCard | None = None
    leaderboard: Leaderboard | None = None

    @field_validator("family")
    @classmethod
    def _is_one_family(cls, family: Family) -> Family:
        if family is Family.AUTOMATIC:
            raise ValueError("a model is of the family that was chosen, 'automatic' is none")
        return family

    @field_validator("settings", mode="before")
    @classmethod
    def _settings_of_family(cls, given: Any, info: ValidationInfo) -> Any:
        """The settings that a document holds as those of the card's family."""
        kind = SETTINGS.get(info.data.get("family", Family.KERAS))
        if given is None or (kind is not None and isinstance(given, kind)):
            return given
        if kind is None or not isinstance(given, dict):
            raise ValueError(f"expected {'none' if kind is None else kind.__name__}, got {type(given).__name__}")
        if kind is TrainingSettings:
            given = {"n_members": 1} | given  # a card from before there were ensembles
        if kind is GaussianProcessSettings:
            given = {"scale": OutcomeScale.PLAIN} | given  # a card from before there were logarithms
        if unknown := sorted(set(given) - {field.name for field in fields(kind)}):
            raise ValueError(f"{kind.__name__} know nothing of {unknown}")
        try:
            return TypeAdapter(kind).validate_python(given)
        except ValidationError as error:
            raise ValueError(first_error(error)) from None

    @field_validator("intervals", mode="before")
    @classmethod
    def _intervals_of_before(cls, given: Any) -> Any:
        """None for intervals by distance, which cards of before have: nothing of them holds for those of today."""
        return None if isinstance(given, dict) and "among" in given else given

    @model_validator(mode="after")
    def _check_features(self) -> Self:
        """Refuse features that contradict each other."""
        names = self.feature_names
        if len(set(names)) < len(names):
            raise ValueError(f"every feature may occur once, got {names}")
        unknown = sorted({*self.parts, *([self.sweep] if self.sweep else [])} - set(names))
        if unknown:
            raise ValueError(f"sweep and parts have to be features, {unknown} are not")
        for feature in self.features:
            is_categorical = feature.kind is ColumnKind.CATEGORICAL
            if is_categorical != bool(feature.categories) or len(feature.frequencies) != len(feature.categories):
                raise ValueError(f"categories and frequencies of '{feature.name}' do not agree")
        return self

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features, in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The features as columns, in order."""
        return tuple(Column(f.name, f.kind, f.unit, f.is_integer, f.categories) for f in self.features)

    @property
    def encoding(self) -> Encoding:
        """How rows become the network's inputs."""
        return Encoding(
            features=self.columns,
            means=np.array([feature.mean for feature in self.features]),
            stds=np.array([feature.std for feature in self.features]),
            outcome_mean=self.outcome.mean,
            outcome_std=self.outcome.std,
        )

    def to_json(self) -> str:
        """The card as the text of its file."""
        return self.model_dump_json(indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> "ModelCard":
        """The card that a side file holds.

        Raises:
            ModelFileError: the text is no card of this version.
        """
        try:
            return cls.model_validate_json(text)
        except (ValidationError, RecursionError) as error:
            what = "the file: nested too deeply"
            if isinstance(error, ValidationError):
                what = first_error(error, "the file")
            raise ModelFileError(
                f"The model's .json side file cannot be used: {what}. Expected the one that was saved "
                "together with the model's own file, in format 1."
            ) from None


def make_card(
    dataset: Dataset,
    split: Split,
    encoding: Encoding,
    predicted: np.ndarray,
    *,
    settings: ModelSettings | None = None,
    history: History | None = None,
    versions: dict[str, str],
) -> ModelCard:
    """The card of a trained model, given its predictions (n_test,) of the split's test rows.

    Args:
        encoding: means and standard deviations over the training rows.
        settings: that it was trained with, of its family; None for a Keras model from elsewhere.
        versions: of the software that trained it, beside Python and NumPy.
    """
    features = tuple(
        FeatureCard(
            **asdict(column),
            mean=float(encoding.means[j]),
            std=float(encoding.stds[j]),
            low=float(dataset.X[:, j].min()),
            high=float(dataset.X[:, j].max()),
            frequencies=tuple(dataset.frequencies(column.name).tolist()) if column.is_categorical else (),
        )
        for j, column in enumerate(dataset.features)
    )
    family = next((family for family, kind in SETTINGS.items() if isinstance(settings, kind)), Family.KERAS)
    measured, predicted = dataset.y[split.test], dataset.limits.clip(predicted)
    shown = np.linspace(0, len(measured) - 1, min(len(measured), _MAXIMUM_HELD_OUT)).round().astype(int)
    return ModelCard(
        features=features,
        outcome=OutcomeCard(
            name=dataset.outcome.name,
            unit=dataset.outcome.unit,
            is_integer=dataset.outcome.is_integer,
            mean=encoding.outcome_mean,
            std=encoding.outcome_std,
            low=float(dataset.y.min()),
            high=float(dataset.y.max()),
            limits=dataset.limits,
        ),
        sweep=dataset.sweep,
        parts=dataset.parts,
        metrics=MetricsCard(
            **asdict(score(measured, predicted)),
            n_train=len(split.train),
            n_validation=len(split.validation),
            n_test=len(split.test),
        ),
        family=family,
        settings=settings,
        history=history,
        held_out=HeldOut(measured=tuple(measured[shown].tolist()), predicted=tuple(predicted[shown].tolist())),
        dataset=DatasetCard(name=dataset.name, digest=dataset.digest, n_rows=dataset.n_rows),
        versions={"python": platform.python_version(), "numpy": np.__version__, **versions},
        created_at=datetime.now(UTC),
    )


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model fresh from training.

    Attributes:
        artifact: the bytes of its .keras or .skops file, as the store takes them.
        predictor: the same model, ready to predict for rows in the card's feature order.
    """

    card: ModelCard
    artifact: bytes
    predictor: Predictor


def rows_for(card: ModelCard, dataset: Dataset) -> np.ndarray:
    """The dataset's rows (n, d) in the model's features and codes; NaN for a category unknown to the model.

    Raises:
        ModelMismatchError: features are absent, or numeric here and categorical there.
    """
    missing = [name for name in card.feature_names if name not in dataset.feature_names]
    if missing:
        raise ModelMismatchError(
            f"The model needs {', '.join(card.feature_names)}; the table lacks {', '.join(missing)}. Choose another "
            "model, rename the table's columns, or train a model on this table."
        )
    pairs = [(column, dataset.index(column.name)) for column in card.columns]
    other = [column.name for column, j in pairs if dataset.features[j].kind is not column.kind]
    if other:
        raise ModelMismatchError(
            f"The model and the table measure {', '.join(other)} differently (one as numbers, one as categories). "
            "Mend the table, or train a model on it."
        )
    return recoded_rows(card.columns, dataset)


def recoded_rows(columns: Sequence[Column], dataset: Dataset) -> np.ndarray:
    """The dataset's rows (n, d) in these features of it and their codes; NaN for unknown categories."""
    pairs = [(column, dataset.index(column.name)) for column in columns]
    return np.column_stack([_recode(column, dataset.features[j], dataset.X[:, j]) for column, j in pairs])


def _recode(known: Column, given: Column, values: np.ndarray) -> np.ndarray:
    if not known.is_categorical or known.categories == given.categories:
        return values
    code_of = {category: float(code) for code, category in enumerate(known.categories)}
    return np.array([code_of.get(category, np.nan) for category in given.categories])[values.astype(int)]
