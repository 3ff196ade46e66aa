"""From a run that has ended to what the result view draws of it."""

from collections.abc import Callable
from typing import Any

from models import Dataset
from services.curvebands import curve_bands
from services.errors import USER_ERRORS
from services.material import Material
from services.results import RunResult
from ui.result_view import Ground, encode, picture_of


def build_message(
    result: RunResult, dataset: Dataset, find_ground: Callable[[], Ground], find_material: Callable[[], Material]
) -> dict[str, Any]:
    """Return the message of the whole view; without map and intervals where table or model are not what they were.

    Args:
        result: of the run.
        dataset: the recorded rows of that run.
        find_ground: gives recorded rows and archive on the map of the run.
        find_material: gives recorded rows and model of the run.
    """
    try:
        ground = find_ground()
        bands = curve_bands(result, result.results, find_material())
    except USER_ERRORS:
        return encode(picture_of(result, dataset))
    return encode(picture_of(result, dataset, ground, bands))
