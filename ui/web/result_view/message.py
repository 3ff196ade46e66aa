"""The message to the browser: JSON with short lists, small enough to be sent at every click."""

from typing import Any

import numpy as np

from services.specs.digits import common_decimals
from ui.charts.style import result_style
from ui.web.result_view.axes import Axis
from ui.web.result_view.cloud import Cloud
from ui.web.result_view.curves import CurvesInfo
from ui.web.result_view.picture import Map, Picture, coordinates_words, curves_words, map_words, table_words
from ui.web.result_view.rows import Row
from ui.web.result_view.table import Cell

_DASHES = {"solid": "", "dash": "7 4", "dot": "2 4", "dashdot": "8 4 2 4", "longdash": "12 5"}


def encode(picture: Picture) -> dict[str, Any]:
    """What the browser is sent of a picture, JSON only."""
    table = picture.table
    return {
        "table": {
            "words": table_words(picture),
            "columns": [
                {
                    "name": column.name,
                    "unit": column.unit,
                    "help": column.help,
                    "kind": column.kind,
                    "quiet": column.is_quiet,
                }
                for column in table.columns
            ],
            "rows": [
                _row(picture, i, row, cells, chips)
                for i, (row, cells, chips) in enumerate(zip(table.rows, table.cells, table.chips, strict=True))
            ],
        },
        "goal": picture.goal,
        "target": picture.target if picture.goal == "value" else None,
        "axes": [_axis(axis) for axis in picture.axes],
        "coordinates": {"words": coordinates_words(picture)} if picture.axes else None,
        "map": _map(picture.map, picture.axes) if picture.map is not None else None,
        "curves": _curves(picture.curves, curves_words(picture)) if picture.curves is not None else None,
    }


def _row(picture: Picture, i: int, row: Row, cells: tuple[Cell, ...], chips: tuple[Any, ...]) -> dict[str, Any]:
    style = result_style(max(row.number, 1))
    values = np.array([row.outcome, *row.settings], dtype=float)
    drawn, info = picture.map, picture.curves
    return {
        "kind": row.kind,
        "number": row.number,
        "name": row.name,
        "title": row.title,
        "colour": style.colour if row.number else "",
        "dash": _DASHES[style.dash] if row.number else "",
        "cells": [_cell(cell) for cell in cells],
        "chips": [{"text": chip.text, "tone": chip.verdict, "help": chip.help} for chip in chips],
        "at": [_rounded(float(axis.places(values[axis.column])), 4) for axis in picture.axes],
        "texts": [axis.text(float(values[axis.column])) for axis in picture.axes],
        "place": [_rounded(float(value), 4) for value in drawn.places[i]] if drawn is not None else None,
        "curve": _line(info.values[i], info) if info is not None else None,
        "low": _line(info.lows[i], info) if info is not None else None,
        "high": _line(info.highs[i], info) if info is not None else None,
        "measured": list(info.measured[i] or ()) or None if info is not None else None,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    """A cell without what it does not have: most have little."""
    value = round(cell.value, 6) if isinstance(cell.value, float) else cell.value
    told = {"text": cell.text, "value": value, "small": cell.small, "note": cell.note, "tone": cell.tone}
    known = {name: one for name, one in told.items() if one not in ("", None) or name == "text"}
    return known | ({"tint": round(cell.tint, 3)} if cell.tint else {})


def _axis(axis: Axis) -> dict[str, Any]:
    bins = axis.bins
    return {
        "name": axis.name,
        "unit": axis.unit,
        "low": axis.low,
        "high": axis.high,
        "decimals": axis.decimals,
        "ends": [axis.text(axis.low), axis.text(axis.high)] if not axis.categories else ["", ""],
        "edges": [_rounded(float(place), 4) for place in axis.places(bins.edges)] if bins is not None else [],
        "shares": [_rounded(float(share), 4) for share in bins.shares] if bins is not None else [],
        "categories": list(axis.categories),
        "bounds": [_rounded(float(place), 4) for place in axis.places(np.array(axis.bounds))] if axis.bounds else None,
        "free": axis.is_free,
    }


def _map(drawn: Map, axes: tuple[Axis, ...]) -> dict[str, Any]:
    explained = drawn.explained or (0.0, 0.0)
    return {
        "words": map_words(drawn),
        "labels": [
            f"Principal component {i}" + (f", {100 * share:.0f} % of the variation" if share > 0 else "")
            for i, share in enumerate(explained, start=1)
        ],
        "recorded": _cloud(drawn.recorded, axes),
        "archive": _cloud(drawn.archive, axes),
        "lineages": drawn.n_lineages,
    }


def _cloud(cloud: Cloud, axes: tuple[Axis, ...]) -> dict[str, Any]:
    return {
        "levels": cloud.levels(axes),
        "x": [_rounded(float(value), 3) for value in cloud.places[:, 0]],
        "y": [_rounded(float(value), 3) for value in cloud.places[:, 1]],
    }


def _curves(info: CurvesInfo, words: str) -> dict[str, Any]:
    return {
        "words": words,
        "name": info.name,
        "unit": info.unit,
        "outcome": info.outcome,
        "outcomeUnit": info.outcome_unit,
        "grid": [_rounded(float(value), 6) for value in info.grid],
        "at": info.at,
    }


def _line(values: np.ndarray | None, info: CurvesInfo) -> list[float | None] | None:
    if values is None:
        return None
    known = np.concatenate([curve for curve in info.values if curve is not None] or [np.zeros(1)])
    decimals = common_decimals(known.tolist()) + 2
    return [_rounded(float(value), decimals) for value in values]


def _rounded(value: float, decimals: int) -> float | None:
    return round(value, decimals) if np.isfinite(value) else None
