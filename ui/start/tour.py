"""A short guided tour for newcomers: what the pages are for, one after the other."""

from dataclasses import dataclass

import streamlit as st

from services.catalog.settings import ROOT
from ui.shared import frame
from ui.shared.session import AppSession

PICTURES = ROOT / "docs" / "guide" / "images"


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the tour: what there is to see, a picture of the guide, and the page where one can go from here."""

    title: str
    text: str
    picture: str
    alt: str
    page: str
    link: str


STOPS = (
    Stop(
        "Bring a table",
        "A row is something that was made and measured: a mix, an hour of a production line. Say which column is the "
        "outcome, and which columns are parts that add up. Three tables ship, so that you can try everything at once.",
        "data.png",
        "The Data page with a table in use and its columns",
        frame.DATA,
        "Go to Data",
    ),
    Stop(
        "Train a model, and ask how good it is",
        "Five small networks learn the outcome in seconds, and how sure they are of it. The Quality page tells where "
        "the model errs and what it pays attention to.",
        "quality.png",
        "The Quality page with predictions against measured values",
        frame.MODEL,
        "Go to Model",
    ),
    Stop(
        "Say what may move, and watch",
        "Free or frozen, between which bounds, how bold. Then lineages of candidates climb, each to a hill of its own. "
        "Drop one that makes no sense to you, or ask for more like it, while the search goes on.",
        "optimize.png",
        "The Optimize page with the map of candidates and the lineages",
        frame.OPTIMIZE,
        "Go to Optimize",
    ),
    Stop(
        "Judge the results",
        "Several different ways to the best outcome, each with its interval, its plausibility, a second check and the "
        "recorded row that it is nearest to. Point at one, and it lights up everywhere.",
        "results.png",
        "The Results page with table, map and parallel coordinates",
        frame.RESULTS,
        "Go to Results",
    ),
    Stop(
        "Ask what if, and take it away",
        "Drag a feature, and everything that follows from it moves at once. Print a lab sheet, make the mixes, and "
        "bring the measured values back: they join the table, and the next model knows more.",
        "what_if.png",
        "The What if page with one profile for each feature",
        frame.WHAT_IF,
        "Go to What if",
    ),
)


def tour(session: AppSession) -> None:
    """Draw the stop of the tour that the user is at, or the offer to take it."""
    if session.tour is None:
        st.button("Take the tour", icon=":material/signpost:", on_click=_go, args=(0,), key="tour-begin")
        return
    number = session.tour
    stop = STOPS[number]
    with st.container(border=True, key="tour"):
        words, picture = st.columns([2, 3], gap="large")
        with words:
            st.caption(f"Tour, {number + 1} of {len(STOPS)}")
            st.subheader(stop.title)
            st.write(stop.text)
            st.page_link(stop.page, label=stop.link, icon=":material/arrow_forward:")
            _moves(number)
        picture.image(PICTURES / stop.picture, width="stretch", alt=stop.alt)


def _moves(number: int) -> None:
    with st.container(horizontal=True):
        st.button("Back", icon=":material/chevron_left:", disabled=number == 0, on_click=_go, args=(number - 1,))
        is_last = number == len(STOPS) - 1
        if not is_last:
            st.button("Next", icon=":material/chevron_right:", type="primary", on_click=_go, args=(number + 1,))
        st.button("End the tour", type="primary" if is_last else "tertiary", on_click=_go, args=(None,))


def _go(number: int | None) -> None:
    AppSession.current().tour = number
