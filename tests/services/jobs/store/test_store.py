import sqlite3
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.jobs import JobKind, JobState, RunStore, StoreError
from services.jobs.store.database import SCHEMA_VERSION, connect


@pytest.fixture
def file(settings):
    return settings.home / "runs.sqlite"


def _add(store, kind=JobKind.SEARCH):
    return store.add(kind, "A run", "{}")


def _execute(file, statement, *values):
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def test_a_job_is_queued_started_and_finished(store):
    job_id = _add(store)
    queued = store.get(job_id)
    assert (queued.state, queued.name, queued.spec, queued.kind) == (JobState.QUEUED, "A run", "{}", JobKind.SEARCH)
    assert (queued.result, queued.error, queued.progress, queued.n_pieces) == (None, "", "", 0)
    assert queued.started_at is None
    assert store.start(job_id, "here")
    store.set_progress(job_id, "Searching")
    running = store.get(job_id)
    assert (running.state, running.progress) == (JobState.RUNNING, "Searching")
    store.finish(job_id, JobState.DONE, result='{"a": 1}', artifact=b"\x00model")
    done = store.get(job_id)
    assert (done.state, done.result, done.progress) == (JobState.DONE, '{"a": 1}', "")
    assert store.artifact(job_id) == b"\x00model"
    assert done.created_at <= done.started_at <= done.finished_at


def test_a_running_job_may_have_its_result(store):
    job_id = store.add(JobKind.SEARCH, "Run", "{}")
    store.set_result(job_id, "too early")
    assert store.get(job_id).result is None and not store.get(job_id).is_ready
    store.start(job_id, "server")
    for words in ("first", "second"):
        store.set_result(job_id, words)
        assert (store.get(job_id).result, store.get(job_id).state) == (words, JobState.RUNNING)
        assert store.get(job_id).is_ready
    time.sleep(0.02)
    store.finish(job_id, JobState.FAILED, error="The worker died.")
    done = store.get(job_id)
    assert done.result == "second"
    (row,) = store.runs_named([job_id])
    assert row.seconds < (done.finished_at - done.started_at).total_seconds()  # what it took to the result
    store.set_result(job_id, "too late")
    assert store.get(job_id).result == "second"


def test_times_are_in_utc(store):
    created_at = store.get(_add(store)).created_at
    assert created_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=1)


def test_ids_cannot_be_guessed(store):
    ids = {_add(store) for _ in range(50)}
    assert len(ids) == 50
    assert min(map(len, ids)) >= 16


def test_a_job_that_is_not_there(store):
    assert store.get("nobody") is None
    assert store.artifact("nobody") is None
    assert store.pieces("nobody") == []
    assert not store.start("nobody", "here")
    store.finish("nobody", JobState.DONE)
    assert store.get("nobody") is None


@pytest.mark.parametrize("state", [state for state in JobState if state.is_final])
def test_an_end_is_final(store, state):
    job_id = _add(store)
    store.start(job_id, "here")
    store.finish(job_id, state, result="first", artifact=b"first", error="first")
    ended = store.get(job_id)
    for later in JobState:
        store.finish(job_id, later, result="second", artifact=b"second", error="second")
    assert not store.start(job_id, "there")
    store.set_progress(job_id, "Searching again")
    store.sweep(timedelta(seconds=-60))
    assert store.get(job_id) == ended
    assert store.artifact(job_id) == b"first"


def test_a_queued_job_can_be_cancelled(store):
    job_id = _add(store)
    store.finish(job_id, JobState.CANCELLED)
    assert store.get(job_id).state is JobState.CANCELLED
    assert store.next_queued(list(JobKind)) is None


def test_a_job_starts_once(store):
    job_id = _add(store)
    assert store.start(job_id, "here")
    assert not store.start(job_id, "there")


def test_who_waited_longest_is_next(store):
    searches = [_add(store), _add(store)]
    training = _add(store, JobKind.TRAINING)
    assert store.next_queued(list(JobKind)).id == searches[0]
    assert store.next_queued([JobKind.TRAINING]).id == training
    assert store.next_queued([]) is None
    store.start(searches[0], "here")
    assert store.next_queued(list(JobKind)).id == searches[1]


def test_how_many_are_ahead(store):
    ids = [_add(store) for _ in range(4)]
    assert [store.n_ahead(job_id) for job_id in ids] == [0, 1, 2, 3]
    store.start(ids[0], "here")
    assert store.n_ahead(ids[3]) == 3
    store.finish(ids[0], JobState.DONE)
    store.finish(ids[2], JobState.CANCELLED)
    assert store.n_ahead(ids[3]) == 1


def test_pieces_of_a_trace_come_in_order(store):
    one, other = _add(store), _add(store)
    for number in range(12):
        store.add_piece(one, b"one %d" % number)
        store.add_piece(other, b"other %d" % number)
    assert store.get(one).n_pieces == 12
    assert store.pieces(one) == [b"one %d" % number for number in range(12)]
    assert store.pieces(other, first=9) == [b"other 9", b"other 10", b"other 11"]
    assert store.pieces(one, first=12) == []


