import pytest
from sqlalchemy import text

from services.jobs import JobKind, StoreError
from services.jobs.store.database import connect


@pytest.fixture
def run_id(store):
    return store.add(JobKind.SEARCH, "A run", "{}")


def test_a_paper_is_kept_and_replaced(store, run_id):
    assert store.paper(run_id, "variants") is None
    store.keep_attachment(run_id, "variants", "[1]")
    store.keep_attachment(run_id, "measured", "{}")
    store.keep_attachment(run_id, "variants", "[1, 2]")
    assert store.paper(run_id, "variants") == "[1, 2]"
    assert store.paper(run_id, "measured") == "{}"


def test_papers_belong_to_their_run(store, run_id, settings):
    other = store.add(JobKind.SEARCH, "Another", "{}")
    store.keep_attachment(run_id, "variants", "mine")
    assert store.paper(other, "variants") is None
    writer, _reader = connect(settings.database)
    with writer.begin() as connection:
        connection.execute(text("DELETE FROM jobs"))
    writer.dispose()
    assert store.paper(run_id, "variants") is None


def test_a_run_that_is_gone_takes_no_papers(store):
    with pytest.raises(StoreError, match="'variants' cannot be kept: the run nobody is not in the run store"):
        store.keep_attachment("nobody", "variants", "[]")
