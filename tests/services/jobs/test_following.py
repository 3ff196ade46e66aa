import numpy as np
import pytest

from optimizer import DecisionKind, Hooks
from services.catalog.loading import ModelWithData
from services.jobs import JobKind, JobState, StoreError
from services.jobs.following import AROUND, again_without, limits_of, more_like, with_limits, without_decisions
from services.jobs.workers.traces import TracePiece
from services.results.search import run_spec
from tests.ui.mixes import front_of_mixes, mixes


@pytest.fixture(scope="module")
def searched(mixed_spec, mixed):
    """A finished run's specification, result and trace."""
    spec = mixed_spec.revised(is_compared=False, budget={"evaluations": 2_000}, distinct=0.5)
    generations = []
    report = run_spec(spec, mixed, hooks=Hooks(on_generation=generations.append))
    return spec, report.result, TracePiece.of(generations, len(spec.features))


@pytest.fixture
def keep(store, searched):
    """Put a run into the store as the worker would have; returns its id."""

    def put(spec=None, trace=True):
        run_id = store.add(JobKind.SEARCH, "A run", (spec or searched[0]).model_dump_json())
        store.start(run_id, "here")
        if trace:
            store.add_piece(run_id, searched[2].to_bytes())
        store.finish(run_id, JobState.DONE, result=searched[1].model_dump_json())
        return run_id

    return put


def test_more_like_a_result_stays_near_it(searched, mixed):
    spec, result, _ = searched
    more = more_like(result, 1)
    assert more.name.startswith("Like Result 2 of ") and more.starts == (result.results.X[1],)
    for feature, info, value in zip(more.features, result.features, result.results.X[1], strict=True):
        given = next(one for one in spec.features if one.name == feature.name)
        if info.categories:
            assert feature.allowed == (info.categories[int(value)],)
        elif info.is_free and info.name != spec.swept:
            assert given.low <= feature.low <= value <= feature.high <= given.high
            assert feature.high - feature.low <= 2 * max(AROUND * info.std, feature.step or 0) * 1.05
    found = run_spec(more, ModelWithData(mixed.dataset, mixed.predictor)).result
    assert min(found.results.scores) <= result.results.scores[1] + 1e-9  # it begins there


def test_what_is_left_out_is_not_found_again(store, keep, searched, mixed):
    spec, result, _ = searched
    again = again_without(store, keep(), [0])
    assert again.name == "A run, without Result 1" and again.seed == spec.seed
    assert [one.kind for one in again.decisions] == [DecisionKind.DROP]
    found = run_spec(again, ModelWithData(mixed.dataset, mixed.predictor)).result
    stds = np.array([feature.std or 1.0 for feature in result.features])
    numbers = [j for j, feature in enumerate(result.features) if feature.is_free and not feature.categories]
    apart = (np.array(found.results.X) - np.array(result.results.X[0]))[:, numbers] / stds[numbers]
    assert len(found.results) and np.linalg.norm(apart, axis=1).min() > 1e-3
    assert found.results.X[0] != result.results.X[0]


def test_several_results_are_left_out_at_once(store, keep):
    again = again_without(store, keep(), (1, 0))
    assert again.name == "A run, without Results 1, 2"
    assert [one.after for one in again.decisions] == sorted(one.after for one in again.decisions)


def test_the_decisions_of_another_run_go_and_so_does_what_it_was_called_by_them(store, keep):
    again = again_without(store, keep(), [0])
    plain = without_decisions(again)
    assert again.decisions and plain.decisions == () and plain.name == "A run"
    assert without_decisions(plain) == plain


def test_what_cannot_be_searched_again_says_why(store, keep, searched):
    with pytest.raises(StoreError, match="not in the run store any more"):
        again_without(store, "nobody", [0])
    with pytest.raises(StoreError, match="How the run 'A run' went is not kept"):
        again_without(store, keep(trace=False), [0])
    random = searched[0].revised(method={"name": "random_search"})
    with pytest.raises(StoreError, match="'random_search' cannot leave a result out"):
        again_without(store, keep(random), [0])


def test_a_run_with_other_limits_is_the_same_run_otherwise():
    result = front_of_mixes(mixes())
    spec = with_limits(result, (20.0, 0.9))
    assert [(each.at_least, each.at_most) for each in spec.outcomes] == [(20.0, None), (None, None), (None, 0.9)]
    assert spec.features == result.spec.features and limits_of(spec) == "strength at least 20, fines at most 0.9"
    with pytest.raises(StoreError, match="2 limits, got 1"):
        with_limits(result, (20.0,))
