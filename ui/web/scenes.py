"""From a run to what the live view draws: the scene, and rows of its trace and results."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from models import Dataset
from optimizer import Decision, Goal, LineageState, Numeric, Objective, Predict, SearchSpace, is_end, is_steerable
from optimizer.features import evenly
from optimizer.problem.limits import BROKEN
from services.catalog.loading import ModelWithData
from services.jobs.store.store import RunStore
from services.jobs.workers.traces import TracePiece, TraceReader
from services.problems.building import build_space, has_more_outcomes
from services.problems.outcomes.goals import objective_data
from services.problems.outcomes.objective import build_curve, objective_scale
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.problems.projection import ELLIPSE_WIDTH, MAP_WIDTH, MapProjection
from services.results.outcomes import places_of
from services.results.report import objective_words
from services.specs.results import ResultSet
from services.specs.run import RunSpec
from ui.web.live_view.component import Scene, SceneDensity, SceneFeature, SceneGoal, SceneLine, ScoreScale
from ui.web.live_view.row_block import BRIEFLY, SHAPE_WIDTH, RowBlock, goals_width, thinned

MAX_RECORDED = 500
LINE_POINTS = 300
MAX_ROWS = 200_000  # that are kept, some 20 MB; beyond, the run is kept with half of them
MAX_GENERATIONS = 40_000
ENDS = (LineageState.EXTINCT, LineageState.MERGED, LineageState.DROPPED)
_IS_HIGHER_BETTER = {Goal.MAXIMUM: True, Goal.MINIMUM: False, Goal.VALUE: None}


class RowMaker:
    """Turns candidates and the trace of one run into rows for the live view.

    Args:
        projection: gives principal components.
        parts: places of the features whose sum is the density; none for no density.
        goals: places of the goals among the outcomes, where there are several.
    """

    def __init__(self, projection: MapProjection, parts: Sequence[int], goals: Sequence[int] = ()) -> None:
        self.projection = projection
        self._parts = list(parts)
        self._goals = list(goals)

    @property
    def n_goals(self) -> int:
        """How many goals there are where there are several, else 0."""
        return len(self._goals)

    def of_candidates(self, X: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
        """(n, d + 3) outcome, features, two principal components."""
        return np.column_stack([outcomes, X, self.projection.project(X)]).astype(np.float32)

    def of_results(self, results: ResultSet, n_features: int) -> np.ndarray:
        """(k, d + 3) rows of the representatives; of several goals each follows."""
        X = np.array(results.X, dtype=float).reshape(len(results), n_features)
        rows = self.of_candidates(X, np.array(results.outcomes))
        others = results.others or ()
        goals = [np.array(others[j].values, dtype=np.float32) for j in self._goals]
        return np.column_stack([rows, *goals]) if goals else rows

    def axes_of(self, results: ResultSet, scene: Scene) -> tuple[int, int] | None:
        """The two features that separate the representatives most, or None."""
        swept = next((j for j, feature in enumerate(scene.features) if feature.is_swept), None)
        X = np.array(results.X, dtype=float).reshape(len(results), len(scene.features))
        return separating_axes(X, self.projection.space, swept)

    def block(self, piece: TracePiece, lineage_counts: "LineageCounts") -> RowBlock:
        """The rows of the next piece of the trace; on screen generations are counted from 1.

        Args:
            piece: follows those that were counted so far.
            lineage_counts: of the pieces before; this one is added.
        """
        counts, is_first = lineage_counts.take(piece)
        events, bests = piece.events, piece.events.bests
        n, X = len(events), bests.X
        density = X[:, self._parts].sum(axis=1) if self._parts else np.full(n, np.nan)
        states = events.states + BRIEFLY * (is_first & is_end(events.states))
        ellipses = np.full((n, ELLIPSE_WIDTH), np.nan) if piece.ellipses is None else piece.ellipses
        merged_into = np.full(n, -1) if events.merged_into is None else events.merged_into
        scores, goals = self._goals_of(piece)
        head = [events.generations + 1, events.ids, states, scores, bests.outcomes, density]
        shapes = [ellipses[:, MAP_WIDTH:], ellipses[:, :MAP_WIDTH], merged_into]
        rows = np.column_stack([*head, X, self.projection.project(X), goals, *shapes]).astype(np.float32)
        generations = np.column_stack([piece.generations[:, 0] + 1, piece.generations[:, 1], counts])
        climb = None if piece.climb is None else self._climb(piece)
        return RowBlock(rows, generations, climb=climb, n_goals=self.n_goals)

    def _goals_of(self, piece: TracePiece) -> tuple[np.ndarray, np.ndarray]:
        """The scores (e,) of the events, and (e, m + 1) several goals and the penalties; (e, 0) for one goal.

        The score of a lineage on the front is 0; of one that breaks a limit it is `BROKEN` and more, as with one goal.
        """
        bests, places = piece.events.bests, piece.events.places
        goals = np.full((len(bests), goals_width(self.n_goals)), np.nan)
        if not self._goals or places is None:
            return bests.scores, goals
        goals[:, :-1], goals[:, -1] = places.outcomes[:, : self.n_goals], bests.penalties
        behind = np.where(places.is_front, 0.0, np.maximum(bests.scores, 1e-6))
        return np.where(places.violations > 0, BROKEN + places.violations, behind), goals

    def _climb(self, piece: TracePiece) -> np.ndarray:
        """(s, d + 17) where the candidates of the last phase began; see `RowBlock`."""
        climb = piece.climb
        assert climb is not None
        n, X = len(climb), climb.starts.X
        density = X[:, self._parts].sum(axis=1) if self._parts else np.full(n, np.nan)
        number = np.full(n, piece.generations[-1, 0] + 1)
        head = [
            number,
            climb.lineages,
            climb.is_fresh + 2 * climb.is_top,
            climb.starts.scores,
            climb.starts.outcomes,
            density,
        ]
        no_shape = np.full((n, SHAPE_WIDTH), [*[np.nan] * ELLIPSE_WIDTH, -1])
        return np.column_stack([*head, X, self.projection.project(X), no_shape]).astype(np.float32)


class LineageCounts:
    """Counts the lineages of a run while its trace is read piece by piece.

    What the climb of the last phase led to is a top and no lineage that searched: it is not counted.
    """

    def __init__(self) -> None:
        self._is_known = np.zeros(0, dtype=bool)  # by number of the lineage
        self._is_extinct = np.zeros(0, dtype=bool)
        self._counts = np.zeros(4)

    def take(self, piece: TracePiece) -> tuple[np.ndarray, np.ndarray]:
        """Count the next piece.

        A lineage is born with its first event, which may be its end already.

        Returns:
            (g, 4) how many lineages were born, extinct, merged and dropped by each generation, since the start of the
            run, each counted by how it ended last;
            (e,) whether each event is the first of its lineage.
        """
        events, ids = piece.events, piece.events.ids
        is_first = np.zeros(len(events), dtype=bool)
        is_first[np.unique(ids, return_index=True)[1]] = True
        none_yet = np.zeros(max(0, int(ids.max(initial=-1)) + 1 - len(self._is_known)), dtype=bool)
        self._is_known, self._is_extinct = np.append(self._is_known, none_yet), np.append(self._is_extinct, none_yet)
        is_first &= ~self._is_known[ids]
        self._is_known[ids] = True
        is_extinct, is_merged, is_dropped = (events.states == state for state in ENDS)
        self._is_extinct[ids[is_extinct]] = True
        is_top = np.isin(ids, piece.climb.lineages) if piece.climb is not None else np.zeros(len(events), dtype=bool)
        was_extinct = is_dropped & self._is_extinct[ids]  # one that is dropped after its end leaves the archive
        changes = np.column_stack([is_first & ~is_top, is_extinct.astype(int) - was_extinct, is_merged, is_dropped])
        new = np.zeros((len(piece.generations), 4))
        np.add.at(new, np.searchsorted(piece.generations[:, 0], events.generations), changes)
        counts = self._counts + np.cumsum(new, axis=0)
        if len(counts):
            self._counts = counts[-1]
        return counts, is_first


class LiveTrace(TraceReader):
    """The rows of one run that have reached the store, for all who watch it.

    Args:
        store: where the run is kept.
        run_id: the run.
        to_rows: turns pieces of its trace into rows.
        n_features: d.

    Attributes:
        block: everything that was read, with less detail where it is very long.
        decisions: of users, in the generations that were read.
    """

    def __init__(self, store: RunStore, run_id: str, to_rows: RowMaker, n_features: int) -> None:
        super().__init__(store, run_id)
        self._to_rows = to_rows
        self._lineage_counts = LineageCounts()
        self.block = RowBlock.empty(n_features, to_rows.n_goals)
        self.decisions: tuple[Decision, ...] = ()

    def take(self, piece: TracePiece) -> None:
        """Add the next piece."""
        block = self.block.joined(self._to_rows.block(piece, self._lineage_counts))
        if len(block.rows) > MAX_ROWS or len(block.generations) > MAX_GENERATIONS:
            block = replace(thinned(block, MAX_GENERATIONS // 2, MAX_ROWS // 2), edition=block.edition + 1)
        self.block, self.decisions = block, self.decisions + piece.decisions

    def read(self) -> RowBlock:
        """Everything so far."""
        self.advance()
        return self.block


def build_scene(
    run_id: str,
    spec: RunSpec,
    model_data: ModelWithData,
    scale_of: Callable[[Objective, ModelWithData], float] = objective_scale,
) -> tuple[Scene, RowMaker]:
    """What stays the same while a run is watched, and what turns its trace into rows.

    ``scale_of`` may keep what it has found, as in `build_problem`.
    """
    all_outcomes = RunOutcomes.of(spec, model_data) if spec.is_front else None
    model_data = objective_data(spec, model_data)
    dataset, predict = model_data.dataset, model_data.predictor.predict
    space = build_space(spec, dataset)
    curve = build_curve(spec.curve, dataset) if spec.curve else None
    parts = dataset.indices(spec.parts(dataset.parts))
    wanted = [j for j, outcome in enumerate(spec.outcomes) if outcome.goal is not None] if all_outcomes else []
    rows = RowMaker(MapProjection.of_table(dataset, space, spec.swept), parts, wanted)
    chosen = evenly(dataset.n_rows, MAX_RECORDED)
    shown, outcomes = dataset.X[chosen], dataset.y[chosen]
    goals: tuple[SceneGoal, ...] = ()
    measured = None
    if all_outcomes is not None:
        goals = tuple(_goal(all_outcomes, j) for j in wanted)
        measured = _measured_goals(all_outcomes, wanted, dataset.numbers[chosen], is_known=not model_data.is_deferred)
    if curve:  # nobody measured a whole curve, and some models answer only in a worker
        is_known = not model_data.is_deferred
        outcomes = curve.summarise(shown, predict) if is_known else np.full(len(shown), np.nan)
    name, unit = objective_words(spec, model_data)
    density = line = scale = None
    if spec.density is not None:
        unit_of_parts = dataset.features[dataset.index(spec.density.parts[0])].unit
        density = SceneDensity(unit_of_parts, spec.density.target, spec.density.tolerance)
    if not model_data.is_deferred:
        objective = Objective(spec.goal, value=spec.value, curve=curve)
        line, scale = _line(space, objective, predict), _score_scale(objective, scale_of(objective, model_data))
    scene = Scene(
        run_id=run_id,
        features=tuple(_feature(spec, dataset, j) for j in range(len(dataset.features))),
        recorded=rows.of_candidates(shown, outcomes),
        outcome_name=name,
        outcome_unit=unit,
        score_scale=scale,
        is_penalised=spec.is_penalised,
        by_model=curve is not None,
        axes=rows.projection.pair,
        is_higher_better=_IS_HIGHER_BETTER[spec.goal],
        density=density,
        line=line,
        budget=spec.budget.evaluations,
        explained=rows.projection.explained,
        is_steerable=not spec.is_front and is_steerable(spec.method.settings()),
        goals=goals,
        recorded_goals=measured,
        broken_from=BROKEN if has_more_outcomes(spec) else None,
    )
    return scene, rows


def _goal(outcomes: RunOutcomes, j: int) -> SceneGoal:
    goal, column = outcomes.asked[j], outcomes.columns[j]
    is_higher_better = _IS_HIGHER_BETTER[goal.goal or Goal.MAXIMUM]
    return SceneGoal(goal.name, column.unit, is_higher_better, goal.value, outcomes.scales[goal.name])


def _measured_goals(outcomes: RunOutcomes, goals: Sequence[int], numbers: np.ndarray, *, is_known: bool) -> np.ndarray:
    """(n, m) goals of the recorded rows of these numbers; NaN where only a worker could tell a curve of them."""
    if not is_known and any(outcomes.asked[j].curve is not None for j in goals):
        return np.full((len(numbers), len(goals)), np.nan)
    return outcomes.recorded[places_of(outcomes, numbers)][:, goals]


def _score_scale(objective: Objective, scale: float) -> ScoreScale:
    """What scores are in the objective's unit: the objective after penalties, or how far off its value it is."""
    if objective.goal is Goal.VALUE:
        return ScoreScale(scale, f"Distance from {objective.value:g} after penalties")
    return ScoreScale(-scale if objective.goal is Goal.MAXIMUM else scale, "Outcome after penalties")


