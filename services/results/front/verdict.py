"""The verdict on a front: does any result beat a recorded row in every goal, for sure or by the prediction."""

from collections.abc import Collection

import numpy as np

from optimizer import Goal
from optimizer.constraints.constraint import listed
from services.results.names import result_names
from services.specs.digits import common_decimals, number_words
from services.specs.results import OutcomeInfo, OutcomeValues, RunResult, Verdict, VerdictKind


def judge_front(result: RunResult, left_out: Collection[int] = ()) -> Verdict | None:
    """What a front comes to beside the recorded rows: does a result beat one of them in every goal, for sure or not.

    Args:
        left_out: places of results that do not count.
    """
    kept = [k for k in range(len(result.results)) if k not in left_out]
    if not kept or result.results.others is None:
        return None
    goals = [j for j, each in enumerate(result.outcomes) if each.goal is not None]
    names = result_names(len(result.results))
    knee = result.front.knee if result.front is not None and result.front.knee in kept else None
    confidence = 50 + 100 * result.spec.level / 2
    for kind, is_sure in ((VerdictKind.BEATS, True), (VerdictKind.MAY_BEAT, False)):
        gains = _gains(result, goals, kept, is_sure=is_sure)
        beats = np.logical_and((gains >= 0).all(axis=2), (gains > 0).any(axis=2))
        if not beats.any():
            continue
        shares = np.where(beats, gains.max(axis=2), -np.inf)
        k, row = np.unravel_index(int(shares.argmax()), shares.shape)
        first, n = kept[int(k)], int(beats.any(axis=1).sum())
        best = gains[k, row]
        said = _beats_words(result, goals, names[first], int(row), best, is_sure=is_sure, confidence=confidence)
        others = f"{n} of {len(kept)} results beat a recorded row in every goal{' for sure' if is_sure else ''}."
        second = knee if knee is not None and knee != first else None
        return Verdict(
            kind=kind,
            words=f"{said} {others}" if n > 1 else said,
            next_step=_next(result, names, first, second),
            details=_knee_words(result, names, knee),
            first=first + 1,
            confidence=confidence if is_sure else None,
            try_first=(first + 1, *([second + 1] if second is not None else [])),
        )
    first = kept[0] if knee is None else knee
    known = len(result.best_recorded) > 0
    return Verdict(
        kind=VerdictKind.NOT_BETTER if known else VerdictKind.UNKNOWN,
        words=(
            "No result beats a recorded row in every goal: what one goal gains another loses."
            if known
            else "There is no recorded row to compare results with."
        ),
        next_step=_next(result, names, first, None),
        details=_knee_words(result, names, knee),
        first=first + 1,
        try_first=(first + 1,),
    )


def _gains(result: RunResult, goals: list[int], kept: list[int], *, is_sure: bool) -> np.ndarray:
    """By how much each result is better than each recorded row, (k, r, m), in standard deviations of each goal."""
    own, recorded = result.results.others, result.best_recorded.others
    if own is None or recorded is None or not len(result.best_recorded):
        return np.empty((len(kept), 0, len(goals)))
    parts = []
    for j in goals:
        info = result.outcomes[j]
        mine = np.array(_worse_ends(info, own[j]) if is_sure else own[j].values)[kept]
        known = recorded[j].measured or recorded[j].values
        theirs = np.array([np.nan if value is None else value for value in known])
        if info.goal is Goal.VALUE:
            gain = np.abs(theirs - (info.value or 0.0)) - np.abs(mine[:, None] - (info.value or 0.0))
        else:
            gain = (mine[:, None] - theirs) * (1.0 if info.goal is Goal.MAXIMUM else -1.0)
        parts.append(np.where(np.isfinite(gain), gain, -np.inf) / info.scale)
    return np.stack(parts, axis=2)


def _worse_ends(info: OutcomeInfo, values: OutcomeValues) -> tuple[float, ...]:
    """The worse ends of the intervals of an outcome; the outcome itself where it is calculated."""
    if values.lows is None or values.highs is None:
        return values.values if info.formula else (np.nan,) * len(values.values)
    if info.goal is Goal.VALUE:
        wanted = info.value or 0.0
        ends = zip(values.lows, values.highs, strict=True)
        return tuple(max(pair, key=lambda end: abs(end - wanted)) for pair in ends)
    return values.lows if info.goal is Goal.MAXIMUM else values.highs


def _beats_words(
    result: RunResult, goals: list[int], name: str, row: int, gains: np.ndarray, *, is_sure: bool, confidence: float
) -> str:
    best = int(gains.argmax())
    info = result.outcomes[goals[best]]
    recorded = result.best_recorded.others
    assert recorded is not None
    theirs = (recorded[goals[best]].measured or recorded[goals[best]].values)[row] or 0.0
    gain = float(gains[best]) * info.scale
    size = f"{number_words(gain, common_decimals([gain]))} {info.unit}".rstrip()
    share = 100 * gain / abs(theirs) if theirs else 0.0
    amount = f"{size} ({share:.0f} %)" if share >= 1 else size
    more = {Goal.MAXIMUM: "more", Goal.MINIMUM: "less"}.get(info.goal or Goal.VALUE, "nearer")
    others = [result.outcomes[j].label for j in goals if j != goals[best]]
    rows = result.best_recorded.rows
    where = f"row {rows[row]}" if rows else "the best recorded row"
    measured = f", with {confidence:.0f} % confidence in each" if is_sure else ", by the prediction"
    verb = "has" if is_sure else "may have"
    return f"{name} {verb} {amount} {more} {info.label} than {where} at no loss of {listed(others)}{measured}."


def _knee_words(result: RunResult, names: list[str], knee: int | None) -> str:
    if knee is None or result.front is None:
        return ""
    rate = result.front.rates[knee]
    return f"{names[knee]} gives up least of every goal{f': there, {rate}' if rate else '.'}"


def _next(result: RunResult, names: list[str], first: int, second: int | None) -> str:
    verb = "Mix" if result.density is not None else "Try"
    return f"{verb} {names[first]}{f' and {names[second]}' if second is not None else ''} first."
