"""What the server does beside answering visits: it warms up before the first one, and ends what it started."""

import asyncio
import importlib
import pkgutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any

import uvicorn
from threadpoolctl import threadpool_limits

import ui

FAREWELL_SECONDS = 2


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Warm up beside whatever is asked meanwhile; at the end, close the supervisor, for a signal ends the process."""
    _limit_farewell()
    Thread(target=_warm_up, daemon=True).start()
    try:
        yield
    finally:
        from ui.shared import cache

        await asyncio.to_thread(cache.supervisor().close)


def _limit_farewell() -> None:
    """Let the server wait for open connections no longer than that: by itself it waits for browsers without end."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if isinstance(server, uvicorn.Server):
        server.config.timeout_graceful_shutdown = FAREWELL_SECONDS


def _warm_up() -> None:
    """Start the supervisor, and import what pages import: the first visitor of each would wait seconds for it.

    Matrix products keep to one thread then: two that wait for each other take many times as long as one where others
    work, a search beside it or another visitor.
    """
    from ui.shared import cache

    cache.supervisor()
    for module in pkgutil.walk_packages(ui.__path__, "ui."):
        importlib.import_module(module.name)
    importlib.import_module("scipy.linalg")  # has threads of its own
    threadpool_limits(limits=1, user_api="blas")
