"""A mixture design with semicolons: its sum is found, kept by every result, and so is its dialect by the lab table."""

import io
import re

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.browser


def a_mixture(n=40):
    """Three parts that sum to 100, as a German spreadsheet writes them, and what came out."""
    parts = np.round(100 * np.random.default_rng(2).dirichlet([3, 3, 2], n), 1)
    gloss = np.round(40 + parts[:, 0] * parts[:, 1] / 40 - parts[:, 2] / 5, 2)
    columns = {"Versuch Nr.": range(1, n + 1)} | dict(zip(("Harz", "Wasser", "Pigment"), parts.T, strict=True))
    return pd.DataFrame(columns | {"Glanz": gloss}).to_csv(index=False, sep=";", decimal=",").encode()


def test_a_mixture_adds_up_from_the_table_to_the_laboratory(tab):
    tab.open("data").upload("Mischung.csv", a_mixture())
    tab.see(re.compile(r"A model will predict Glanz from 3 features\. 3 parts add up\. Versuch Nr\. labels the rows"))
    tab.page.get_by_text("Details: columns").click()
    tab.page.get_by_role("tab", name="Relations").click()
    tab.see("Harz + Wasser + Pigment = 100 in all 40 rows")
    tab.press("Use without training").title_is("Model")
    tab.page.get_by_text("Train differently").click()
    tab.choose("Family", "Gaussian process")
    tab.see("A smooth curve that knows how unsure it is")
    tab.press("Train so")
    tab.see("R², cross-validated")
    tab.see("In use")
    tab.follow("Optimize")
    tab.title_is("Optimize")
    tab.see("A rule holds the sum of the parts")
    tab.page.get_by_role("button", name="Rules: 1").click()
    tab.see("the sum of Harz, Wasser and Pigment is 100")
    tab.page.keyboard.press("Escape")
    tab.size("Budget", "1500").press("Start search").read_results()
    tab.see("All features at a glance")
    found, lab = (
        pd.read_csv(io.BytesIO(tab.take_away(name)[1]), sep=";", decimal=",")
        for name in ("Results (CSV)", "Lab table (CSV)")
    )
    for table in (found[found["candidate"].str.startswith("Result")], lab):
        assert len(table)
        np.testing.assert_allclose(table[["Harz", "Wasser", "Pigment"]].sum(axis=1), 100, atol=1e-9)
