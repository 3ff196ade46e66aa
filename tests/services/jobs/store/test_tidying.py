from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from services.jobs import JobKind, JobState, RunFilter
from services.jobs.store.database import jobs
from services.jobs.workers import supervisor


def test_a_name_and_a_note_are_changed_and_found(store):
    run_id = store.add(JobKind.QUALITY, "before", "{}")
    store.describe(run_id, name="Nachher", note="für morgen")
    assert (store.get(run_id).name, store.get(run_id).note) == ("Nachher", "für morgen")

    def found(text):
        return [run.id for run in store.runs(RunFilter(text=text, kinds=(JobKind.QUALITY,))).rows]

    assert found("NACHHER FÜR") == [run_id]
    assert found("before") == []
    store.describe(run_id, note="")
    assert found("morgen") == []
    store.describe("nobody", name="x")
    assert store.get("nobody") is None


def test_what_is_deleted_is_not_the_latest_and_comes_back(store):
    first, second = (store.add(JobKind.QUALITY, "key", "{}") for _ in range(2))
    for run_id in (first, second):
        store.finish(run_id, JobState.DONE)
    store.delete([second, "nobody"])
    assert store.is_deleted(second)
    assert not store.is_deleted(first)
    assert store.latest(JobKind.QUALITY, "key").id == first
    assert store.get(second).deleted_at is not None
    store.restore([second])
    assert store.latest(JobKind.QUALITY, "key").id == second


def test_what_goes_on_cannot_be_deleted(store):
    run_id = store.add(JobKind.JUDGEMENT, "x", "{}")
    store.delete([run_id])
    assert store.get(run_id).deleted_at is None
    store.start(run_id, "here")
    store.delete([run_id])
    assert store.get(run_id).deleted_at is None


def test_what_was_deleted_long_ago_is_removed_with_what_belongs_to_it(store):
    old, fresh, kept = (store.add(JobKind.JUDGEMENT, "x", "{}") for _ in range(3))
    proof = store.add(JobKind.PROOF, old, "{}")
    for run_id in (old, fresh, kept, proof):
        store.start(run_id, "here")
        store.add_piece(run_id, b"trace")
        store.change_attachment(run_id, "variants", lambda _: "[]")
        store.finish(run_id, JobState.DONE, result="{}")
    store.delete([old])
    assert store.remove_deleted(timedelta(days=30)) == 0
    assert store.get(old) is not None
    assert store.remove_deleted(timedelta(0)) == 1
    for run_id in (old, proof):
        assert store.get(run_id) is None
        assert store.pieces(run_id) == []
        assert store.attachment(run_id, "variants") is None
    for run_id in (fresh, kept):
        assert store.get(run_id).result == "{}"


def test_a_server_that_starts_removes_what_was_deleted_more_than_a_month_ago(store, settings, supervised):
    old, recent = store.add(JobKind.SEARCH, "old", "{}"), store.add(JobKind.SEARCH, "recent", "{}")
    for run_id in (old, recent):
        store.finish(run_id, JobState.DONE)
    store.delete([old, recent])
    with store._writer.begin() as connection:
        at = datetime.now(UTC) - timedelta(days=31)
        connection.execute(update(jobs).where(jobs.c.id == old).values(deleted_at=at))
    store.close()
    with supervised(settings) as supervisor:
        assert supervisor.store.get(old) is None
        assert supervisor.store.is_deleted(recent)


def test_a_server_that_runs_for_long_removes_it_too(store, settings, supervised, watch, monkeypatch):
    run_id = store.add(JobKind.SEARCH, "old", "{}")
    store.finish(run_id, JobState.DONE)
    store.delete([run_id])
    store.close()
    monkeypatch.setattr(supervisor, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(supervisor, "SECONDS_TO_TIDY", 0.0)
    with supervised(settings) as at_work:
        assert at_work.store.is_deleted(run_id)
        monkeypatch.setattr(supervisor, "DELETED_FOR", timedelta(0))  # a month later
        watch(at_work, run_id, lambda job: job is None)
