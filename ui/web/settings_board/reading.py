"""What the board of settings sends, which may be anything, read as settings of a run."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from models import Dataset
from optimizer import Goal
from services.problems.defaults import ExtrapolationLevel, default_density, with_extrapolation_level
from services.specs.run import MAX_EVALUATIONS, CategoricalSpec, FeatureSpec, RunSpec
from ui.web.settings_board.component import goal_now, knobs_now
from ui.web.settings_board.outcomes import finite, read_curve, read_outcomes, rows_now

MAX_REFUSALS = 3
MAX_LETTERS = 40  # of what came
MAX_RESULTS = 50
MAX_SEED = 2**31 - 1
FIELD_NAMES = {
    "is_free": "The switch",
    "low": "Min",
    "high": "Max",
    "value": "The value",
    "mutation_strength": "The mutation strength",
    "step": "The step",
    "tolerance": "The dosing tolerance",
}
_WHOLE = {
    "n_results": ("Results wanted", 1, MAX_RESULTS),
    "evaluations": ("The budget", 1, MAX_EVALUATIONS),
    "seed": ("The seed", 0, MAX_SEED),
}
_GOAL_NUMBERS = {"value": "The value searched for", "start": "From", "end": "To", "at": "At"}


def read_settings(spec: RunSpec, sent: Any, dataset: Dataset, *, has_confidence: bool) -> tuple[RunSpec, str]:
    """The run with what the browser sent, and a text on what was refused, which is as it was before.

    Whether bounds, steps, curves and values fit together is for the problem to say.

    Args:
        sent: an object with ``features``, ``goal``, ``outcomes`` and ``knobs`` as the board sends them, the goal where
            there is one outcome; or anything else.
        has_confidence: whether the model says how uncertain it is.
    """
    given = sent if isinstance(sent, dict) else {}
    categories = {column.name: column.categories for column in dataset.features if column.is_categorical}
    features, refused = read_edits(spec.features, given.get("features"), categories)
    refusals = [refused] if refused else []
    spec, shown = spec.revised(features=features), knobs_now(spec)
    read = read_outcomes if rows_now(spec, dataset) else _with_goal
    spec, more = read(spec, given, dataset)
    refusals += more
    spec, more = _with_numbers(spec, given, shown)
    spec = _with_realism(spec, given, dataset, has_confidence=has_confidence)
    return spec, " ".join([*refusals, *more][:MAX_REFUSALS])


def _part(given: dict[str, Any], name: str, present: dict[str, Any]) -> dict[str, Any]:
    """What was sent of a part of the settings, with what is set now where nothing was."""
    part = given.get(name)
    return present | {key: part[key] for key in present.keys() & part.keys()} if isinstance(part, dict) else present


def _with_goal(spec: RunSpec, given: dict[str, Any], dataset: Dataset) -> tuple[RunSpec, list[str]]:
    """The run with another goal: another curve than before begins with all that was recorded."""
    present = goal_now(spec)
    wanted, refusals = _part(given, "goal", present), []
    for key, words in _GOAL_NUMBERS.items():
        number = finite(wanted[key])
        if wanted[key] is not None and number is None:
            refusals.append(f"{words} is a number, got {_shown(wanted[key])}: type one.")
        wanted[key] = present[key] if wanted[key] is not None and number is None else number
    goal = Goal(wanted["goal"]) if _is_among(wanted["goal"], Goal) else spec.goal
    curve, refused = read_curve(spec.curve, wanted, dataset)
    refusals += [refused] if refused else []
    value = wanted["value"] if curve == spec.curve else None
    return spec.revised(goal=goal, curve=curve, value=value if goal is Goal.VALUE else spec.value), refusals


def _with_numbers(spec: RunSpec, given: dict[str, Any], shown: dict[str, Any]) -> tuple[RunSpec, list[str]]:
    """The run with other numbers; those that came as they were ``shown`` may have changed with the goals."""
    present = knobs_now(spec)
    sent, refusals = _part(given, "knobs", shown), []
    wanted = present | {key: value for key, value in sent.items() if value != shown[key]}
    for key, (words, least, most) in _WHOLE.items():
        number = finite(wanted[key])
        if number is None or number != int(number) or not least <= number <= most:
            expected = f"a whole number from {least:,} to {most:,}"
            refusals.append(f"{words} is {expected}, got {_shown(wanted[key])}: type one, such as {present[key]:,}.")
            number = present[key]
        wanted[key] = int(number)
    budget = spec.budget.model_copy(update={"evaluations": wanted["evaluations"]})
    return spec.revised(n_results=wanted["n_results"], seed=wanted["seed"], budget=budget), refusals


def _with_realism(spec: RunSpec, given: dict[str, Any], dataset: Dataset, *, has_confidence: bool) -> RunSpec:
    """The run with another density penalty, and at another level where that was turned."""
    present = knobs_now(spec)
    wanted = _part(given, "knobs", present)
    weight = finite(wanted["density"])
    if weight is not None and weight >= 0 and weight != present["density"]:
        density = spec.density or default_density(dataset, dataset.parts)
        spec = spec.revised(density=density.model_copy(update={"weight": weight}) if density else None)
    if wanted["level"] != present["level"] and _is_among(wanted["level"], ExtrapolationLevel):
        level = ExtrapolationLevel(wanted["level"])
        spec = with_extrapolation_level(spec, level, has_confidence=has_confidence)
    return spec


def _is_among(value: Any, kinds: type[StrEnum]) -> bool:
    """Whether what came names one of them."""
    return isinstance(value, str) and value in set(kinds)


class _RefusedError(ValueError):
    """Something that was sent makes no sense."""


def read_edits(
    features: Sequence[FeatureSpec], sent: Any, categories: dict[str, tuple[str, ...]]
) -> tuple[tuple[FeatureSpec, ...], str]:
    """The features with what the browser sent, and a text on what was refused.

    What cannot be a number, a switch or a known category is refused here; whether bounds, steps and values fit
    together is for the search space to say.

    Args:
        features: of the run so far.
        sent: a list with an object per feature, as `what_is_set` makes them, with its name; or anything else.
        categories: of every categorical feature.

    Returns:
        Features of the run, where what was refused is as it was before;
        what was expected, what came and how to mend it, "" where everything made sense.
    """
    if not isinstance(sent, list):
        return tuple(features), f"The features came as {_shown(sent)}, expected a list: load the page again."
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
    shown, n_more = sorted(refusals)[:MAX_REFUSALS], len(refusals) - MAX_REFUSALS
    return tuple(read), " ".join([*shown, *([f"{n_more} more like that."] if n_more > 0 else [])])


def _read(feature: FeatureSpec, field: str, value: Any, categories: tuple[str, ...]) -> Any:
    """One thing that is set of a feature; a step of 0 is none."""
    if field == "is_free":
        if not isinstance(value, bool):
            raise _refused(feature, field, "on or off", value, "turn it")
        return value
    if isinstance(feature, CategoricalSpec) and field in ("allowed", "value"):
        return _categories(feature, field, value, categories)
    if value is None and field in ("step", "tolerance", "mutation_strength"):
        return None
    number = finite(value)
    if number is None:
        raise _refused(feature, field, "a number", value)
    if field == "tolerance" and number < 0:
        raise _refused(feature, field, "0 or more", value)
    return None if field == "step" and number == 0 else number


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
    if value is None:
        return "nothing"
    try:
        text = f"'{value}'" if isinstance(value, str) else repr(value)
    except ValueError:  # Python does not write out whole numbers of more than some thousand digits
        text = "a number too long to show"
    return text if len(text) <= MAX_LETTERS else f"{text[:MAX_LETTERS]} …"
