"""A small picture of what a run found, as SVG: a line for each result across all features, or the front."""

import numpy as np

from services.specs.results import RunResult
from ui.charts.style import RECORDED, result_style

_WIDTH, _HEIGHT, _MARGIN = 240, 84, 8
_MOST_FEATURES, _MOST_RESULTS = 12, 8


def thumbnail(result: RunResult) -> str:
    """The results of a run, each a line from feature to feature; of a front, each a dot in its first two goals."""
    if result.front is not None and result.archive is not None and len(result.archive):
        return _picture(_front(result))
    features = result.features[:_MOST_FEATURES]
    x = np.linspace(_MARGIN, _WIDTH - _MARGIN, max(len(features), 2))
    axes = "".join(
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_MARGIN}" y2="{_HEIGHT - _MARGIN}" stroke="{RECORDED}" '
        'stroke-opacity="0.45"/>'
        for at in x
    )
    lows, highs = np.array([(each.low, each.high) for each in features], dtype=float).reshape(-1, 2).T
    lines = []
    for number, row in enumerate(result.results.X[:_MOST_RESULTS], start=1):
        span = np.where(highs > lows, highs - lows, 1.0)
        shares = np.clip((np.array(row[: len(features)], dtype=float) - lows) / span, 0, 1)
        shares = np.where(np.isfinite(shares), shares, 0.5)
        y = _HEIGHT - _MARGIN - shares * (_HEIGHT - 2 * _MARGIN)
        points = [f"{at:.1f},{height:.1f}" for at, height in zip(x, np.resize(y, len(x)), strict=True)]
        lines.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{result_style(number).colour}" '
            'stroke-width="2" stroke-linejoin="round"/>'
        )
    return _picture(axes + "".join(lines))


def _front(result: RunResult) -> str:
    """The archive of a front as small dots, the results as larger ones, in the first goal upwards over the second."""
    goals = [j for j, each in enumerate(result.outcomes) if each.goal is not None]
    assert result.archive is not None and result.results.others is not None
    found = np.array(result.archive.outcomes, dtype=float)[:, [goals[1], goals[0]]]
    chosen = np.array([result.results.others[j].values for j in (goals[1], goals[0])]).T
    everything = np.concatenate([found, chosen])
    low, high = np.nanmin(everything, axis=0), np.nanmax(everything, axis=0)
    room = np.array([_WIDTH, _HEIGHT]) - 2 * _MARGIN

    def dots(points: np.ndarray, radius: float, colours: list[str]) -> str:
        shares = (points - low) / np.where(high > low, high - low, 1.0)
        at = _MARGIN + np.column_stack([shares[:, 0], 1 - shares[:, 1]]) * room
        return "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>'
            for (x, y), colour in zip(at.tolist(), colours, strict=True)
            if np.isfinite(x + y)
        )

    of_results = [result_style(number).colour for number in range(1, len(chosen) + 1)]
    return dots(found, 1.6, [RECORDED] * len(found)) + dots(chosen, 4, of_results)


def _picture(parts: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}">{parts}</svg>'
    )
