"""Names as Streamlit's own Markdown draws them: letter by letter."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TABLE = b"a,b,y\n1,2,3\n2,3,4\n4,4,5\n"
NAMES = (
    "![x](http://127.0.0.1:1/b.png)",
    "<img src=x onerror=alert(1)>",
    "[click](http://evil)",
    ":red[x] :red-background[y] :small[z]",
    ":material/home: :smile: :streamlit:",
    "$x^2$ `code` **bold** _it_ ~~gone~~",
    "a -> b <- c -- d >= e <= f ~= g <-> h",
    "# heading 1. item &lt;b&gt;",
    "http://evil.example www.evil.example me@evil.example",
    "HTTPS://evil.example WWW.evil.example",
    "blast furnace slag #2 (kg/m³), 5 %",
)


def test_names_are_shown_letter_by_letter(tab):
    for name in NAMES:
        tab.open("data").upload("table.csv", TABLE)
        tab.page.get_by_text("Details: columns").click()
        tab.page.get_by_role("tab", name="Limits and gaps").click()
        tab.type("Name of the table", name).press("Use without training").title_is("Model")
        tab.open("data").press("Open")  # what was used last comes first
        heading = tab.page.get_by_role("heading", level=3).filter(has_text="In use")
        letters = "\u2060?".join(re.escape(letter) for letter in name)
        expect(heading).to_have_text(re.compile(f"^In use: {letters}$"))
        assert heading.locator("img, code, strong, em, del").count() == 0
        assert heading.locator('a:not([href^="#"])').count() == 0
