import json
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from services.catalog.settings import Settings
from services.jobs import JobKind, JobState, RunFilter, RunOrder, RunStore
from services.jobs.store.listing import summary_of
from services.results.search import run_spec
from services.studies.compare.methods import ComparisonSpec
from services.studies.tune import TuneSpec
from tests.ui.mixes import front_of_mixes, mixes

NAMES = [
    "Straße 50 %",
    "winter_mix",
    "Winter Mix",
    "a/b",
    "ÄRGER",
    "ärger mit Zement",
    "100% slag",
    "line\tB",
    "İzmir",
    "x",
]
NOTES = ["", "ask the lab", "Ask_The Lab %", "naïve", "🧱 brick"]
SETS = [("concrete", "mlp"), ("concrete", "forest"), ("Concrete 2", "mlp"), ("yield", "GP_1")]
STATES = [state for state in JobState if state.is_final]
KINDS = (JobKind.SEARCH, JobKind.TUNE, JobKind.TRAINING)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    home = tmp_path_factory.mktemp("listing")
    made = RunStore(Settings(home, f"sqlite:///{home / 'runs.sqlite'}", home, home, 1, False).database)
    for i in range(60):
        dataset, model = SETS[i % 4]
        kind = KINDS[0 if i % 5 else 1 + i % 2]
        best = f'{{"results": {{"outcomes": [{(i * 7) % 23}]}}}}' if i % 3 else None
        run_id = made.add(
            kind, NAMES[i % 10], f'{{"dataset": {{"name": "{dataset}"}}, "model": {{"name": "{model}"}}}}'
        )
        made.describe(run_id, note=NOTES[i % len(NOTES)])
        if i % 11:
            made.start(run_id, "here")
            made.finish(run_id, STATES[i % 4], result=best)
        if i % 7 == 1:
            made.delete([run_id])
    yield made
    made.close()


@pytest.fixture(scope="module")
def everything(store):
    rows = [store.runs(RunFilter(kinds=KINDS, is_deleted=flag), at_most=1000).rows for flag in (False, True)]
    assert len(rows[0]) + len(rows[1]) == 60
    assert rows[1]
    return [*rows[0], *rows[1]]


def subsets(values):
    return st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)


words = st.sampled_from(
    ["winter", "MIX", "%", "_", "/", "strasse", "STRASSE", "ärger", "lab", "mlp", "concrete", "🧱", "\\", ""]
)
filters = st.builds(
    RunFilter,
    text=st.lists(words | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=3), max_size=3).map(
        " ".join
    ),
    kinds=subsets(KINDS),
    states=subsets(list(JobState)),
    datasets=subsets([dataset for dataset, _ in SETS]),
    models=subsets([model for _, model in SETS]),
    is_deleted=st.booleans(),
    order=st.sampled_from(list(RunOrder)),
)


def is_wanted(run, wanted):
    text = "\n".join((run.name, run.note, run.dataset, run.model)).casefold()
    return (
        run.kind in wanted.kinds
        and (run.deleted_at is not None) == wanted.is_deleted
        and (not wanted.states or run.state in wanted.states)
        and (not wanted.datasets or run.dataset in wanted.datasets)
        and (not wanted.models or run.model in wanted.models)
        and all(word in text for word in wanted.text.casefold().split())
    )


@given(wanted=filters)
def test_a_list_has_what_was_asked_for_and_nothing_else(store, everything, wanted):
    page = store.runs(wanted, at_most=1000)
    assert {run.id for run in page.rows} == {run.id for run in everything if is_wanted(run, wanted)}
    assert page.n_found == len(page.rows)