def separating_axes(X: np.ndarray, space: SearchSpace, swept: int | None = None) -> tuple[int, int] | None:
    """The two free features in which these candidates (k, d) lie farthest from one another, or None.

    Distances are in recorded standard deviations, those of categories 1; their square roots are added up, so that a
    pair of axes which shows all of them apart is better than one which shows one of them far away.
    """
    free = [int(j) for j in space.free if int(j) != swept]
    if len(free) < 2 or len(X) < 2:
        return None
    one, other = np.triu_indices(len(X), 1)

    def squares(j: int) -> np.ndarray:
        feature = space.features[j]
        gaps = X[one, j] - X[other, j]
        return (gaps / feature.std) ** 2 if isinstance(feature, Numeric) else (gaps != 0).astype(float)

    apart = {j: squares(j) for j in free}
    pairs = [(first, second) for place, first in enumerate(free) for second in free[place + 1 :]]
    first, second = max(pairs, key=lambda pair: float(np.sqrt(np.sqrt(apart[pair[0]] + apart[pair[1]])).sum()))
    return (first, second) if apart[first].sum() >= apart[second].sum() else (second, first)


def _feature(spec: RunSpec, dataset: Dataset, j: int) -> SceneFeature:
    column, values = dataset.features[j], dataset.X[:, j]
    given = next(feature for feature in spec.features if feature.name == column.name)
    low, high = float(values.min()), float(values.max())
    if given.kind == "numeric":
        low, high = min(low, given.low), max(high, given.high)
    is_swept = column.name == spec.swept
    return SceneFeature(column.name, column.unit, low, high, column.categories, is_swept)


def _line(space: SearchSpace, objective: Objective, predict: Predict) -> SceneLine | None:
    """The outcome along the one free feature, or None when more are free."""
    if len(space.free) != 1:
        return None
    j = int(space.free[0])
    feature = space.features[j]
    if not isinstance(feature, Numeric):
        return None
    X = np.repeat(space.sample(1, np.random.default_rng(0)), LINE_POINTS, axis=0)
    X[:, j] = np.linspace(feature.low, feature.high, LINE_POINTS)
    return SceneLine(j, X[:, j].copy(), objective.outcomes(X, predict), feature.std)
