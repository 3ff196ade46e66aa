"""A small result, dataset and model card, as charts get them."""

from datetime import UTC, datetime

import numpy as np
import pytest

from models import ModelCard, TrainingSettings
from models.cards.card import DatasetCard, FeatureCard, HeldOut, History, MetricsCard, OutcomeCard
from models.quality import FindingKind
from optimizer import Diversity
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef
from services.studies.quality.report import (
    CoverageInfo,
    Figure,
    FindingInfo,
    FoldFigures,
    Grade,
    ImportanceInfo,
    QualityResult,
    QualitySpec,
    Verdict,
)
from services.studies.tune import SweptSetting, TuneFigures, TunePoint, TuneResult, TuneSpec
from tests.ui.mixes import mixes, result_of, rows_of

RESULTS = ((300.0, 2040.0, 1.0, 28.0), (500.0, 1860.0, 2.0, 28.0))
RECORDED = ((310.0, 2000.0, 0.0, 7.0), (350.0, 2100.0, 1.0, 90.0), (410.0, 1950.0, 1.0, 28.0))
UNPENALISED = ((540.0, 2700.0, 2.0, 28.0), (520.0, 2600.0, 1.0, 28.0))


@pytest.fixture
def dataset():
    """The table of mixes."""
    return mixes()


@pytest.fixture
def result(dataset):
    """A result with penalty, comparison, curves and a categorical feature."""
    return result_of(
        dataset,
        ("cement", "sand", "stone"),
        dataset.density.tolist(),
        objective_short="area of strength",
        results=rows_of(RESULTS),
        best_recorded=rows_of(RECORDED, measured=(40.0, 41.0, 42.0), rows=(17, 3, 120)),
        unpenalised=rows_of(UNPENALISED),
        diversity=Diversity(
            share_within=0.5,
            worst_over_best=0.95,
            smallest_distance=1.2,
            mean_distance=2.0,
            solow_polasky=1.7,
            theta=1.0,
        ),
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
