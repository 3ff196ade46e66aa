import numpy as np
import pytest

from benchmarks.truth.plants import N_RECIPES, PLANTS

EVERY = pytest.mark.parametrize("plant", PLANTS.values(), ids=list(PLANTS))


def middle(name: str) -> float:
    plant = PLANTS[name]
    return float(plant.truth((plant.low + plant.high)[None] / 2)[0])


def test_hartmann_is_as_published():
    at = np.array([[0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]])
    assert PLANTS["hartmann"].truth(at)[0] == pytest.approx(3.32237, abs=1e-4)
    assert PLANTS["hartmann"].best(np.zeros(6), np.ones(6)) == pytest.approx(3.32237, abs=1e-4)


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


@EVERY
def test_rows_lie_within_the_ranges_and_repeat_with_the_seed(plant):
    X, y = plant.rows(300, np.random.default_rng(4))
    again, measured = plant.rows(300, np.random.default_rng(4))
    assert X.tolist() == again.tolist() and y.tolist() == measured.tolist()
    if plant.total is None:
        assert ((plant.low <= X) & (plant.high >= X)).all()
    else:
        assert np.abs(X.sum(axis=1) / plant.total - 1).max() < 0.1
    assert np.isfinite(y).all()
    noise = (y - plant.truth(X)).std() / plant.truth(X).std()
    assert 0.04 < noise < 0.06


def test_rows_lie_around_six_recipes():
    from scipy.cluster.vq import kmeans2

    plant = PLANTS["wing"]
    X, _ = plant.rows(600, np.random.default_rng(0))
    scaled = (X - plant.low) / (plant.high - plant.low)
    centres, owner = kmeans2(scaled, N_RECIPES, minit="++", rng=np.random.default_rng(0))
    assert (scaled - centres[owner]).std() < 0.5 * scaled.std()


@pytest.mark.parametrize("name", ["wing", "mortar"])
def test_nothing_that_was_recorded_is_better_than_what_is_possible(name):
    plant = PLANTS[name]
    X, _ = plant.rows(300, np.random.default_rng(1))
    assert plant.best(X.min(axis=0), X.max(axis=0)) >= plant.truth(X).max() - 1e-9


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
