from collections import Counter

import numpy as np
import pytest

from benchmarks.truth import PLANTS
from benchmarks.truth.plant import N_RECIPES, Half, Kind, Plant, with_sums

EVERY = pytest.mark.parametrize("plant", PLANTS.values(), ids=list(PLANTS))
CLIFFS = [plant for plant in PLANTS.values() if plant.cliff]
BEYOND = [plant for plant in CLIFFS if plant.kind is Kind.CLIFF_BEYOND]
INSIDE = [plant for plant in CLIFFS if plant.kind is Kind.CLIFF_INSIDE]


def named(plants: list[Plant]):
    return pytest.mark.parametrize("plant", plants, ids=[plant.name for plant in plants])


def middle(name: str) -> float:
    plant = PLANTS[name]
    return float(plant.truth((plant.low + plant.high)[None] / 2)[0])


def test_hartmann_is_as_published():
    at = np.array([[0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]])
    assert PLANTS["hartmann"].truth(at)[0] == pytest.approx(3.32237, abs=1e-4)
    assert PLANTS["hartmann"].best(np.array([np.zeros(6), np.ones(6)])) == pytest.approx(3.32237, abs=1e-4)


def test_ishigami_has_the_maximum_that_can_be_worked_out():
    everywhere = np.array([np.full(3, -np.pi), np.full(3, np.pi)])
    assert PLANTS["ishigami"].best(everywhere) == pytest.approx(1 + 7 + 0.1 * np.pi**4)


def test_piston_is_as_worked_out_by_hand():
    at = dict(zip(PLANTS["piston"].inputs, [45.0, 0.01, 0.005, 3000.0, 100_000.0, 293.0, 350.0], strict=True))
    force = 100_000 * 0.01 + 19.62 * 45 - 3000 * 0.005 / 0.01
    moved = 0.01 / 6000 * (np.sqrt(force**2 + 4 * 3000 * 100_000 * 0.005 / 350 * 293) - force)
    cycle = 2 * np.pi * np.sqrt(45 / (3000 + 0.01**2 * 100_000 * 0.005 / 350 * 293 / moved**2))
    assert PLANTS["piston"].truth(np.array([list(at.values())]))[0] == pytest.approx(cycle)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("borehole", 60, 90), ("otl", 4, 6), ("wing", 240, 290), ("piston", 0.4, 0.6)]
)
def test_the_middle_is_where_the_literature_has_it(name, least, most):
    assert least < middle(name) < most


def test_halves_are_balanced():
    plants = PLANTS.values()
    n_plants = Counter(plant.half for plant in plants)
    kinds = {half: Counter(plant.kind for plant in plants if plant.half is half) for half in Half}
    assert len(PLANTS) >= 14 and n_plants[Half.CHOOSING] == n_plants[Half.REPORTING]
    for kind in set(Kind) - {Kind.CATEGORICAL}:
        n = sorted(kinds[half][kind] for half in Half)
        assert n[0] >= 1 and n[1] - n[0] <= 1
    assert {plant.half for plant in plants if plant.is_categorical.any()} == set(Half)


def test_plants_have_three_to_ten_inputs():
    n = [len(plant.inputs) for plant in PLANTS.values()]
    assert (min(n), max(n)) == (3, 10)


@EVERY
def test_rows_lie_within_the_ranges_and_repeat_with_the_seed(plant):
    X, y = plant.rows(300, np.random.default_rng(4))
    again, measured = plant.rows(300, np.random.default_rng(4))
    assert X.tolist() == again.tolist() and y.tolist() == measured.tolist()
    if plant.total is None:
        assert ((plant.low <= X) & (plant.high >= X)).all()
    else:
        assert np.abs(X.sum(axis=1) / plant.total - 1).max() < max(5 * plant.weighing, 1e-12)
    assert X.shape == (300, len(plant.inputs)) and np.isfinite(y).all()
    noise = (y - plant.truth(X)).std() / plant.truth(X).std()
    assert 0.04 < noise < 0.06


