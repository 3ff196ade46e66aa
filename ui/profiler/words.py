"""What the head of the profiler says of a setting: numbers as people read them."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from services.digits import common_decimals, number_words
from services.whatif import Answer, Explorer
from services.wordings import PLAUSIBILITY_MEANING, percent_words

DOUBT = 20.0
"""Percent: a setting that is less plausible is doubtful, as in the table of results."""

_MAX_RULES = 2  # that are not met, by name

Compared = Sequence[tuple[str, float]]
"""Names of what a setting is compared with, and the objective there."""


def outcome_decimals(explorer: Explorer, compared: Compared) -> int:
    """Return how many decimals the objective is read with: the same while somebody moves features."""
    return common_decimals([outcome for _, outcome in compared] or [float(np.abs(explorer.dataset.y).max())])


def figures(explorer: Explorer, answer: Answer, compared: Compared) -> list[dict[str, Any]]:
    """Return the figures of the head, the prediction first, each with name, value, unit, notes and tone.

    Args:
        explorer: that answered.
        answer: what it said.
        compared: with what the prediction is compared.
    """
    found = [_predicted(explorer, answer, compared)]
    if answer.density is not None:
        found.append(_density(explorer, answer.density))
    found.append(_plausibility(answer))
    if explorer.rules:
        found.append(_rules(explorer, answer))
    return found


def setting_words(explorer: Explorer, answer: Answer) -> str:
    """Return the prediction as one sentence, for those who hear it."""
    name, unit = explorer.objective
    decimals = common_decimals(answer.outcome.mean.tolist())
    return f"Predicted {name}: {number_words(float(answer.outcome.mean[0]), decimals)} {unit}".strip() + "."


def _predicted(explorer: Explorer, answer: Answer, compared: Compared) -> dict[str, Any]:
    decimals, band = outcome_decimals(explorer, compared), answer.outcome
    name, unit = explorer.objective
    value = float(band.mean[0])
    level = f"{100 * explorer.spec.level:g} %"
    note = "the model knows no interval"
    if band.low is not None and band.high is not None and math.isfinite(band.low[0]):
        ends = (number_words(float(end[0]), decimals) for end in (band.low, band.high))
        note = f"{' to '.join(ends)} ({level})"
    return {
        "name": f"Predicted {name}",
        "value": number_words(value, decimals) if math.isfinite(value) else "–",
        "unit": unit,
        "notes": [note, *(_difference(value, outcome, decimals, name) for name, outcome in compared)],
        "tone": "",
        "help": f"In {level} of such cases the true value lies between the two." if band.low is not None else "",
    }


def _difference(value: float, other: float, decimals: int, name: str) -> str:
    """Return "+120 against Result 1"."""
    gap = round(value - other, decimals)
    if not math.isfinite(gap):
        return f"– against {name}"
    return f"{gap:+,.{decimals}f} against {name}".replace("-", "−", 1) if gap else f"±0 against {name}"


def _density(explorer: Explorer, density: float) -> dict[str, Any]:
    info = explorer.density
    assert info is not None
    decimals = common_decimals([info.target])
    off = (density - info.target) / info.tolerance
    side = "above" if off > 0 else "below"
    usual = f"{number_words(info.target, decimals)} ± {number_words(info.tolerance, decimals)}"
    return {
        "name": "Density",
        "value": number_words(density, decimals),
        "unit": info.unit,
        "notes": [
            f"{abs(off):.1f} tolerances {side} usual" if abs(off) >= 0.05 else "as usual",
            f"usual: {usual}",
        ],
        "tone": "doubt" if abs(off) > 1 else "",
        "help": "The sum of the parts, beside what recorded rows add up to.",
    }


def _plausibility(answer: Answer) -> dict[str, Any]:
    second = f"second check {percent_words(answer.second_check)}"
    is_doubtful = answer.disagrees or answer.plausibility < DOUBT
    return {
        "name": "Plausibility",
        "value": percent_words(answer.plausibility),
        "unit": "",
        "notes": [second, "the two disagree: trust the lower" if answer.disagrees else ""],
        "tone": "doubt" if is_doubtful else "",
        "help": f"{PLAUSIBILITY_MEANING[:1].upper()}{PLAUSIBILITY_MEANING[1:]}.",
    }


def _rules(explorer: Explorer, answer: Answer) -> dict[str, Any]:
    broken = [words for words, is_met in zip(explorer.rules, answer.rules_met, strict=True) if not is_met]
    n = len(explorer.rules)
    notes = [f"not met: {words}" for words in broken[:_MAX_RULES]]
    if len(broken) > _MAX_RULES:
        notes[-1] = f"and {len(broken) - _MAX_RULES + 1} more are not met"
    return {
        "name": "Rules met",
        "value": f"{n - len(broken)} of {n}",
        "unit": "",
        "notes": notes or ["all of them"],
        "tone": "doubt" if broken else "",
        "help": "; ".join(explorer.rules),
    }