@given(wanted=filters, size=st.integers(1, 13))
def test_pages_make_the_list(store, wanted, size):
    whole = store.runs(wanted, at_most=1000)
    pages = [store.runs(wanted, first, size) for first in range(0, whole.n_found + size, size)]
    assert [run for page in pages for run in page.rows] == list(whole.rows)
    assert {page.n_found for page in pages} == {whole.n_found}
    assert all(len(page.rows) == size for page in pages[: whole.n_found // size])


@given(wanted=filters)
def test_order_changes_nothing_but_the_order(store, wanted):
    ids = {order: [run.id for run in store.runs(replace(wanted, order=order), at_most=99).rows] for order in RunOrder}
    assert len({frozenset(found) for found in ids.values()}) == 1
    assert ids[RunOrder.NEWEST] == ids[RunOrder.OLDEST][::-1]


@pytest.mark.parametrize(("order", "sign"), [(RunOrder.HIGHEST, -1), (RunOrder.LOWEST, 1)])
def test_what_has_no_outcome_comes_last(store, order, sign):
    bests = [run.best for run in store.runs(RunFilter(order=order), at_most=99).rows]
    known = [best for best in bests if best is not None]
    assert 0 < len(known) < len(bests)
    assert bests == sorted(known, key=lambda best: sign * best) + [None] * (len(bests) - len(known))


def test_the_longest_comes_first(store):
    seconds = [run.seconds for run in store.runs(RunFilter(order=RunOrder.LONGEST), at_most=99).rows]
    known = [value for value in seconds if value is not None]
    assert seconds == sorted(known, reverse=True) + [None] * (len(seconds) - len(known))


def test_choices_are_what_there_is(store, everything):
    choices = store.run_choices(KINDS)
    kept = [run for run in everything if run.deleted_at is None]
    assert choices.n_runs == len(kept)
    assert choices.n_deleted == len(everything) - len(kept)
    assert choices.datasets == {
        name: sum(run.dataset == name for run in kept) for name in {run.dataset for run in kept} - {""}
    }
    assert list(choices.models) == sorted(choices.models)
    assert set(choices.states) == {run.state for run in kept}
    assert store.run_choices((JobKind.PROOF,)).n_runs == 0


def test_rows_come_in_the_order_of_their_ids(store, everything):
    ids = [run.id for run in everything][::7]
    assert [run.id for run in store.runs_named(ids)] == ids
    assert [run.id for run in store.runs_named([ids[1], "nobody", ids[0]])] == [ids[1], ids[0]]
    assert store.runs_named([]) == ()


def test_a_search_is_summed_up_from_its_specification_and_then_its_result(mixed_spec, mixed):
    asked = summary_of(JobKind.SEARCH, mixed_spec.model_dump_json())
    known = {"dataset": "mixed", "model": "formula", "goal": "Max, area over age"}
    assert asked == known | {"unit": "", "best": None, "n_results": None}
    result = run_spec(mixed_spec.revised(is_compared=False), mixed).result
    found = summary_of(JobKind.SEARCH, mixed_spec.model_dump_json(), result.model_dump_json())
    assert found["goal"] == "Max yield, area over age"
    assert found["best"] == result.results.outcomes[0]
    assert (found["unit"], found["n_results"]) == (result.objective_unit, len(result.results))


def test_other_goals(plain_spec):
    def goal(spec, outcome=None):
        result = json.dumps({"outcome_name": outcome, "results": {"outcomes": []}}) if outcome else None
        return summary_of(JobKind.SEARCH, spec.model_dump_json(), result)["goal"]

    assert goal(plain_spec.revised(goal="minimum")) == "Min"
    assert goal(plain_spec.revised(goal="minimum"), "yield") == "Min yield"
    assert goal(plain_spec.revised(goal="value", value=99.5)) == "Value 99.5"
    assert goal(plain_spec.revised(goal="value", value=99.5), "yield") == "Value 99.5 of yield"


def test_a_search_without_results_has_none(mixed_spec):
    result = json.dumps({"outcome_name": "yield", "objective_unit": "%", "results": {"outcomes": []}})
    summary = summary_of(JobKind.SEARCH, mixed_spec.model_dump_json(), result)
    assert (summary["best"], summary["n_results"]) == (None, 0)


@pytest.mark.parametrize("outcome", ["NaN", "Infinity", "-Infinity", '"81"', "null"])
def test_only_a_finite_number_is_a_best_outcome(outcome):
    summary = summary_of(JobKind.SEARCH, "{}", f'{{"results": {{"outcomes": [{outcome}]}}}}')
    assert (summary["best"], summary["n_results"]) == (None, 1)


def test_a_tuning_is_about_the_run_that_it_repeats(mixed_spec):
    spec = TuneSpec(run=mixed_spec, dial="density", weights=(0.0, 1.0))
    summary = summary_of(JobKind.TUNE, spec.model_dump_json())
    assert (summary["dataset"], summary["model"]) == ("mixed", "formula")
    assert summary["goal"] == "Max, area over age, tuned by density"
    methods = summary_of(JobKind.METHODS, ComparisonSpec(run=mixed_spec).model_dump_json())
    assert (methods["dataset"], methods["goal"]) == ("mixed", "Max, area over age, by several methods")


@pytest.mark.parametrize("kind", list(JobKind))
@pytest.mark.parametrize(
    "document", ["", "no JSON", "[]", "3", '{"dataset": 3, "model": [], "curve": "x", "results": 1}']
)
def test_documents_that_cannot_be_read_say_nothing(kind, document):
    summary = summary_of(kind, document, document)
    assert (summary["dataset"], summary["model"], summary["best"]) == ("", "", None)


def test_what_is_too_long_for_a_column_is_cut():
    spec = json.dumps({"dataset": {"name": "d" * 500}, "model": {"name": "m"}})
    assert summary_of(JobKind.TRAINING, spec)["dataset"] == "d" * 200


def test_a_front_has_its_goals_and_no_best():
    result = front_of_mixes(mixes())
    summary = summary_of(JobKind.SEARCH, result.spec.model_dump_json(), result.model_dump_json())
    assert summary["goal"] == "Front of max strength and min cost"
    assert (summary["best"], summary["unit"], summary["n_results"], summary["model"]) == (None, "", 3, "m")


def test_one_goal_of_several_outcomes_is_named():
    result = front_of_mixes(mixes(), goals=1)
    summary = summary_of(JobKind.SEARCH, result.spec.model_dump_json(), result.model_dump_json())
    assert (summary["goal"], summary["model"]) == ("Min cost", "m") and summary["best"] is not None
    both = front_of_mixes(mixes()).spec.revised(combine="desirability")
    assert summary_of(JobKind.SEARCH, both.model_dump_json())["goal"] == "Desirability of max strength and min cost"
