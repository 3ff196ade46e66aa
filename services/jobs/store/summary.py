"""What a list of runs says of each, taken from its documents once, so that no list ever reads these."""

import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from services.jobs.store.job import JobKind

_GOALS = {"maximum": "Max", "minimum": "Min"}
_LONGEST = 200  # characters, as the columns hold


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line about a job.

    Attributes:
        dataset: name of its table, or "".
        model: name of its model, or "" where it makes one or has none.
        goal: what is searched for, such as "Max strength, area over age".
        best: objective of its first result, or None.
        unit: of it.
        n_results: how many results it has, or None before it has ended.
    """

    dataset: str = ""
    model: str = ""
    goal: str = ""
    best: float | None = None
    unit: str = ""
    n_results: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The values as the columns of the store hold them."""
        return {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in asdict(self).items()}


def summary_of(kind: JobKind, spec: str, result: str | None = None) -> RunSummary:
    """Return the line about a job, as far as its documents say; documents that cannot be read say nothing."""
    asked, found = _read(spec), _read(result)
    run = _part(asked, "run") if kind in (JobKind.TUNE, JobKind.METHODS) else asked
    summary = RunSummary(dataset=_text(_part(run, "dataset"), "name"), model=_text(_part(run, "model"), "name"))
    if kind is JobKind.SEARCH:
        return _of_search(summary, run, found)
    if kind is JobKind.TUNE:
        return replace(summary, goal=f"{_goal(run, '')}, tuned by {_text(asked, 'dial') or 'weights'}")
    if kind is JobKind.METHODS:
        return replace(summary, goal=f"{_goal(run, '')}, by several methods")
    return summary


def search_words(name: str, note: str, dataset: str, model: str) -> str:
    """Return what the search over runs looks through: the same whatever the case, in any database."""
    return "\n".join((name, note, dataset, model)).casefold()


def _of_search(summary: RunSummary, run: dict[str, Any], found: dict[str, Any]) -> RunSummary:
    goal = _goal(run, _text(found, "outcome_name"))
    if not found:
        return replace(summary, goal=goal)
    outcomes = _part(found, "results").get("outcomes")
    outcomes = outcomes if isinstance(outcomes, list) else []
    best = outcomes[0] if outcomes and isinstance(outcomes[0], int | float) and math.isfinite(outcomes[0]) else None
    unit = _text(found, "objective_unit")
    return replace(summary, goal=goal, best=best, unit=unit, n_results=len(outcomes))


def _goal(run: dict[str, Any], outcome: str) -> str:
    """Return what a run searches for, such as "Max strength, area over age"; only results name the outcome."""
    value = run.get("value")
    goal = _GOALS.get(_text(run, "goal"), "") or (f"Value {value:g}" if isinstance(value, int | float) else "")
    if not run:
        return ""
    curve = _part(run, "curve")
    over = f", {_text(curve, 'summary')} over {_text(curve, 'feature')}" if curve else ""
    between = " of " if goal.startswith("Value") else " "
    return f"{goal or 'Max'}{between + outcome if outcome else ''}{over}"


def _read(document: str | None) -> dict[str, Any]:
    try:
        read = json.loads(document or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}


def _text(document: dict[str, Any], name: str) -> str:
    text = document.get(name)
    return text if isinstance(text, str) else ""
