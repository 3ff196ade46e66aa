"""What the server is given to show: finished runs in a store of its own, and a large table."""

import json
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel

from benchmarks.page.large import keep_large
from services.catalog.loading import Catalog
from services.catalog.settings import ROOT, Settings
from services.jobs import JobKind, JobState, RunStore, Supervisor
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.studies.quality import QualitySpec
from services.studies.tune import TuneSpec
from services.studies.tune.swept_settings import SweptSetting

N_SMALL_RUNS = 30  # more than the list of runs has on a page
SMALL_EVALUATIONS = 400
SECOND_EVALUATIONS = 3_000
TUNED = (0.0, 0.5, 2.0)
SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class World:
    """What there is to visit.

    Attributes:
        folder: with the run store, the tables and the models.
        story: id of the finished concrete story.
        second: id of a smaller run of the same problem.
        quality: id of a finished check of the story's model.
        tune: id of a finished tuning of the second run.
        large: id of a finished run on the large table.
    """

    folder: Path
    story: str
    second: str
    quality: str
    tune: str
    large: str

    @property
    def environment(self) -> dict[str, str]:
        """What makes a server work in this folder, and nowhere else."""
        return environment_of(self.folder)


def environment_of(folder: Path) -> dict[str, str]:
    """Return what makes a process keep all that it writes in a folder."""
    home = folder / "home"
    return {
        "MIXWRIGHT_HOME": str(home),
        "MIXWRIGHT_SAVED_MODELS": str(folder / "models"),
        "MIXWRIGHT_DATABASE": f"sqlite:///{home / 'runs.sqlite'}",
    }


def make_world(folder: Path) -> World:
    """Return what there is to visit, made in a folder unless it is there already."""
    told = folder / "world.json"
    if told.is_file():
        return World(folder, **json.loads(told.read_text("utf-8")))
    shutil.copytree(ROOT / "models" / "saved", folder / "models", dirs_exist_ok=True)
    settings = Settings.from_environment(environment_of(folder) | {"MIXWRIGHT_WARM_TRAINING": "0"})
    catalog = Catalog.of(settings)
    concrete = story_spec(story("concrete"), catalog)
    second = concrete.revised(name="Second run", seed=1, budget={"evaluations": SECOND_EVALUATIONS})
    supervisor = Supervisor(settings, RunStore(settings.database))
    supervisor.start()
    try:
        _keep_small_runs(supervisor.store, catalog)
        check = QualitySpec(dataset=concrete.dataset, model=concrete.model)
        tuning = TuneSpec(run=second, dial=SweptSetting.DENSITY, weights=TUNED)
        ids = {
            "second": finished(supervisor, JobKind.SEARCH, second.name, second),
            "quality": finished(supervisor, JobKind.QUALITY, check.key, check),
            "tune": finished(supervisor, JobKind.TUNE, "Tuning", tuning),
            "large": finished(supervisor, JobKind.SEARCH, "Large run", keep_large(catalog)),
            "story": finished(supervisor, JobKind.SEARCH, concrete.name, concrete, "concrete"),
        }
    finally:
        supervisor.close()
        supervisor.store.close()
    made = World(folder, **ids)
    told.write_text(json.dumps({name: value for name, value in asdict(made).items() if name != "folder"}), "utf-8")
    return made


def finished(supervisor: Supervisor, kind: JobKind, name: str, spec: BaseModel, story_key: str = "") -> str:
    """Return the id of a job once it has ended as it should.

    Raises:
        RuntimeError: it failed, or takes more than ten minutes.
    """
    job_id = supervisor.submit(kind, name, spec.model_dump_json(), story_key)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        job = supervisor.store.get(job_id)
        assert job is not None
        if job.state is JobState.DONE:
            return job_id
        if job.state.is_final:
            raise RuntimeError(f"The job '{name}' did not end well: {job.error}")
        time.sleep(0.1)
    raise RuntimeError(f"The job '{name}' did not end within {SECONDS:.0f} s.")


def _keep_small_runs(store: RunStore, catalog: Catalog) -> None:
    """Fill the list of runs with one small run under many names."""
    spec = story_spec(story("bumps"), catalog).revised(budget={"evaluations": SMALL_EVALUATIONS}, is_compared=False)
    result = run_spec(spec, catalog.model_data(spec)).result.model_dump_json()
    for number in range(1, N_SMALL_RUNS + 1):
        name = f"Small run {number}"
        run = store.add(JobKind.SEARCH, name, spec.revised(name=name).model_dump_json())
        store.start(run, "benchmark")
        store.finish(run, JobState.DONE, result=result)
