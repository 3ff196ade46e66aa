import pytest

from services.estimate import duration_words, estimate_seconds, plan_words, time_candidate
from services.problems import build_problem


def test_a_candidate_takes_some_time(plain_spec, mixed):
    assert time_candidate(build_problem(plain_spec, mixed)) > 0


def test_a_run_takes_what_its_evaluations_take(plain_spec, mixed_spec):
    assert estimate_seconds(plain_spec, 0.001) == pytest.approx(1.5)
    assert estimate_seconds(mixed_spec, 0.001) == pytest.approx(3.0)  # the comparison included
    assert estimate_seconds(mixed_spec.revised(is_compared=False), 0.001) == pytest.approx(1.5)
    weightless = mixed_spec.density.model_copy(update={"weight": 0.0})
    assert estimate_seconds(mixed_spec.revised(density=weightless), 0.001) == pytest.approx(1.5)


def test_a_limit_of_time_is_a_limit(plain_spec):
    spec = plain_spec.revised(budget={"evaluations": 10**9, "seconds": 20})
    assert estimate_seconds(spec, 0.001) == 20


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a second or two"),
        (1.99, "a second or two"),
        (3.4, "about 3 seconds"),
        (8, "about 10 seconds"),
        (42, "about 40 seconds"),
        (89, "about 90 seconds"),
        (90, "about 2 minutes"),
        (600, "about 10 minutes"),
        (5400, "about 1.5 hours"),
        (36_000, "about 10.0 hours"),
    ],
)
def test_durations_in_words(seconds, words):
    assert duration_words(seconds) == words


def test_the_plan_says_what_will_run(mixed_spec, plain_spec):
    text = plan_words(mixed_spec, 42)
    assert text == (
        "Up to 10 lineages at once, 4 mutants each per generation, 1,500 evaluations at most; 3 results. The same "
        "search is done once more without the penalty, to compare. This takes about 40 seconds."
    )
    assert "to compare" not in plan_words(plain_spec, 42)
