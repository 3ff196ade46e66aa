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
from models.card import DatasetCard
from optimizer import Goal, StopReason
from services.results import DensityInfo, DiversityInfo, FeatureInfo, ResultSet, RunResult, SweepInfo, Tally
from services.runspec import (
    CategoricalSpec,
    CurveSpec,
    DatasetRef,
    DensitySpec,
    ModelRef,
    NumericSpec,
    RunSpec,
)

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
        tally=Tally(
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
