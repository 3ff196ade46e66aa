import pytest

from optimizer import Decision, DecisionKind
from services.specs.outcomes import OutcomeSpec
from services.specs.run import BudgetSpec
from ui.optimize.history import change_words
from ui.shared.session import MAX_CHANGES, DraftHistory

UNITS = {"cement": "kg/m³"}


@pytest.fixture
def draft(page):
    return page.session.draft


def test_a_change_is_named_by_what_was_set_and_from_what_to_what(draft):
    fewer = draft.revised(n_results=3)
    assert change_words(draft, fewer, UNITS) == "results wanted 5 → 3"
    assert change_words(fewer, draft.revised(seed=4), UNITS) == "results wanted 3 → 5; seed 0 → 4"
    frozen = draft.features[0].model_copy(update={"is_free": False, "value": 300.0})
    words = change_words(draft, draft.revised(features=(frozen, *draft.features[1:])), UNITS)
    assert words.startswith("cement between 102 and 540 kg/m³") and "→ frozen at 300 kg/m³" in words


def test_many_settings_at_once_are_counted(draft):
    other = draft.revised(n_results=3, seed=4, distinct=0.5, budget=BudgetSpec(evaluations=9_000))
    assert change_words(draft, other, UNITS) == "budget 8,000 → 9,000; results wanted 5 → 3 and 2 more"


def test_what_was_changed_of_several_features_alike_is_counted(draft):
    def all_with(**changes):
        return draft.revised(features=tuple(each.model_copy(update=changes) for each in draft.features))

    n = len(draft.features) - 1  # the sweep is none to set
    frozen = all_with(is_free=False)
    assert change_words(draft, frozen, UNITS) == f"{n} features frozen"
    assert change_words(frozen, draft, UNITS) == f"{n} features set free"
    assert change_words(draft, all_with(mutation_strength=0.5), UNITS) == f"mutation strength of {n} features → 0.5"


def test_a_result_that_was_left_out_is_named_so(draft):
    without = draft.revised(decisions=(Decision(3, DecisionKind.DROP, 0),))
    assert change_words(draft, without, UNITS) == "a result left out"


def test_changes_of_outcomes_are_told_by_their_names(draft):
    own = draft.objective.model_copy(update={"name": "compressive strength"})
    cost = OutcomeSpec(name="cost", formula="0.1 * cement", unit="US$/m³", at_most=100.0)
    several, units = draft.revised(outcomes=(own, cost)), UNITS | {"compressive strength": "MPa"}
    assert change_words(draft, several, units) == "cost added"
    assert change_words(several, draft, units) == "cost removed"
    free = several.revised(outcomes=(own, cost.model_copy(update={"at_most": None, "goal": "minimum"})))
    assert change_words(free, several, units) == "cost: at most 100 US$/m³"
    assert change_words(several, free, units) == "cost: min; several goals make a front"
    desire = free.revised(combine="desirability")
    assert change_words(free, desire, units) == "several goals make one desirability"
    dearer = several.revised(outcomes=(own, cost.model_copy(update={"formula": "0.2 * cement"})), seed=4)
    assert change_words(several, dearer, units) == "cost: at most 100 US$/m³, = 0.2 * cement; seed 0 → 4"


def test_a_name_is_no_setting(draft):
    assert change_words(draft, draft.revised(name="Another"), UNITS) == ""


def test_a_history_goes_back_and_forth_and_forgets_the_oldest(draft):
    history = DraftHistory()
    history.begin(draft)
    drafts = [draft.revised(seed=seed) for seed in range(1, 15)]
    for number, each in enumerate(drafts):
        history.note(each, f"change {number}")
    assert len(history.past) == MAX_CHANGES and history.past[0].words == "change 13"
    assert history.back(3) == drafts[-4]
    assert [change.words for change in history.undone] == ["change 11", "change 12", "change 13"]
    assert history.again() == drafts[-3] and history.past[0].words == "change 11"
    history.note(draft, "another way")
    assert history.undone == () and history.back(1) == drafts[-3]


def test_what_has_no_words_is_no_step_back(draft):
    history = DraftHistory()
    history.begin(draft)
    history.note(draft.revised(name="Another"), "")
    assert history.past == () and history.now.name == "Another"
