"""The live view: what the browser is sent of a run, small enough for twice a second, and one call that draws it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from optimizer import Decision
from services.jobs.store.job import JobState
from services.specs.results import USUAL_TOLERANCES
from ui.charts.style import RESULT_COLOURS
from ui.web.assets import Component, as_base64, as_levels
from ui.web.live_view.row_block import GENERATION_WIDTH, RowBlock, row_width, thinned

N_RECORDED_MAX = 600
RequestKind = Literal["drop", "more", "hold", "resume"]
_component = Component(Path(__file__).parent)
PARTS = _component.parts


def recorded_width(n_features: int) -> int:
    """The number of columns of a recorded row: outcome, features, two principal components."""
    return n_features + 3


@dataclass(frozen=True, slots=True)
class SceneFeature:
    """An axis of the map.

    Attributes:
        low: smallest value shown, finite.
        high: largest value shown, finite.
        categories: names of the codes 0, 1, ..., empty for a numeric feature.
        is_swept: whether the searched curve runs over it, so that a candidate has no value of its own.
    """

    name: str
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    categories: tuple[str, ...] = ()
    is_swept: bool = False

    def __post_init__(self) -> None:
        """Refuse a range that has no two ends."""
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low <= self.high):
            raise ValueError(f"'{self.name}' needs finite bounds with low <= high, got {self.low} and {self.high}.")


@dataclass(frozen=True, slots=True)
class SceneDensity:
    """The density that a believable candidate has: target and tolerance, in the unit of the parts.

    Attributes:
        usual: tolerances from the target within which it is as usual.
    """

    unit: str
    target: float
    tolerance: float
    usual: float = USUAL_TOLERANCES


@dataclass(frozen=True, slots=True, eq=False)
class SceneLine:
    """The model's outcome along the one free feature.

    Attributes:
        feature: index of that feature.
        x: (m,) its values, ascending.
        y: (m,) predicted outcomes, in the outcome's unit.
        unit: how much of the feature is 1 on the first principal component.
    """

    feature: int
    x: np.ndarray
    y: np.ndarray
    unit: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a line whose two arrays do not belong together."""
        if self.x.ndim != 1 or self.x.shape != self.y.shape or len(self.x) < 2:
            raise ValueError(f"A line needs x and y of one length, at least 2; got {self.x.shape} and {self.y.shape}.")


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """What scores are in the unit of the outcome: so many of it for each score.

    Attributes:
        name: what that number is, as the board's axis says it.
    """

    factor: float
    name: str


@dataclass(frozen=True, slots=True)
class SceneGoal:
    """One of several goals: an axis of the outcome space in which the front grows.

    Attributes:
        is_higher_better: None when a value is searched for.
        value: that one, or None.
        scale: how much of it is 1 in scores, such as penalties are in.
    """

    name: str
    unit: str = ""
    is_higher_better: bool | None = True
    value: float | None = None
    scale: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that stays the same while a run is watched.

    Attributes:
        run_id: another id makes the view start anew.
        recorded: (n, d + 3) with n <= 600: outcome, features, two principal components.
        score_scale: of scores; None where it is not known, and they stay in standard deviations.
        is_penalised: whether scores count more than the outcome.
        by_model: whether outcomes of recorded rows are the model's, as nobody measures a whole curve.
        axes: the two features that the map shows at first, by their places; None for what the browser thinks best.
        is_higher_better: None when a value is searched for.
        line: the outcome curve, when one feature is free.
        budget: evaluations that the run may use.
        explained: shares (0 to 1) of the variation that the two components explain.
        is_steerable: whether users may decide about lineages while it runs.
        goals: of a search for several; none where there is one.
        recorded_goals: (n, m) what was measured of them in the recorded rows, NaN where nothing was; None without any.
        broken_from: scores from which on a candidate breaks a limit; None where there are no limits.
    """

    run_id: str
    features: tuple[SceneFeature, ...]
    recorded: np.ndarray
    outcome_name: str
    outcome_unit: str = ""
    score_scale: ScoreScale | None = None
    is_penalised: bool = True
    by_model: bool = False
    axes: tuple[int, int] | None = None
    is_higher_better: bool | None = True
    density: SceneDensity | None = None
    line: SceneLine | None = None
    budget: int = 0
    explained: tuple[float, float] | None = None
    is_steerable: bool = False
    goals: tuple[SceneGoal, ...] = ()
    recorded_goals: np.ndarray | None = None
    broken_from: float | None = None

    def __post_init__(self) -> None:
        """Refuse recorded rows that do not fit the features, or are too many to send."""
        _check_width(self.recorded, recorded_width(len(self.features)), "recorded rows")
        if len(self.recorded) > N_RECORDED_MAX:
            raise ValueError(f"At most {N_RECORDED_MAX} recorded rows are drawn, got {len(self.recorded)}: thin them.")
        if self.goals:
            given = None if self.recorded_goals is None else self.recorded_goals.shape
            if given != (len(self.recorded), len(self.goals)):
                raise ValueError(
                    f"Recorded rows need a number for each goal: expected {(len(self.recorded), len(self.goals))}, "
                    f"got {given}."
                )
        if self.line is not None and not 0 <= self.line.feature < len(self.features):
            raise ValueError(f"The line's feature is {self.line.feature}, there are {len(self.features)} features.")


@dataclass(frozen=True, slots=True, eq=False)
class RunStatus:
    """How a run stands, and how it is steered.

    Attributes:
        state: of the job; None before there is one.
        representatives: (k, d + 3) the rows of the result, columns as recorded ones, or None; of several goals each
            follows.
        axes: the two features that separate these most, by their places, or None.
        end_note: why the budget is not used up, in words, or "".
        is_new: the user has just started the run, so it is drawn from its start even where it is over already.
        decisions: of users about lineages, all so far.
        is_open: whether the search takes decisions now.
        is_held: whether it is paused.
    """

    state: JobState | None
    representatives: np.ndarray | None = None
    axes: tuple[int, int] | None = None
    end_note: str = ""
    is_new: bool = False
    decisions: tuple[Decision, ...] = ()
    is_open: bool = False
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a piece of a run may be: generations that are drawn, bytes of its rows as base64."""

    generations: int
    bytes: int


