"""What the pictures show: finished runs, a tuning, a comparison of methods, a quality check, measured values."""

import time
from dataclasses import dataclass

from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.jobs import JobKind, JobState, RunStore, Supervisor
from services.papers.measured import Measurement, change_measured, swept_feature
from services.problems.stories import LESSON, story, story_spec
from services.specs.base import Spec
from services.specs.results import RunResult
from services.specs.run import BudgetSpec, RunSpec
from services.studies.compare.methods_spec import ComparisonSpec
from services.studies.quality import QualitySpec
from services.studies.tune.spec import TuneSpec
from services.studies.tune.swept_settings import SweptSetting

ENDLESS = 10**8
"""Evaluations of the search that is photographed while it goes on; it is stopped then."""
WEIGHTS = (0.0, 0.1, 0.5, 2.0)
METHODS = ("niches", "lineages", "differential_evolution", "cma_es", "random_search")
DAYS = 28.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """Names of what is in the store.

    Attributes:
        story: id of the finished run of the concrete story.
        other: id of a run of the same table that may use no superplasticizer.
        endless: id of a search that begins when a server starts, and never ends by itself.
        tuning: id of a finished tuning of the concrete story.
        comparison: id of a finished comparison of methods.
        lesson: id of a finished search on one feature, by the method of the lesson.
    """

    story: str
    other: str
    endless: str
    tuning: str
    comparison: str
    lesson: str


def prepare(settings: Settings) -> Prepared:
    """Return what is in the store of these settings after everything was done there, about two minutes.

    Raises:
        RuntimeError: a job did not come to its end; the text says which and why.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(settings, RunStore(settings.database))
    supervisor.start()
    try:
        return _prepare(supervisor, Catalog.of(settings))
    finally:
        supervisor.close()
        supervisor.store.close()


def _prepare(supervisor: Supervisor, catalog: Catalog) -> Prepared:
    concrete = story_spec(story("concrete"), catalog)
    quality = QualitySpec(dataset=concrete.dataset, model=concrete.model)
    plain = _without(concrete, "superplasticizer")
    name, few = concrete.name, concrete.revised(budget=BudgetSpec(evaluations=6_000))
    bumps = story_spec(story("bumps"), catalog).revised(name="How it works", method=LESSON)
    lesson = _done(supervisor, JobKind.SEARCH, bumps.name, bumps, "lesson")
    production = story_spec(story("production"), catalog)
    line = _done(supervisor, JobKind.SEARCH, production.name, production, "production")
    supervisor.store.describe(line, note="For the line's next trial")
    tuning = _done(supervisor, JobKind.TUNE, name, TuneSpec(run=few, dial=SweptSetting.DENSITY, weights=WEIGHTS))
    comparison = _done(supervisor, JobKind.METHODS, name, ComparisonSpec(run=few, methods=METHODS))
    _done(supervisor, JobKind.QUALITY, quality.key, quality)
    other = _done(supervisor, JobKind.SEARCH, plain.name, plain)
    main = _done(supervisor, JobKind.SEARCH, name, concrete, "concrete")
    supervisor.store.describe(main, note="Results 1 and 3 go to the lab")
    _measure(supervisor.store, main)
    lasting = concrete.revised(name="A long search", budget=BudgetSpec(evaluations=ENDLESS))
    endless = supervisor.store.add(JobKind.SEARCH, lasting.name, lasting.model_dump_json())
    return Prepared(main, other, endless, tuning, comparison, lesson)


def _without(spec: RunSpec, part: str) -> RunSpec:
    """Return the run with one feature frozen at 0."""
    features = tuple(
        feature.model_copy(update={"is_free": False, "value": 0.0}) if feature.name == part else feature
        for feature in spec.features
    )
    return spec.revised(name=f"Concrete without {part}", features=features)


def _measure(store: RunStore, run_id: str) -> None:
    """Keep two measured values of a run, near what it predicts."""
    job = store.get(run_id)
    assert job is not None and job.result is not None
    result = RunResult.model_validate_json(job.result)
    assert swept_feature(result) is not None
    rows = (Measurement(result=0, value=74.2, at=DAYS), Measurement(result=2, value=79.6, at=DAYS))
    change_measured(store, run_id, lambda kept: kept.with_rows(rows))


def _done(supervisor: Supervisor, kind: JobKind, name: str, spec: Spec, of_story: str = "") -> str:
    """Return the id of a job that was done to its end."""
    began, job_id = time.monotonic(), supervisor.submit(kind, name, spec.model_dump_json(), of_story)
    while not (job := supervisor.store.get(job_id)) or not job.state.is_final:
        time.sleep(0.1)
    if job.state is not JobState.DONE:
        raise RuntimeError(f"The {kind} of '{name}' ended as {job.state}: {job.error}")
    print(f"  {kind} of '{name[:40]}': {time.monotonic() - began:.0f} s", flush=True)
    return job_id
