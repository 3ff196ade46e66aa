import pytest
from hypothesis import given, strategies as st

from services.jobs import JobKind, JobState, RunRow
from services.jobs.texts import KIND_WORDS, STATE_WORDS, best_words, run_title, span_words, state_detail

NOTHING = dict.fromkeys(RunRow.__dataclass_fields__) | {"error": "", "progress": "", "goal": ""}


def run(**changes):
    usual = {"kind": JobKind.SEARCH, "name": "A run", "state": JobState.DONE, "model": "mlp"}
    return RunRow(**(NOTHING | usual | changes))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "< 0.1 s"),
        (0.1, "0.1 s"),
        (0.46, "0.4 s"),
        (9.99, "9.9 s"),
        (10, "10 s"),
        (59.9, "59 s"),
        (60, "1 min 00 s"),
        (65.2, "1 min 05 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 00 min"),
        (94_000, "26 h 06 min"),
    ],
)
def test_a_span_reads_as_people_say_it(seconds, words):
    assert span_words(seconds) == words


@given(st.floats(0.1, 1e7))
def test_a_span_is_never_more_than_it_was(seconds):
    number = {"s": 1.0, "min": 60.0, "h": 3600.0}
    parts = span_words(seconds).split()
    told = sum(float(value) * number[unit] for value, unit in zip(parts[::2], parts[1::2], strict=True))
    assert told <= seconds + 1e-9 < told + (0.1 if seconds < 10 else 1 if seconds < 3600 else 60) + 1e-6


@pytest.mark.parametrize(("best", "words"), [(None, ""), (10_578.6, "10,579"), (99.94, "99.9"), (0.12345, "0.12")])
def test_a_best_outcome_has_meaningful_digits(best, words):
    assert best_words(run(best=best)) == words


def test_every_listed_kind_and_every_state_has_a_word():
    assert set(KIND_WORDS) == set(JobKind) - {JobKind.PROOF, JobKind.JUDGEMENT}
    assert set(STATE_WORDS) == set(JobState)


def test_quality_checks_are_called_after_their_model():
    assert run_title(run()) == "A run"
    assert run_title(run(kind=JobKind.QUALITY, name="a9f3 saved mlp")) == "Quality of mlp"
    assert run_title(run(kind=JobKind.QUALITY, name="a9f3", model="")) == "a9f3"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": JobState.RUNNING, "progress": "Searching"}, "Searching"),
        ({"state": JobState.RUNNING}, "Starting"),
        ({"state": JobState.FAILED, "error": "The table is gone."}, "The table is gone."),
        ({"state": JobState.CANCELLED, "n_results": 3}, "What it had found is kept"),
        ({"state": JobState.CANCELLED}, "Before it found anything"),
        ({"state": JobState.DONE}, ""),
    ],
)
def test_a_state_says_what_there_is_to_add(changes, words):
    assert state_detail(run(**changes)) == words


def test_a_front_has_no_best_and_says_what_it_has():
    row = run(goal="Front of max strength and min cost", n_results=10, best=None)
    assert best_words(row) == "10 results on a front of max strength and min cost"
    assert best_words(run(goal=row.goal, n_results=0)) == ""
