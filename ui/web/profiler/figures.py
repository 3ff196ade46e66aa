"""The numbers of a setting as people read them: what to expect of each outcome, limits, density, distance and rules."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from optimizer import Goal
from services.specs.digits import common_decimals, number_words, outlook_words
from services.specs.results import USUAL_TOLERANCES, OutcomeInfo
from services.studies.what_if.explorer import Answer, WhatIfModel
from services.studies.what_if.outcomes import Band, LimitAnswer, OtherOutcomes
from services.texts.distance import DISTANCE_MEANING, DistanceLevel, distance_level, distance_words

_MAX_RULES = 2  # that are not met, by name

Compared = Sequence[tuple[str, float]]
"""Names of what a setting is compared with, and the outcome there."""


def outcome_decimals(explorer: WhatIfModel, compared: Compared) -> int:
    """How many decimals the objective is read with: the same while somebody moves features."""
    return common_decimals([outcome for _, outcome in compared] or [float(np.abs(explorer.dataset.y).max())])


def figures(
    explorer: WhatIfModel, answer: Answer, compared: Compared, others_compared: Sequence[Compared] = ()
) -> list[dict[str, Any]]:
    """The figures of the head, the prediction first, each with name, value, unit, notes and tone.

    Args:
        compared: what the objective is compared with.
        others_compared: what each other outcome of the run is compared with.
    """
    found = [_predicted(explorer, answer, compared)]
    if explorer.others is not None:
        told = zip(explorer.others.infos, answer.others, others_compared, strict=True)
        found += [_other(explorer, answer, info, other.outcome, known) for info, other, known in told]
    if answer.density is not None:
        found.append(_density(explorer, answer.density))
    found.append(_distance(answer))
    if explorer.constraints:
        found.append(_constraints(explorer, answer))
    return found


def setting_words(explorer: WhatIfModel, answer: Answer) -> str:
    """The predictions and broken limits as sentences, for screen readers."""
    (name, unit), spec = explorer.objective, explorer.spec
    own = "Calculated" if explorer.spec.is_calculated else "Predicted"
    words = [f"{own} {name}: {_outlook_words(answer.outcome, spec.goal, spec.level, unit)}."]
    if explorer.others is None:
        return words[0]
    for info, other in zip(explorer.others.infos, answer.others, strict=True):
        words.append(f"{info.label}: {_outlook_words(other.outcome, info.goal, spec.level, info.unit)}.")
    units = {info.name: info.unit for info in _infos(explorer.others)}
    for limit in answer.limits:
        if not limit.is_kept:
            outcome = limit.limited.outcome
            words.append(f"Limit not kept: {outcome.name} {limit.limited.words(units[outcome.name])}.")
    return " ".join(words)


def _outlook_words(band: Band, goal: Goal | None, level: float, unit: str) -> str:
    low, high = (math.nan if end is None else float(end[0]) for end in (band.low, band.high))
    return outlook_words(
        float(band.mean[0]),
        low,
        high,
        level=level,
        is_least_best=goal is Goal.MINIMUM,
        is_two_sided=goal in (Goal.VALUE, None),
        decimals=common_decimals(band.mean.tolist()),
        unit=unit,
    )


def _infos(others: OtherOutcomes) -> list[OutcomeInfo]:
    """All outcomes of a run."""
    return [*([others.objective] if others.objective else []), *others.infos]


def _predicted(explorer: WhatIfModel, answer: Answer, compared: Compared) -> dict[str, Any]:
    decimals, band = outcome_decimals(explorer, compared), answer.outcome
    (name, unit), spec = explorer.objective, explorer.spec
    own = explorer.others.objective if explorer.others is not None else None
    limits, is_broken = _limit_notes(answer, own, decimals) if own is not None else ([], False)
    note = "calculated, exact" if explorer.spec.is_calculated else "nobody knows how far to trust it"
    note = "0 at its worst, 1 at its best" if spec.is_desirability else note
    differences = [_difference(float(band.mean[0]), outcome, decimals, name) for name, outcome in compared]
    notes = [_interval_note(band, spec.goal, decimals) or note, *limits, *differences]
    title = name if explorer.spec.is_calculated else f"Expected {name}"
    return _figure(title, _value_words(band, decimals), unit, notes, _level_help(explorer, band), is_doubtful=is_broken)


def _other(explorer: WhatIfModel, answer: Answer, info: OutcomeInfo, band: Band, compared: Compared) -> dict[str, Any]:
    """One of the other outcomes of a run: its prediction or what its formula comes to, limits, and differences."""
    decimals, value = other_decimals(compared, info), float(band.mean[0])
    limits, is_broken = _limit_notes(answer, info, decimals)
    note = _interval_note(band, info.goal, decimals) or "nobody knows how far to trust it"
    notes = limits if info.formula else [note, *limits]
    notes = notes + [_difference(value, outcome, decimals, name) for name, outcome in compared]
    title = info.label if info.formula else f"Expected {info.label}"
    help_ = "Calculated by its formula, exactly." if info.formula else _level_help(explorer, band)
    return _figure(title, _value_words(band, decimals), info.unit, notes, help_, is_doubtful=is_broken)


def other_decimals(compared: Compared, info: OutcomeInfo) -> int:
    """How many decimals another outcome is read with: the same while somebody moves features."""
    bounds = [bound for bound in (info.at_least, info.at_most) if bound is not None]
    return common_decimals([*(outcome for _, outcome in compared), *bounds])


def _value_words(band: Band, decimals: int) -> str:
    value = float(band.mean[0])
    return number_words(value, decimals) if math.isfinite(value) else "–"


def _interval_note(band: Band, goal: Goal | None, decimals: int) -> str:
    """The ends of the interval, the worse one first; "" where there is none."""
    if band.low is None or band.high is None or not math.isfinite(band.low[0]):
        return ""
    low, high = (number_words(float(end[0]), decimals) for end in (band.low, band.high))
    if goal is Goal.MAXIMUM:
        return f"at least {low}, up to {high}"
    return f"at most {high}, down to {low}" if goal is Goal.MINIMUM else f"between {low} and {high}"


def _level_help(explorer: WhatIfModel, band: Band) -> str:
    if band.low is None:
        return ""
    return f"In {100 * explorer.spec.level:g} % of such cases what is measured lies between the two ends."


def _limit_notes(answer: Answer, info: OutcomeInfo, decimals: int) -> tuple[list[str], bool]:
    """What is said of the limits of an outcome, and whether one of them is broken."""
    own = [limit for limit in answer.limits if limit.limited.outcome.name == info.name]
    return [_limit_words(limit, decimals) for limit in own], any(not limit.is_kept for limit in own)


def _limit_words(limit: LimitAnswer, decimals: int) -> str:
    """A limit and whether it is kept, such as "at most 12 with 95 %: over by 1.4"."""
    limited, end = limit.limited, limit.limited.end
    bound = limited.words() + (f" with {100 * end.confidence:g} %" if end is not None else "")
    if limit.is_kept:
        return f"{bound}: kept"
    side = "short" if limited.is_low else "over"
    gap = limit.beyond
    return f"{bound}: {side} by {_gap_words(gap, decimals)}" if math.isfinite(gap) else f"{bound}: not known"


def _gap_words(gap: float, decimals: int) -> str:
    """How much is missing, with more decimals where it would read as nothing."""
    return number_words(gap, decimals) if round(gap, decimals) else number_words(gap, common_decimals([gap]))


def _figure(
    name: str, value: str, unit: str, notes: list[str], help_: str, *, is_doubtful: bool = False
) -> dict[str, Any]:
    tone = "doubt" if is_doubtful else ""
    return {"name": name, "value": value, "unit": unit, "notes": notes, "tone": tone, "help": help_}


def _difference(value: float, other: float, decimals: int, name: str) -> str:
    """A difference in words, such as "+120 against Result 1"."""
    gap = round(value - other, decimals)
    if not math.isfinite(gap):
        return f"– against {name}"
    return f"{gap:+,.{decimals}f} against {name}".replace("-", "−", 1) if gap else f"±0 against {name}"


def _density(explorer: WhatIfModel, density: float) -> dict[str, Any]:
    info = explorer.density
    assert info is not None
    decimals = common_decimals([info.target])
    off = float(info.tolerances_off([density])[0])
    side = "above" if off > 0 else "below"
    usual = f"{number_words(info.target, decimals)} ± {number_words(info.tolerance, decimals)}"
    is_off = abs(off) > USUAL_TOLERANCES
    notes = [f"{abs(off):.1f} tolerances {side} usual" if is_off else "as usual", f"usual: {usual}"]
    help_ = "The sum of the parts, beside what recorded rows add up to."
    return _figure("Density", number_words(density, decimals), info.unit, notes, help_, is_doubtful=is_off)


def _distance(answer: Answer) -> dict[str, Any]:
    """How far from the records, by the worse of the two checks where they disagree."""
    lower = answer.plausibility
    if answer.disagrees:
        lower = float(np.fmin(answer.plausibility, answer.second_check))
    help_ = f"{DISTANCE_MEANING[:1].upper()}{DISTANCE_MEANING[1:]}."
    if not math.isfinite(lower):
        return _figure("Distance from records", "–", "", ["not known here"], help_)
    level, _, detail = distance_words(lower).partition(": ")
    is_doubtful = answer.disagrees or distance_level(lower) is not DistanceLevel.AMONG
    return _figure("Distance from records", level, "", [detail], help_, is_doubtful=is_doubtful)


def _constraints(explorer: WhatIfModel, answer: Answer) -> dict[str, Any]:
    broken = [words for words, is_met in zip(explorer.constraints, answer.constraints_met, strict=True) if not is_met]
    n = len(explorer.constraints)
    notes = [f"not met: {words}" for words in broken[:_MAX_RULES]]
    if len(broken) > _MAX_RULES:
        notes[-1] = f"and {len(broken) - _MAX_RULES + 1} more are not met"
    help_ = "; ".join(explorer.constraints)
    met = f"{n - len(broken)} of {n}"
    return _figure("Rules met", met, "", notes or ["all of them"], help_, is_doubtful=bool(broken))
