"""The component that lists runs: what it shows, what it tells, and the call that draws it."""

from ui.web.run_list.component import Act, RunItem, run_list

__all__ = ["Act", "RunItem", "run_list"]
