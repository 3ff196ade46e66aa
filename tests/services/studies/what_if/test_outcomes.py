"""All outcomes of a run in What if: what is said of each, and what limits hold by."""

import numpy as np
import pytest

from optimizer import Goal
from services.problems.outcomes.goals import DESIRABILITY
from services.studies.what_if.explorer import WhatIfModel
from services.studies.what_if.settings import start_of_recorded, start_of_reference, variants_frame, what_if_starts

YIELD, IMPURITY, ENERGY = "yield", "impurity", "energy consumption"
PER_ENERGY = ("per energy", {"formula": f"yield / [{ENERGY}]"})
FRONT = ((YIELD, {"goal": Goal.MAXIMUM}), (IMPURITY, {"goal": Goal.MINIMUM}), (ENERGY, {"at_most": 2.5}))


@pytest.fixture(scope="module")
def explore(reactor):
    """Return a function that gives the explorer of a run with these outcomes."""

    def make(*outcomes, **changes):
        spec = reactor.run(*outcomes, **changes)
        return WhatIfModel.of(spec, reactor.model_data(spec))

    return make


@pytest.fixture(scope="module")
def explorer(explore):
    """The most yield, two limits (with a confidence, and by the prediction), and a formula."""
    limits = (IMPURITY, {"at_most": 12.0}), (ENERGY, {"at_most": 2.5, "confidence": None})
    return explore((YIELD, {"goal": Goal.MAXIMUM}), *limits, PER_ENERGY)


def test_the_objective_comes_first_and_the_others_in_the_order_of_the_run(explorer, explore, reactor):
    assert explorer.objective == (YIELD, "%")
    assert [info.name for info in explorer.others.infos] == [IMPURITY, ENERGY, "per energy"]
    second = explore((IMPURITY, {}), PER_ENERGY, (ENERGY, {"goal": Goal.MINIMUM}), (YIELD, {"at_least": 60.0}))
    assert second.objective[0] == ENERGY
    assert [info.name for info in second.others.infos] == [IMPURITY, "per energy", YIELD]


def test_every_outcome_is_what_its_own_model_says(explorer, reactor):
    x = explorer.within(explorer.table.X[4])
    answer = explorer.answer(x)
    for info, other in zip(explorer.others.infos[:2], answer.others[:2], strict=True):
        model = reactor.catalog.pair(reactor.dataset, reactor.models[info.name])
        assert other.outcome.mean == pytest.approx(model.predictor.predict(x[None]), rel=1e-6)
        assert other.outcome.low[0] < other.outcome.mean[0] < other.outcome.high[0]
    ratio = answer.others[2].outcome
    assert ratio.mean[0] == pytest.approx(answer.outcome.mean[0] / answer.others[1].outcome.mean[0], rel=1e-6)
    assert (ratio.low, ratio.high) == (None, None)


def test_profiles_of_all_outcomes_are_what_single_changes_predict(explorer):
    x = explorer.within(explorer.table.X[7])
    answer = explorer.answer(x)
    for j, axis in enumerate(explorer.axes):
        k = len(axis.grid) - 1
        moved = x.copy()
        moved[j] = axis.grid[k]
        alone = explorer.answer(moved)
        for one, other in zip(answer.others, alone.others, strict=True):
            band = one.profiles[j]
            assert len(band.mean) == len(axis.grid)
            assert band.mean[k] == pytest.approx(other.outcome.mean[0], rel=1e-6)
            assert (band.low is None) == (other.outcome.low is None)


def test_a_limit_holds_by_the_end_of_the_interval_or_by_the_prediction(explorer):
    x = explorer.within(explorer.table.X[4])
    answer = explorer.answer(x)
    impurity, energy = answer.limits
    assert impurity.value == pytest.approx(answer.others[0].outcome.high[0], abs=0.01)  # 95 % is an end of 90 %
    assert energy.value == pytest.approx(answer.others[1].outcome.mean[0], rel=1e-6)
    for limit in answer.limits:
        assert limit.beyond == pytest.approx(limit.value - limit.limited.bound)
        assert limit.is_kept == (limit.value <= limit.limited.bound)
    kept = [explorer.answer(row) for row in explorer.table.X[:30]]
    assert {limit.is_kept for one in kept for limit in one.limits} == {True, False}
    n_kept = explorer.others.n_kept(explorer.table.X[:30])
    assert n_kept.tolist() == [sum(limit.is_kept for limit in one.limits) for one in kept]