def test_rows_lie_around_six_recipes():
    from scipy.cluster.vq import kmeans2

    plant = PLANTS["wing"]
    X, _ = plant.rows(600, np.random.default_rng(0))
    scaled = (X - plant.low) / (plant.high - plant.low)
    centres, owner = kmeans2(scaled, N_RECIPES, minit="++", rng=np.random.default_rng(0))
    assert (scaled - centres[owner]).std() < 0.5 * scaled.std()


@EVERY
def test_nothing_that_was_recorded_is_better_than_what_is_possible(plant):
    X, _ = plant.rows(40, np.random.default_rng(1))
    assert plant.best(X) >= plant.truth(X).max() - 1e-9


def test_what_is_possible_keeps_to_the_total():
    plant = PLANTS["blend"]
    X, _ = plant.rows(40, np.random.default_rng(1))
    any_sum = np.random.default_rng(0).uniform(X.min(axis=0), X.max(axis=0), (2000, 4))
    made = with_sums(any_sum, X.min(axis=0), X.max(axis=0), np.ones(2000))
    assert made.sum(axis=1) == pytest.approx(np.ones(2000))
    assert (X.min(axis=0) - 1e-12 <= made).all() and (made <= X.max(axis=0) + 1e-12).all()
    assert plant.truth(made).max() <= plant.best(X) + 1e-9


@pytest.mark.parametrize("name", ["kinetics", "adhesive"])
def test_each_category_is_recorded_and_counts(name):
    plant = PLANTS[name]
    X, _ = plant.rows(300, np.random.default_rng(0))
    categories = plant.columns[-1].categories
    assert set(X[:, -1]) == set(range(len(categories)))
    setting = np.tile(X[:1], (len(categories), 1))
    setting[:, -1] = range(len(categories))
    assert len(set(plant.truth(setting))) == len(categories)


def box(plant: Plant, X: np.ndarray) -> np.ndarray:
    """Settings anywhere within the recorded ranges."""
    return np.random.default_rng(0).uniform(X.min(axis=0), X.max(axis=0), (5000, X.shape[1]))


@named(CLIFFS)
def test_at_a_cliff_a_batch_fails_and_its_outcome_collapses(plant):
    X, y = plant.rows(600, np.random.default_rng([0, 77]))
    settings = box(plant, X)
    load = plant.load(settings)
    before, after = settings[(load > 0.97) & (load <= 1)], settings[(load > 1) & (load < 1.03)]
    fall = np.median(plant.truth(before)) - np.median(plant.truth(after))
    assert fall > 2 * y.std()
    assert np.median(plant.truth(after)) < np.median(plant.truth(X))


@named(CLIFFS)
def test_up_to_the_cliff_it_gets_better_and_better(plant):
    X, _ = plant.rows(600, np.random.default_rng([0, 77]))
    settings = box(plant, X)
    load, without_cliff = plant.load(settings), plant.outcome(*settings.T)
    assert np.corrcoef(load, without_cliff)[0, 1] > 0.4
    assert (load[np.argsort(-without_cliff)[:25]] > 1).mean() > 0.5  # who follows the slope goes over the edge


@named(INSIDE)
@pytest.mark.parametrize("seed", range(3))
def test_a_cliff_inside_was_recorded(plant, seed):
    X, _ = plant.rows(600, np.random.default_rng([seed, 77]))
    assert 0.02 < (plant.load(X) > 1).mean() < 0.5


@named(BEYOND)
@pytest.mark.parametrize("seed", range(3))
def test_a_cliff_beyond_is_near_but_no_row_went_over_it(plant, seed):
    X, _ = plant.rows(600, np.random.default_rng([seed, 77]))
    assert 0.85 < plant.load(X).max() < 1
    assert (plant.load(box(plant, X)) > 1).mean() > 0.1


@pytest.mark.parametrize(("name", "harmful"), [("mortar", "plasticizer"), ("syrup", "aroma")])
def test_too_much_of_an_ingredient_harms(name, harmful):
    plant = PLANTS[name]
    some = (plant.low + plant.high) / 2
    j = plant.inputs.index(harmful)
    much = some.copy()
    much[j] = plant.high[j]
    # another part makes room, so that the sum stays as it was
    filler = plant.inputs.index(plant.parts[0])
    much[filler] -= much[j] - some[j]
    assert plant.truth(much[None])[0] < plant.truth(some[None])[0]
