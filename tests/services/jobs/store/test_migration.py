import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from services.jobs import JobKind, JobState, RunFilter, RunStore
from services.jobs.store.database import SCHEMA_VERSION

VERSION_1 = """
CREATE TABLE jobs (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id VARCHAR(40) NOT NULL UNIQUE,
    kind VARCHAR(20) NOT NULL,
    name VARCHAR(200) NOT NULL,
    state VARCHAR(20) NOT NULL,
    spec TEXT NOT NULL,
    result TEXT,
    artifact BLOB,
    error TEXT NOT NULL,
    phase VARCHAR(200) NOT NULL,
    n_chunks INTEGER NOT NULL,
    created_at DATETIME NOT NULL,
    started_at DATETIME,
    finished_at DATETIME,
    server VARCHAR(40),
    heartbeat_at DATETIME
);
CREATE INDEX ix_jobs_state ON jobs (state);
CREATE TABLE chunks (
    job VARCHAR(40) NOT NULL,
    number INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (job, number),
    FOREIGN KEY(job) REFERENCES jobs (id) ON DELETE CASCADE
);
CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO schema_version VALUES (1);
"""
SPEC = json.dumps({"dataset": {"name": "concrete"}, "model": {"name": "mlp"}, "goal": "maximum"})
RESULT = json.dumps({"outcome_name": "strength", "objective_unit": "MPa", "results": {"outcomes": [81.5, 80.0]}})
AT = "2026-03-01 10:00:00.000000"
LATER = "2026-03-01 10:00:12.500000"


@pytest.fixture
def old(settings):
    """A run store of version 1: a search that is done, one that failed, a training, and one that waits."""
    file = settings.home / "runs.sqlite"
    file.parent.mkdir()
    rows = [
        ("done", "search", "Straße", "done", SPEC, RESULT, None, "", 1, AT, AT, LATER),
        ("failed", "search", "B", "failed", SPEC, None, None, "why", 0, AT, AT, LATER),
        ("trained", "training", "C", "done", SPEC, "{}", b"\x00model", "", 0, AT, AT, LATER),
        ("waiting", "search", "D", "queued", "no JSON", None, None, "", 0, AT, None, None),
    ]
    names = "id, kind, name, state, spec, result, artifact, error, n_chunks, created_at, started_at, finished_at"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executescript(VERSION_1)
        marks = ", ".join("?" * 12)
        connection.executemany(f"INSERT INTO jobs ({names}, phase) VALUES ({marks}, '')", rows)
        connection.execute("INSERT INTO chunks VALUES ('done', 0, ?)", (b"trace",))
    return file


@pytest.fixture
def store(old, settings):
    made = RunStore(settings.database)
    yield made
    made.close()


def test_everything_that_was_kept_is_there(store):
    done = store.get("done")
    assert (done.name, done.state, done.spec, done.result) == ("Straße", JobState.DONE, SPEC, RESULT)
    assert done.created_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert store.chunks("done") == [b"trace"]
    assert store.get("failed").error == "why"
    assert store.artifact("trained") == b"\x00model"
    assert store.next_queued(list(JobKind)).id == "waiting"


def test_what_is_new_means_as_before(store):
    for run_id in ("done", "failed", "trained", "waiting"):
        job = store.get(run_id)
        assert (job.note, job.story, job.deleted_at) == ("", "", None)
    assert store.paper("done", "variants") is None


def test_old_runs_are_listed_like_new_ones(store):
    page = store.runs()
    assert [run.id for run in page.rows] == ["waiting", "failed", "done"]
    done = page.rows[2]
    assert (done.dataset, done.model, done.goal) == ("concrete", "mlp", "Max strength")
    assert (done.best, done.unit, done.n_results, done.seconds) == (81.5, "MPa", 2, 12.5)
    assert (page.rows[1].goal, page.rows[1].best) == ("Max", None)
    assert (page.rows[0].dataset, page.rows[0].seconds) == ("", None)
    assert [run.id for run in store.runs(RunFilter(text="STRASSE")).rows] == ["done"]


def test_it_is_brought_over_once(old, settings):
    for _ in range(2):
        RunStore(settings.database).close()
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT version FROM schema_version").fetchall() == [(SCHEMA_VERSION,)]
        assert connection.execute("SELECT count(*) FROM outputs").fetchall() == [(2,)]


def test_lists_do_not_read_past_results(store, old):
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT max(length(result)), max(length(artifact)) FROM jobs").fetchall() == [
            (None, None)
        ]


def test_an_old_store_goes_on(store):
    store.start("waiting", "here")
    store.finish("waiting", JobState.DONE, result=RESULT)
    assert store.runs().rows[0].best == 81.5
    run_id = store.add(JobKind.SEARCH, "New", SPEC, "concrete")
    assert store.get(run_id).story == "concrete"
    store.delete(["done"])
    assert store.remove_deleted(timedelta(days=-1)) == 1
    assert store.get("done") is None
    assert store.chunks("done") == []
