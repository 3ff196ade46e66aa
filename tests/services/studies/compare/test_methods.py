"""Methods on one problem: every search is a run's, what is found is judged alike, and who cannot search is told."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from pydantic import ValidationError

from optimizer import METHODS, Candidates, FloorKind
from optimizer.features import pairwise_distances
from services.problems.building import build_problem
from services.results.search import run_spec
from services.specs.errors import UserError
from services.studies.compare.methods import (
    MOST_EVALUATIONS,
    ComparisonResult,
    ComparisonSpec,
    Entry,
    LeftOut,
    comparison_frame_of_methods,
    comparison_seconds,
    comparison_sentence,
    distinct_rows,
    ranked,
    refusal,
    remark,
    run_comparison,
    searches_frame,
)
from services.studies.parallel import Execution

QUICK = ("niches", "lineages", "differential_evolution", "cma_es", "multistart", "random_search")


@pytest.fixture(scope="module")
def small(bumps_spec):
    return bumps_spec.revised(budget={"evaluations": 600, "seconds": 50, "stall": 900})


@pytest.fixture(scope="module")
def comparison(small, catalog):
    """Two seeds of the quick methods on the bumps."""
    return run_comparison(ComparisonSpec(run=small, methods=QUICK, n_seeds=2), catalog.model_data(small))


def untimed(comparison):
    return [entry.model_copy(update={"seconds": 0.0}) for entry in comparison.entries]


def test_every_search_finds_what_a_run_by_that_method_finds(comparison, small, catalog):
    assert [(e.method, e.seed) for e in comparison.entries] == [(m, seed) for m in QUICK for seed in (0, 1)]
    for entry in comparison.entries:
        run = comparison.spec.run_by(entry.method, entry.seed)
        assert (run.budget.evaluations, run.budget.seconds, run.budget.stall) == (600, None, None)
        result = run_spec(run, catalog.model_data(small)).result
        assert entry.best == result.results.outcomes[0]
        assert entry.best_score == result.results.scores[0] == entry.scores[0]
        assert entry.n_evaluations == result.statistics.n_evaluations == entry.evaluations[-1] <= 600
        assert list(entry.scores) == sorted(entry.scores)
        assert entry.course[-1] == pytest.approx(entry.best)


def test_searching_in_several_processes_changes_nothing(comparison, small, catalog):
    again = run_comparison(comparison.spec, catalog.model_data(small), Execution(n_processes=2))
    assert untimed(again) == untimed(comparison)


def test_pieces_make_the_same_in_whatever_order_they_come(comparison):
    pieces = [*comparison.entries, LeftOut(method="niches", seed=1, words="x")]
    assert ComparisonResult.of(comparison.spec, pieces[::-1]) == ComparisonResult.of(comparison.spec, pieces)
    assert ComparisonResult.model_validate_json(comparison.model_dump_json()) == comparison


def test_a_stop_keeps_the_searches_that_are_done(comparison, small, catalog):
    done = []
    execution = Execution(on_piece=done.append, should_stop=lambda: len(done) == 3)
    stopped = run_comparison(comparison.spec, catalog.model_data(small), execution)
    assert len(stopped.entries) == 3
    assert set(stopped.entries) == set(done)


def test_a_method_with_a_cap_gets_fewer_and_it_is_said(small, catalog):
    spec = ComparisonSpec(run=small.revised(budget={"evaluations": 5_000}), methods=("bayesian", "niches"))
    assert spec.evaluations("bayesian") == MOST_EVALUATIONS["bayesian"] < 5_000 == spec.evaluations("niches")
    problem = build_problem(small, catalog.model_data(small))
    assert "500 evaluations only" in remark(spec, "bayesian", problem)
    assert remark(spec, "niches", problem) == ""


def test_who_cannot_search_a_problem_is_told_and_the_others_search(mixed, mixed_spec, with_feature):
    run = mixed_spec.revised(curve=None, budget={"evaluations": 40})
    for name in ("sand", "water", "temp", "speed", "age"):
        run = with_feature(run, name, is_free=False)
    spec = ComparisonSpec(run=run, methods=("random_search", "multistart", "lineages"))
    problem = build_problem(run, mixed)
    assert "every feature that can move is a category" in refusal(spec, "multistart", problem)
    result = run_comparison(spec, mixed)
    assert [left.method for left in result.left_out if left.seed is None] == ["multistart"]
    assert {entry.method for entry in result.entries} == {"random_search", "lineages"}
    frozen = run.revised(budget={"evaluations": 5})
    few = ComparisonSpec(run=frozen, methods=("lineages", "random_search"))
    assert "the budget allows 5" in refusal(few, "lineages", problem)
    assert refusal(few, "random_search", problem) == ""


def test_mixed_spaces_and_rules_are_searched_and_rules_are_met(mixed, mixed_spec):
    constraints = [{"kind": "sum", "features": ["sand", "water"], "low": 90, "high": 95}]
    run = mixed_spec.revised(constraints=constraints, budget={"evaluations": 400}, plausibility={"at_least": 10})
    spec = ComparisonSpec(run=run, methods=("niches", "cma_es", "multistart", "random_search"))
    assert "Categories stay" in remark(spec, "multistart", build_problem(run, mixed))
    comparison = run_comparison(spec, mixed)
    assert comparison.left_out == ()
    for entry in comparison.entries:
        assert entry.share_within_rules == 1.0
        assert 0 <= entry.share_passing <= 1
        assert all(percent >= 10 for percent in entry.plausibility or ())
    frame = comparison_frame_of_methods(comparison, "y", "")
    assert frame["meet the rules [%]"].tolist() == [100.0] * 4
    assert "worst seed" not in frame


@settings(max_examples=40)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.floats(0.05, 3.0), st.integers(0, 2**32 - 1))
def test_distinct_candidates_are_apart_and_none_is_missed(values, distinct, seed):
    rng = np.random.default_rng(seed)
    X = np.array(values, dtype=float)[:, None] / 4
    scores = np.sort(rng.normal(size=len(X)))
    rows = distinct_rows(Candidates(X, scores, -scores, np.zeros(len(X))), Line(), distinct)
    assert rows[0] == 0
    gaps = pairwise_distances(X)
    apart = gaps[np.ix_(rows, rows)][np.triu_indices(len(rows), k=1)]
    assert (apart >= distinct * (1 - 1e-8)).all()
    assert all(gaps[k][rows[rows <= k]].min() < distinct for k in range(len(X)) if k not in rows)


class Line:
    """A problem as far as distances go."""

    @property
    def space(self):
        return self

    @staticmethod
    def scaled(X):
        return X


def entry(method, scores, *, seed=0, best_size=10.0, **more):
    best = -scores[0] if scores else None
    given = {"n_evaluations": 100, "seconds": 1.0, "best": best, "best_score": scores[0] if scores else None}
    return Entry(method=method, seed=seed, scores=scores, best_size=best_size, **given | more)


@pytest.fixture
def made(small):
    """Three methods: one with the best, one with the most within a tenth of it, one with nothing good enough."""
    spec = ComparisonSpec(run=small.revised(floor={"kind": "within percent", "amount": 10}), methods=QUICK, n_seeds=1)
    entries = (
        entry("niches", (-10.0, -9.5, -3.0), plausibility=(50.0, 30.0, 0.0)),
        entry("lineages", (-9.9, -9.8, -9.2, -8.9), plausibility=(10.0, 20.0, 30.0, 0.0)),
        entry("random_search", (-5.0,)),
    )
    return ComparisonResult.of(spec, entries)


def test_what_is_good_enough_is_measured_against_the_best_of_all(made):
    assert [made.n_within(entry) for entry in made.entries] == [2, 3, 0]
    assert ranked(made) == ["niches", "lineages", "random_search"]
    frame = comparison_frame_of_methods(made, "y", "MPa")
    assert frame["method"].tolist() == ["Niches", "Lineages", "Random search"]
    assert frame["best y [MPa]"].tolist() == [10.0, 9.9, 5.0]
    assert frame["distinct"].tolist() == [2, 3, 0]
    assert frame["plausibility [%]"].tolist()[:2] == [40.0, 20.0]
    assert np.isnan(frame["plausibility [%]"].iloc[2])
    assert "believable [%]" not in frame
    assert len(searches_frame(made, "y", "MPa")) == 3
    assert comparison_sentence(made, "y") == (
        "Niches found the best y; Lineages found the most different good candidates: 3."
    )


def test_a_floor_that_is_a_share_of_each_search_compares_by_the_usual_one(made, small):
    run = small.revised(floor={"kind": "best share", "amount": 1.0})
    shared = made.model_copy(update={"spec": ComparisonSpec(run=run, methods=QUICK)})
    assert shared.floor.kind is FloorKind.WITHIN_PERCENT
    assert [shared.n_within(e) for e in shared.entries] == [2, 3, 0]
    within = ComparisonSpec(run=small.revised(floor={"kind": "within", "amount": 0.3}), methods=QUICK)
    near = made.model_copy(update={"spec": within})
    assert [near.n_within(e) for e in near.entries] == [1, 2, 0]
    assert near.floor_words == "within 0.3 std. dev. of the best that any method found"


def test_equals_are_named_together(made):
    same = made.model_copy(update={"entries": tuple(entry(name, (-5.0,)) for name in QUICK[:3])})
    assert comparison_sentence(same, "y") == (
        "All 3 methods found the best y, and the most different good candidates: 1."
    )
    two = made.model_copy(update={"entries": (*same.entries[:2], entry("cma_es", (-1.0,)))})
    assert comparison_sentence(two, "y").startswith("Niches and Lineages found the best y, and")
    one = made.model_copy(update={"entries": same.entries[:1]})
    assert comparison_sentence(one, "y") == ""
    nothing = made.model_copy(update={"entries": (entry("niches", ()), entry("lineages", ()))})
    assert comparison_sentence(nothing, "y") == ""
    assert [nothing.n_within(e) for e in nothing.entries] == [0, 0]
    assert comparison_frame_of_methods(nothing, "y", "")["distinct"].tolist() == [0, 0]


def test_time_is_shared_by_lanes_but_never_less_than_the_longest(small):
    spec = ComparisonSpec(run=small, methods=("niches", "lineages", "random_search"), n_seeds=2)
    seconds = {"niches": 0.01, "lineages": 0.001, "random_search": 0.001}
    assert comparison_seconds(spec, spec.methods, seconds.__getitem__) == pytest.approx(600 * 0.024)
    assert comparison_seconds(spec, spec.methods, seconds.__getitem__, 2) == pytest.approx(600 * 0.012)
    assert comparison_seconds(spec, spec.methods, seconds.__getitem__, 99) == pytest.approx(600 * 0.01)
    assert comparison_seconds(spec, [], seconds.__getitem__) == 0.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"methods": ()}, "at least 1"),
        ({"methods": ("niches", "niches")}, "named once, got niches, niches"),
        ({"methods": ("magic",)}, f"no method 'magic'; there are {', '.join(METHODS)}"),
        ({"n_seeds": 0}, "greater than or equal to 1"),
        ({"n_seeds": 11}, "less than or equal to 10"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused_in_words(small, changes, words):
    with pytest.raises((ValidationError, UserError), match=words):
        ComparisonSpec(run=small, **changes)


def test_how_the_run_itself_searches_does_not_count(small):
    spec = ComparisonSpec(run=small, methods=("niches", "cma_es"))
    same = small.revised(method={"name": "cma_es"}, is_compared=not small.is_compared, name="B")
    assert spec.asks_as(ComparisonSpec(run=same, methods=spec.methods))
    assert not spec.asks_as(ComparisonSpec(run=small.revised(seed=3), methods=spec.methods))
    knob = small.revised(method={"name": "cma_es", "sigma": 0.3})
    assert not spec.asks_as(ComparisonSpec(run=knob, methods=spec.methods))
    assert ComparisonSpec(run=knob, methods=("cma_es",)).method("cma_es").sigma == 0.3
