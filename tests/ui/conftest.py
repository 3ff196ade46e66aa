"""The app as a test drives it without a browser: Streamlit's own test runner with our words for pages and widgets."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 240.0  # for whatever is waited for, on a loaded machine


def as_shown(text: str) -> str:
    """Return what a reader sees of a text that was made safe for Markdown."""
    plain = re.sub(r"(?<!\\)\*\*", "", text)
    return re.sub(r"\\([^\w\s])", r"\1", plain).replace("\u2060", "")


def _message_of(component: Any) -> dict[str, Any]:
    """Return what a component is sent, or nothing where it is none that is sent JSON."""
    message = json.loads(component.proto.json or "{}")
    return message if isinstance(message, dict) else {}


@cache
def _scan_packages_once() -> None:
    """Have installed packages scanned for components once, as a server does, and not for every session: 0.3 s each."""
    from streamlit.components.v2 import manifest_scanner

    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


class App:
    """One browser session: pages are entered by their short names, widgets are found by what they are called."""

    def __init__(self, page: str | None = None, **query: str) -> None:
        from streamlit.testing.v1 import AppTest

        _scan_packages_once()
        self.test = AppTest.from_file(ROOT / "app.py", default_timeout=SECONDS)
        self.test.query_params.update(query)
        if page is not None:
            self.test.switch_page(f"pages/{page}.py")
        self.run()

    # -- what the user does ---------------------------------------------------------------------------------------

    def run(self) -> "App":
        """Let the page be drawn anew; whatever it raises fails the test."""
        self.test.run()
        assert not self.test.exception, [box.message for box in self.test.exception]
        return self

    def go(self, page: str) -> "App":
        """Enter a page."""
        self.test.switch_page(f"pages/{page}.py")
        return self.run()

    def press(self, label: str, number: int = 0) -> "App":
        """Press a button."""
        button = self.all("button", label)[number]
        assert not button.disabled, f"The button '{label}' is disabled."
        button.click()
        return self.run()

    def press_key(self, key: str) -> "App":
        """Press the button with a key, of several with one label."""
        self.test.button(key=key).click()
        return self.run()

    def put(self, kind: str, label: str, value: Any) -> "App":
        """Set a widget."""
        self.one(kind, label).set_value(value)
        return self.run()

    def upload(self, name: str, data: bytes) -> "App":
        """Give a file to the upload of the Data page."""
        self.test.file_uploader[0].set_value((name, data, "text/csv"))
        return self.run()

    def take_table(self) -> "App":
        """Take the uploaded table without a training, and stay on the Data page."""
        return self.press("Use without training").go("data")

    def edit_features(self, **edits: dict[str, Any]) -> "App":
        """Set features as the board does, which draws in a browser only: name of a feature to what it sends of it."""
        return self._on_board(edits)

    def set_on_board(self, **settings: Any) -> "App":
        """Set the goal, realism or size of the search as the board does, by the names that it sends them under."""
        return self._on_board({}, settings)

    def _on_board(self, edits: dict[str, dict[str, Any]], settings: dict[str, Any] | None = None) -> "App":
        self.edit_board(edits, settings or {})
        return self.run()

    def edit_board(self, edits: dict[str, dict[str, Any]], settings: dict[str, Any]) -> None:
        """Set something as the board does just before the page is drawn anew for another reason."""
        from ui.optimize.bench import apply_edits, board_revision
        from ui.web.settings_board.component import goal_now, knobs_now, what_is_set

        draft = self.session.draft
        known = [{"name": feature.name} | what_is_set(feature) for feature in draft.features]
        sent: dict[str, Any] = {"features": [feature | edits.get(feature["name"], {}) for feature in known]}
        for part, now in (("goal", goal_now(draft)), ("knobs", knobs_now(draft))):
            sent[part] = now | {name: value for name, value in settings.items() if name in now}
        unknown = settings.keys() - sent["goal"].keys() - sent["knobs"].keys()
        assert not unknown, f"The board sends no {unknown}."
        apply_edits(self.session, sent | {"revision": board_revision(self.session)})

    def use_table(self, name: str) -> "App":
        """Take a table that ships."""
        return self.go("data").press_key(f"use-{name}")

    def use_concrete(self) -> "App":
        """Take the shipped concrete table and the model that ships for it, as Data and Model do; then enter a page."""
        from services.specs.outcomes import ModelRef
        from ui.shared import cache, frame

        dataset, saved = cache.catalog().datasets.load("concrete"), cache.catalog().models.load("concrete")
        self.session.use_dataset(dataset)
        frame.take_model(self.session, dataset, ModelRef(name="concrete", digest=saved.digest))
        return self

    # -- what the user sees ---------------------------------------------------------------------------------------

    def all(self, kind: str, label: str) -> list[Any]:
        """Return the widgets of a kind with that label."""
        return [widget for widget in getattr(self.test, kind) if as_shown(widget.label) == label]

    def one(self, kind: str, label: str) -> Any:
        """Return the one widget of a kind with that label."""
        found = self.all(kind, label)
        labels = [as_shown(widget.label) for widget in getattr(self.test, kind)]
        assert len(found) == 1, f"Expected one {kind} '{label}', there are {labels}."
        return found[0]

    def texts(self, *kinds: str) -> list[str]:
        """Return the texts of elements of some kinds as a reader sees them; of all kinds if none is named."""
        known = ("title", "header", "subheader", "markdown", "caption", "error", "warning", "info")
        return [as_shown(element.value) for kind in kinds or known for element in getattr(self.test, kind)]

    def raw_texts(self) -> list[str]:
        """Return every Markdown source of the page, labels included."""
        kinds = ("title", "header", "subheader", "markdown", "caption", "error", "warning", "info")
        values = [element.value for kind in kinds for element in getattr(self.test, kind)]
        labelled = ("button", "toggle", "selectbox", "multiselect", "number_input", "slider", "text_input", "expander")
        return values + [widget.label for kind in labelled for widget in getattr(self.test, kind)]

    def says(self, words: str, *kinds: str) -> bool:
        """Return whether a text of the page holds these words."""
        return any(words in text for text in self.texts(*kinds))

    @property
    def title(self) -> str:
        """The title of the page."""
        return self.test.title[0].value

    @property
    def labels(self) -> list[str]:
        """What the buttons of the page are called."""
        return [button.label for button in self.test.button]

    @property
    def links(self) -> list[str]:
        """What the links to other pages are called."""
        return [link.label for link in self.test.page_link]

    @property
    def board(self) -> dict[str, Any]:
        """What the board of settings on the Optimize page is told."""
        return next(message for message in map(_message_of, self.test.get("bidi_component")) if "features" in message)

    def on_board(self, name: str) -> dict[str, Any]:
        """What the board is told of one feature."""
        return next(feature for feature in self.board["features"] if feature["name"] == name)

    @property
    def result_view(self) -> dict[str, Any]:
        """What the linked view of a result is told."""
        return next(message for message in map(_message_of, self.test.get("bidi_component")) if "table" in message)

    @property
    def table_names(self) -> list[str]:
        """The names in the table of results, reference first."""
        return [row["name"] for row in self.result_view["table"]["rows"]]

    def table_column(self, name: str, field: str = "value") -> list[Any]:
        """Return one field of the cells of a column of the table of results."""
        table = self.result_view["table"]
        at = [column["name"] for column in table["columns"]].index(name)
        return [row["cells"][at].get(field) for row in table["rows"]]

    def row_fields(self, name: str) -> list[Any]:
        """Return one field of the rows of the table of results."""
        return [row[name] for row in self.result_view["table"]["rows"]]

    @property
    def figures(self) -> list[Any]:
        """The Plotly charts of the page."""
        return list(self.test.get("plotly_chart"))

    @property
    def session(self) -> Any:
        """The session's state."""
        return self.test.session_state["app_session"]


