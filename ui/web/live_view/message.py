"""The message to the browser: JSON with arrays as base64, small enough to be sent twice a second."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.charts.style import RESULT_COLOURS
from ui.web.live_view.rows import GENERATION_WIDTH, SHAPE_WIDTH, Rows, shapes_of, thinned
from ui.web.live_view.scene import (
    FINAL_STATES,
    UNSTEERED,
    Progress,
    Scene,
    Steered,
    event_width,
    recorded_width,
)

# Recorded rows are only looked at: 16 bits a value, of which one code says "no value".
LEVELS = 65_534
NO_VALUE = 65_535


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a piece of a run may be: generations that are drawn, bytes of its events as base64."""

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


def progress_after(
    sent: Sent,
    *,
    state: str,
    rows: Rows,
    representatives: np.ndarray | None = None,
    is_new: bool = False,
    steered: Steered = UNSTEERED,
    news: Limits = NEWS,
) -> tuple[Progress, Sent]:
    """Return the next piece of a run that a browser lacks, and what it knows then.

    Every piece reaches to the newest generation, so that the view never falls behind: where more happened than fits, it
    tells less of it. Once the run has ended, a browser that was told less gets the whole run again.

    Args:
        sent: what the browser knows; `Sent()` tells the run from its start.
        state: of the run.
        rows: all so far.
        representatives: (k, d + 3) rows of the result, or None.
        is_new: the user has just started the run.
        steered: what the user decided about it so far.
        news: size of a piece that follows another while the run goes on.
    """
    is_final = state in FINAL_STATES
    if (is_final and sent.is_thinned) or sent.generation > rows.last or sent.edition != rows.edition:
        sent = Sent()
    missing = rows.after(sent.generation)
    limits = WHOLE if is_final else news if sent.generation else PAST
    width = missing.events.shape[1] + (0 if missing.shapes is None else SHAPE_WIDTH)
    piece = thinned(missing, limits.generations, max(1, limits.bytes * 3 // 4 // (4 * width)))
    progress = Progress(state, piece, sent.generation, representatives, is_new, steered)
    is_thinned = len(piece.events) < len(missing.events) and not is_final
    return progress, Sent(rows.last, sent.is_thinned or is_thinned, rows.edition)


def encode(scene: Scene, progress: Progress, *, height: int, is_looping: bool = False) -> dict[str, Any]:
    """Return what the browser is sent, JSON only.

    Raises:
        ValueError: rows of the progress do not have the columns that the scene's features ask for.
    """
    d, steered = len(scene.features), progress.steered
    return {
        "height": int(height),
        "is_looping": is_looping,
        "scene": _encode_scene(scene, with_recorded=not progress.after),
        "progress": {
            "state": progress.state,
            "is_final": progress.is_final,
            "is_new": progress.is_new,
            "is_open": steered.is_open,
            "is_held": steered.is_held,
            "decisions": [[each.after + 1, each.kind.value, each.lineage] for each in steered.decisions],
            "after": int(progress.after),
            "last": progress.rows.last,
            "edition": progress.rows.edition,
            "events": _floats(progress.rows.events, event_width(d), "events"),
            "shapes": "" if progress.rows.shapes is None else _floats(shapes_of(progress.rows), SHAPE_WIDTH, "shapes"),
            "generations": _floats(progress.rows.generations, GENERATION_WIDTH, "generations"),
            "representatives": None
            if progress.representatives is None
            else _floats(progress.representatives, recorded_width(d), "representatives"),
            "result_colours": None if progress.representatives is None else list(RESULT_COLOURS),
        },
    }


def _encode_scene(scene: Scene, *, with_recorded: bool) -> dict[str, Any]:
    """Return the scene; the recorded rows are much, so they travel with the start of a run only."""
    density, line = scene.density, scene.line
    return {
        "run_id": scene.run_id,
        "features": [
            {
                "name": feature.name,
                "unit": feature.unit,
                "low": float(feature.low),
                "high": float(feature.high),
                "categories": list(feature.categories),
                "is_swept": feature.is_swept,
            }
            for feature in scene.features
        ],
        "outcome": {"name": scene.outcome_name, "unit": scene.outcome_unit},
        "score_label": scene.score_label,
        "is_higher_better": scene.is_higher_better,
        "density": density
        and {"unit": density.unit, "target": float(density.target), "tolerance": float(density.tolerance)},
        "line": line
        and {
            "feature": int(line.feature),
            "x": _base64(line.x, "<f4"),
            "y": _base64(line.y, "<f4"),
            "unit": float(line.unit),
        },
        "budget": int(scene.budget),
        "is_steerable": scene.is_steerable,
        "explained": scene.explained and [float(share) for share in scene.explained],
        "recorded": _levels(scene.recorded) if with_recorded else None,
    }


def _levels(rows: np.ndarray) -> dict[str, Any]:
    """Return rows as 16-bit levels between the columns' smallest and largest values."""
    values = np.asarray(rows, dtype=np.float64)
    is_known = np.isfinite(values)
    low = np.where(is_known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(is_known, values, -np.inf).max(axis=0, initial=-np.inf)
    low, high = np.where(np.isfinite(low), low, 0.0), np.where(np.isfinite(high), high, 0.0)
    span = np.where(high > low, high - low, 1.0)
    levels = np.where(is_known, np.round((np.where(is_known, values, low) - low) / span * LEVELS), NO_VALUE)
    return {"low": low.tolist(), "high": high.tolist(), "levels": _base64(levels, "<u2")}


def _floats(rows: np.ndarray, width: int, name: str) -> str:
    if rows.size == 0:
        return ""
    if rows.ndim != 2 or rows.shape[1] != width:
        raise ValueError(f"Expected {name} of {width} columns, got an array of shape {rows.shape}.")
    return _base64(rows, "<f4")


def _base64(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode("ascii")
