"""The documents of a quality check: specification and result."""

from enum import StrEnum

from pydantic import Field

from models.quality import FindingKind
from services.specs.base import Spec
from services.specs.run import DatasetRef, ModelRef


class QualitySpec(Spec):
    """Which model is checked on which table.

    Attributes:
        model: the model; it is trained anew, in the same way, without the rows that it predicts.
        n_folds: parts that are held out in turn.
        n_repeats: shuffles per feature and fold, for the importance.
        level: of the intervals that are looked at.
        seed: of folds and shuffles.
    """

    version: int = 1
    dataset: DatasetRef
    model: ModelRef
    n_folds: int = Field(default=5, ge=2, le=20)
    n_repeats: int = Field(default=5, ge=1, le=50)
    level: float = Field(default=0.9, gt=0, lt=1)
    seed: int = Field(default=0, ge=0)

    @property
    def key(self) -> str:
        """What the run store keeps the check under: table and model by their digests."""
        return f"{self.dataset.digest} {self.model.kind} {self.model.name} {self.model.digest}"[:200]


class FoldFigures(Spec):
    """Agreement on the rows of one fold while they were held out; RMSE and MAE in the outcome's unit."""

    n_rows: int
    r2: float
    rmse: float
    mae: float


class Figure(Spec):
    """A figure over all rows, and its standard deviation from fold to fold; None with one part only."""

    value: float
    spread: float | None


class ImportanceInfo(Spec):
    """By how much the RMSE grows when a feature is shuffled: mean and standard deviation, outcome's unit."""

    feature: str
    cost: float
    spread: float


class FindingInfo(Spec):
    """A region where the model errs.

    Attributes:
        feature: whose values bound it; None for the prediction itself.
        low: smallest value of the feature (or prediction) there, a category's code.
        high: largest value there.
        inside: mean absolute error there, outcome's unit.
        outside: mean absolute error of the other rows.
        bias: mean of predicted minus measured there.
        chance: how often chance alone makes a region as odd.
        advice: what to do, in a sentence.
    """

    kind: FindingKind
    feature: str | None
    low: float
    high: float
    place: str
    n_rows: int
    inside: float
    outside: float
    bias: float
    chance: float
    advice: str


class CoverageInfo(Spec):
    """How many measured outcomes lay within the stated interval.

    Attributes:
        level: share that should.
        share: share that did.
        low: of the rows' intervals around their held-out predictions.
        high: the same.
    """

    level: float
    share: float
    low: tuple[float, ...]
    high: tuple[float, ...]


class Grade(StrEnum):
    """How far a model can be trusted, over all rows."""

    GOOD = "good"
    FAIR = "fair"
    WEAK = "weak"
    USELESS = "useless"


class Verdict(Spec):
    """What the figures mean, in plain words.

    Attributes:
        sentences: what follows from the figures, each with what to do.
    """

    grade: Grade
    headline: str
    sentences: tuple[str, ...]


class QualityResult(Spec):
    """How good a model is.

    Attributes:
        is_held_out: whether every row was predicted by a model that had not seen it; else by the model itself.
        outcome_unit: of predictions, RMSE and MAE.
        grouped_by: the sweep feature whose rows stayed together; None where rows were dealt one by one.
        folds: figures of each fold; one for all rows where nothing was held out.
        measured: of every row, in the table's order.
        predicted: of every row, while it was held out.
        fold_of: the fold of every row, counted from 1.
        coverage: of the stated interval; None where the model states none.
    """

    version: int = 1
    spec: QualitySpec
    is_held_out: bool
    outcome_name: str
    outcome_unit: str
    grouped_by: str | None
    n_groups: int
    folds: tuple[FoldFigures, ...]
    r2: Figure
    rmse: Figure
    mae: Figure
    measured: tuple[float, ...]
    predicted: tuple[float, ...]
    fold_of: tuple[int, ...]
    importance: tuple[ImportanceInfo, ...]
    findings: tuple[FindingInfo, ...]
    coverage: CoverageInfo | None = None
    verdict: Verdict
    seconds: float
