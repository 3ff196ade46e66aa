"""What if: from a key in the profiler to the drawn answer, and what of that the server takes."""

import numpy as np
from playwright.sync_api import Browser

from benchmarks.page.probe import answer_milliseconds
from benchmarks.page.serving import newcomer, settle
from benchmarks.page.visits import Visitor
from benchmarks.timing import seconds
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs import RunStore
from services.specs.results import RunResult
from services.studies.what_if import WhatIfModel

KEYS = ("ArrowRight", "ArrowLeft")
N_WARM_UP = 3


def key_milliseconds(browser: Browser, visitor: Visitor, repeats: int) -> list[float]:
    """Return the times from an arrow key on a feature until its answer is drawn."""
    context = newcomer(browser)
    page = context.new_page()
    page.goto(visitor.url("what_if"))
    page.locator('.profiler[data-ready="true"]').wait_for()
    settle(page)
    handle = page.locator('.profiler [role="slider"]').first
    taken = []
    for turn in range(repeats + N_WARM_UP):
        number = page.locator(".profiler").get_attribute("data-number")
        answer = (
            f"all('.profiler').some(({{ dataset }}) => dataset.ready === 'true' && Number(dataset.number) > {number})"
        )
        time = answer_milliseconds(page, lambda: handle.press(KEYS[turn % 2]), answer)  # noqa: B023
        settle(page)
        taken += [time] if turn >= N_WARM_UP else []
    context.close()
    return taken


def server_milliseconds(visitor: Visitor, repeats: int) -> list[float]:
    """Return how long a whole answer takes in one process: prediction, interval, curve, profiles, plausibility."""
    settings = Settings.from_environment(visitor.world.environment)
    store = RunStore(settings.database)
    job = store.get(visitor.run)
    store.close()
    assert job is not None and job.result is not None
    result = RunResult.model_validate_json(job.result)
    explorer = WhatIfModel.of(result.spec, Catalog.of(settings).model_data(result.spec))
    settings_asked = np.resize(result.results.X, (repeats + N_WARM_UP, len(explorer.axes)))
    for setting in settings_asked[:N_WARM_UP]:
        explorer.answer(setting)
    return [1000 * seconds(lambda: explorer.answer(setting)) for setting in settings_asked[N_WARM_UP:]]  # noqa: B023
