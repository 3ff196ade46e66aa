"""The figures of many answers: for one family, by the size of the table and its noise, and as a table to read."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

import numpy as np

from benchmarks.timing import print_table
from benchmarks.truth.asking import DEFAULT, N_ROWS, Answer
from benchmarks.truth.plant import NOISE

Key = TypeVar("Key", bound=Hashable)
Figures = dict[str, Any]


def grouped(answers: Sequence[Answer], key: Callable[[Answer], Key]) -> dict[Key, list[Answer]]:
    """Answers by a key, in the order in which each key came first."""
    groups: dict[Key, list[Answer]] = defaultdict(list)
    for answer in answers:
        groups[key(answer)].append(answer)
    return dict(groups)


def figures(answers: Sequence[Answer]) -> Figures:
    """How good results are and what their intervals say; widths and scores in standard deviations of the outcome.

    ``gain`` is by plant, the median over its tables; a figure that nothing is known of is None.
    """

    def joined(values: Callable[[Answer], np.ndarray]) -> np.ndarray:
        return np.concatenate([values(answer) for answer in answers])

    scores = joined(lambda each: each.interval_scores)
    gains = np.array([answer.gain for answer in answers])
    by_plant = grouped(answers, lambda each: each.case.plant)
    return {
        "gain": {name: rounded(np.median, [each.gain for each in given]) for name, given in by_plant.items()},
        "gain_overall": rounded(np.median, gains),
        "gain_worst_table": rounded(np.min, gains),
        "coverage": rounded(np.mean, joined(lambda each: each.covered)),
        "lower_holds": rounded(np.mean, joined(lambda each: each.truth >= each.low)),
        "lower_width": rounded(np.median, joined(lambda each: each.predicted - each.low)),
        "width": rounded(np.median, joined(lambda each: each.high - each.low)),
        "interval_score_mean": rounded(np.mean, scores),
        "interval_score_median": rounded(np.median, scores),
        "harmful": rounded(np.mean, joined(lambda each: each.is_harmful)),
        "seconds": rounded(np.median, [answer.seconds for answer in answers if not answer.refusal]),
        "tables": len(answers),
        "results": len(scores),
        "refused": sum(bool(answer.refusal) for answer in answers),
    }


def rounded(statistic: Callable[[np.ndarray], np.floating], values: Sequence[float] | np.ndarray) -> float | None:
    """A statistic of some values to three digits; None where there are none, or one is unknown."""
    values = np.asarray(values, dtype=float)
    return round(float(statistic(values)), 3) if values.size and np.isfinite(values).all() else None


def report_of(answers: Sequence[Answer]) -> Figures:
    """What the JSON line says of some answers.

    Figures of the default with 600 rows and 5 % noise, if they were asked for; with other sizes and noises under
    ``by_rows`` (rows, then noise), and the same of every family under ``by_family``.
    """
    by_family = {family: family_report(given) for family, given in grouped(answers, lambda a: a.case.family).items()}
    return by_family.get(DEFAULT, {}) | {"by_family": by_family}


def family_report(answers: Sequence[Answer]) -> Figures:
    """Figures of one family at 600 rows and 5 % noise, then for all sizes and noises under ``by_rows``."""
    by_rows = {
        str(rows): {str(noise): figures(each) for noise, each in grouped(given, lambda a: a.case.noise).items()}
        for rows, given in grouped(answers, lambda a: a.case.rows).items()
    }
    return by_rows.get(str(N_ROWS), {}).get(str(NOISE), {}) | {"by_rows": by_rows}


HEAD = (
    "", "gain by table", "median", "covered", "low end holds", "low width", "width", "score mean", "median", "harmful",
    "seconds",
)  # fmt: skip


def print_figures(answers: Sequence[Answer]) -> None:
    """Print a table for each family, size and noise, with a line for each plant."""
    cells = grouped(answers, lambda a: (a.case.family, a.case.rows, a.case.noise))
    for (family, rows, noise), given in cells.items():
        by_plant = grouped(given, lambda a: a.case.plant)
        lines = [line_of(name, each) for name, each in by_plant.items()]
        print_table(f"{family}, {rows} rows, {100 * noise:g} % noise", HEAD, [*lines, line_of("all", given)])


def line_of(name: str, answers: Sequence[Answer]) -> list[str]:
    """The cells of one plant, or of all of them."""
    found = figures(answers)
    shown = [found[key] for key in (
        "gain_overall", "coverage", "lower_holds", "lower_width", "width", "interval_score_mean",
        "interval_score_median", "harmful", "seconds",
    )]  # fmt: skip
    gains = " ".join(f"{answer.gain:.2f}" for answer in answers) if name != "all" else ""
    return [name, gains, *("-" if each is None else f"{each:.2f}" for each in shown)]