class Installation:
    """Folders of one server, and its run store."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.saved_models = folder / "models"

    @property
    def supervisor(self) -> Any:
        """The server's supervisor."""
        from ui.shared import cache

        return cache.supervisor()

    def keep(self, result: Any) -> str:
        """Keep a result as if a run had found it; return the run's id."""
        return self.ended("search", result.spec.name, result.spec.model_dump_json(), result=result.model_dump_json())

    def ended(
        self, kind: str, name: str, spec: str, state: str = "done", pieces: Sequence[bytes] = (), **told: Any
    ) -> str:
        """Keep a job that has ended so, with the pieces of its trace; return its id."""
        from services.jobs import JobKind, JobState

        job_id = self.supervisor.store.add(JobKind(kind), name, spec)
        for payload in pieces:
            self.supervisor.store.add_piece(job_id, payload)
        self.supervisor.store.finish(job_id, JobState(state), **told)
        return job_id

    def wait(self, job_id: str) -> Any:
        """Return a job when it has ended."""
        return self._watch(job_id, lambda job: job.state.is_final)

    def wait_for(self, job_id: str, has_come: Callable[[Any], bool]) -> None:
        """Wait until a job has come so far; it must not end before."""
        job = self._watch(job_id, lambda job: has_come(job) or job.state.is_final)
        assert not job.state.is_final, f"The job {job_id} ended too early: {job.state}, {job.error}."

    def _watch(self, job_id: str, is_there: Callable[[Any], bool]) -> Any:
        end = time.monotonic() + SECONDS
        while not is_there(job := self.supervisor.store.get(job_id)):
            assert time.monotonic() < end, f"The job {job_id} did not come so far: {job.state}, {job.progress}."
            time.sleep(0.02)
        return job


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A server of this module's own: an empty home, a copy of the models that ship, no training worker in waiting."""
    import streamlit as st

    made = Installation(tmp_path_factory.mktemp("installation"))
    shutil.copytree(ROOT / "models" / "saved", made.saved_models)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIXWRIGHT_HOME", str(made.home))
        patch.setenv("MIXWRIGHT_SAVED_MODELS", str(made.saved_models))
        patch.setenv("MIXWRIGHT_WARM_TRAINING", "0")
        patch.setenv("MIXWRIGHT_PARALLEL", "1")
        patch.setenv("MIXWRIGHT_LANES", "1")
        patch.delenv("MIXWRIGHT_DATABASE", raising=False)
        st.cache_resource.clear()
        st.cache_data.clear()
        yield made
        made.supervisor.close()
        made.supervisor.store.close()
        st.cache_resource.clear()
        st.cache_data.clear()


