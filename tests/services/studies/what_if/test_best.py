import numpy as np
import pytest

from optimizer import SpaceError
from services.studies.what_if.explorer import WhatIfModel, best_with_the_others


@pytest.fixture(scope="session")
def explorer(plain_spec, mixed, with_feature):
    """The outcome itself, highest at 20 degrees; speed frozen by the run, one rule."""
    spec = with_feature(plain_spec, "speed", is_free=False, value=2.0)
    constraints = [{"kind": "sum", "features": ["sand", "water"], "low": 80, "high": 90}]
    return WhatIfModel.of(spec.revised(constraints=constraints, plausibility=None), mixed)


def test_the_others_go_to_their_best_and_locked_ones_stay(explorer):
    x = np.array([55.0, 30.0, 35.0, 3.0, 2.0, 7.0])
    best = best_with_the_others(explorer, x, {0, 3})
    assert (best[0], best[3]) == (55.0, 3.0)
    assert best[2] == pytest.approx(20, abs=0.5)
    assert best[4] == 1  # the resin that adds most
    assert best[0] + best[1] <= 90 + 1e-6
    assert explorer.answer(best).outcome.mean[0] > explorer.answer(x).outcome.mean[0]


def test_what_the_run_freezes_moves_where_it_is_not_locked(explorer):
    x = np.array([55.0, 30.0, 35.0, 3.0, 2.0, 7.0])
    assert best_with_the_others(explorer, x, {0, 1, 2, 4, 5})[3] == 8


def test_nothing_moves_where_nothing_is_better(explorer):
    x = np.array([55.0, 30.0, 20.0, 8.0, 1.0, 28.0])
    best = best_with_the_others(explorer, x, {0, 1, 4, 5})
    np.testing.assert_allclose(best, x, atol=1e-6)


def test_a_swept_feature_keeps_its_place(mixed_spec, mixed):
    explorer = WhatIfModel.of(mixed_spec.revised(plausibility=None), mixed)
    x = np.array([55.0, 30.0, 35.0, 3.0, 2.0, 9.0])
    assert best_with_the_others(explorer, x, {0})[5] == 9.0


def test_with_everything_locked_there_is_nothing_to_do(explorer):
    with pytest.raises(SpaceError, match="Every feature is locked"):
        best_with_the_others(explorer, explorer.dataset.X[0], range(6))
