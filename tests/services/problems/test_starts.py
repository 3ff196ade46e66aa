import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from optimizer import SpaceError
from services.problems.building import build_problem, build_starts
from services.results.search import run_spec
from services.specs.method import method_named
from services.specs.run import RunSpec

UNSTEERABLE = {"name": "random"}


def _rows(model_data, *numbers):
    return tuple(tuple(model_data.dataset.X[number].tolist()) for number in numbers)


def test_without_any_there_is_nothing_to_begin_at(mixed_spec, mixed):
    problem = build_problem(mixed_spec, mixed)
    assert problem.begin_at is None
    assert (mixed_spec.starts, mixed_spec.continues, mixed_spec.decisions) == ((), "", ())


def test_a_method_that_takes_no_settings_to_begin_at_leaves_them_out(mixed_spec, mixed):
    more = mixed_spec.revised(starts=_rows(mixed, 5), continues="run", decisions=[])
    assert more.searched_by(mixed_spec.method) == more
    other = more.searched_by(method_named("random_search"))
    assert (other.method.name, other.starts, other.continues) == ("random_search", (), "")
    build_problem(other, mixed)


def test_settings_become_candidates_each_once_and_in_order(mixed_spec, mixed):
    rows = _rows(mixed, 5, 2, 5, 9)
    space = build_problem(mixed_spec, mixed).space
    X = build_starts(mixed_spec.revised(starts=rows), space)
    assert space.contains(X).all()
    np.testing.assert_array_equal(X, space.repair(np.array(rows))[[0, 1, 3]])


def test_what_lies_outside_is_moved_inside(mixed_spec, mixed):
    far = tuple(1e9 if not column.categories else 0.0 for column in mixed.dataset.features)
    space = build_problem(mixed_spec, mixed).space
    (start,) = build_starts(mixed_spec.revised(starts=(far,)), space)
    highs = [f.high for f in space.features if hasattr(f, "high") and f.frozen is None]
    assert set(highs) <= set(start.tolist())


def test_lineages_begin_there_by_either_method(any_spec, mixed):
    rows = _rows(mixed, 1, 4, 7)
    spec = any_spec.revised(starts=rows, continues="abc")
    report = run_spec(spec, mixed)
    first = report.trace[0].bests.X
    for row in build_problem(spec, mixed).begin_at:
        assert (first == row).all(axis=1).any()
    assert report.result.spec == spec


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=st.lists(st.integers(0, 79), min_size=1, max_size=12), seed=st.integers(0, 9))
def test_a_run_never_ends_worse_than_it_begins(any_spec, mixed, numbers, seed):
    spec = any_spec.revised(starts=_rows(mixed, *numbers), seed=seed, budget={"evaluations": 300}, is_compared=False)
    problem = build_problem(spec, mixed)
    found = run_spec(spec, mixed, is_beside_random=False).result.results
    assert found.scores[0] <= problem.evaluate(problem.begin_at).scores.min() + 1e-12


def test_a_continued_run_never_ends_worse_than_the_one_before(any_spec, mixed):
    before = run_spec(any_spec, mixed).result
    after = run_spec(any_spec.revised(starts=before.results.X, seed=any_spec.seed + 1), mixed).result
    assert after.results.scores[0] <= before.results.scores[0] + 1e-12


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda start: start[:-1], r"Setting 2 to begin at has \d values, the model has \d features: give one value"),
        (lambda start: (*start, 1.0), r"in this order"),
        (lambda start: (float("nan"), *start[1:]), r"has no number for '\w+', got nan: give one"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(mixed_spec, mixed, change, words):
    good = _rows(mixed, 0)[0]
    with pytest.raises(SpaceError, match=words):
        build_problem(mixed_spec.revised(starts=(good, change(good))), mixed)


def test_a_code_of_no_category_is_refused(mixed_spec, mixed):
    (start,) = _rows(mixed, 0)
    place = next(j for j, column in enumerate(mixed.dataset.features) if column.categories)
    for code in (99.0, 0.5, -1.0):
        wrong = (*start[:place], code, *start[place + 1 :])
        with pytest.raises(SpaceError, match="give its code, a whole number from 0 to"):
            build_problem(mixed_spec.revised(starts=(wrong,)), mixed)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"starts": ((1.0,),)}, "settings to begin at"),
        ({"decisions": ({"after": 1, "kind": "drop", "lineage": 2},)}, "decisions about lineages"),
    ],
)
def test_a_method_that_takes_none_says_so(mixed_spec, mixed, more, words):
    spec = RunSpec.model_validate(dict(mixed_spec) | {"method": {"name": "cma_es"}} | more)
    with pytest.raises(SpaceError, match=f"{words}, and the method 'cma_es' takes none: search by"):
        build_problem(spec, mixed)
