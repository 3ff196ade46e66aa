"""The way of one's own data: a table from a German spreadsheet, a model trained in the worker, results."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.tensorflow]


@pytest.fixture(scope="module")
def own(start_server):
    """A server with a training worker in waiting."""
    server = start_server(is_training_warm=True)
    yield server
    server.stop()


def semicolons(columns):
    """Return a CSV file as a German spreadsheet writes it."""
    return pd.DataFrame(columns).to_csv(index=False, sep=";", decimal=",").encode()


def a_line(n=150):
    """Recorded hours of a line that yields most wherever temperature and speed balance each other."""
    rng = np.random.default_rng(5)
    temperature, speed = rng.uniform(20, 80, n).round(1), rng.uniform(1, 5, n).round(2)
    resin = rng.choice(["A", "B"], n)
    gain = 90 - (temperature + 15 * speed - 95) ** 2 / 80 + 3 * (resin == "B")
    return {"Temperature": temperature, "Speed": speed, "Resin": resin, "Yield": gain.round(2)}


def train(tab, family):
    """Train a small model of a family on the table in use, which is used at once."""
    tab.title_is("Model")
    tab.page.get_by_text("Train differently").click()
    tab.choose("Family", family)
    tab.see("A smooth curve that knows how unsure it is")
    tab.press("Train so")
    tab.see("R² on held-out rows")
    tab.see("In use")


def search(tab):
    """Search briefly, else with the settings that are proposed."""
    tab.follow("Optimize")
    tab.title_is("Optimize")
    tab.see("A search takes ")
    tab.size("Budget", "3000").press("Start search")


def test_a_table_becomes_a_search_in_three_clicks_and_then_results(own, new_tab):
    tab = new_tab(own).open("data").upload("Linie 4.csv", semicolons(a_line()))
    tab.see("semicolon, decimal comma")
    button = tab.page.get_by_role("button", name="Use this table and train")
    expect(button).to_be_in_viewport()
    tab.press("Use this table and train").title_is("Model")
    tab.see("Training on Linie 4")
    tab.see("being compared")
    tab.press("Next: Optimize").title_is("Optimize")
    tab.see("A search takes ")
    tab.press("Start search").read_results()
    tab.see("All features at a glance")
    found = pd.read_csv(io.BytesIO(tab.take_away("Results (CSV)")[1]), sep=";", decimal=",")  # as the table came
    assert 1 <= len(found) <= 5
    assert set(found["Resin"]) <= {"A", "B"}
    assert found["Temperature"].between(20, 80).all()
    assert (found["predicted Yield"] > 85).all()

    again = new_tab(own).open(f"results?run={tab.run_id}")
    again.see("All features at a glance")
    again.open().see("Go on with your work")
    again.press("Linie 4").see("In use: Linie 4")


def test_names_from_a_table_are_shown_and_never_obeyed(own, new_tab, listener):
    hostile = [
        f"![x](http://127.0.0.1:{listener.port}/b.png)",
        f"<img src=http://127.0.0.1:{listener.port}/i.png>",
        ":red[x]",
        "[click](http://evil)",
    ]
    line = a_line()
    line["Resin"] = np.where(line["Resin"] == "A", hostile[0], "<b>B</b>")
    columns = dict(zip(hostile, line.values(), strict=True))
    tab = new_tab(own).open("data").upload("**x** [y](http://evil).csv", semicolons(columns))
    seen = [tab.page.content()]
    tab.page.get_by_text("Details: columns").click()
    check_inert(tab, seen)
    tab.press("Use without training").title_is("Model")
    check_inert(tab, seen)
    train(tab, "Gaussian process")
    check_inert(tab, seen)
    tab.follow("Optimize")
    tab.see("A search takes ")
    check_inert(tab, seen)
    tab.press(f"Maximise {hostile[3]}").page.get_by_label("Of", exact=True).select_option("area of its curve")
    tab.see(f"Maximise area of {hostile[3]} over ")
    check_inert(tab, seen)
    tab.size("Budget", "1500").press("Start search")
    check_inert(tab, seen)
    tab.read_results()
    tab.see("All features at a glance")
    check_inert(tab, seen)
    tab.follow("Start")
    check_inert(tab, seen)
    assert listener.hits == []


def check_inert(tab, seen):
    """Fail on links, pictures and markup that come from names."""
    tab.settle().page.wait_for_timeout(300)
    main = tab.page.locator('[data-testid="stApp"]')
    links = main.locator("a").evaluate_all("links => links.map((link) => link.href)")
    assert all(link == "" or link.startswith(tab.server.url) for link in links), links
    sources = main.locator("img").evaluate_all("images => images.map((image) => image.src)")
    assert all(not re.search(r"[bi]\.png", source) for source in sources), sources
    expect(main.locator("b", has_text=re.compile("^B$"))).to_have_count(0)
    expect(main.locator(".stMarkdownColoredText", has_text=re.compile("^x$"))).to_have_count(0)
    seen.append(tab.page.content())
