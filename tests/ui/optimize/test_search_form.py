import pytest

from optimizer import DEFAULT_METHOD, METHODS, FloorKind, ImmigrantSource
from services.specs.method import NichesSpec, method_named
from ui.optimize.search_form import HELP, NAMES


def test_niches_are_the_method_that_is_proposed(page):
    chooser = page.one("selectbox", "Search by")
    assert (chooser.value, chooser.options[0]) == (DEFAULT_METHOD, "Niches (default)")
    assert page.says("one that climbs a hill already known merges into it", "caption")
    assert page.session.draft.method == NichesSpec()
    page.put("number_input", "Lineages", 8)
    assert page.session.draft.method == NichesSpec(n_lineages=8)
    page.put("selectbox", "Newcomers from", "recorded rows")
    assert page.session.draft.method == NichesSpec(n_lineages=8, immigrants_from=ImmigrantSource.RECORDED)
    page.put("selectbox", "Newcomers from", "random and recorded").put("number_input", "Lineages", 40)
    assert page.session.draft.method == NichesSpec()


def test_only_new_settings_are_asked_for_unless_that_is_switched_off(page):
    label = "Only settings that were not measured yet"
    assert page.one("toggle", label).value and page.session.draft.unmeasured_only
    assert not page.put("toggle", label, False).session.draft.unmeasured_only
    assert page.put("toggle", label, True).session.draft.unmeasured_only


@pytest.mark.parametrize("name", METHODS)
def test_every_method_can_be_chosen_and_says_what_it_does(page, name):
    page.put("selectbox", "Search by", NAMES[name])
    chosen = page.session.draft.method
    assert chosen == method_named(name)
    assert page.says(HELP[name], "caption")
    assert page.says("A search takes ", "caption")
    assert not page.one("button", "Start search").disabled
    n_knobs = {"niches": 1, "lineages": 4}.get(name, 0)
    knobs = ("Lineages", "Patience [generations]", "Mutants per lineage", "Newcomers")
    assert sum(widget.label in knobs for widget in page.test.number_input) == n_knobs
    assert bool(page.board["strength_note"]) == (not chosen.uses_strengths)


def test_another_method_than_that_of_the_shown_run_is_said(open_app, finished_run):
    page = open_app("optimize", run=finished_run).put("selectbox", "Search by", NAMES["cma_es"])
    assert page.says("Settings differ from the run shown", "markdown")
    page.put("selectbox", "Search by", NAMES["niches"])
    assert not page.says("Settings differ from the run shown", "markdown")


def test_a_budget_below_the_first_generation_of_a_method_is_refused_in_words(page):
    page.set_on_board(evaluations=20)
    assert not page.test.error  # niches need one
    page.put("selectbox", "Search by", NAMES["lineages"])
    assert page.says("The first generation needs 30 evaluations, the budget allows 20", "error")
    assert page.one("button", "Start search").disabled


def test_the_knobs_of_lineages_and_those_below_become_the_specification(page):
    page.put("selectbox", "Search by", NAMES["lineages"])
    knobs = {"Lineages": 12, "Patience [generations]": 7, "Mutants per lineage": 3, "Newcomers": 4}
    for label, value in knobs.items():
        page.put("number_input", label, value)
    page.put("selectbox", "Newcomers from", "recorded rows")
    page.put("selectbox", "Results come from", "within a distance of the best")
    page.put("number_input", "Within [std. dev.]", 2.5).put("number_input", "Differ by at least [std. dev.]", 0.4)
    page.put("toggle", "Compare without realism", False)
    page.put("number_input", "Time limit [s]", 9.0).put("number_input", "Stop after [generations]", 33)
    spec = page.session.draft
    method = spec.method
    assert (method.n_lineages, method.patience, method.n_mutants, method.n_immigrants) == (12, 7, 3, 4)
    assert method.immigrants_from is ImmigrantSource.RECORDED
    assert (spec.floor.kind, spec.floor.amount, spec.distinct) == (FloorKind.WITHIN, 2.5, 0.4)
    assert (spec.is_compared, spec.budget.seconds, spec.budget.stall) == (False, 9.0, 33)
