import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from playwright.sync_api import expect

from models import Column
from optimizer import Goal, Summary
from services.specs.outcomes import Combine, CurveSpec, OutcomeSpec
from services.specs.run import RunSpec
from ui.web.settings_board.component import goal_now, knobs_now, what_is_set
from ui.web.settings_board.outcomes import OutcomeAbout, leaves_no_goal, outcomes_message, rows_now
from ui.web.settings_board.reading import read_settings

COST = OutcomeSpec(name="cost", formula="2 * sand", unit="€", goal=Goal.MINIMUM)
RATIO = OutcomeSpec(name="ratio", formula="water / sand", at_most=0.5)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["between", "area", "sand", "x", "front"]),
    lambda children: st.lists(children, max_size=2),
    max_leaves=3,
)


@pytest.fixture(scope="session")
def front(spec):
    """A run for the most yield at the least cost, its ratio limited."""
    own = spec.objective.model_copy(update={"name": "yield"})
    return spec.revised(outcomes=(own, COST, RATIO))


def sent_of(spec, dataset, knobs=None, combine=None, **rows):
    """What the board sends of a run when rows of some outcomes were changed."""
    features = [{"name": feature.name} | what_is_set(feature) for feature in spec.features]
    outcomes = [now | rows.get(now["name"], {}) for now in rows_now(spec, dataset)]
    sent = {"features": features, "outcomes": outcomes, "knobs": knobs_now(spec) | (knobs or {})}
    return sent | {"combine": combine or spec.combine.value}


def read(spec, dataset, **changes):
    return read_settings(spec, sent_of(spec, dataset, **changes), dataset, has_confidence=True)


def test_one_outcome_without_a_limit_has_no_rows(spec, dataset):
    assert outcomes_message(spec, dataset, {})["rows"] == []
    limited = spec.revised(outcomes=(spec.objective.model_copy(update={"at_least": 3.0}),))
    assert [row["now"]["want"] for row in outcomes_message(limited, dataset, {})["rows"]] == ["maximum"]


def test_what_was_not_changed_is_read_as_it_was(front, dataset):
    assert read(front, dataset) == (front, "")
    curve = CurveSpec(feature="water", start=25, end=35, summary=Summary.POINT, at=30)
    own = front.outcomes[0].model_copy(update={"curve": curve, "goal": Goal.VALUE, "value": 80.0, "at_most": 95.0})
    full = front.revised(outcomes=(own, COST.model_copy(update={"importance": 5, "worst": 140.0}), RATIO))
    full = full.revised(combine=Combine.DESIRABILITY)
    assert read(full, dataset) == (full, "")


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"want": "at_least", "at_least": 90, "at_most": 3}, (None, 90, None)),
        ({"want": "at_most", "at_least": 90, "at_most": 120}, (None, None, 120)),
        ({"want": "between", "at_least": 90, "at_most": 120}, (None, 90, 120)),
        ({"want": "shown", "at_least": 90}, (None, None, None)),
        ({"want": "maximum", "at_least": 90}, (Goal.MAXIMUM, 90, None)),
    ],
)
def test_what_is_wanted_becomes_goal_and_limits(front, dataset, row, kept):
    cost = read(front, dataset, cost=row)[0].outcomes[1]
    assert (cost.goal, cost.at_least, cost.at_most) == kept


def test_goals_make_a_front_or_a_desirability_and_the_numbers_follow(front, dataset):
    one = read(front, dataset, cost={"want": "at_most", "at_most": 120})[0]
    assert not one.is_front and [each.name for each in one.outcomes] == ["yield", "cost", "ratio"]
    assert read(one, dataset, cost={"want": "minimum"})[0].n_results == 10
    assert read(one, dataset, cost={"want": "minimum"}, knobs={"n_results": 6})[0].n_results == 6
    desire = read(front, dataset, combine="desirability", cost={"importance": 5, "worst": 130, "best": 110})[0]
    assert desire.is_desirability
    assert (desire.outcomes[1].importance, desire.outcomes[1].worst, desire.outcomes[1].best) == (5, 130, 110)


def test_a_limit_holds_by_the_prediction_or_with_a_confidence(front, dataset):
    row = {"want": "at_least", "at_least": 80}
    kept = {"yield": row | {"confidence": None}}
    assert read(front, dataset, **kept)[0].outcomes[0].confidence is None
    assert read(front, dataset, **{"yield": row | {"confidence": 0.8}})[0].outcomes[0].confidence == 0.8
    assert read(front, dataset, **{"yield": row | {"confidence": 7}})[0].outcomes[0].confidence == 0.95


def test_a_curve_can_be_chosen_for_a_measured_outcome(front, dataset):
    curve = read(front, dataset, **{"yield": {"of": "mean", "feature": "water"}})[0].outcomes[0].curve
    assert (curve.feature, curve.start, curve.end, curve.summary) == ("water", 20, 40, Summary.MEAN)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"at_least": "much"}, "At least of 'cost' is a number, got 'much': type one."),
        ({"want": "between", "at_least": 9, "at_most": 3}, "'cost' cannot be at least 9 and at most 3: swap the two"),
        ({"best": [1]}, "Best of 'cost' is a number, got [1]: type one."),
    ],
)
def test_what_makes_no_sense_is_refused_and_stays_as_it_was(front, dataset, row, words):
    kept, refused = read(front, dataset, cost=row)
    assert words in refused and kept.outcomes[0] == front.outcomes[0]
    assert (kept.outcomes[1].at_least, kept.outcomes[1].best) == (None, None)


