"""A small picture of what a run found, as SVG: one line for each result across all features."""

import numpy as np

from services.specs.results import RunResult
from ui.charts.style import RECORDED, result_style

_WIDTH, _HEIGHT, _MARGIN = 240, 84, 8
_MOST_FEATURES, _MOST_RESULTS = 12, 8


def thumbnail(result: RunResult) -> str:
    """The results of a run, each a line from feature to feature between the bounds that these had."""
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
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}">{axes}{"".join(lines)}</svg>'
    )
