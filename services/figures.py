"""How good and how different the results are, as people read it: on the page, in files and on the command line."""

from typing import NamedTuple

import pandas as pd

from services.results import RunResult
from services.sheets import floor_words

_APART = "in standard deviations of the recorded values, over all free features together."


class Figure(NamedTuple):
    """One figure: its name, its number, the number as it is read, and what it means."""

    name: str
    number: float
    value: str
    meaning: str


def result_figures(result: RunResult) -> list[Figure]:
    """Return quality first, then diversity, which means nothing without it; none where nothing was measured."""
    measured = result.diversity
    if measured is None:
        return []
    n = len(result.results)
    figures = [
        Figure(
            "Good enough",
            measured.share_within,
            f"{100 * measured.share_within:.0f} % of the candidates",
            f"The share of all candidates found from which results are chosen: {floor_words(result.spec.floor)}.",
        ),
        Figure(
            "Worst result",
            measured.worst_over_best,
            f"{100 * measured.worst_over_best:.1f} % of the best",
            "What the worst result reaches of the best candidate, penalties counted. 100 % is as good as the best.",
        ),
    ]
    if measured.smallest_distance is None or measured.mean_distance is None:
        return figures
    return [
        *figures,
        Figure(
            "Nearest two",
            measured.smallest_distance,
            f"{measured.smallest_distance:.2f} std. dev. apart",
            f"The smallest distance between two results, {_APART}",
        ),
        Figure(
            "On average",
            measured.mean_distance,
            f"{measured.mean_distance:.2f} std. dev. apart",
            f"The mean distance over all pairs of results, {_APART}",
        ),
        Figure(
            "Worth",
            measured.solow_polasky,
            f"{measured.solow_polasky:.1f} of {n} different ones",
            "Results that resemble each other count less than whole. It is their Solow-Polasky diversity with theta = "
            f"{measured.theta:g} per std. dev.: two results are alike by exp(-theta x distance).",
        ),
    ]


def figures_frame(result: RunResult) -> pd.DataFrame:
    """Return the figures as a table, one row each: what, number and meaning."""
    figures = result_figures(result)
    return pd.DataFrame(
        {
            "what": [figure.name for figure in figures],
            "number": [figure.number for figure in figures],
            "reads": [figure.value for figure in figures],
            "meaning": [figure.meaning for figure in figures],
        }
    )


def figures_sentence(result: RunResult) -> str:
    """Return the figures in one line, or "" where there are none."""
    return "; ".join(f"{figure.name.lower()}: {figure.value}" for figure in result_figures(result))