def test_only_stale_running_jobs_are_swept(store, file):
    ids = {state: _add(store) for state in ("stale", "fresh", "queued", "done")}
    for state in ("stale", "fresh", "done"):
        store.start(ids[state], "here")
    store.set_progress(ids["stale"], "Searching")
    store.finish(ids["done"], JobState.DONE)
    old = (datetime.now(UTC) - timedelta(seconds=60)).strftime("%Y-%m-%d %H:%M:%S.%f")
    for state in ("stale", "done"):
        _execute(file, "UPDATE jobs SET heartbeat_at = ? WHERE id = ?", old, ids[state])
    store.sweep(timedelta(seconds=10))
    swept = store.get(ids["stale"])
    assert (swept.state, swept.progress) == (JobState.INTERRUPTED, "")
    assert "The server stopped while this was running" in swept.error
    assert swept.finished_at is not None
    assert store.get(ids["fresh"]).state is JobState.RUNNING
    assert store.get(ids["queued"]).state is JobState.QUEUED
    assert store.get(ids["done"]).state is JobState.DONE


def test_a_sign_of_life_keeps_a_job(store, file):
    beaten, silent = _add(store), _add(store)
    for job_id in (beaten, silent):
        store.start(job_id, "here")
    _execute(file, "UPDATE jobs SET heartbeat_at = '2020-01-01 00:00:00.000000'")
    store.beat([])
    store.beat([beaten])
    store.sweep(timedelta(seconds=10))
    assert store.get(beaten).state is JobState.RUNNING
    assert store.get(silent).state is JobState.INTERRUPTED


def test_everything_is_there_after_a_restart(store, settings):
    job_id = _add(store)
    store.start(job_id, "here")
    store.add_piece(job_id, b"trace")
    before = store.get(job_id)
    store.close()
    again = RunStore(settings.database)
    assert again.get(job_id) == before
    assert again.pieces(job_id) == [b"trace"]
    again.close()


@pytest.mark.parametrize(("step", "age"), [(1, "a newer"), (-1, "an older")])
def test_a_store_of_another_version_is_refused_and_left_alone(store, settings, file, step, age):
    _add(store)
    store.close()
    _execute(file, "UPDATE schema_version SET version = ?", SCHEMA_VERSION + step)
    with pytest.raises(StoreError, match=rf"{age} Mixwright \(schema {SCHEMA_VERSION + step}, this one knows"):
        RunStore(settings.database)
    assert _execute(file, "SELECT count(*) FROM jobs") == [(1,)]


def test_a_file_that_is_no_database_is_refused_and_left_alone(settings, file):
    file.parent.mkdir()
    file.write_bytes(b"This is not a database. " * 100)
    with pytest.raises(StoreError, match=r"cannot be opened .*mend it or move it away"):
        RunStore(settings.database)
    assert file.read_bytes() == b"This is not a database. " * 100


@pytest.mark.parametrize("url", ["", "runs.sqlite", "oracle+nothing://me:hunter2@db/runs"])
def test_a_url_that_leads_nowhere_is_refused_and_tells_no_password(url):
    with pytest.raises(StoreError, match="MIXWRIGHT_DATABASE cannot be used") as refused:
        RunStore(url)
    assert "hunter2" not in str(refused.value)


def test_the_database_writes_ahead(store, file):
    _add(store)
    assert _execute(file, "PRAGMA journal_mode") == [("wal",)]


def test_a_reader_sees_one_moment_while_others_write_and_cannot_write(store, settings):
    _add(store)
    _writer, reader = connect(settings.database)
    with reader.connect() as connection:
        count = text("SELECT count(*) FROM jobs")
        assert connection.execute(count).scalar() == 1
        _add(store)
        assert connection.execute(count).scalar() == 1
        with pytest.raises(OperationalError, match="readonly"):
            connection.execute(text("DELETE FROM jobs"))
    reader.dispose()


def test_writers_side_by_side_lose_nothing(store):
    job_id = _add(store)
    store.start(job_id, "here")
    errors = []

    def write(writer):
        try:
            for number in range(40):
                store.add_piece(job_id, b"%d %d" % (writer, number))
                store.set_progress(job_id, f"{writer}")
                store.get(job_id)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    pieces = store.pieces(job_id)
    assert store.get(job_id).n_pieces == len(pieces) == 240
    for writer in range(6):
        own = [piece for piece in pieces if piece.startswith(b"%d " % writer)]
        assert own == [b"%d %d" % (writer, number) for number in range(40)]


def test_of_many_who_start_a_job_one_does(store):
    job_id = _add(store)
    started = []
    threads = [threading.Thread(target=lambda n=n: started.append(store.start(job_id, str(n)))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(started) == [False] * 7 + [True]


def test_an_attachment_is_kept_and_replaced(store):
    run_id = _add(store)
    assert store.attachment(run_id, "variants") is None
    store.change_attachment(run_id, "variants", lambda _: "[1]")
    store.change_attachment(run_id, "measured", lambda _: "{}")
    store.change_attachment(run_id, "variants", lambda _: "[1, 2]")
    assert store.attachment(run_id, "variants") == "[1, 2]"
    assert store.attachment(run_id, "measured") == "{}"


def test_pieces_and_attachments_belong_to_their_run(store, settings):
    run_id, other = _add(store), _add(store)
    store.add_piece(run_id, b"trace")
    store.change_attachment(run_id, "variants", lambda _: "mine")
    assert store.attachment(other, "variants") is None
    writer, _reader = connect(settings.database)
    with writer.begin() as connection:
        connection.execute(text("DELETE FROM jobs"))
    writer.dispose()
    assert store.attachment(run_id, "variants") is None
    assert store.pieces(run_id) == []


def test_a_run_that_is_gone_takes_no_attachments(store):
    with pytest.raises(StoreError, match="'variants' cannot be kept: the run nobody is not in the run store"):
        store.change_attachment("nobody", "variants", lambda _: "[]")
