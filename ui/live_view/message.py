"""The message to the browser: JSON with arrays as base64, small enough to be sent twice a second."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.live_view.scene import FINAL_STATES, Progress, Scene, event_width, recorded_width

# Recorded rows are only looked at: 16 bits a value, of which one code says "no value".
LEVELS = 65_534
NO_VALUE = 65_535


@dataclass(frozen=True, slots=True)
class Sent:
    """How many rows of a run a browser was given."""

    events: int = 0
    generations: int = 0


def progress_after(
    sent: Sent,
    *,
    state: str,
    events: np.ndarray,
    generations: np.ndarray,
    representatives: np.ndarray | None = None,
    is_new: bool = False,
    max_bytes: int = 28_000,
) -> tuple[Progress, Sent]:
    """Return the next piece of a run that a browser lacks, and what it has then.

    While the run goes on, a piece ends with the last whole generation that fits into `max_bytes` (at least one is
    sent); once it has ended, all the rest is sent.

    Args:
        sent: what the browser has; `Sent()` sends everything from the start.
        state: of the run.
        events: (n, d + 8) all events so far, ordered by generation.
        generations: (g, 2) all generations so far.
        representatives: (k, d + 3) rows of the result, or None.
        is_new: the user has just started the run.
        max_bytes: size of a piece's events as base64.
    """
    first_row, last_row, stop = min(sent.events, len(events)), len(events), len(generations)
    n_fitting = max(1, max_bytes * 3 // 4 // (4 * events.shape[1]))
    if state not in FINAL_STATES and last_row - first_row > n_fitting:
        last_row = _end_of_generation(events[:, 0], first_row, first_row + n_fitting)
        if last_row < len(events):
            stop = int(np.searchsorted(generations[:, 0], events[last_row, 0]))
    first_generation = min(sent.generations, stop)
    progress = Progress(
        state=state,
        events=events[first_row:last_row],
        first_event=first_row,
        generations=generations[first_generation:stop],
        first_generation=first_generation,
        representatives=representatives,
        is_new=is_new,
    )
    return progress, Sent(last_row, stop)


def _end_of_generation(numbers: np.ndarray, first: int, limit: int) -> int:
    """Return where rows from `first` on have to end: with a whole generation before `limit`, or with the only one."""
    if numbers[limit] > numbers[first]:
        return int(np.searchsorted(numbers, numbers[limit], side="left"))
    return int(np.searchsorted(numbers, numbers[limit], side="right"))


def encode(scene: Scene, progress: Progress, *, height: int) -> dict[str, Any]:
    """Return what the browser is sent, JSON only.

    Raises:
        ValueError: rows of the progress do not have the columns that the scene's features ask for.
    """
    d = len(scene.features)
    return {
        "height": int(height),
        "scene": _encode_scene(scene),
        "progress": {
            "state": progress.state,
            "is_final": progress.is_final,
            "is_new": progress.is_new,
            "first_event": int(progress.first_event),
            "events": _floats(progress.events, event_width(d), "events"),
            "first_generation": int(progress.first_generation),
            "generations": _floats(progress.generations, 2, "generations"),
            "representatives": None
            if progress.representatives is None
            else _floats(progress.representatives, recorded_width(d), "representatives"),
        },
    }


def _encode_scene(scene: Scene) -> dict[str, Any]:
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
            }
            for feature in scene.features
        ],
        "outcome": {"name": scene.outcome_name, "unit": scene.outcome_unit},
        "score_label": scene.score_label,
        "is_higher_better": scene.is_higher_better,
        "density": density
        and {"unit": density.unit, "target": float(density.target), "tolerance": float(density.tolerance)},
        "line": line and {"feature": int(line.feature), "x": _base64(line.x, "<f4"), "y": _base64(line.y, "<f4")},
        "budget": int(scene.budget),
        "explained": scene.explained and [float(share) for share in scene.explained],
        "recorded": _levels(scene.recorded),
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
