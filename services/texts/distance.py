"""How far a candidate lies from the recorded rows, as pages say it: the plausibility, told from the other end."""

import math
from enum import StrEnum

AMONG_PERCENT, EDGE_PERCENT = 20.0, 5.0
DISTANCE_MEANING = "how unusual it is beside your recorded rows, all features together"


class DistanceLevel(StrEnum):
    """Where a candidate lies; the value is how pages call it."""

    AMONG = "among the records"
    EDGE = "at their edge"
    BEYOND = "beyond them"


def distance_level(plausibility: float) -> DistanceLevel:
    """Where a candidate lies by the share of recorded rows that are more unusual, in %."""
    if plausibility >= AMONG_PERCENT:
        return DistanceLevel.AMONG
    return DistanceLevel.EDGE if plausibility >= EDGE_PERCENT else DistanceLevel.BEYOND


def distance_words(plausibility: float) -> str:
    """Where a candidate lies, such as "at their edge: farther out than 88 % of the recorded rows"."""
    if math.isnan(plausibility):
        return "unknown"
    if plausibility <= 0:
        return f"{DistanceLevel.BEYOND}: farther out than any recorded row"
    nearer = 100 - plausibility
    share = f"{nearer:.0f} %" if nearer < 99.5 else "over 99 %"
    return f"{distance_level(plausibility)}: farther out than {share} of the recorded rows"
