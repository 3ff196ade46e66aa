"""Where the pages are, and how to enter them."""

from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

from benchmarks.page.world import World

TITLES = {
    "start": "Several believable ways to the best outcome",
    "data": "Data",
    "model": "Model",
    "quality": "Quality",
    "optimize": "Optimize",
    "tune": "Tune",
    "results": "Results",
    "what_if": "What if",
    "compare": "Compare",
    "runs": "Runs",
    "how_it_works": "How it works",
}
"""What is painted on top of every page, by the end of its address, in the order of the navigation."""

LINKS = TITLES | {"start": "Start"}
"""What every page is called in the navigation."""

WITH_RUN = ("optimize", "results", "what_if")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who knows where the pages are.

    Attributes:
        address: of the server.
        world: what there is to see.
        run: which run is looked at.
    """

    address: str
    world: World
    run: str

    def url(self, name: str) -> str:
        """Return the address of a page, with what it shows where addresses can say that."""
        if name in WITH_RUN:
            return f"{self.address}/{name}?run={self.run}"
        if name in ("quality", "tune") and self.run == self.world.story:
            return f"{self.address}/{name}?{name}={getattr(self.world, name)}"
        if name == "compare":
            return f"{self.address}/compare?compare={self.run},{self.world.second}"
        return f"{self.address}/{'' if name == 'start' else name}"

    def enter(self, context: BrowserContext, name: str) -> Page:
        """Open a page in a new tab; return it once its title is painted."""
        page = context.new_page()
        page.goto(self.url(name))
        page.get_by_role("heading", name=TITLES[name], exact=True, level=1).wait_for(state="visible")
        return page
