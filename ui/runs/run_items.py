"""Runs of the store as rows of the list."""

from collections.abc import Sequence

from services.jobs import JobKind, JobState, RunRow
from services.jobs.texts import STATE_WORDS, best_words, run_title, span_words, state_detail
from services.problems.stories import STORIES
from ui.web.run_list import RunItem

LESSON = "lesson"
_CHIPS = {
    JobKind.TUNE: ("Tuning", "The same search at several settings of one dial."),
    JobKind.METHODS: ("Methods", "Several methods on the same problem, at equal evaluations."),
    JobKind.TRAINING: ("Training", "A model was trained."),
    JobKind.QUALITY: ("Quality check", "A model was judged on rows held out."),
}
_OPENS = {
    JobKind.TUNE: "Open it on Tune",
    JobKind.METHODS: "Open it on Compare",
    JobKind.TRAINING: "Open it on Model",
    JobKind.QUALITY: "Open it on Quality",
}


def run_items(runs: Sequence[RunRow]) -> list[RunItem]:
    """Return rows as they are shown."""
    return [_item(run) for run in runs]


def opens_results(run: RunRow) -> bool:
    """Return whether a run has results to look at; others are watched on Optimize."""
    return run.kind is JobKind.SEARCH and bool(run.n_results)


def _item(run: RunRow) -> RunItem:
    story, story_help = _chip(run)
    started = run.deleted_at or run.created_at
    is_running = run.state is JobState.RUNNING and run.started_at is not None
    return RunItem(
        id=run.id,
        name=run_title(run),
        opens=_OPENS.get(run.kind, "Open its results" if opens_results(run) else "Open it on Optimize"),
        is_named=run.kind is not JobKind.QUALITY,
        note=run.note,
        story=story,
        story_help=story_help,
        dataset=run.dataset,
        model=run.model,
        goal=run.goal,
        best=best_words(run),
        unit=run.unit,
        n_results=run.n_results,
        state=run.state.value,
        state_word=STATE_WORDS[run.state],
        detail=state_detail(run),
        stops="" if run.state.is_final else "Cancel" if run.state is JobState.QUEUED else "Stop",
        is_deleted=run.deleted_at is not None,
        at=1000 * started.timestamp(),
        took="" if run.seconds is None else span_words(run.seconds),
        since=1000 * run.started_at.timestamp() if is_running and run.started_at else None,
    )


def _chip(run: RunRow) -> tuple[str, str]:
    """Return a word for what a run is besides a search of the user's own, and what the word means."""
    if run.kind in _CHIPS:
        return _CHIPS[run.kind]
    if run.story == LESSON:
        return "Lesson", "From the page How it works."
    titles = {story.key: story.title for story in STORIES}
    return ("Story", f"From the story '{titles[run.story]}'.") if run.story in titles else ("", "")
