"""A rule set by form holds in every result: added, watched, seen as met, and changed."""

import io

import pandas as pd
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def use_concrete(tab):
    """Take the shipped table and model and go to Optimize."""
    tab.open("data").page.locator(".st-key-use-concrete button").click()
    tab.see("In use: Concrete mixes")
    tab.follow("Model").title_is("Model")
    tab.page.locator(".st-key-use-model-concrete button").click()
    expect(tab.page.locator(".st-key-use-model-concrete button")).to_have_count(0)  # it says "In use" now
    tab.follow("Optimize")
    tab.title_is("Optimize")


def test_a_sum_rule_is_added_by_form_and_met_by_every_result(tab):
    use_concrete(tab)
    tab.page.get_by_role("button", name="Rules").click()
    tab.choose("Add a rule", "Sum of features")
    tab.see("Recorded: this sum lies between 2,195 and 2,551")
    tab.type("At least", "2290").type("At most", "2310").press("Add the rule")
    tab.see("is between 2,290 and 2,310 kg/m³")
    tab.page.keyboard.press("Escape")
    tab.size("Budget", "4000").press("Start search").read_results()
    found = pd.read_csv(io.BytesIO(tab.take_away("Results (CSV)")[1]))
    parts = [c for c in found.columns if c.endswith("[kg/m³]") and not c.startswith("density")]
    assert len(parts) == 7 and len(found) >= 1
    assert found[parts].sum(axis=1).between(2290 - 1e-6, 2310 + 1e-6).all()
