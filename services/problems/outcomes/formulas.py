"""Formulas of a run while they are typed: what is wrong, the unit that follows, and what recorded rows have."""

from dataclasses import dataclass

import numpy as np
from pydantic import ValidationError

from models import Dataset
from models.errors import FormulaError
from models.formulas.formula import NAME, NUMBER
from models.formulas.operations import NEGATIVE
from models.formulas.outcomes import FormulaOutcome, FormulaOutcomes
from models.formulas.parser import parse
from services.catalog.loading import ModelWithData
from services.problems.outcomes.drafts import with_outcomes
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import OutcomeSpec
from services.specs.run import RunSpec

_UNNAMED = "The formula"  # what it is called in an error before it has a name
_LINEAR = frozenset({NUMBER, NAME, "+", "-", "*", NEGATIVE})


@dataclass(frozen=True, slots=True)
class FormulaCheck:
    """What there is to say of a formula as it is typed.

    Attributes:
        outcome: that it makes, only shown; None while name or formula are missing or wrong.
        error: what is wrong with the formula and how to mend it, or "".
        position: of the character that the error is about, counted from 0, or None.
        name_error: what is wrong with the name, or "".
        unit: as it was typed, else as it follows from the formula, else "".
        recorded: the lowest and highest value on recorded rows; None where it is not known.
    """

    outcome: OutcomeSpec | None = None
    error: str = ""
    position: int | None = None
    name_error: str = ""
    unit: str = ""
    recorded: tuple[float, float] | None = None


def check_formula(
    spec: RunSpec, model_data: ModelWithData, name: str, text: str, unit: str = "", *, replaces: str = ""
) -> FormulaCheck:
    """What there is to say of a formula for a run.

    Args:
        model_data: rows and models of the run.
        replaces: name of the run's outcome that it takes the place of, "" where it is a new one.
    """
    own = model_data.dataset.outcome.name
    others = [each for each in spec.outcomes if not replaces or each.name != replaces]
    name_error = _name_error(name, [each.name or own for each in others], model_data.dataset)
    if not text.strip():
        return FormulaCheck(name_error=name_error)
    shown = name if name and not name_error else _UNNAMED
    try:
        made = OutcomeSpec(name=shown, formula=text, unit=unit)
        place = next((i for i, each in enumerate(spec.outcomes) if each.name == replaces and replaces), len(others))
        # a goal keeps the run valid while the outcome that had it is typed anew
        before = next((each for each in spec.outcomes if each.name == replaces and replaces), made)
        asked = before.model_copy(update={"name": shown, "formula": text, "unit": unit})
        run = with_outcomes(spec, [*others[:place], asked, *others[place:]], own)
        known = RunOutcomes.of(run, model_data)
        column = next(column for column in known.columns if column.name == shown)
        values = known.recorded[:, known.names.index(shown)]
    except FormulaError as error:
        words = str(error).removeprefix(f"{_UNNAMED}: ")
        return FormulaCheck(error=words[:1].upper() + words[1:], position=error.position, name_error=name_error)
    except ValidationError as error:
        words = "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors())
        return FormulaCheck(error=words, name_error=name_error)
    except USER_ERRORS as error:
        return FormulaCheck(error=str(error), name_error=name_error)
    finite = values[np.isfinite(values)]
    recorded = (float(finite.min()), float(finite.max())) if len(finite) else None
    outcome = None if name_error or not name else made
    return FormulaCheck(outcome, "", None, name_error, column.unit, recorded)


def _name_error(name: str, taken: list[str], dataset: Dataset) -> str:
    if name in taken or name in dataset.feature_names:
        what = "An outcome of this run" if name in taken else "A feature"
        return f"{what} is called '{name}' already: choose another name."
    return ""


def formula_outcome(made: FormulaOutcome) -> OutcomeSpec:
    """An outcome of a run that is only shown, of one that was calculated."""
    return OutcomeSpec(name=made.name, formula=made.formula.text, unit=made.unit)


def linear_weights(text: str, dataset: Dataset) -> dict[str, float] | None:
    """What each feature counts in a formula that is a weighted sum of numeric features alone; None for any other."""
    try:
        formula = parse(text)
        FormulaOutcomes(dataset.features, (), (FormulaOutcome(_UNNAMED, formula),))
    except FormulaError:
        return None
    if any(step.operation not in _LINEAR for step in formula.steps):
        return None
    columns = {name: dataset.X[:, dataset.index(name)] for name in formula.names}
    _, slopes = formula.evaluate_with_slopes(columns)
    zero = formula.evaluate({name: np.zeros(1) for name in formula.names})
    is_linear = zero[0] == 0 and all(np.ptp(slope) == 0 for slope in slopes.values())
    return {name: float(slope[0]) for name, slope in slopes.items()} if is_linear else None
