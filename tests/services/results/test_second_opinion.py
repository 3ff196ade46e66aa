import pytest

from models import Family
from models.store import ModelStore
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.results.second_opinion import AUTOMATIC_MODELS, automatic_opinion
from services.specs.run import DatasetRef


@pytest.fixture(scope="module")
def result(catalog):
    """The concrete story, searched briefly."""
    spec = story_spec(story("concrete"), catalog).revised(budget={"evaluations": 500}, is_compared=False)
    return run_spec(spec, catalog.model_data(spec)).result


def test_the_model_that_ships_was_taken_by_automatic_for_the_table_that_ships(catalog):
    card = ModelStore(AUTOMATIC_MODELS).load("concrete").card
    assert card.leaderboard is not None and card.intervals is not None
    assert card.dataset.digest == catalog.datasets.load("concrete").digest


def test_the_best_result_is_judged_in_the_unit_of_the_search(catalog, result):
    words = result.second_opinion
    assert words == automatic_opinion(result, catalog.dataset(result.spec.dataset))
    family = ModelStore(AUTOMATIC_MODELS).load("concrete").card.family
    assert family is Family.GAUSSIAN_PROCESS
    assert words.startswith("Automatic (Gaussian process) says of the best result: ") and result.objective_unit in words
    figures = [word.strip("().,").replace(",", "") for word in words.split()]
    low, expected, high, share = (float(word) for word in figures if word.replace(".", "").isdigit())
    assert share == 95
    assert low < expected < high
    assert expected == pytest.approx(result.results.outcomes[0], rel=0.5)


def test_a_table_without_such_a_model_gets_no_opinion(catalog, result):
    other = result.spec.revised(dataset=DatasetRef(name="other", digest="0" * 64))
    assert automatic_opinion(result.model_copy(update={"spec": other}), catalog.dataset(result.spec.dataset)) == ""
