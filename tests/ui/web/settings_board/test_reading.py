import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from optimizer import Goal, Summary
from services.problems.defaults import ExtrapolationLevel, extrapolation_level_of
from services.specs.outcomes import CurveSpec
from services.specs.run import DensitySpec, RunSpec
from ui.web.settings_board.component import goal_now, knobs_now, what_is_set
from ui.web.settings_board.reading import read_settings

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["value", "area", "sand", "among", "x"]),
    lambda children: st.lists(children, max_size=2),
    max_leaves=3,
)


def sent_of(spec, **settings):
    """What the board sends of a run when some of its settings were changed."""
    known = {"goal": goal_now(spec), "knobs": knobs_now(spec)}
    parts = {part: now | {name: settings[name] for name in now.keys() & settings.keys()} for part, now in known.items()}
    return {"features": [{"name": feature.name} | what_is_set(feature) for feature in spec.features]} | parts


def read(spec, dataset, **settings):
    return read_settings(spec, sent_of(spec, **settings), dataset, has_confidence=True)


def test_what_was_not_changed_is_read_as_it_was(spec, dataset):
    full = spec.revised(
        goal=Goal.VALUE,
        value=90.0,
        curve=CurveSpec(feature="water", start=25, end=35, summary=Summary.POINT, at=30),
        density=DensitySpec(parts=("sand", "water"), target=90, tolerance=3, weight=0.7),
    )
    assert read(full, dataset) == (full, "")


def test_a_curve_begins_with_all_that_was_recorded_and_keeps_what_was_set_of_it(spec, dataset):
    curve = read(spec, dataset, of="mean", feature="water")[0].curve
    assert (curve.feature, curve.start, curve.end, curve.summary) == ("water", 20, 40, Summary.MEAN)
    given = spec.revised(curve=curve)
    curve = read(given, dataset, start=25, of="point")[0].curve
    assert (curve.start, curve.end, curve.at) == (25, 40, 32.5)
    assert read(spec.revised(curve=curve), dataset, of="outcome")[0].curve is None


def test_a_value_of_another_objective_is_left_for_the_page_to_propose(spec, dataset):
    reached = read(spec, dataset, goal="value", value=80)[0]
    assert (reached.goal, reached.value) == (Goal.VALUE, 80)
    assert read(reached, dataset, of="area")[0].value is None


def test_realism_and_size_are_taken(spec, dataset):
    spec = spec.revised(density=DensitySpec(parts=("sand", "water"), target=90, tolerance=3))
    taken, refused = read(spec, dataset, density=0.5, level="near", n_results=4, evaluations=700, seed=9)
    assert refused == ""
    assert (taken.density.weight, taken.n_results, taken.budget.evaluations, taken.seed) == (0.5, 4, 700, 9)
    assert extrapolation_level_of(taken) is ExtrapolationLevel.NEAR


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"n_results": 51}, "Results wanted is a whole number from 1 to 50, got 51: type one, such as 5."),
        ({"evaluations": "many"}, "The budget is a whole number from 1 to 100,000,000, got 'many'"),
        ({"seed": -1}, "The seed is a whole number from 0"),
        ({"seed": None}, "The seed is a whole number from 0 to 2,147,483,647, got nothing: type one, such as"),
        ({"of": "area", "start": "soon"}, "From is a number, got 'soon': type one."),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_the_rest_is_taken(spec, dataset, settings, words):
    taken, refused = read(spec, dataset, goal="minimum", **settings)
    assert refused.startswith(words)
    assert taken.goal is Goal.MINIMUM
    assert knobs_now(taken) == knobs_now(spec)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    goal=st.dictionaries(st.sampled_from(["goal", "value", "of", "feature", "start", "end", "at"]), ANYTHING),
    knobs=st.dictionaries(st.sampled_from(["density", "level", "n_results", "evaluations", "seed"]), ANYTHING),
    whole=ANYTHING,
)
def test_whatever_comes_the_run_stays_one(spec, dataset, goal, knobs, whole):
    for sent in (whole, {"goal": goal, "knobs": knobs}, {"goal": whole, "knobs": whole, "features": whole}):
        taken, refused = read_settings(spec, sent, dataset, has_confidence=False)
        assert RunSpec.model_validate(taken.model_dump()) == taken and isinstance(refused, str)
