"""Settings that differ, in words: all of them and no others."""

import pytest

from optimizer import Goal
from services.problems.defaults import ExtrapolationLevel, with_extrapolation_level
from services.specs.method import method_named
from services.specs.outcomes import OF_OBJECTIVE, OutcomeSpec
from services.specs.run import RunSpec
from services.studies.compare.runs import NOTHING, alike, differences, figures_of_runs
from tests.ui.mixes import front_of_mixes, mixes


def found(*specs, **units):
    return differences(specs, units)


@pytest.fixture
def run(mixed_spec):
    return mixed_spec.revised(plausibility=None, risk_aversion=0.0)


def test_runs_that_are_alike_differ_in_nothing(run):
    assert differences([run, run.revised(name="Another name")]) == {}


CHANGES = [
    ({"goal": Goal.MINIMUM}, "Search for", ("Max", "Min")),
    ({"goal": Goal.VALUE, "value": 120.0}, "Search for", ("Max", "Value 120")),
    ({"budget": {"evaluations": 2_500}}, "Budget", ("1,500", "2,500")),
    ({"budget": {"evaluations": 1_500, "seconds": 3}}, "Time limit", (NOTHING, "3 s")),
    ({"budget": {"evaluations": 1_500, "stall": 9}}, "Stop after", (NOTHING, "9 generations")),
    ({"seed": 7}, "Seed", ("0", "7")),
    ({"n_results": 9}, "Results wanted", ("3", "9")),
    ({"floor": {"kind": "best share", "amount": 0.5}}, "Results come from", None),
    ({"choice": "kmeans"}, "Results chosen", ("good and different", "K-Means clusters")),
    ({"distinct": 0.25}, "Results differ by", None),
    ({"level": 0.8}, "Level of intervals", ("90 %", "80 %")),
    ({"is_compared": False}, "Compared without realism", ("yes", "no")),
    ({"risk_aversion": 1.5}, "Taken off predictions", (NOTHING, "1.5 standard errors")),
    ({"distance": {"weight": 2.0}}, "Distance penalty", (NOTHING, "2")),
    ({"density": None}, "Density penalty", ("5", NOTHING)),
    ({"plausibility": {"at_least": 20}}, "No farther out than", (NOTHING, "80 % of the records")),
    ({"plausibility": {"weight": 0.5}}, "Penalty for the distance from records", (NOTHING, "0.5")),
    ({"plausibility": {"extrapolation_limit": 0.5}}, "Extrapolation limit", (NOTHING, "0.5 std. dev.")),
    ({"method": {"name": "niches"}}, "Method", ("Lineages", "Niches")),
    (
        {"method": {"name": "lineages", "patience": 9, "n_lineages": 10, "n_mutants": 4}},
        "Lineages: patience",
        ("3", "9"),
    ),
    (
        {"constraints": [{"kind": "sum", "features": ["sand", "water"], "high": 90}]},
        "Rules",
        (NOTHING, "sand + water at most 90"),
    ),
    (
        {"constraints": [{"kind": "order", "smaller": "water", "larger": "sand"}]},
        "Rules",
        (NOTHING, "water at most sand"),
    ),
    ({"unmeasured_only": True}, "Only new settings", ("no", "yes")),
    ({"curve": None}, "Curve", None),
    ({"reference": {"values": [1, 2, 3, 4, "A", 1], "row": 12}}, "Reference", (NOTHING, "Row 12")),
    ({"starts": [[1, 2, 3, 4, 0, 1]]}, "Begins also from", (NOTHING, "1 given setting")),
    ({"decisions": [{"after": 1, "kind": "drop", "lineage": 3}]}, "Steered by", (NOTHING, "1 decision")),
    ({"continues": "abc"}, "Continues", (NOTHING, "the run abc")),
]


