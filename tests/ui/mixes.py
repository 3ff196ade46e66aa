"""A table of mixes and a result of it, as charts and components are tested with."""

import numpy as np

from models import Column, ColumnKind, Dataset
from optimizer import Goal, StopReason
from services.specs.outcomes import CurveSpec, ModelRef
from services.specs.results import DensityInfo, FeatureInfo, ResultSet, RunResult, SearchStatistics, SweepInfo
from services.specs.run import CategoricalSpec, DatasetRef, DensitySpec, NumericSpec, RunSpec

CATEGORIES = ("basalt", "gravel", "lime")


def mixes():
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


def rows_of(settings, **extra):
    """Candidates with these settings."""
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


def result_of(dataset, free, recorded, **changes):
    """A result of a search for the area under the curve over age; `free` may move, recorded densities are known."""
    spec = RunSpec(
        dataset=DatasetRef(name="mixes", digest="d"),
        model=ModelRef(name="m"),
        curve=CurveSpec(feature="age", start=1, end=28, points=3),
        features=(
            NumericSpec(name="cement", low=90, high=600, value=300, step=changes.pop("step", None)),
            NumericSpec(name="sand", is_free="sand" in free, low=1850, high=2050, value=2000),
            CategoricalSpec(name="stone", allowed=CATEGORIES, value="basalt"),
            NumericSpec(name="age", is_free=False, low=1, high=90, value=28),
        ),
        density=DensitySpec(parts=("cement", "sand"), target=2340, tolerance=60.4),
    )
    features = tuple(
        FeatureInfo(
            name=column.name,
            unit=column.unit,
            is_free=column.name in free,
            is_integer=column.is_integer,
            low=dataset.X[:, j].min(),
            high=dataset.X[:, j].max(),
            std=dataset.stds[j],
            categories=column.categories,
        )
        for j, column in enumerate(dataset.features)
    )
    statistics = {"n_lineages": 10, "n_extinct": 5, "n_kept": 5, "n_generations": 3, "last_improvement": 1}
    statistics |= {"n_evaluations": 30, "n_nonfinite": 0, "seconds": 0.1, "overhead_share": 0.1}
    density = {"mean": np.mean(recorded), "std": np.std(recorded), "target": 2340, "tolerance": 60.4}
    return RunResult(
        spec=spec,
        goal=Goal.MAXIMUM,
        objective_name="area of strength over age 1 to 28",
        objective_unit="MPa·days",
        outcome_name="strength",
        outcome_unit="MPa",
        features=features,
        sweep=SweepInfo(feature="age", unit="days", grid=(1.0, 14.0, 28.0)),
        density=DensityInfo(unit="kg/m³", recorded=tuple(recorded), **density),
        statistics=SearchStatistics(**statistics, stop_reason=StopReason.BUDGET),
        dataset_name="mixes",
        n_recorded=200,
        versions={},
        **changes,
    )