def test_a_desirability_has_a_row_of_its_own_and_its_ends_are_no_limits(explore):
    made = explore(*FRONT, combine="desirability")
    answer = made.answer(made.table.X[0])
    assert made.objective == (DESIRABILITY, "") and made.spec.is_calculated
    assert 0 <= answer.outcome.mean[0] <= 1 and answer.outcome.low is None
    assert [info.name for info in made.others.infos] == [YIELD, IMPURITY, ENERGY]
    assert [(limit.limited.outcome.name, limit.limited.bound) for limit in answer.limits] == [(ENERGY, 2.5)]
    assert made.others.goals == ()


def test_a_formula_is_an_objective_without_an_interval(explore):
    made = explore((YIELD, {"at_least": 60.0}), ("per energy", PER_ENERGY[1] | {"goal": Goal.MAXIMUM}), (ENERGY, {}))
    x = made.within(made.table.X[3])
    answer = made.answer(x)
    strength, energy = (other.outcome.mean[0] for other in answer.others)
    assert made.spec.is_calculated and made.objective[0] == "per energy"
    assert answer.outcome.mean[0] == pytest.approx(strength / energy, rel=1e-6)


def test_one_outcome_may_have_a_limit_of_its_own(explore, reactor):
    made = explore((YIELD, {"goal": Goal.MAXIMUM, "at_most": 80.0}))
    assert made.others.infos == () and made.others.objective.at_most == 80.0
    assert len(made.answer(made.dataset.X[0]).limits) == 1
    plain = reactor.run((YIELD, {"goal": Goal.MAXIMUM}))
    explorer = WhatIfModel.of(plain, reactor.model_data(plain))
    assert explorer.others is None
    assert explorer.answer(explorer.dataset.X[0])[-2:] == ((), ())


def test_recorded_outcomes_are_as_measured_with_gaps_where_nothing_was(explorer, reactor):
    recorded = explorer.others.recorded
    assert recorded[:, 0] == pytest.approx(reactor.dataset.measured(IMPURITY), nan_ok=True)
    assert np.isnan(recorded[:, 0]).any()
    ratio = reactor.dataset.measured(YIELD) / reactor.dataset.measured(ENERGY)
    assert recorded[:, 2] == pytest.approx(ratio, nan_ok=True)


def test_it_begins_at_the_best_row_that_keeps_the_limits(explorer, reactor):
    start = start_of_reference(explorer, None)
    dataset = reactor.dataset
    keeps = (dataset.measured(IMPURITY) <= 12.0) & (dataset.measured(ENERGY) <= 2.5)
    best = int(np.argmax(np.where(keeps, dataset.measured(YIELD), -np.inf)))
    assert keeps.any() and best != int(np.argmax(dataset.measured(YIELD)))
    assert start.name == f"Row {dataset.numbers[best]}, measured best"
    assert what_if_starts(explorer, None, []) == [start]


def test_a_row_without_the_objective_can_be_begun_from(explore):
    made = explore((YIELD, {}), (IMPURITY, {"goal": Goal.MINIMUM}))
    absent = set(made.table.numbers) - set(made.dataset.numbers)
    number = int(min(absent))
    start = start_of_recorded(made.table, number)
    assert np.isfinite(made.answer(start.setting).outcome.mean).all()


def test_variants_have_all_outcomes(explorer):
    X = explorer.table.X[:3]
    frame = variants_frame(explorer, [(f"row {k}", x) for k, x in enumerate(X)])
    assert list(frame.columns[:10]) == [
        "variant",
        "predicted yield [%]",
        "low 90 % [%]",
        "high 90 % [%]",
        "predicted impurity [%]",
        "impurity low 90 % [%]",
        "impurity high 90 % [%]",
        "predicted energy consumption [kWh/kg]",
        "energy consumption low 90 % [kWh/kg]",
        "energy consumption high 90 % [kWh/kg]",
    ]
    column = next(name for name in frame.columns if name.startswith("per energy"))
    ratio = frame["predicted yield [%]"] / frame["predicted energy consumption [kWh/kg]"]
    assert frame[column].tolist() == pytest.approx(ratio.tolist(), rel=1e-6)
    assert list(frame["limits kept"]) == [f"{n} of 2" for n in explorer.others.n_kept(X)]