def test_no_goal_at_all_is_not_taken(front, dataset):
    changes = {"yield": {"want": "at_least", "at_least": 3}, "cost": {"want": "shown"}}
    assert read(front, dataset, **changes) == (front, "")
    assert leaves_no_goal(sent_of(front, dataset, **changes))
    assert not leaves_no_goal(sent_of(front, dataset)) and not leaves_no_goal({"goal": goal_now(front)})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.dictionaries(st.sampled_from(["yield", "cost", "ratio", "other"]), st.dictionaries(
    st.sampled_from(["want", "value", "at_least", "at_most", "confidence", "of", "feature", "start", "end", "at",
                     "importance", "worst", "best"]), ANYTHING)), combine=ANYTHING)  # fmt: skip
def test_whatever_comes_is_read_as_a_run(front, dataset, rows, combine):
    sent = sent_of(front, dataset, **rows) | {"combine": combine}
    taken, refused = read_settings(front, sent, dataset, has_confidence=True)
    assert isinstance(taken, RunSpec) and isinstance(refused, str) and taken.objectives


ABOUT = {
    "yield": OutcomeAbout(Column("yield", unit="t"), (70.0, 80.0, 90.0, 95.0, 110.0), has_confidence=True),
    "cost": OutcomeAbout(Column("cost", unit="€"), (100.0, 110.0, 120.0, 130.0, 140.0)),
    "ratio": OutcomeAbout(Column("ratio"), (0.3, 0.4, 0.5, 0.6, 0.8), warning="No recorded row has it."),
}


def want(stage, name):
    return stage.field(f"{name}: what is wanted")


def row(stage, name):
    return next(each for each in stage.told[-1]["outcomes"] if each["name"] == name)


@pytest.mark.browser
def test_every_outcome_is_a_row_with_what_is_wanted_and_the_number_beside(stage, front):
    stage.show(front, about=ABOUT)
    assert [want(stage, name).input_value() for name in ("yield", "cost", "ratio")] == ["maximum", "minimum", "at_most"]
    assert stage.field("ratio: At most").input_value() == "0.5"
    expect(stage.page.get_by_text("yield [t]", exact=True)).to_be_visible()
    expect(stage.page.get_by_text("recorded 100 to 140 €")).to_be_visible()
    expect(stage.page.get_by_text("No recorded row has it.")).to_be_visible()
    expect(stage.page.get_by_text("2 goals make")).to_be_visible()
    expect(stage.page.locator("[data-role=goal-opener]")).to_be_hidden()


@pytest.mark.browser
def test_a_limit_is_proposed_from_the_recorded_rows_and_holds_with_confidence(stage, front):
    stage.show(front, about=ABOUT)
    want(stage, "yield").select_option("at_least")
    assert (row(stage, "yield")["want"], row(stage, "yield")["at_least"]) == ("at_least", 90)
    expect(stage.page.get_by_text("with 95 % confidence").first).to_be_visible()
    expect(stage.page.get_by_label("Several goals make")).to_be_hidden()
    stage.page.get_by_role("button", name="yield [t]").click()
    stage.page.get_by_label("Limit holds").first.select_option("prediction")
    assert row(stage, "yield")["confidence"] is None
    want(stage, "yield").select_option("between")
    assert (row(stage, "yield")["at_least"], row(stage, "yield")["at_most"]) == (90, 95)
    stage.type("yield: At least [t]", "99")
    expect(stage.page.get_by_text("At least is above At most.")).to_be_visible()


@pytest.mark.browser
def test_importance_is_asked_of_a_desirability_alone(stage, front):
    stage.show(front, about=ABOUT)
    stage.page.get_by_role("button", name="cost [€]").click()
    importance = stage.page.locator(".outcome").nth(1).get_by_label("Importance")
    expect(importance).to_be_hidden()
    stage.field("Several goals make").select_option("desirability")
    assert stage.told[-1]["combine"] == "desirability"
    importance.select_option("5")
    assert row(stage, "cost")["importance"] == 5
    worst = stage.page.locator(".outcome").nth(1).get_by_label("Worst")
    assert worst.get_attribute("placeholder") == "140"


@pytest.mark.browser
def test_outcomes_are_added_changed_and_removed_by_python(stage, spec, front):
    stage.show(spec)
    expect(stage.page.locator(".outcome")).to_have_count(0)
    stage.page.get_by_role("button", name="Add an outcome").click()
    assert stage.told[-1] == {"name": "", "act": "add"}
    stage.show(front, revision="2", about=ABOUT)
    stage.page.get_by_role("button", name="cost [€]").click()
    stage.page.get_by_role("button", name="Edit formula: cost").click()
    assert stage.told[-1] == {"name": "cost", "act": "edit"}
    stage.page.get_by_role("button", name="Remove: cost").click()
    assert stage.told[-1] == {"name": "cost", "act": "remove"}
    stage.show(spec, revision="3")
    expect(stage.page.locator("[data-role=goal-opener]")).to_be_visible()
    stage.show(front, revision="4", outcome_note="Nothing would be searched for.")
    expect(stage.page.get_by_text("Nothing would be searched for.")).to_be_visible()
