"""A small result, dataset and model card, as charts get them."""

from datetime import UTC, datetime

import numpy as np
import pytest

from models import (
    Column,
    ColumnKind,
    Dataset,
    FeatureCard,
    HeldOut,
    History,
    MetricsCard,
    ModelCard,
    OutcomeCard,
    TrainingSettings,
)
from models.cards.card import DatasetCard
from models.quality import FindingKind
from optimizer import Goal, StopReason
from services.specs.results import (
    DensityInfo,
    DiversityInfo,
    FeatureInfo,
    ResultSet,
    RunResult,
    SearchStatistics,
    SweepInfo,
)
from services.specs.run import (
    CategoricalSpec,
    CurveSpec,
    DatasetRef,
    DensitySpec,
    ModelRef,
    NumericSpec,
    RunSpec,
)
from services.studies.quality import (
    CoverageInfo,
    FindingInfo,
    FoldFigures,
    Grade,
    ImportanceInfo,
    QualityResult,
    QualitySpec,
    Verdict,
)
from services.studies.quality.spec import Figure
from services.studies.tune import TuneFigures, TunePoint, TuneResult, TuneSpec
from services.studies.tune.swept_settings import SweptSetting

CATEGORIES = ("basalt", "gravel", "lime")
RESULTS = ((300.0, 2040.0, 1.0, 28.0), (500.0, 1860.0, 2.0, 28.0))
RECORDED = ((310.0, 2000.0, 0.0, 7.0), (350.0, 2100.0, 1.0, 90.0), (410.0, 1950.0, 1.0, 28.0))
UNPENALISED = ((540.0, 2700.0, 2.0, 28.0), (520.0, 2600.0, 1.0, 28.0))


def _set(settings, **extra):
    X = np.array(settings)
    return ResultSet(
        X=settings,
        outcomes=tuple((X[:, 0] / 10).tolist()),
        scores=tuple((-X[:, 0] / 100).tolist()),
        penalties=(0.0,) * len(settings),
        densities=tuple((X[:, 0] + X[:, 1]).tolist()),
        curves=tuple((row[0] / 10, row[0] / 8, row[0] / 6) for row in settings),
        **extra,
    )


@pytest.fixture
def dataset():
    """Two hundred rows: cement and sand add up, stone is categorical, age is swept."""
    rng = np.random.default_rng(0)
    cement, sand = rng.uniform(100, 540, 200), rng.uniform(1800, 2100, 200)
    stone, age = rng.integers(0, 3, 200).astype(float), rng.choice([1.0, 3.0, 7.0, 28.0, 90.0], 200)
    return Dataset(
        name="mixes",
        features=(
            Column("cement", unit="kg/m³"),
            Column("sand", unit="kg/m³"),
            Column("stone", ColumnKind.CATEGORICAL, categories=CATEGORIES),
            Column("age", unit="days", is_integer=True),
        ),
        outcome=Column("strength", unit="MPa"),
        X=np.column_stack([cement, sand, stone, age]),
        y=cement / 10 + age / 10,
        sweep="age",
        parts=("cement", "sand"),
    )


@pytest.fixture
def result(dataset):
    """A result with penalty, comparison, curves and a categorical feature."""
    spec = RunSpec(
        dataset=DatasetRef(name="mixes", digest="d"),
        model=ModelRef(name="m"),
        curve=CurveSpec(feature="age", start=1, end=28, points=3),
        features=(
            NumericSpec(name="cement", low=90, high=600, value=300),
            NumericSpec(name="sand", low=1850, high=2050, value=2000),
            CategoricalSpec(name="stone", allowed=CATEGORIES, value="basalt"),
            NumericSpec(name="age", is_free=False, low=1, high=90, value=28),
        ),
        density=DensitySpec(parts=("cement", "sand"), target=2340, tolerance=60.4),
    )
    density = dataset.density
    return RunResult(
        spec=spec,
        goal=Goal.MAXIMUM,
        objective_name="area of strength over age 1 to 28",
        objective_short="area of strength",
        objective_unit="MPa·days",
        outcome_name="strength",
        outcome_unit="MPa",
        features=tuple(
            FeatureInfo(
                name=column.name,
                unit=column.unit,
                is_free=column.name != "age",
                is_integer=column.is_integer,
                low=dataset.X[:, j].min(),
                high=dataset.X[:, j].max(),
                std=dataset.stds[j],
                categories=column.categories,
            )
            for j, column in enumerate(dataset.features)
        ),
        sweep=SweepInfo(feature="age", unit="days", grid=(1.0, 14.0, 28.0)),
        density=DensityInfo(
            unit="kg/m³",
            recorded=tuple(density.tolist()),
            mean=density.mean(),
            std=density.std(),
            target=2340,
            tolerance=60.4,
        ),
        results=_set(RESULTS),
        best_recorded=_set(RECORDED, measured=(40.0, 41.0, 42.0), rows=(17, 3, 120)),
        unpenalised=_set(UNPENALISED),
        diversity=DiversityInfo(
            share_within=0.5,
            worst_over_best=0.95,
            smallest_distance=1.2,
            mean_distance=2.0,
            solow_polasky=1.7,
            theta=1.0,
        ),
        statistics=SearchStatistics(
            n_lineages=10,
            n_extinct=5,
            n_kept=5,
            n_generations=3,
            last_improvement=1,
            n_evaluations=30,
            n_nonfinite=0,
            seconds=0.1,
            overhead_share=0.1,
            stop_reason=StopReason.BUDGET,
        ),
        dataset_name="mixes",
        n_recorded=200,
        versions={},
    )