def test_levels_of_how_far_to_go_are_told_by_their_names(run):
    near, far = (
        with_extrapolation_level(run, level, has_confidence=True)
        for level in (ExtrapolationLevel.NEAR, ExtrapolationLevel.FAR)
    )
    assert found(near, far) == {"How far to go": ("Near them", "Far")}
    by_hand = found(near, far.revised(risk_aversion=0.7))
    assert "How far to go" not in by_hand and by_hand["Taken off predictions"][1] == "0.7 standard errors"


@pytest.mark.parametrize(
    ("changes", "name", "values"), CHANGES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_was_changed_is_what_differs(run, changes, name, values):
    told = found(run, run.revised(**changes))
    assert name in told
    assert values is None or told[name] == values
    assert len(told) <= 2  # a curve that is gone lets its feature vary


def test_every_setting_of_a_run_is_told_of():
    """A new field of a specification must be told of, one way or another."""
    changed = {field for changes, _, _ in CHANGES for field in changes}
    elsewhere = {"version", "name", "dataset", "model", "value", "features"}
    assert set(RunSpec.model_fields) | {*OF_OBJECTIVE} == changed | elsewhere | {"outcomes", "combine"}


def test_what_is_wanted_of_each_outcome_is_told_by_its_name(run):
    own = run.objective.model_copy(update={"name": "strength", "curve": None})
    cost = OutcomeSpec(name="cost", formula="2 * dose", unit="€", goal="minimum")
    front = run.revised(outcomes=(own, cost))
    limited = run.revised(outcomes=(own, cost.model_copy(update={"goal": None, "at_most": 40.0})))
    assert found(front, limited) == {
        "cost": ("Min, = 2 * dose", "At most 40 €, = 2 * dose"),
        "Several goals make": ("a front", NOTHING),
    }
    sure = own.model_copy(update={"goal": None, "at_least": 30.0, "at_most": 50.0})
    kept = front.revised(outcomes=(sure, cost))
    assert found(front, kept)["strength"][1] == "30 to 50, with 95 % confidence"


def test_features_are_told_with_their_units(run, with_feature):
    frozen = with_feature(run, "temp", is_free=False, value=21.0)
    assert found(run, frozen, temp="°C")["temp"] == (found(run, frozen, temp="°C")["temp"][0], "Frozen at 21 °C")
    narrow = with_feature(run, "temp", low=15.0, high=25.0, step=0.5)
    assert found(run, narrow, temp="°C")["temp"][1] == "Between 15 and 25 °C, in steps of 0.5"
    assert found(run, with_feature(run, "temp", mutation_strength=0.5)) == {"temp: mutation strength": ("usual", "0.5")}
    assert found(run, with_feature(run, "temp", tolerance=0.5)) == {}  # the other has the usual one, which is no number
    assert found(run, with_feature(run, "resin", allowed=("A", "C")))["resin"] == ("One of A, B, C", "One of A, C")
    assert found(frozen, with_feature(frozen, "temp", low=-5.0)) == {}  # bounds of what is frozen do not count


def test_knobs_of_different_methods_are_not_compared(run):
    told = found(run, run.revised(method=method_named("cma_es")), run.revised(method=method_named("niches")))
    assert told == {"Method": ("Lineages", "CMA-ES", "Niches")}


def test_namesakes_are_told_apart_and_more_runs_have_more_columns(run):
    other = run.revised(dataset={"name": run.dataset.name, "digest": "another"})
    first, second = found(run, other)["Table"]
    assert first != second
    assert second == f"{run.dataset.name} (another)"
    told = found(run, run, run.revised(seed=1))
    assert told == {"Seed": ("0", "0", "1")}


def test_fronts_are_compared_with_fronts_of_the_same_goals_by_their_goals():
    front, other = front_of_mixes(mixes()), front_of_mixes(mixes(), goals=1)
    assert alike([front, other, front]) == [[0, 2], [1]]
    frame = figures_of_runs([front, front], ["A", "B"])
    told = dict(zip(frame[""], frame["A"], strict=True))
    assert told["Highest strength [MPa]"] == "50.0" and told["Lowest cost [€/m³]"] == "40.0"
    assert told["Of the front that it found"] == "80 %" and "Worst result [MPa·days]" not in told