# What a message brings: what is new is little; who joins a run gets a rough picture of all that was; a run that has
# ended is told with the detail that a replay needs.
NEWS = Limits(generations=100, bytes=34_000)
NEWS_OF_FRONT = Limits(generations=100, bytes=18_000)  # a hundred lineages live at once, and many come and go
PAST = Limits(generations=1_000, bytes=400_000)
WHOLE = Limits(generations=1_000, bytes=1_600_000)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a browser knows of a run.

    Attributes:
        generation: number of the last one that it was told, 0 for none.
        is_thinned: whether it was told less than there was.
        edition: of the rows that it was told.
    """

    generation: int = 0
    is_thinned: bool = False
    edition: int = 0


def next_block(sent: Sent, block: RowBlock, *, is_final: bool, news: Limits = NEWS) -> tuple[RowBlock, Sent]:
    """The next piece of a run that a browser lacks, and what it knows then.

    Every piece reaches to the newest generation, so that the view never falls behind: where more happened than fits, it
    tells less of it. Once the run has ended, a browser that was told less gets the whole run again.

    Args:
        sent: what the browser knows; `Sent()` tells the run from its start.
        block: all so far.
        is_final: whether the run has ended.
        news: size of a piece that follows another while the run goes on.
    """
    if (is_final and sent.is_thinned) or sent.generation > block.last or sent.edition != block.edition:
        sent = Sent()
    missing = block.after(sent.generation)
    limits = WHOLE if is_final else news if sent.generation else PAST
    n_bytes = 4 * missing.sent_rows.shape[1] * 4 / 3  # of a row: float32 as base64
    piece = thinned(missing, limits.generations, max(1, int(limits.bytes / n_bytes)))
    is_thinned = len(piece.rows) < len(missing.rows) and not is_final
    return piece, Sent(block.last, sent.is_thinned or is_thinned, block.edition)


def encode(
    scene: Scene,
    block: RowBlock,
    status: RunStatus,
    *,
    height: int,
    is_looping: bool = False,
    has_help: bool = False,
) -> dict[str, Any]:
    """What the browser is sent, JSON only: the block holds the rows that it lacks, the height is in pixels.

    Raises:
        ValueError: rows do not have the columns that the scene's features ask for.
    """
    d, m, representatives = len(scene.features), len(scene.goals), status.representatives
    _check_width(block.rows, row_width(d, m), "rows")
    _check_width(block.generations, GENERATION_WIDTH, "generations")
    if representatives is not None:
        _check_width(representatives, recorded_width(d) + m, "representatives")
    rows = block.sent_rows
    climb = None if block.climb is None else block.climb[:, : rows.shape[1]]
    return {
        "height": int(height),
        "is_looping": is_looping,
        "has_help": has_help,
        "scene": _encode_scene(scene, with_recorded=not block.follows),
        "progress": {
            "state": status.state.value if status.state else "none",
            "is_final": status.state is not None and status.state.is_final,
            "is_new": status.is_new,
            "is_open": status.is_open,
            "is_held": status.is_held,
            "decisions": [[each.after + 1, each.kind.value, each.lineage] for each in status.decisions],
            "after": block.follows,
            "last": block.last,
            "edition": block.edition,
            "width": rows.shape[1],
            "rows": as_base64(rows),
            "generations": as_base64(block.generations),
            "climb": None if climb is None else as_base64(climb),
            "axes": status.axes and list(status.axes),
            "end_note": status.end_note,
            "representatives": None if representatives is None else as_base64(representatives),
            "result_colours": None if representatives is None else list(RESULT_COLOURS),
        },
    }


def _encode_scene(scene: Scene, *, with_recorded: bool) -> dict[str, Any]:
    """The scene; the recorded rows are much, so they travel with the start of a run only."""
    line, recorded = scene.line, scene.recorded
    if scene.recorded_goals is not None:
        recorded = np.column_stack([recorded, scene.recorded_goals])
    return {
        "run_id": scene.run_id,
        "features": [asdict(feature) for feature in scene.features],
        "outcome": {"name": scene.outcome_name, "unit": scene.outcome_unit},
        "score_scale": scene.score_scale and asdict(scene.score_scale),
        "is_penalised": scene.is_penalised,
        "by_model": scene.by_model,
        "axes": scene.axes and list(scene.axes),
        "is_higher_better": scene.is_higher_better,
        "density": scene.density and asdict(scene.density),
        "line": line and {"feature": line.feature, "x": as_base64(line.x), "y": as_base64(line.y), "unit": line.unit},
        "budget": scene.budget,
        "is_steerable": scene.is_steerable,
        "explained": scene.explained and list(scene.explained),
        "goals": [asdict(goal) for goal in scene.goals],
        "broken_from": scene.broken_from,
        "recorded": as_levels(recorded) if with_recorded else None,
    }


def _check_width(table: np.ndarray, width: int, name: str) -> None:
    if table.ndim != 2 or table.shape[1] != width:
        raise ValueError(f"Expected {name} of {width} columns, got an array of shape {table.shape}.")


@dataclass(frozen=True, slots=True)
class SteeringRequest:
    """Something that the user wants of a search.

    Attributes:
        kind: drop a lineage, look for more like it; hold the search, or let it go on.
        lineage: its number, None where the whole search is meant.
    """

    kind: RequestKind
    lineage: int | None = None


def steering_request_of(sent: Any) -> SteeringRequest | None:
    """The request that a browser sent, or None where it is none: browsers may send anything."""
    if not isinstance(sent, dict) or sent.get("kind") not in get_args(RequestKind):
        return None
    kind, lineage = sent["kind"], sent.get("lineage")
    if kind in ("hold", "resume"):
        return SteeringRequest(kind)
    if not isinstance(lineage, int | float) or isinstance(lineage, bool) or not 0 <= lineage < 2**31:
        return None
    return SteeringRequest(kind, int(lineage)) if lineage == int(lineage) else None


def live_view(
    scene: Scene,
    block: RowBlock,
    status: RunStatus,
    *,
    key: str,
    height: int,
    is_looping: bool = False,
    on_gap: Callable[[int], None],
    on_request: Callable[[SteeringRequest], None],
    on_help: Callable[[], None] | None = None,
) -> None:
    """Draw a run, live or as a replay.

    Args:
        scene: what stays the same while the run is watched.
        block: the rows that the browser lacks; an empty block is fine.
        key: the same in every rerun, or the view starts anew.
        height: in pixels, on a wide screen; a narrow one stacks the parts and takes what it needs.
        is_looping: whether it is replayed again and again once it has ended, as in a demo.
        on_gap: called, before the page or the fragment runs again, with the number of the last generation that the
            browser has where it lacks what follows (the page was left and shown again, or a message was skipped), or
            with 0 where it wants the whole run. The next call then has to begin there.
        on_request: called likewise with what the user wants of the search.
        on_help: called likewise where the user asks how all this works; None offers nothing of that kind.
    """

    def note_gap(known: Any) -> None:
        if known:
            on_gap(max(0, int(known[0])))

    def note_request(sent: Any) -> None:
        if (request := steering_request_of(sent)) is not None:
            on_request(request)

    def note_help(asked: Any) -> None:
        if asked and on_help is not None:
            on_help()

    message = encode(scene, block, status, height=height, is_looping=is_looping, has_help=on_help is not None)
    _component.draw(message, key=key, resend=note_gap, steer=note_request, help=note_help)
