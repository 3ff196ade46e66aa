import json

import pytest

from services.jobs import JobKind
from services.jobs.store.summary import RunSummary, summary_of
from services.results.search import run_spec
from services.studies.compare.methods_spec import ComparisonSpec
from services.studies.tune import TuneSpec


def test_a_search_is_summed_up_from_its_specification_and_then_its_result(mixed_spec, mixed):
    asked = summary_of(JobKind.SEARCH, mixed_spec.model_dump_json())
    assert asked == RunSummary(dataset="mixed", model="formula", goal="Max, area over age")
    result = run_spec(mixed_spec.revised(is_compared=False), mixed).result
    found = summary_of(JobKind.SEARCH, mixed_spec.model_dump_json(), result.model_dump_json())
    assert found.goal == "Max yield, area over age"
    assert found.best == result.results.outcomes[0]
    assert (found.unit, found.n_results) == (result.objective_unit, len(result.results))


def test_other_goals(plain_spec):
    def goal(spec, outcome=None):
        result = json.dumps({"outcome_name": outcome, "results": {"outcomes": []}}) if outcome else None
        return summary_of(JobKind.SEARCH, spec.model_dump_json(), result).goal

    assert goal(plain_spec.revised(goal="minimum")) == "Min"
    assert goal(plain_spec.revised(goal="minimum"), "yield") == "Min yield"
    assert goal(plain_spec.revised(goal="value", value=99.5)) == "Value 99.5"
    assert goal(plain_spec.revised(goal="value", value=99.5), "yield") == "Value 99.5 of yield"


def test_a_search_without_results_has_none(mixed_spec):
    result = json.dumps({"outcome_name": "yield", "objective_unit": "%", "results": {"outcomes": []}})
    summary = summary_of(JobKind.SEARCH, mixed_spec.model_dump_json(), result)
    assert (summary.best, summary.n_results) == (None, 0)


@pytest.mark.parametrize("outcome", ["NaN", "Infinity", "-Infinity", '"81"', "null"])
def test_only_a_finite_number_is_a_best_outcome(outcome):
    summary = summary_of(JobKind.SEARCH, "{}", f'{{"results": {{"outcomes": [{outcome}]}}}}')
    assert (summary.best, summary.n_results) == (None, 1)


def test_a_tuning_is_about_the_run_that_it_repeats(mixed_spec):
    spec = TuneSpec(run=mixed_spec, dial="density", weights=(0.0, 1.0))
    summary = summary_of(JobKind.TUNE, spec.model_dump_json())
    assert (summary.dataset, summary.model) == ("mixed", "formula")
    assert summary.goal == "Max, area over age, tuned by density"
    methods = summary_of(JobKind.METHODS, ComparisonSpec(run=mixed_spec).model_dump_json())
    assert (methods.dataset, methods.goal) == ("mixed", "Max, area over age, by several methods")


@pytest.mark.parametrize("kind", list(JobKind))
@pytest.mark.parametrize(
    "document", ["", "no JSON", "[]", "3", '{"dataset": 3, "model": [], "curve": "x", "results": 1}']
)
def test_documents_that_cannot_be_read_say_nothing(kind, document):
    summary = summary_of(kind, document, document)
    assert (summary.dataset, summary.model, summary.best) == ("", "", None)


def test_what_is_too_long_for_a_column_is_cut():
    spec = json.dumps({"dataset": {"name": "d" * 500}, "model": {"name": "m"}})
    assert summary_of(JobKind.TRAINING, spec).columns["dataset"] == "d" * 200
