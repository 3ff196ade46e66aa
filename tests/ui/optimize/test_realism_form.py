from dataclasses import replace

import numpy as np
import pytest

from optimizer import MeasureName
from services.catalog.loading import Catalog
from services.problems.defaults import LEVEL_SETTINGS, ExtrapolationLevel
from services.specs.run import PlausibilitySpec, SumConstraintSpec
from ui.web.settings_board.component import DENSITY_WEIGHTS


def set_to(page, **changes):
    """Return the page, entered anew with the draft changed."""
    page.go("start").session.draft = page.session.draft.revised(**changes)
    return page.go("optimize")


def test_all_of_realism_becomes_the_specification(page):
    set_to(page, plausibility=None, risk_aversion=0.0)
    page.put("slider", "Plausibility penalty", 1.5).put("toggle", "Only plausible results", True)
    page.put("number_input", "Plausibility at least [%]", 35.0).put("slider", "Risk aversion", 1.2)
    page.put("toggle", "Limit extrapolation", True).put("number_input", "Extrapolation limit [std. dev.]", 0.75)
    spec = page.session.draft
    assert spec.plausibility == PlausibilitySpec(weight=1.5, at_least=35.0, extrapolation_limit=0.75)
    assert spec.risk_aversion == pytest.approx(1.2)
    assert page.board["knobs"]["now"]["level"] is None
    page.go("results").go("optimize")
    assert page.session.draft == spec
    assert page.one("number_input", "Extrapolation limit [std. dev.]").value == 0.75


def test_what_is_switched_off_is_no_part_of_the_specification(page):
    set_to(page, plausibility={"weight": 0.5, "at_least": 10, "extrapolation_limit": 2}, risk_aversion=1.0)
    page.put("toggle", "Only plausible results", False).put("toggle", "Limit extrapolation", False)
    assert page.one("number_input", "Plausibility at least [%]").disabled
    assert page.session.draft.plausibility == PlausibilitySpec(weight=0.5)
    page.put("slider", "Plausibility penalty", 0.0).put("slider", "Risk aversion", 0.0)
    assert (page.session.draft.plausibility, page.session.draft.risk_aversion) == (None, 0.0)
    page.put("toggle", "Only plausible results", True)
    assert page.session.draft.plausibility == PlausibilitySpec(at_least=10)


def test_what_has_no_knob_is_kept_as_the_run_has_it(page):
    given = PlausibilitySpec(at_least=10, measure=MeasureName.NEIGHBOURS, left_out=("age",))
    set_to(page, plausibility=given)
    assert page.session.draft.plausibility == given
    set_to(page, plausibility=PlausibilitySpec())
    assert page.session.draft.plausibility == PlausibilitySpec()  # a run that said so is shown as it was


def test_settings_from_elsewhere_beyond_the_sliders_are_kept(page):
    density = page.session.draft.density.model_copy(update={"weight": 40.0})
    set_to(page, density=density, plausibility={"weight": 30.0}, risk_aversion=9.0)
    spec = page.session.draft
    assert (spec.density.weight, spec.plausibility.weight, spec.risk_aversion) == (40.0, 30.0, 9.0)
    assert page.board["knobs"]["densities"][-2:] == [10.0, 40.0]


def test_the_density_penalty_goes_by_factors(page):
    assert page.board["knobs"]["densities"] == list(DENSITY_WEIGHTS)
    assert page.board["knobs"]["now"]["density"] == 5.0
    steps = np.array(DENSITY_WEIGHTS[1:])
    assert (np.diff(np.log(steps)) < 1).all() and steps[-1] / steps[0] >= 100
    page.set_on_board(density=0.05)
    assert page.session.draft.density.weight == 0.05
    page.go("results").go("optimize").set_on_board(density=0.0)
    assert page.session.draft.density.weight == 0.0


def test_a_sum_that_a_rule_holds_needs_no_penalty_and_says_so(page):
    parts = page.session.dataset.parts
    set_to(page, constraints=(SumConstraintSpec(features=parts, low=2340.0, high=2340.0),))
    assert page.session.draft.density is None
    assert page.board["knobs"]["now"]["density"] is None
    assert page.board["knobs"]["density_note"] == "A rule holds the sum of the parts, so no penalty has to."


@pytest.mark.parametrize("extrapolation_level", ExtrapolationLevel)
def test_how_far_to_go_sets_all_of_them(page, extrapolation_level):
    page.set_on_board(level="among").set_on_board(level=extrapolation_level.value)
    position = LEVEL_SETTINGS[extrapolation_level]
    assert (page.session.draft.plausibility, page.session.draft.risk_aversion) == (
        position.plausibility,
        position.risk_aversion,
    )
    assert page.one("slider", "Risk aversion").value == position.risk_aversion
    assert page.board["knobs"]["now"]["level"] == extrapolation_level.value


def test_without_uncertainty_there_is_no_risk_aversion_and_the_page_says_why(app, monkeypatch, installation):
    page = app.use_concrete()
    page.session.draft = page.session.draft.revised(risk_aversion=2.0)
    pair = Catalog.pair
    monkeypatch.setattr(Catalog, "pair", lambda *given: replace(pair(*given), confidence=None))
    from ui.shared import cache

    cache.model_data.clear()
    page.go("optimize")
    cache.model_data.clear()
    assert page.one("slider", "Risk aversion").disabled
    assert page.one("toggle", "Limit extrapolation").disabled
    assert page.session.draft.risk_aversion == 0
    assert page.says("This model does not say how uncertain it is", "caption")
    assert not page.one("button", "Start search").disabled


def test_the_level_of_intervals_becomes_the_specification(page):
    level = page.one("number_input", "Level of intervals [%]")
    assert level.value == pytest.approx(100 * page.session.draft.level)
    page.put("number_input", "Level of intervals [%]", 95.0)
    assert page.session.draft.level == 0.95
    page.put("number_input", "Level of intervals [%]", 90.0)
    assert page.session.draft.level == 0.9


def test_tolerances_become_the_specification(page):
    page.edit_features(**{"cement": {"tolerance": 5.0}, "blast furnace slag": {"tolerance": 0.0, "step": 5.0}})
    features = page.session.draft.features
    assert [feature.tolerance for feature in features[:3]] == [5.0, 0.0, None]
    assert features[1].step == 5.0
    page.go("results").go("optimize")
    assert page.session.draft.features == features
    assert page.on_board("cement")["now"]["tolerance"] == 5.0
    page.edit_features(cement={"tolerance": None})
    assert page.session.draft.features[0].tolerance is None
