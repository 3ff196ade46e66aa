"""All that the result view shows: the table, and what is drawn of its rows."""

from dataclasses import dataclass

import numpy as np

from models import Dataset
from services.specs.results import RunResult
from ui.charts.style import counted, format_range
from ui.web.live_view import RowBlock, Scene
from ui.web.result_view.axes import Axis, axes_of
from ui.web.result_view.cloud import Cloud, archive_of
from ui.web.result_view.curves import CurvesInfo, curves_of
from ui.web.result_view.rows import settings_of
from ui.web.result_view.table import TableInfo, table_info
from ui.web.scenes import RowMaker


@dataclass(frozen=True, slots=True, eq=False)
class RunBackground:
    """What a run says beyond its result: recorded rows and the archive on the map.

    Attributes:
        scene: of the run, with recorded rows.
        rows: puts candidates on its map.
        trace: what each lineage did.
    """

    scene: Scene
    rows: RowMaker
    trace: RowBlock


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """The map of candidates.

    Attributes:
        recorded: recorded rows.
        archive: the best candidate of every lineage, best first.
        n_lineages: how many lineages there were before they were thinned.
        places: (n, 2) of the rows of the table.
        explained: shares (0 to 1) of the variation that its two components explain, or None.
    """

    recorded: Cloud
    archive: Cloud
    n_lineages: int
    places: np.ndarray
    explained: tuple[float, float] | None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """The table, and what is drawn of its rows where it is known.

    Attributes:
        table: of the result.
        goal: "maximum", "minimum" or "value".
        target: the value that is searched for, or None.
        axes: the objective, then the features; empty where only the table is shown.
        map: recorded rows, archive and rows, or None.
        curves: over the sweep feature, or None.
    """

    table: TableInfo
    goal: str
    target: float | None = None
    axes: tuple[Axis, ...] = ()
    map: Map | None = None
    curves: CurvesInfo | None = None


def table_picture(result: RunResult) -> Picture:
    """The table alone."""
    return Picture(table_info(result), result.goal.value, result.spec.value)


def picture_of(
    result: RunResult,
    dataset: Dataset | None = None,
    background: RunBackground | None = None,
    bands: tuple[np.ndarray, np.ndarray] | None = None,
) -> Picture:
    """The whole picture of a result, as far as what it needs is known.

    Args:
        result: of the run.
        dataset: the recorded rows of that run, features in any order, for the histograms.
        background: of the run, for the map.
        bands: (k, m) low and high ends of the interval along the curves of the k results.

    Raises:
        DatasetError: the dataset lacks a feature of the result.
    """
    table = table_info(result)
    objectives = None
    if background is not None:
        objectives = background.scene.recorded[:, 0].astype(float)
    elif dataset is not None and result.spec.curve is None:
        objectives = dataset.y
    axes = axes_of(result, table.rows, dataset, objectives)
    drawn = (
        _map(table, background)
        if background is not None and any(feature.is_free for feature in result.features)
        else None
    )
    return Picture(table, result.goal.value, result.spec.value, axes, drawn, curves_of(result, table.rows, bands))


def _map(table: TableInfo, background: RunBackground) -> Map:
    X, outcomes = settings_of(table.rows), np.array([row.outcome for row in table.rows], dtype=float)
    archive = archive_of(background.trace)
    return Map(
        recorded=Cloud.of(background.scene.recorded).thinned(),
        archive=archive.thinned(),
        n_lineages=len(archive),
        places=background.rows.of_candidates(X, outcomes)[:, -2:].astype(float),
        explained=background.scene.explained,
    )


def table_words(picture: Picture) -> str:
    """The table in a sentence."""
    n = {kind: sum(row.kind == kind for row in picture.table.rows) for kind in ("result", "recorded", "random")}
    words = [counted(n["result"], "result")]
    words += [f"the reference {row.name}" for row in picture.table.rows if row.kind == "reference"]
    words += [f"{counted(n['recorded'], 'best recorded row')}"] if n["recorded"] else []
    words += ["the best of random candidates"] if n["random"] else []
    return f"Table of {', '.join(words)}."


def coordinates_words(picture: Picture) -> str:
    """The parallel coordinates in a sentence."""
    parts = []
    results = [row for row in picture.table.rows if row.kind == "result"]
    for axis in picture.axes:
        values = np.array([(row.outcome, *row.settings)[axis.column] for row in results])
        if axis.categories:
            parts.append(f"{axis.name} {', '.join(dict.fromkeys(axis.text(value) for value in values.tolist()))}")
        else:
            parts.append(f"{axis.name} {format_range(values, axis.unit)}")
    return f"Settings of the {counted(len(results), 'result')}, feature by feature: {'; '.join(parts)}."


def map_words(drawn: Map) -> str:
    """The map in a sentence."""
    return (
        f"Map of candidates: {counted(len(drawn.recorded), 'recorded row')}, the best candidates of "
        f"{counted(drawn.n_lineages, 'lineage')} and the rows of the table. The table says the same in numbers."
    )


def curves_words(picture: Picture) -> str:
    """The curves in a sentence, or "" without any."""
    info = picture.curves
    if info is None:
        return ""
    found = {
        words: [value for row, value in zip(picture.table.rows, info.values, strict=True) if row.kind in kinds]
        for words, kinds in {"results": ("result",), "best recorded rows": ("reference", "recorded")}.items()
    }
    known = {words: [value for value in values if value is not None] for words, values in found.items()}
    reached = [
        f"{words} reach {format_range(np.concatenate(values), info.outcome_unit)}"
        for words, values in known.items()
        if values
    ]
    return f"{info.outcome} over {info.name} {format_range(info.grid, info.unit)}: {', '.join(reached)}."
