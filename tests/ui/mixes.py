"""A table of mixes and a result of it, as charts and components are tested with."""

import numpy as np

from models import Column, ColumnKind, Dataset
from optimizer import Goal, StopReason
from services.specs.outcomes import CurveSpec, ModelRef, OutcomeSpec
from services.specs.results import (
    Archive,
    DensityInfo,
    FeatureInfo,
    FrontInfo,
    OutcomeInfo,
    OutcomeValues,
    ResultSet,
    RunResult,
    SearchStatistics,
    SweepInfo,
)
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


def front_of_mixes(dataset, *, goals=2):
    """A result of a search for strength up and cost down, with a limit on fines; of one goal, for the lowest cost.

    Strength is a tenth of cement, cost its square over 1,000; fines are the share of sand. The archive goes on where
    the results end.
    """
    settings = tuple((cement, 2000.0, 1.0, 28.0) for cement in (500.0, 400.0, 200.0))
    plain = result_of(
        dataset,
        ("cement", "stone"),
        (2300.0,),
        objective_short="strength",
        results=rows_of(
            settings, names=("high cement", "", "low cement"), lows=(40.0, 30.0, 10.0), highs=(60.0, 50.0, 30.0)
        ),
        best_recorded=rows_of(((350.0, 1900.0, 1.0, 28.0),), measured=(31.0,), rows=(7,)),
        unpenalised=None,
    )
    strength = OutcomeSpec(
        name="strength", model=ModelRef(name="m"), goal=Goal.MAXIMUM if goals > 1 else None, at_least=15
    )
    cost = OutcomeSpec(name="cost", formula="cement ^ 2 / 1000", unit="€/m³", goal=Goal.MINIMUM)
    fines = OutcomeSpec(name="fines", formula="sand / (sand + cement)", at_most=0.95)
    asked = (strength, cost, fines)
    infos = tuple(
        OutcomeInfo(
            **{name: getattr(each, name) for name in ("name", "formula", "goal", "value", "at_least", "at_most")},
            label=each.name,
            unit="MPa" if each.model else each.unit,
            confidence=0.95 if each is strength else None,
            scale=10.0,
            n_met=180 if each.is_limited else None,
        )
        for each in asked
    )

    def others(rows, measured=None):
        cement = np.array(rows.X)[:, 0]
        every = (cement / 10, cement**2 / 1000, 2000 / (2000 + cement))
        kept = (cement / 10 - 10 >= 15, None, 2000 / (2000 + cement) <= 0.95)
        return tuple(
            OutcomeValues(
                values=tuple(values.tolist()),
                lows=tuple((values - 10).tolist()) if j == 0 and measured is None else None,
                highs=tuple((values + 10).tolist()) if j == 0 and measured is None else None,
                measured=measured and tuple(one[j] for one in measured),
                keeps=None if kept[j] is None else tuple(map(bool, kept[j])),
            )
            for j, values in enumerate(every)
        )

    cement = np.linspace(250, 540, 30)
    archive = Archive(
        X=tuple((value, 2000.0, 1.0, 28.0) for value in cement.tolist()),
        outcomes=tuple((value / 10, value**2 / 1000, 2000 / (2000 + value)) for value in cement.tolist()),
        kept=tuple((value / 10 - 10, 2000 / (2000 + value)) for value in cement.tolist()),
        is_front=(True,) * 30 if goals > 1 else None,
        hills=(0,) * 30 if goals > 1 else None,
    )
    front = FrontInfo(
        knee=1, like=(None, None, 0), rates=("1 MPa more strength costs 9.00 €/m³ of cost.", "", ""), share=0.8
    )
    return plain.model_copy(
        update={
            "spec": plain.spec.revised(outcomes=asked),
            "goal": Goal.MAXIMUM if goals > 1 else Goal.MINIMUM,
            "sweep": None,
            "objective_name": "strength" if goals > 1 else "cost",
            "results": plain.results.model_copy(update={"others": others(plain.results), "curves": None}),
            "best_recorded": plain.best_recorded.model_copy(
                update={"others": others(plain.best_recorded, ((31.0, 122.5, 0.84),)), "curves": None}
            ),
            "outcomes": infos,
            "archive": archive,
            "front": front if goals > 1 else None,
            "n_within": 12,
        }
    )
