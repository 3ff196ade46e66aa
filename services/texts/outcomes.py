"""What a result says of all outcomes of a run with several, in words: goals, limits, what is kept, what is given up."""

import math

from optimizer import Goal
from services.results.names import result_names
from services.specs.digits import common_decimals, number_words, outlook_words
from services.specs.results import OutcomeInfo, OutcomeValues, ResultSet, RunResult
from services.specs.wanted import bound_words, sureness_words

KNEE = "gives up least"
"""What the knee of a front is called in a list."""


def ordered_outcomes(result: RunResult) -> list[int]:
    """The places of the outcomes of a run as they are shown: goals first, then what is limited, then what is not."""

    def rank(j: int) -> int:
        info = result.outcomes[j]
        return 0 if info.goal is not None else 1 if info.is_limited else 2

    return sorted(range(len(result.outcomes)), key=rank)


def kept_words(info: OutcomeInfo, values: OutcomeValues, k: int) -> str:
    """Whether row ``k`` keeps the limit of an outcome, and how sure that is; "" without a limit."""
    if values.keeps is None or not info.is_limited:
        return ""
    bound = bound_words(info, info.unit)
    is_recorded = values.measured is not None
    if not values.keeps[k]:
        if is_recorded and values.measured is not None and values.measured[k] is None:
            return f"not measured, so it does not tell whether it keeps {bound}"
        return f"breaks {bound}"
    how = "" if is_recorded else sureness_words(info.confidence, is_exact=bool(info.formula))
    return f"keeps {bound} {how}".rstrip()


def outcome_decimals(result: RunResult, j: int) -> int:
    """How many decimals an outcome is shown with, everywhere alike."""
    known: list[float] = []
    for rows in (result.results, result.best_recorded):
        if rows.others is not None:
            known += [value for value in rows.others[j].values if math.isfinite(value)]
    return common_decimals(known)


def amount_words(result: RunResult, j: int, value: float) -> str:
    """A value of an outcome with its unit."""
    return f"{number_words(value, outcome_decimals(result, j))} {result.outcomes[j].unit}".rstrip()


def outcome_words(result: RunResult, j: int, values: OutcomeValues, k: int, *, is_bare: bool = False) -> str:
    """What to reckon with of one outcome of row ``k``: three numbers where its model knows its error.

    Args:
        is_bare: without unit and without the share of cases in which each end holds.
    """
    info = result.outcomes[j]
    ends = (math.nan, math.nan) if values.lows is None or values.highs is None else (values.lows[k], values.highs[k])
    return outlook_words(
        values.values[k],
        *ends,
        level=None if is_bare else result.spec.level,
        is_least_best=info.goal is Goal.MINIMUM
        or (info.goal is None and info.at_least is None and info.at_most is not None),
        is_two_sided=info.goal is Goal.VALUE,
        decimals=outcome_decimals(result, j),
        unit="" if is_bare else info.unit,
    )


def row_words(result: RunResult, rows: ResultSet, j: int, k: int) -> str:
    """All that is known of one outcome of row ``k``: measured, expected, and whether it keeps its limit."""
    assert rows.others is not None
    info, values = result.outcomes[j], rows.others[j]
    said = outcome_words(result, j, values, k)
    if info.formula:
        said = f"{amount_words(result, j, values.values[k])}, calculated"
    if values.measured is not None:
        measured = values.measured[k]
        how = f"measured {amount_words(result, j, measured)}" if measured is not None else "not measured"
        said = how if info.formula else f"{how}, the model says {said}"
        if info.formula and measured is not None:
            said = f"{amount_words(result, j, measured)}, calculated from what was recorded"
    return "; ".join(filter(None, [said, kept_words(info, values, k)]))


def front_words(result: RunResult, k: int) -> str:
    """What is said of the result at place ``k`` on a front: knee, likeness, what more of a goal costs there; or ""."""
    front = result.front
    if front is None:
        return ""
    said, names = [], result_names(len(result.results))
    if front.knee == k:
        said.append("It gives up least of every goal.")
    like = front.like[k] if k < len(front.like) else None
    if like is not None:
        said.append(f"It is another recipe of the same outcomes as {names[like]}.")
    others = [names[i] for i, of in enumerate(front.like) if of == k]
    if others:
        said.append(f"{' and '.join(others)} {'has' if len(others) == 1 else 'have'} the same outcomes by another way.")
    if k < len(front.rates) and front.rates[k]:
        said.append(f"Here, {front.rates[k]}")
    return " ".join(said)
