"""A run that is being set up, with other outcomes than before: names, curves and numbers that go with them."""

from collections.abc import Sequence

from services.problems.defaults import default_distinct
from services.specs.outcomes import CurveSpec, OutcomeSpec
from services.specs.run import RunSpec

FRONT_RESULTS = 10
"""Results wanted of a front, unless the user chose: it has more sides than one goal."""
FRONT_DISTINCT = 0.3
"""How far apart the results of a front are at least: they differ in their outcomes anyway."""
_RESULTS = int(RunSpec.model_fields["n_results"].default)


def with_outcomes(spec: RunSpec, outcomes: Sequence[OutcomeSpec], own: str) -> RunSpec:
    """The run with other outcomes.

    Results wanted and the distance between them are those that suit one goal or a front, where they were the usual
    ones before. Decisions about lineages go, for a front takes none.

    Args:
        outcomes: in the order in which they are shown.
        own: name of the table's outcome, which a run with no other outcome leaves out.

    Raises:
        pydantic.ValidationError: nothing has a goal, a name is there twice, or no outcome has a model.
    """
    named = [each if each.name else each.model_copy(update={"name": own}) for each in outcomes]
    if len(named) == 1 and not named[0].formula:
        named[0] = named[0].model_copy(update={"name": ""} if named[0].name == own else {})
    revised = spec.revised(outcomes=tuple(named))
    if revised.is_front and revised.decisions:
        revised = revised.revised(decisions=())
    return _with_numbers(revised, was_front=spec.is_front)


def with_combine(spec: RunSpec, combine: str) -> RunSpec:
    """The run with several goals made into a front or a desirability, and the numbers that suit it."""
    return _with_numbers(spec.revised(combine=combine), was_front=spec.is_front)


def _with_numbers(spec: RunSpec, *, was_front: bool) -> RunSpec:
    if was_front == spec.is_front:
        return spec
    usual = (_RESULTS, default_distinct(sum(feature.is_free for feature in spec.features)))
    of_front = (FRONT_RESULTS, FRONT_DISTINCT)
    before, after = (of_front, usual) if was_front else (usual, of_front)
    now = (spec.n_results, spec.distinct)
    kept = [new if number == old else number for number, old, new in zip(now, before, after, strict=True)]
    return spec.revised(n_results=int(kept[0]), distinct=kept[1])


def alike(outcomes: Sequence[OutcomeSpec], curve: CurveSpec | None) -> tuple[OutcomeSpec, ...]:
    """Outcomes of which the measured ones have curves over the same feature: where one has a curve, all need one.

    Args:
        curve: that one of them was given; those without a curve over its feature are given the same. None where all
            are the outcomes themselves.
    """
    return tuple(
        each
        if each.model is None or (each.curve.feature if each.curve else None) == (curve.feature if curve else None)
        else each.model_copy(update={"curve": curve})
        for each in outcomes
    )
