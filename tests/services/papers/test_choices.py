import pytest

from services.jobs import JobKind, RunStore, StoreError
from services.papers.choices import RunChoices, change_choices, choices_of


@pytest.fixture
def store(settings):
    """An empty run store."""
    opened = RunStore(settings.database)
    yield opened
    opened.close()


def test_results_go_to_the_laboratory_and_come_back():
    one = RunChoices().toggled(2).toggled(0)
    assert one.to_lab == (0, 2) and one.for_lab(4) == (0, 2)
    assert one.toggled(0).to_lab == (2,)
    assert RunChoices().for_lab(3) == (0, 1, 2)  # nothing chosen is all


def test_what_is_left_out_goes_to_no_laboratory_and_the_last_comes_back_first():
    one = RunChoices(to_lab=(0, 1)).without(1).without(3)
    assert (one.left_out, one.to_lab) == ((1, 3), (0,))
    assert one.shown(4) == (0, 2)
    assert one.with_last().shown(4) == (0, 2, 3)
    assert one.toggled(0).for_lab(4) == (0, 2)


def test_they_are_kept_with_the_run(store):
    run = store.add(JobKind.SEARCH, "A run", "{}")
    assert choices_of(store, run) == RunChoices()
    change_choices(store, run, lambda found: found.toggled(1).model_copy(update={"litres": 30.0}))
    assert choices_of(store, run) == RunChoices(to_lab=(1,), litres=30.0)
    with pytest.raises(StoreError):
        change_choices(store, "nobody", lambda found: found)


@pytest.mark.parametrize("text", ["", "no JSON", '{"left_out": ["a"]}', '{"litres": -1}', '{"other": 1}'])
def test_a_paper_that_nobody_can_read_is_none(store, text):
    run = store.add(JobKind.SEARCH, "A run", "{}")
    store.change_attachment(run, RunChoices.paper, lambda _: text)
    assert choices_of(store, run) == RunChoices()
