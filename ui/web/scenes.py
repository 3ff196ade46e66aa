"""From a run to what the live view draws: the scene, and rows of its trace and results."""

import numpy as np

from models import Dataset
from optimizer import Events, Goal, Numeric, Objective, Predict, SearchSpace, is_steerable
from services.catalog.loading import ModelWithData
from services.jobs.workers.traces import ELLIPSE_WIDTH, TracePiece
from services.problems.building import build_curve, build_space
from services.problems.projection import MapProjection
from services.results.report import objective_words
from services.specs.results import ResultSet
from services.specs.run import RunSpec
from ui.web.live_view import SHAPE_WIDTH, Scene, SceneDensity, SceneFeature, SceneLine

MAX_RECORDED = 500
LINE_POINTS = 300


class SceneRows:
    """Turns events and results of one run into rows for the live view.

    Args:
        spec: the run.
        dataset: its recorded rows, in the model's order.
        space: that it searches.
    """

    def __init__(self, spec: RunSpec, dataset: Dataset, space: SearchSpace) -> None:
        self.projection = MapProjection.of(dataset.X, space)
        self._parts = dataset.indices(spec.density.parts if spec.density else dataset.parts)

    def of_candidates(self, X: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
        """Return (n, d + 3) rows: outcome, features, two principal components."""
        return np.column_stack([outcomes, X, self.projection.project(X)]).astype(np.float32)

    def of_results(self, results: ResultSet, n_features: int) -> np.ndarray:
        """Return (k, d + 3) rows of the representatives."""
        X = np.array(results.X, dtype=float).reshape(len(results), n_features)
        return self.of_candidates(X, np.array(results.outcomes))

    def of_events(self, events: Events) -> np.ndarray:
        """Return (e, d + 8) rows: generation, lineage, state, score, outcome, density, features, components.

        On screen generations are counted from 1.
        """
        X = events.bests.X
        density = X[:, self._parts].sum(axis=1) if self._parts else np.full(len(X), np.nan)
        head = [events.generations + 1, events.ids, events.states, events.bests.scores, events.bests.outcomes, density]
        return np.column_stack([*head, X, self.projection.project(X)]).astype(np.float32)

    def of_shapes(self, piece: TracePiece) -> np.ndarray | None:
        """Return (e, 6) the ellipse of each event on the map and where a merged lineage went, or None for nothing."""
        hills = piece.events.merged_into
        if piece.ellipses is None and hills is None:
            return None
        shapes = np.full((len(piece.events), SHAPE_WIDTH), np.nan, dtype=np.float32)
        if piece.ellipses is not None:
            shapes[:, :ELLIPSE_WIDTH] = piece.ellipses
        shapes[:, -1] = -1 if hills is None else hills
        return shapes


def build_scene(run_id: str, spec: RunSpec, model_data: ModelWithData) -> tuple[Scene, SceneRows]:
    """Return what stays the same while a run is watched, and what turns its trace into rows.

    Args:
        run_id: of the run.
        spec: of the run.
        model_data: what it names.
    """
    dataset, predict = model_data.dataset, model_data.predictor.predict
    space = build_space(spec, dataset)
    curve = build_curve(spec.curve, dataset) if spec.curve else None
    rows = SceneRows(spec, dataset, space)
    chosen = np.unique(np.linspace(0, dataset.n_rows - 1, MAX_RECORDED).astype(int))
    if curve and model_data.is_deferred:  # nobody measured a whole curve, and the model answers only in a worker
        chosen = chosen[:0]
    shown = dataset.X[chosen]
    outcomes = curve.summarise(shown, predict) if curve and len(shown) else dataset.y[chosen]
    name, unit = objective_words(spec, model_data)
    scene = Scene(
        run_id=run_id,
        features=tuple(_feature(spec, dataset, j) for j in range(len(dataset.features))),
        recorded=rows.of_candidates(shown, outcomes),
        outcome_name=name,
        outcome_unit=unit,
        score_label="Score [std. dev.]",
        is_higher_better={Goal.MAXIMUM: True, Goal.MINIMUM: False, Goal.VALUE: None}[spec.goal],
        density=_density(spec, dataset),
        line=None
        if model_data.is_deferred
        else _line(space, Objective(spec.goal, value=spec.value, curve=curve), predict),
        budget=spec.budget.evaluations,
        explained=rows.projection.explained,
        is_steerable=is_steerable(spec.method.settings()),
    )
    return scene, rows


def _feature(spec: RunSpec, dataset: Dataset, j: int) -> SceneFeature:
    column, values = dataset.features[j], dataset.X[:, j]
    given = next(feature for feature in spec.features if feature.name == column.name)
    low, high = float(values.min()), float(values.max())
    if given.kind == "numeric":
        low, high = min(low, given.low), max(high, given.high)
    is_swept = spec.curve is not None and spec.curve.feature == column.name
    return SceneFeature(column.name, column.unit, low, high, column.categories, is_swept)


def _density(spec: RunSpec, dataset: Dataset) -> SceneDensity | None:
    if spec.density is None:
        return None
    unit = dataset.features[dataset.index(spec.density.parts[0])].unit
    return SceneDensity(unit, spec.density.target, spec.density.tolerance)


def _line(space: SearchSpace, objective: Objective, predict: Predict) -> SceneLine | None:
    """Return the outcome along the one free feature, or None when more are free."""
    if len(space.free) != 1:
        return None
    j = int(space.free[0])
    feature = space.features[j]
    if not isinstance(feature, Numeric):
        return None
    X = np.repeat(space.sample(1, np.random.default_rng(0)), LINE_POINTS, axis=0)
    X[:, j] = np.linspace(feature.low, feature.high, LINE_POINTS)
    return SceneLine(j, X[:, j].copy(), objective.outcomes(X, predict), feature.std)
