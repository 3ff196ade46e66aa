"""Which clicks are timed, over all pages: every one is undone later on, so that the tour can be made again."""

import json

from playwright.sync_api import Page

from benchmarks.page.clicks import Click, click_on, enter, find_entry, key, key_on, on, option, press, to, unfold

PROFILER = "has('.profiler[data-ready=\"true\"]')"
BUTTON = "all('button').some((each) => each.textContent.includes({!r}))"
PATIENCE = ".st-key-lesson-patience input"
POPOVER = '[data-testid="stPopoverBody"]'
USABLE = "all('button').some((each) => each.textContent.includes('What if') && !each.disabled)"
SUMMARY = '[data-testid="stExpander"] summary'

TO_RESULTS = to("results", "has('.result-view tr.result')")
TO_OPTIMIZE = to("optimize", "has('.live-view')")
TO_WHAT_IF = to("what_if", PROFILER)
TO_DATA = to("data", "has('.js-plotly-plot .main-svg')")
TO_RUNS = to("runs", "has('.run-list tbody tr')")


def _chosen(number: int) -> Click:
    """Return the click on another result."""
    view, card = f'.result-view[data-chosen="Result {number}"]', ".st-key-result-detail"
    answer = f"has('{view}') && text('{card}').includes('Result {number}: ')"
    return Click(f"choose result {number}", click_on("tr.result", number - 1), answer)


def _free(feature: str, n_free: int, words: str) -> Click:
    """Return the click that freezes a feature or frees it again."""
    answer = f"text('[data-role=\"count\"]').startsWith('{n_free} of ')"
    return Click(words, press(f"{feature}: free", "switch"), answer, prepare=unfold("Settings"))


def _moved(feature: str, keys: str) -> Click:
    """Return the key that moves a feature in the profiler."""
    slider = f'[role="slider"][aria-label="Move {feature}"]'
    ready = "all('.profiler').some((each) => each.dataset.ready === 'true' && Number(each.dataset.number) > 0)"
    return Click(f"arrow key moves {feature}", key(f"Move {feature}", keys), f"has('{slider}') && {ready}")


def _method(wanted: str, name: str) -> Click:
    """Return the choice of a method, whose list is under Advanced, within the settings."""

    def unfolded(page: Page) -> None:
        unfold("Advanced")(page)
        find_entry("Search by", wanted)(page)

    return Click(name, enter, f"has('input[value={json.dumps(wanted)}]')", prepare=unfolded)


SETTINGS_TOUR = [
    _free("cement", 6, "freeze a feature"),
    _free("cement", 7, "free it again"),
    Click("search for Min", press("Min", "radio")),
    Click("search for Max", press("Max", "radio")),
    Click("dial to Explore", press("Explore", "radio")),
    Click("dial to Near", press("Near", "radio")),
]

STORY_TOUR = [
    to("start"),
    *on(
        "start",
        Click("take the tour", press("Take the tour"), "has('.st-key-tour')"),
        Click("next stop of the tour", press("Next"), "text('.st-key-tour').includes('2 of')"),
        Click("end the tour", press("End the tour"), "!has('.st-key-tour')"),
    ),
    TO_DATA,
    *on(
        "data",
        Click("tables that ship", press("Use a table that ships", "radio"), BUTTON.format("Choose its columns")),
        Click("upload a file", press("Upload a file", "radio"), "has('[data-testid=\"stFileUploader\"]')"),
    ),
    to("model"),
    *on(
        "model",
        option("Family", "Random forest", "true"),
        option("Family", "Neural network", "has('input[aria-label=\"Members\"]')"),
    ),
    to("quality", "has('.js-plotly-plot .main-svg')"),
    TO_OPTIMIZE,
    *on(
        "optimize",
        Click("open the settings", click_on(SUMMARY), "has('.board')", is_run=False),
        *SETTINGS_TOUR,
        _method("Lineages (as published)", "another method"),
        _method("Niches (default)", "the former method"),
    ),
    to("tune"),
    *on(
        "tune",
        option("Dial", "Caution", "true"),
        option("Dial", "Density penalty", "true"),
    ),
    TO_RESULTS,
    *on(
        "results",
        _chosen(3),
        _chosen(2),
        Click("sort the table", press("Plausibility"), "has('th[aria-sort=\"descending\"]')", is_run=False),
        Click("sort it as it was", press("Candidate"), "!has('th[aria-sort=\"descending\"]')", is_run=False),
        Click("open what can be taken away", press("Take it away"), f"has('{POPOVER}')", is_run=False),
        Click("close it", lambda page: page.keyboard.press("Escape"), f"!has('{POPOVER}')", is_run=False),
    ),
    TO_WHAT_IF,
    *on(
        "what_if",
        _moved("cement", "ArrowRight"),
        _moved("water", "ArrowLeft"),
        Click("lock a feature", press("Lock water"), PROFILER),
        Click("unlock it", press("Lock water"), PROFILER),
        Click("start over", press("Start over"), PROFILER),
    ),
    to("compare", "has('.js-plotly-plot .main-svg')"),
    *on(
        "compare",
        Click("methods", press("Methods", "radio")),
        Click("runs", press("Runs", "radio"), "has('.js-plotly-plot .main-svg')"),
    ),
    TO_RUNS,
    *on(
        "runs",
        Click("choose a run", click_on('.run-list tbody input[type="checkbox"]'), USABLE),
        Click("choose none", press("Choose none"), f"!{USABLE}"),
        Click("next page", press("Next page"), "all('.run-list tbody tr').length < 25"),
        Click("previous page", press("Previous page"), "all('.run-list tbody tr').length === 25"),
        Click("search for a letter", key("Search", "q", "searchbox"), "!has('.run-list tbody tr')"),
        Click("delete the letter", key("Search", "Backspace", "searchbox"), "has('.run-list tbody tr')"),
    ),
    to("how_it_works"),
    *on(
        "how_it_works",
        Click("more patience", key_on(PATIENCE, "ArrowRight")),
        Click("less patience", key_on(PATIENCE, "ArrowLeft")),
    ),
]
"""Every page, by someone who looks at the finished concrete story."""

LARGE_TOUR = [
    to("start"),
    TO_DATA,
    to("model"),
    to("quality"),
    TO_OPTIMIZE,
    *on(
        "optimize",
        Click("open the settings", click_on(SUMMARY), "has('.board')", is_run=False),
        _free("part 1", 28, "freeze a feature"),
        _free("part 1", 29, "free it again"),
        Click("search for Min", press("Min", "radio")),
        Click("search for Max", press("Max", "radio")),
    ),
    to("tune"),
    TO_RESULTS,
    *on("results", _chosen(2), _chosen(1)),
    TO_WHAT_IF,
    *on("what_if", _moved("part 1", "ArrowRight"), _moved("setting 9", "ArrowLeft")),
    to("compare"),
    TO_RUNS,
    to("how_it_works"),
]
"""Every page, by someone who looks at a run on the large table."""
