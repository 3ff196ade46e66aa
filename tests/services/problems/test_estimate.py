import pytest

from optimizer import METHODS
from services.problems.building import build_front, build_problem
from services.problems.estimate import duration_words, estimate_seconds, left_words, plan_words, time_evaluation
from services.problems.stories import story, story_spec
from services.specs.method import method_named


class _Watched:
    """A problem that notes how it is asked."""

    def __init__(self, problem, has_gradient):
        self.space, self.has_gradient = problem.space, has_gradient
        self.asked = []

    def evaluate(self, X):
        self.asked.append(("plain", len(X)))

    def evaluate_with_gradient(self, X):
        self.asked.append(("gradient", len(X)))


@pytest.mark.parametrize("name", METHODS)
def test_an_evaluation_takes_at_least_what_is_the_method_s_own(plain_spec, mixed, name):
    method = method_named(name)
    assert time_evaluation(build_problem(plain_spec, mixed), method) > method.overhead > 0


def test_a_front_is_timed_by_all_of_its_outcomes_and_has_a_search_of_its_own(catalog):
    spec = story_spec(story("front"), catalog)
    model_data = catalog.model_data(spec)
    seconds = time_evaluation(build_front(spec, model_data), spec.method)
    assert seconds == seconds > spec.method.overhead
    assert plan_words(spec, 5).startswith("A front: lineages that each follow a direction between the goals")
    assert "10 results" in plan_words(spec, 5) and "Niches" not in plan_words(spec, 5)


def test_candidates_are_timed_as_the_method_asks_for_them(plain_spec, mixed):
    problem = build_problem(plain_spec, mixed)

    def asked(name, has_gradient):
        watched = _Watched(problem, has_gradient)
        time_evaluation(watched, method_named(name))
        assert len(set(watched.asked)) == 1 and len(watched.asked) > 1
        return watched.asked[0]

    assert asked("niches", True) == ("plain", 128)
    assert asked("multistart", True) == ("gradient", 1)
    assert asked("multistart", False) == ("plain", 1)


def test_results_take_what_the_evaluations_of_the_search_take(plain_spec, mixed_spec):
    """The search, and a second and a half before and after; not what they are shown beside."""
    plain = estimate_seconds(plain_spec, 0.001)
    assert plain == pytest.approx(1.5 + 1.5, rel=0.01)
    compared, alone = (estimate_seconds(mixed_spec.revised(is_compared=each), 0.001) for each in (True, False))
    assert compared == alone > plain  # realism takes its time as well
    weightless = mixed_spec.density.model_copy(update={"weight": 0.0})
    assert estimate_seconds(mixed_spec.revised(density=weightless), 0.001) == pytest.approx(plain)
    assert estimate_seconds(plain_spec.revised(budget={"evaluations": 15_000}), 0.001) > 5 * plain


def test_a_limit_of_time_is_a_limit(plain_spec):
    spec = plain_spec.revised(budget={"evaluations": 10**9, "seconds": 20})
    assert 20 < estimate_seconds(spec, 0.001) < 23


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


@pytest.mark.parametrize(
    ("share", "seconds", "words"),
    [
        (0.0, 30, ""),
        (0.019, 30, ""),  # too early to tell
        (0.5, 0.4, ""),
        (0.5, 10, "about 10 seconds left"),
        (0.25, 200, "about 10 minutes left"),
        (0.99, 60, "a second or two left"),
        (1.0, 60, ""),
        (1.2, 60, ""),
    ],
)
def test_what_is_left_in_words(share, seconds, words):
    assert left_words(share, seconds) == words
