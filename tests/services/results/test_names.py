import numpy as np
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from services.results.names import ORDINARY, USUAL, name_results, titles
from services.results.search import run_spec
from services.specs.results import FeatureInfo


def _feature(name, **changes):
    usual = {"name": name, "unit": "kg", "is_free": True, "is_integer": False, "low": -9.0, "high": 9.0, "std": 1.0}
    return FeatureInfo.model_validate(usual | changes)


FEATURES = (_feature("slag"), _feature("water"), _feature("oven", unit="", categories=("north", "south", "west")))
TYPICAL = np.zeros(3)

settings_of_results = st.integers(1, 8).flatmap(
    lambda k: st.tuples(
        arrays(float, (k, 2), elements=st.floats(-5, 5, width=32)), arrays(float, (k, 1), elements=st.integers(0, 2))
    ).map(np.hstack)
)


def names(X, features=FEATURES, typical=TYPICAL, parts=()):
    return name_results(features, np.array(X, dtype=float), typical, parts)


def test_a_result_is_named_by_what_the_others_are_not():
    X = [[3, -2, 0], [0.1, 0.1, 0], [0, 0, 0], [-0.1, 0, 1]]
    assert names(X) == ("high slag, low water", f"{ORDINARY}, slag 0.10 kg", f"{ORDINARY}, slag 0.00 kg", "oven south")


def test_high_is_said_of_what_is_high_beside_the_records_too_and_no_of_nothing():
    X = [[3, 0, 0], [5, 0, 0], [5, 0, 0]]
    assert names(X)[0] == "lower slag"  # 3 standard deviations above what was usually recorded
    assert names(X, typical=np.array([6.0, 0, 0]))[0] == "low slag"
    X = [[0, 0, 0], [3, 0, 0]]
    assert names(X, parts=("slag",))[0] == "no slag"
    assert names(X)[0] == "lower slag"


def test_one_result_is_told_apart_from_what_was_recorded():
    assert names([[2, 0.1, 0]]) == ("high slag",)
    assert names([[0.1, 0.1, 0]]) == (USUAL,)
    assert names(np.empty((0, 3))) == ()


def test_frozen_features_are_not_named_and_a_single_free_one_is_by_its_value():
    held = (FEATURES[0].model_copy(update={"is_free": False}), *FEATURES[1:])
    assert names([[3, 1, 0], [-3, -1, 0]], features=held) == ("high water", "low water")
    assert names([[3], [-3], [0]], features=FEATURES[:1], typical=np.zeros(1)) == (
        "slag 3.00 kg",
        "slag -3.00 kg",
        "slag 0.00 kg",
    )
    assert names([[1.0]], features=FEATURES[2:], typical=np.zeros(1)) == ("oven south",)


def test_values_tell_apart_what_words_do_not():
    X = [[3, 0, 0], [4, 0, 0], [-3, 0, 0], [-4, 0, 0]]
    assert names(X) == ("slag 3.00 kg", "slag 4.00 kg", "slag -3.00 kg", "slag -4.00 kg")
    assert names([[0.1, 0, 0], [0.0, 0.4, 0]]) == (f"{ORDINARY}, water 0.00 kg", f"{ORDINARY}, water 0.40 kg")
    assert names([[3, 0, 0], [3, 0.001, 0], [-3, 0, 0]]) == ("high slag", "high slag", "low slag")


@given(settings_of_results)
def test_every_name_says_something_and_results_that_read_differently_have_different_ones(X):
    found = names(X)
    assert len(found) == len(X) and all(found)
    read = {tuple(round(float(value), 2) + 0.0 for value in row) for row in X}
    assert len(set(found)) >= len(read)  # what reads alike may lie on either side of being named


@given(settings_of_results, st.randoms(use_true_random=False))
def test_the_order_of_results_does_not_matter(X, random):
    order = list(range(len(X)))
    random.shuffle(order)
    assert names(X[order]) == tuple(names(X)[place] for place in order)


def test_results_of_a_run_have_titles(mixed_spec, mixed):
    result = run_spec(mixed_spec, mixed, is_beside_random=False).result
    k = len(result.results)
    assert len(set(result.results.names)) == k >= 2
    assert titles(result) == [f"Result {n + 1}: {name}" for n, name in enumerate(result.results.names)]
    assert not any(" age" in f" {name}" for name in result.results.names)  # the curve runs over it
    before = result.model_copy(update={"results": result.results.model_copy(update={"names": None})})
    assert titles(before) == [f"Result {n + 1}" for n in range(k)]
