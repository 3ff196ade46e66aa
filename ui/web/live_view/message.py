"""The message to the browser: JSON with arrays as base64, small enough to be sent twice a second."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ui.charts.style import RESULT_COLOURS
from ui.web.encoding import as_base64, as_levels
from ui.web.live_view.row_block import GENERATION_WIDTH, RowBlock, row_width, thinned
from ui.web.live_view.scene import RunStatus, Scene, recorded_width


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a piece of a run may be: generations that are drawn, bytes of its rows as base64."""

    generations: int
    bytes: int


# What a message brings: what is new is little; who joins a run gets a rough picture of all that was; a run that has
# ended is told with the detail that a replay needs.
NEWS = Limits(generations=100, bytes=34_000)
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
    scene: Scene, block: RowBlock, status: RunStatus, *, height: int, is_looping: bool = False
) -> dict[str, Any]:
    """What the browser is sent, JSON only.

    Args:
        scene: of the run.
        block: the rows that the browser lacks.
        status: of the run.
        height: of the view in pixels.
        is_looping: whether it is replayed again and again.

    Raises:
        ValueError: rows do not have the columns that the scene's features ask for.
    """
    d, representatives = len(scene.features), status.representatives
    _check_width(block.rows, row_width(d), "rows")
    _check_width(block.generations, GENERATION_WIDTH, "generations")
    if representatives is not None:
        _check_width(representatives, recorded_width(d), "representatives")
    rows = block.sent_rows
    return {
        "height": int(height),
        "is_looping": is_looping,
        "scene": _encode_scene(scene, with_recorded=not block.follows),
        "progress": {
            "state": status.state,
            "is_final": status.is_final,
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
            "representatives": None if representatives is None else as_base64(representatives),
            "result_colours": None if representatives is None else list(RESULT_COLOURS),
        },
    }


def _encode_scene(scene: Scene, *, with_recorded: bool) -> dict[str, Any]:
    """The scene; the recorded rows are much, so they travel with the start of a run only."""
    line = scene.line
    return {
        "run_id": scene.run_id,
        "features": [asdict(feature) for feature in scene.features],
        "outcome": {"name": scene.outcome_name, "unit": scene.outcome_unit},
        "score_label": scene.score_label,
        "is_higher_better": scene.is_higher_better,
        "density": scene.density and asdict(scene.density),
        "line": line and {"feature": line.feature, "x": as_base64(line.x), "y": as_base64(line.y), "unit": line.unit},
        "budget": scene.budget,
        "is_steerable": scene.is_steerable,
        "explained": scene.explained and list(scene.explained),
        "recorded": as_levels(scene.recorded) if with_recorded else None,
    }


def _check_width(table: np.ndarray, width: int, name: str) -> None:
    if table.ndim != 2 or table.shape[1] != width:
        raise ValueError(f"Expected {name} of {width} columns, got an array of shape {table.shape}.")
