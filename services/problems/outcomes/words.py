"""Outcomes of a run from short texts, as the command line takes them: "cost minimum", "strength >= 40"."""

import re
from collections.abc import Mapping, Sequence

from models import Dataset, DatasetError
from models.formulas.prices import PriceTable
from optimizer import Goal
from services.specs.outcomes import CONFIDENCE, ModelRef, OutcomeSpec

_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_LIMIT = re.compile(rf"(.+?)\s*(>=|<=|\bat least\b|\bat most\b)\s*{_NUMBER}")
_VALUE = re.compile(rf"(.+?)\s*=\s*{_NUMBER}")
_FORMULA = re.compile(r"(.+?)\s*=\s*(.+)")
_GOALS = {
    **dict.fromkeys(("maximum", "maximise", "maximize", "max"), Goal.MAXIMUM),
    **dict.fromkeys(("minimum", "minimise", "minimize", "min"), Goal.MINIMUM),
}
_LOW = (">=", "at least")
PRICED = ("cost", "CO2")
"""Outcomes that follow from the prices of a table."""


def outcomes_of_words(
    dataset: Dataset,
    models: Mapping[str, ModelRef],
    *,
    goals: Sequence[str],
    limits: Sequence[str] = (),
    formulas: Sequence[str] = (),
    prices: PriceTable | None = None,
    confidence: float | None = CONFIDENCE,
) -> tuple[OutcomeSpec, ...]:
    """What a run is to look at, in the order in which it is named; an outcome may be named by a part of its name.

    Args:
        dataset: the recorded rows.
        models: that predict its outcomes, by the outcome.
        goals: such as "cost minimum", "strength max" or "pH = 7".
        limits: such as "strength >= 40" or "water / cement <= 0.55", which is a formula without a name.
        formulas: such as "w/c = water / cement".
        prices: of the features, from which "cost" and "CO2" follow; None where they are not known.
        confidence: with which limits of measured outcomes hold by their intervals; None for by the prediction.

    Raises:
        DatasetError: a text cannot be read, or names what is not there.
    """
    found: dict[str, OutcomeSpec] = {}
    known = _known(dataset, models, formulas, prices)
    for text in goals:
        name, asked = _goal(text)
        outcome = _named(name, known, text)
        found[outcome.name] = _with(found.get(outcome.name, outcome), asked)
    for text in limits:
        match = _LIMIT.fullmatch(text.strip())
        if match is None:
            raise DatasetError(f"A limit reads such as 'strength >= 40' or 'cost <= 100', got '{text}'.")
        outcome = _named(match[1], known, text, may_be_formula=True)
        limit = {"at_least" if match[2] in _LOW else "at_most": float(match[3])}
        found[outcome.name] = _with(found.get(outcome.name, outcome), {**limit, "confidence": confidence})
    for outcome in known.values():  # of what is only shown, and of what other formulas need
        is_shown = outcome.formula and outcome.name not in PRICED
        if outcome.name not in found and (is_shown or not _has_model(found)):
            found[outcome.name] = outcome
    return tuple(found.values())


def _has_model(found: Mapping[str, OutcomeSpec]) -> bool:
    return any(outcome.model is not None for outcome in found.values())


def _with(outcome: OutcomeSpec, asked: dict[str, object]) -> OutcomeSpec:
    return OutcomeSpec.model_validate(dict(outcome) | asked)


def _known(
    dataset: Dataset, models: Mapping[str, ModelRef], formulas: Sequence[str], prices: PriceTable | None
) -> dict[str, OutcomeSpec]:
    """Everything that may be named, by its name."""
    known = {name: OutcomeSpec(name=name, model=models[name]) for name in dataset.outcome_names if name in models}
    if prices is not None:
        for priced in (prices.cost(dataset.features, PRICED[0]), prices.co2(dataset.features, PRICED[1])):
            known[priced.name] = OutcomeSpec(name=priced.name, formula=priced.formula.text, unit=priced.unit)
    for text in formulas:
        match = _FORMULA.fullmatch(text.strip())
        if match is None:
            raise DatasetError(f"A formula reads such as 'w/c = water / cement', got '{text}'.")
        known[match[1]] = OutcomeSpec(name=match[1], formula=match[2])
    return known


def _goal(text: str) -> tuple[str, dict[str, object]]:
    """The name of a goal, and what is asked."""
    name, _, word = text.strip().rpartition(" ")
    if name and word.casefold() in _GOALS:
        return name.strip(), {"goal": _GOALS[word.casefold()]}
    match = _VALUE.fullmatch(text.strip())
    if match is None:
        raise DatasetError(f"A goal reads such as 'cost minimum', 'strength maximum' or 'pH = 7', got '{text}'.")
    return match[1], {"goal": Goal.VALUE, "value": float(match[2])}


def _named(name: str, known: Mapping[str, OutcomeSpec], text: str, *, may_be_formula: bool = False) -> OutcomeSpec:
    """The outcome that is meant: of this name, or the only one that has it in its name."""
    same = [each for each in known if each.casefold() == name.casefold()]
    alike = same or [each for each in known if name.casefold() in each.casefold()]
    if len(alike) == 1:
        return known[alike[0]]
    if may_be_formula and not alike and re.search(r"[-+*/(]", name):
        return OutcomeSpec(name=name, formula=name)
    there = ", ".join(f"'{each}'" for each in known) or "none"
    if alike:
        meant = " or ".join(f"'{each}'" for each in alike)
        raise DatasetError(f"'{text}': '{name}' may be {meant}: write its whole name.")
    raise DatasetError(
        f"'{text}' names '{name}', for which there is neither a saved model nor a formula; there are {there}. Train a "
        "model of it, or give a formula."
    )
