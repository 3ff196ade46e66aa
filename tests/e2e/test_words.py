"""What every page says and asks before anything is opened: few words, those of the glossary, and few controls."""

import re
from pathlib import Path

import pytest

from benchmarks.page.__main__ import MOST_CONTROLS, MOST_WORDS
from benchmarks.page.face import COUNT
from benchmarks.page.visits import TITLES, Visitor
from benchmarks.page.world import World
from tests.e2e.test_every_page import WITH_A_TABLE

pytestmark = pytest.mark.browser

NO_WORLD = World(Path(), story="", second="", quality="", large="")
ADVANCED = (
    "plausibility",
    "second check",
    "worst case",
    "when dosed",
    "caution",
    "risk aversion",
    "companion",
    "mutation weight",
)
"""What is said in Advanced and in details only, and there with a sentence of its own."""


def said_and_asked(tab):
    """The words that are seen on the page that is shown, and how many controls it has."""
    tab.page.wait_for_load_state("networkidle")
    tab.page.add_script_tag(path=COUNT)
    tab.page.wait_for_function("() => pageCount.controls() > 0")
    return tab.page.evaluate("() => [pageCount.text(), pageCount.controls()]")


def check(text, title):
    """Fail on words that belong into Advanced, and on too many words."""
    assert [word for word in ADVANCED if re.search(rf"\b{word}\b", text, flags=re.IGNORECASE)] == [], title
    assert len(text.split()) <= MOST_WORDS, title


@pytest.mark.parametrize("name", TITLES)
def test_a_page_says_little_and_in_words_of_the_glossary(tab, story_run, name):
    address = Visitor("", NO_WORLD, story_run).url(name).removeprefix("/")
    text, controls = said_and_asked(tab.open(address))
    check(text, name)
    assert 0 < controls <= MOST_CONTROLS


def test_so_do_pages_that_need_a_table(tab, story_run):
    tab.open(f"optimize?run={story_run}")
    for title in WITH_A_TABLE:
        tab.follow(title).title_is(title)
        tab.settle()
        check(said_and_asked(tab)[0], title)