@pytest.fixture
def tuned_of():
    """Return a function that makes a tuning of the density penalty out of a result and figures of each setting."""

    def make(result, settings, means, deviations):
        points = tuple(
            TunePoint(
                weight=setting,
                result=result,
                figures=TuneFigures(
                    best=mean + 2, mean=mean, density_deviation=off, plausibility=50 - 5 * off, least_plausibility=1.0
                ),
            )
            for setting, mean, off in zip(settings, means, deviations, strict=True)
        )
        return TuneResult(spec=TuneSpec(run=result.spec, dial=SweptSetting.DENSITY, weights=settings), points=points)

    return make


@pytest.fixture
def card():
    """The card of a model with four held-out rows."""
    return ModelCard(
        features=(FeatureCard(name="x", mean=0, std=1, low=0, high=1),),
        outcome=OutcomeCard(name="strength", unit="MPa", mean=30, std=10, low=2, high=82),
        metrics=MetricsCard(r2=0.912345, rmse=4.56789, mae=3, n_train=100, n_validation=10, n_test=4),
        settings=TrainingSettings(),
        history=History(train_loss=(1.0, 0.5, 0.2), validation_loss=(1.1, 0.4, 0.6), best_epoch=2),
        held_out=HeldOut(measured=(10, 20, 30, 80), predicted=(12, 19, 33, 70)),
        dataset=DatasetCard(name="mixes", digest="d", n_rows=114),
        versions={},
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def with_names(result):
    """Return a function that gives features, outcome and objective other names and units."""

    def rename(name, unit):
        features = tuple(f.model_copy(update={"name": f"{name} {f.name}", "unit": unit}) for f in result.features)
        return result.model_copy(
            update={
                "features": features,
                "sweep": result.sweep.model_copy(update={"feature": f"{name} age", "unit": unit}),
                "density": result.density.model_copy(update={"unit": unit}),
                "objective_name": name,
                "objective_unit": unit,
                "outcome_name": name,
                "outcome_unit": unit,
            }
        )

    return rename


@pytest.fixture
def quality(dataset):
    """A check of a model of the mixes that errs more where cement is above 450, and predicts too much for lime."""
    rng = np.random.default_rng(1)
    errors = rng.standard_normal(200) * np.where(dataset.X[:, 0] > 450, 4.0, 1.0)
    errors = errors + 3.0 * (dataset.X[:, 2] == 2)
    predicted = dataset.y + errors
    rmse = float(np.sqrt(np.mean(errors**2)))
    findings = [("cement", 451.0, 540.0, "high cement (above 450 kg/m³)"), ("stone", 2.0, 2.0, "stone lime")]
    return QualityResult(
        spec=QualitySpec(dataset=DatasetRef(name="mixes", digest="d"), model=ModelRef(name="m")),
        is_held_out=True,
        outcome_name="strength",
        outcome_unit="MPa",
        grouped_by="age",
        n_groups=180,
        folds=tuple(FoldFigures(n_rows=100, r2=r2, rmse=rmse, mae=2.0) for r2 in (0.9, 0.8)),
        r2=Figure(value=0.85, spread=0.07),
        rmse=Figure(value=rmse, spread=0.1),
        mae=Figure(value=2.0, spread=0.1),
        measured=tuple(dataset.y.tolist()),
        predicted=tuple(predicted.tolist()),
        fold_of=(1, 2) * 100,
        importance=tuple(
            ImportanceInfo(feature=name, cost=cost, spread=0.3)
            for name, cost in zip(dataset.feature_names, (9.0, -0.1, 2.0, 4.0), strict=True)
        ),
        findings=tuple(
            FindingInfo(
                kind=FindingKind.ERROR,
                feature=feature,
                low=low,
                high=high,
                place=place,
                n_rows=40,
                inside=4.0,
                outside=1.0,
                bias=0.0,
                chance=0.01,
                advice="Record more there.",
            )
            for feature, low, high, place in findings
        ),
        verdict=Verdict(grade=Grade.GOOD, headline="Good.", sentences=()),
        seconds=3.0,
    )


@pytest.fixture
def with_intervals(quality):
    """The same check of a model that states intervals of 4 MPa to both sides."""
    predicted = np.array(quality.predicted)
    share = float((np.abs(predicted - np.array(quality.measured)) <= 4).mean())
    low, high = ((predicted + half).tolist() for half in (-4.0, 4.0))
    coverage = CoverageInfo(level=0.9, share=share, low=tuple(low), high=tuple(high))
    return quality.model_copy(update={"coverage": coverage})
