"""Garbage collection that keeps nobody waiting."""

import gc
from functools import cache


@cache
def set_modules_aside(page: str) -> None:
    """Take what is loaded when a page is drawn for the first time out of what garbage collection looks through.

    Streamlit collects garbage at the end of every run, and the browser is sent the rest of the page after that only. To
    look through the 200,000 objects of the modules, which stay anyhow, took 0.1 s at every click.

    Args:
        page: its path; every page once in the life of a server, for each brings modules of its own.
    """
    gc.freeze()
