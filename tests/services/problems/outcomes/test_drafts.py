import pytest
from pydantic import ValidationError

from optimizer import Decision, DecisionKind, Goal, Summary
from services.problems.outcomes.drafts import FRONT_DISTINCT, FRONT_RESULTS, alike, with_combine, with_outcomes
from services.specs.outcomes import Combine, CurveSpec, OutcomeSpec

COST = OutcomeSpec(name="cost", formula="2 * dose", goal=Goal.MINIMUM)


def test_a_second_goal_makes_a_front_with_more_results_and_one_goal_has_the_usual_ones_again(usual_spec):
    front = with_outcomes(usual_spec, (*usual_spec.outcomes, COST), "gain")
    assert front.is_front and [each.name for each in front.outcomes] == ["gain", "cost"]
    assert (front.n_results, front.distinct) == (FRONT_RESULTS, FRONT_DISTINCT)
    assert with_outcomes(front, front.outcomes[:1], "gain") == usual_spec


def test_numbers_that_the_user_chose_stay(usual_spec):
    chosen = usual_spec.revised(n_results=7, distinct=0.75)
    front = with_outcomes(chosen, (*chosen.outcomes, COST), "gain")
    assert (front.n_results, front.distinct) == (7, 0.75)
    again = with_outcomes(front.revised(n_results=4), front.outcomes[:1], "gain")
    assert (again.n_results, again.distinct) == (4, 0.75)


def test_a_desirability_has_the_numbers_of_one_goal(usual_spec):
    front = with_outcomes(usual_spec, (*usual_spec.outcomes, COST), "gain")
    one = with_combine(front, Combine.DESIRABILITY)
    assert one.is_desirability and (one.n_results, one.distinct) == (usual_spec.n_results, usual_spec.distinct)
    assert with_combine(one, Combine.FRONT) == front


def test_decisions_about_lineages_go_with_a_front(usual_spec):
    steered = usual_spec.revised(decisions=(Decision(3, DecisionKind.DROP, 0),))
    shown = COST.model_copy(update={"goal": None})
    assert with_outcomes(steered, (*steered.outcomes, shown), "gain").decisions == steered.decisions
    assert with_outcomes(steered, (*steered.outcomes, COST), "gain").decisions == ()


def test_what_makes_no_run_is_refused(usual_spec):
    with pytest.raises(ValidationError, match="Nothing is searched for"):
        with_outcomes(usual_spec, [each.model_copy(update={"goal": None}) for each in usual_spec.outcomes], "gain")
    with pytest.raises(ValidationError, match="more than once"):
        with_outcomes(usual_spec, (*usual_spec.outcomes, COST, COST), "gain")


def test_measured_outcomes_get_a_curve_over_the_same_feature(usual_spec):
    curve = CurveSpec(feature="speed", start=0, end=6, summary=Summary.MEAN)
    other = usual_spec.objective.model_copy(update={"name": "loss", "goal": None})
    assert [each.curve for each in alike((other, COST), curve)] == [curve, None]
    own = curve.model_copy(update={"summary": Summary.MAXIMUM})
    with_own = other.model_copy(update={"curve": own})
    assert alike((with_own,), curve) == (with_own,)
    assert alike((with_own, COST), None)[0].curve is None
