"""What is counted of a page, on pages made for it in a real browser."""

import io

import pandas as pd
import pytest

from benchmarks.page.face import COUNT, small_table

PAGE = """<main data-testid="stMain">
  <h1>Two words <a href="#here">link</a></h1>
  <div data-testid="stSlider"><i role="slider" tabindex="0">low</i><i role="slider" tabindex="0">high</i></div>
  <div class="window"><i role="slider" tabindex="0">a</i><i role="slider" tabindex="0">b</i></div>
  <div data-testid="stButtonGroup"><button>Maximum</button><button>Minimum</button></div>
  <div role="radiogroup"><label><input type="radio">One</label><label><input type="radio">Two</label></div>
  <div data-testid="stNumberInput"><input value="5"><button tabindex="-1">+</button></div>
  <ul tabindex="-1"><li><input type="range" aria-label="in a list that scripts focus"></li></ul>
  <span data-testid="stTooltipIcon"><button>explained on hover</button></span>
  <span data-testid="stTooltipIcon"><button aria-label="Help for Goal">?</button></span>
  <span translate="no">play_arrow</span>
  <details><summary>More</summary><button>folded away</button></details>
  <p style="display: none"><button>hidden</button> from everybody</p>
  <section id="box" style="width: 300px; height: 40px; overflow: hidden"><b class="row">row</b></section>
  <div id="host"></div><p class="far" style="position: absolute; top: 5000px">far</p>
</main>"""
SHADOW = "document.querySelector('#host').attachShadow({mode: 'open'}).innerHTML = '<button>inside</button>'"


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.set_content(PAGE)
    page.evaluate(SHADOW)
    page.add_script_tag(path=COUNT)
    yield page
    context.close()


@pytest.mark.browser
def test_a_window_is_one_control_a_choice_is_its_buttons_and_folded_ones_do_not_count(page):
    # two windows, two buttons, two radio buttons, a field, a slider in a list, a button with a hint, a summary, and a
    # button inside of a component
    assert page.evaluate("pageCount.controls()") == 11


@pytest.mark.browser
def test_words_are_those_that_can_be_seen(page):
    said = page.evaluate("pageCount.text()").split()
    assert {"Two", "words", "inside", "More", "far"} <= set(said)
    assert not {"folded", "hidden", "everybody", "play_arrow"} & set(said)
    assert page.evaluate("pageCount.words()") == len(said)


@pytest.mark.browser
def test_a_part_is_on_the_screen_as_a_whole_or_not(page):
    assert page.evaluate("pageCount.isOnScreen('.row', '')")
    assert page.evaluate("pageCount.isOnScreen('.row', '#box')")
    assert not page.evaluate("pageCount.isOnScreen('.far', '')")
    assert not page.evaluate("pageCount.isOnScreen('.nothing', '')")
    page.evaluate("document.querySelector('.row').style.marginLeft = '290px'")
    assert page.evaluate("pageCount.isOnScreen('.row', '')")
    assert not page.evaluate("pageCount.isOnScreen('.row', '#box')")


def test_the_table_of_the_newcomer_is_a_table():
    table = pd.read_csv(io.BytesIO(small_table()))
    assert table.columns[-1] == "strength" and len(table) == 120
    assert table.notna().all(axis=None)
