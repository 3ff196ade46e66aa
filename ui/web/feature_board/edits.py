"""What the browser sent, read as features of a run; it may have sent anything."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.specs.run import CategoricalSpec, FeatureSpec

MAX_REFUSALS = 3  # refusals
MAX_LETTERS = 40  # letters of what came
FIELD_NAMES = {
    "is_free": "The switch",
    "low": "Min",
    "high": "Max",
    "value": "The value",
    "weight": "The mutation weight",
    "step": "The step",
    "tolerance": "The tolerance",
}


@dataclass(frozen=True, slots=True)
class Edits:
    """Features as they were set, and what was refused.

    Attributes:
        features: of the run; what was refused is as it was before.
        refusal: what was expected, what came and how to mend it; "" where everything made sense.
    """

    features: tuple[FeatureSpec, ...]
    refusal: str = ""


class _RefusedError(ValueError):
    """Something that was sent makes no sense."""


def read_edits(features: Sequence[FeatureSpec], sent: Any, categories: dict[str, tuple[str, ...]]) -> Edits:
    """The features with what the browser sent.

    What cannot be a number, a switch or a known category is refused here; whether bounds, steps and values fit
    together is for the search space to say.

    Args:
        features: of the run so far.
        sent: a list with an object per feature, as `what_is_set` makes them, with its name; or anything else.
        categories: of every categorical feature.
    """
    if not isinstance(sent, list):
        return Edits(tuple(features), f"The features came as {_shown(sent)}, expected a list: load the page again.")
    given = {each["name"]: each for each in sent if isinstance(each, dict) and isinstance(each.get("name"), str)}
    read, refusals = [], []
    for feature in features:
        fields = given.get(feature.name, {})
        changes: dict[str, Any] = {}
        for field in fields.keys() & ({"allowed"} | FIELD_NAMES.keys()) & type(feature).model_fields.keys():
            try:
                changes[field] = _read(feature, field, fields[field], categories.get(feature.name, ()))
            except _RefusedError as refused:
                refusals.append(str(refused))
        read.append(feature.model_copy(update=changes))
    return Edits(tuple(read), _together(sorted(refusals)))


def _read(feature: FeatureSpec, field: str, value: Any, categories: tuple[str, ...]) -> Any:
    """One thing that is set of a feature."""
    if field == "is_free":
        if not isinstance(value, bool):
            raise _refused(feature, field, "on or off", value, "turn it")
        return value
    if isinstance(feature, CategoricalSpec) and field in ("allowed", "value"):
        return _categories(feature, field, value, categories)
    if value is None and field in ("step", "tolerance"):
        return None
    return _number(feature, field, value)


def _number(feature: FeatureSpec, field: str, value: Any) -> float | None:
    """A finite number; a step of 0 is none."""
    try:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        number = math.nan
    if not math.isfinite(number):
        raise _refused(feature, field, "a number", value)
    if field == "tolerance" and number < 0:
        raise _refused(feature, field, "0 or more", value)
    if field == "step" and number == 0:
        return None
    return number


def _categories(feature: CategoricalSpec, field: str, value: Any, known: tuple[str, ...]) -> str | tuple[str, ...]:
    """The category that a feature is frozen at, or those that are allowed, in the order of the table."""
    if field == "value":
        if value not in known:
            raise _refused(feature, field, f"one of {_shown(list(known))}", value, "choose one")
        return str(value)
    if not isinstance(value, list) or any(each not in known for each in value):
        raise _RefusedError(
            f"The allowed categories of '{feature.name}' are some of {_shown(list(known))}, got {_shown(value)}: "
            "choose among them."
        )
    return tuple(category for category in known if category in value)


def _refused(feature: FeatureSpec, field: str, expected: str, value: Any, remedy: str = "type one") -> _RefusedError:
    kept = getattr(feature, field, None)
    example = f", such as {kept:.6g}" if isinstance(kept, float) else ""
    name = FIELD_NAMES[field]
    return _RefusedError(f"{name} of '{feature.name}' is {expected}, got {_shown(value)}: {remedy}{example}.")


def _shown(value: Any) -> str:
    """What came, as short as a message needs it."""
    try:
        text = f"'{value}'" if isinstance(value, str) else repr(value)
    except ValueError:  # Python does not write out whole numbers of more than some thousand digits
        text = "a number too long to show"
    return text if len(text) <= MAX_LETTERS else f"{text[:MAX_LETTERS]} …"


def _together(refusals: list[str]) -> str:
    """Some refusals as one text."""
    shown = refusals[:MAX_REFUSALS]
    n_more = len(refusals) - len(shown)
    return " ".join([*shown, *([f"{n_more} more like that."] if n_more else [])])