@pytest.fixture
def open_app(installation: Installation) -> Callable[..., App]:
    """Open the app in a new session: a page's short name, and the address's query."""
    return App


@pytest.fixture
def app(open_app: Callable[..., App]) -> App:
    """The app, just opened on its start page."""
    return open_app()


@pytest.fixture(scope="session")
def _searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, list[bytes], str]:
    """The concrete story with a small budget, searched once: its specification, the pieces of its trace, its result."""
    from services.catalog.loading import Catalog
    from services.catalog.settings import Settings
    from services.jobs.kinds import search
    from services.jobs.workers.job_context import JobContext
    from services.jobs.workers.messages import Piece
    from services.problems.stories import story, story_spec

    sent: list[Any] = []
    catalog = Catalog.of(Settings.from_environment({"MIXWRIGHT_HOME": str(tmp_path_factory.mktemp("searched"))}))
    spec = story_spec(story("concrete"), catalog)
    spec = spec.revised(budget=spec.budget.model_copy(update={"evaluations": 6_000}))
    result, _ = search(spec.model_dump_json(), JobContext("searched", catalog, sent.append))
    return spec, [message.payload for message in sent if isinstance(message, Piece)], result


@pytest.fixture(scope="module")
def finished_run(installation: Installation, _searched: tuple[Any, list[bytes], str]) -> str:
    """The id of a finished run of the concrete story with a small budget."""
    spec, pieces, result = _searched
    return installation.ended("search", spec.name, spec.model_dump_json(), pieces=pieces, result=result)


