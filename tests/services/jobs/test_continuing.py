import numpy as np
import pytest

from optimizer import Hooks
from services.catalog.loading import ModelWithData
from services.jobs import JobKind, JobState, StoreError
from services.jobs.continuing import N_STARTS, continuation, continued_name
from services.jobs.workers.traces import TracePiece
from services.problems.building import build_problem
from services.results.search import run_spec


@pytest.fixture(scope="module")
def searched(mixed_spec, mixed):
    """A finished run's specification, result and trace."""
    spec = mixed_spec.revised(is_compared=False, budget={"evaluations": 1_500, "seconds": 30.0})
    generations = []
    report = run_spec(spec, mixed, hooks=Hooks(on_generation=generations.append))
    return spec, report.result, TracePiece.of(generations, len(spec.features))


@pytest.fixture
def keep(store, searched):
    """Put a run into the store as the worker would have; returns its id."""

    def put(spec=None, result=True, trace=True, name="A run"):
        run_id = store.add(JobKind.SEARCH, name, (spec or searched[0]).model_dump_json())
        store.start(run_id, "here")
        if trace:
            store.add_piece(run_id, searched[2].to_bytes())
        store.finish(run_id, JobState.DONE, result=searched[1].model_dump_json() if result else None)
        return run_id

    return put


def test_it_begins_from_results_and_then_the_best_ends_of_lineages(store, keep, searched, mixed):
    spec, result, trace = searched
    run_id = keep()
    more = continuation(store, run_id, 6_000)
    results = [tuple(row) for row in result.results.X]
    assert list(more.starts[: len(results)]) == results
    assert len(results) < len(more.starts) <= N_STARTS
    assert len(set(more.starts)) == len(more.starts)
    found = {tuple(row) for row in trace.events.bests.X.tolist()}
    assert set(more.starts) <= found | set(results)
    scores = build_problem(spec, mixed).evaluate(np.array(more.starts[len(results) :])).scores
    assert (np.diff(scores) >= -1e-9).all()


def test_it_is_the_same_run_but_for_what_it_begins_with(store, keep, searched):
    spec, run_id = searched[0], keep(name="Winter mix")
    more = continuation(store, run_id, 6_000)
    assert (more.name, more.continues, more.seed) == ("Winter mix, continued", run_id, spec.seed + 1)
    assert (more.budget.evaluations, more.budget.seconds) == (6_000, 120.0)
    assert continuation(store, keep(spec.revised(seed=2**31 - 1)), 9).seed == 0  # there is no larger one
    same = {"name": spec.name, "seed": spec.seed, "budget": spec.budget, "starts": (), "continues": ""}
    assert more.revised(**same) == spec


def test_what_is_continued_never_gets_worse(store, keep, searched, mixed):
    more = continuation(store, keep(), 2_000)
    result = run_spec(more, ModelWithData(mixed.dataset, mixed.predictor)).result
    assert min(result.results.scores) <= min(searched[1].results.scores) + 1e-9


def test_results_alone_or_a_trace_alone_will_do(store, keep, searched):
    assert len(continuation(store, keep(trace=False), 9).starts) == len(searched[1].results)
    assert len(continuation(store, keep(result=False), 9).starts) > 1


def test_what_cannot_be_continued_says_why(store, keep, searched):
    with pytest.raises(StoreError, match="found nothing to begin from: search again"):
        continuation(store, keep(result=False, trace=False), 9)
    with pytest.raises(StoreError, match="The run nobody is not in the run store any more"):
        continuation(store, "nobody", 9)
    random = searched[0].revised(method={"name": "random_search"})
    with pytest.raises(StoreError, match=r"'random_search' cannot go on .* 'niches' or 'lineages'"):
        continuation(store, keep(random), 9)


@pytest.mark.parametrize(
    ("name", "continued"),
    [
        ("A", "A, continued"),
        ("A, continued", "A, continued 2"),
        ("A, continued 9", "A, continued 10"),
        ("continued", "continued, continued"),
        ("x" * 200, "x" * 180 + ", continued"),
        ("x" * 189 + ", continued", "x" * 180 + ", continued 2"),
    ],
)
def test_names_count_how_often(name, continued):
    assert continued_name(name) == continued
