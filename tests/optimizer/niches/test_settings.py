import numpy as np
import pytest

from optimizer import Budget, Categorical, Numeric, Objective, Problem, SearchSpace, SpaceError, search
from optimizer.methods.asktell import ImmigrantSource
from optimizer.niches import NicheSettings

SQUARE = SearchSpace.from_bounds([(0, 1)] * 2)


def found(function, space, budget, **given):
    problem = Problem(space, function, Objective(goal="minimum"))
    return search(problem, NicheSettings(**given), Budget(budget), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n_lineages": 0}, ["number of lineages", "at least 1", "got 0"]),
        ({"spread": -0.1}, ["share of the budget", "between 0 and", "-0.1"]),
        ({"spread": 1.0}, ["share of the budget", "got 1.0"]),
        ({"immigrants_from": "elsewhere"}, ["random", "recorded", "both", "elsewhere"]),
    ],
)
def test_settings_out_of_range_say_what_is_expected(given, words):
    with pytest.raises(SpaceError) as refused:
        NicheSettings(**given)
    assert [word for word in words if word not in str(refused.value)] == []


def test_a_source_may_be_given_by_its_name(bowl):
    assert NicheSettings(immigrants_from="recorded").immigrants_from is ImmigrantSource.RECORDED
    with pytest.raises(SpaceError, match="need recorded rows"):
        found(bowl, SQUARE, 500, immigrants_from="recorded")


def test_where_nothing_is_numeric_plain_lineages_search():
    table = np.random.default_rng(0).standard_normal((5, 6))
    space = SearchSpace((Categorical("a", (0.2,) * 5), Categorical("b", (1 / 6,) * 6), Numeric("z", 3, 3, std=1.0)))
    outcome = found(lambda X: table[X[:, 0].astype(int), X[:, 1].astype(int)], space, 600)
    assert outcome.found.scores[0] == table.min()
    assert outcome.trace[0].covariances is None