@pytest.fixture
def result(installation: Installation, finished_run: str) -> Any:
    """What that run found."""
    from services.specs.results import RunResult

    return RunResult.model_validate_json(installation.supervisor.store.get(finished_run).result)


@pytest.fixture
def save_linear_model(installation: Installation) -> Iterator[Callable[..., None]]:
    """Save a linear model, fitted by least squares, for a dataset under a name; it is taken away after the test."""
    saved = []

    def save(dataset: Any, name: str) -> None:
        from models import ModelCard, ModelStore, TrainingSettings
        from models.data.encoding import Encoding

        encoding = Encoding.from_dataset(dataset, np.arange(dataset.n_rows))
        inputs = np.column_stack([encoding.encode(dataset.X), np.ones(dataset.n_rows)])
        target = (dataset.y - encoding.outcome_mean) / encoding.outcome_std
        weights = np.linalg.lstsq(inputs, target, rcond=None)[0]
        card = _card_of(dataset, encoding, ModelCard, TrainingSettings)
        ModelStore(installation.saved_models).save(name, _keras_bytes(weights[:-1, None], weights[-1:]), card)
        saved.append(name)

    yield save
    for name in saved:
        for suffix in ("keras", "json"):
            (installation.saved_models / f"{name}.{suffix}").unlink(missing_ok=True)


def _card_of(dataset: Any, encoding: Any, card_class: Any, settings_class: Any) -> Any:
    """Return the card of a model on the whole dataset."""
    shipped = json.loads((ROOT / "models" / "saved" / "concrete.json").read_text("utf-8"))
    features = []
    for column, values, mean, std in zip(dataset.features, dataset.X.T, encoding.means, encoding.stds, strict=True):
        frequencies = dataset.frequencies(column.name).tolist() if column.is_categorical else []
        features.append(
            {
                "name": column.name,
                "unit": column.unit,
                "kind": column.kind,
                "categories": column.categories,
                "is_integer": column.is_integer,
                "mean": mean,
                "std": std,
                "low": values.min(),
                "high": values.max(),
                "frequencies": frequencies,
            }
        )
    outcome = {"name": dataset.outcome.name, "unit": dataset.outcome.unit, "low": dataset.y.min()}
    outcome |= {"high": dataset.y.max(), "mean": encoding.outcome_mean, "std": encoding.outcome_std}
    about = {"name": dataset.name, "digest": dataset.digest, "n_rows": dataset.n_rows}
    changed = {"features": features, "outcome": outcome, "sweep": dataset.sweep, "parts": dataset.parts}
    changed |= {"dataset": about, "network_sha256": "", "settings": asdict(settings_class(widths=(1,), n_members=1))}
    changed |= {"intervals": None}
    return card_class.model_validate(shipped | changed)


def _keras_bytes(kernel: np.ndarray, bias: np.ndarray) -> bytes:
    """Return a .keras file of one dense layer."""
    from models.keras.writer import keras_file_of
    from models.networks.network import Dense, Network

    return keras_file_of([Network(len(kernel), (Dense(kernel, bias),))])


@pytest.fixture
def csv() -> Callable[..., bytes]:
    """Make a CSV file of columns of values."""

    def make(columns: dict[str, Sequence[Any]], delimiter: str = ",", decimal: str = ".") -> bytes:
        rows = zip(*columns.values(), strict=True)
        lines = [list(columns), *([str(value).replace(".", decimal) for value in row] for row in rows)]
        return "\n".join(delimiter.join(line) for line in lines).encode()

    return make
