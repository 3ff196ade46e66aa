import numpy as np
import pytest

from optimizer import Candidates
from services.problems.building import build_problem
from services.results.report import bound_notes


@pytest.fixture(scope="module")
def notes(mixed):
    """Return a function that makes results out of a middling one with some features set, and returns their notes."""

    def of(spec, n=5, outcomes=None, **columns):
        names = mixed.dataset.feature_names
        X = np.repeat([[60.0, 30.0, 25.0, 4.0, 0.0, 7.0]], n, axis=0)
        for name, values in columns.items():
            X[:, names.index(name)] = values
        y = np.arange(n, dtype=float) if outcomes is None else np.array(outcomes)
        return bound_notes(build_problem(spec, mixed), mixed.dataset, Candidates(X, -y, y, np.zeros(n)))

    return of


def test_results_within_the_bounds_need_no_note(notes, plain_spec):
    assert notes(plain_spec) == ()


def test_most_results_at_an_end_of_the_records(notes, plain_spec, mixed):
    most = mixed.dataset.X[:, 3].max()
    (note,) = notes(plain_spec, speed=[most, most, most, 4, 4])
    assert note == (
        f"The optimum sits on your bound for speed: 3 of 5 results are at the upper end, {most:g}, the largest "
        "recorded value: beyond it the model only guesses. If it can go there in reality, record rows there first, "
        "then relax the bound."
    )
    assert notes(plain_spec, speed=[most, most, 4, 4, 4]) == ()


def test_a_bound_within_the_records_is_one_to_relax(notes, plain_spec, with_feature):
    spec = with_feature(plain_spec, "water", low=25.0, high=35.0)
    (note,) = notes(spec, water=[25.0, 25.0, 25.01, 30, 25.0])
    assert note.startswith("The optimum sits on your bound for water: 4 of 5 results are at the lower end, 25 kg. ")
    assert "The records go on to 2" in note and note.endswith("relax the bound if reality allows it.")


def test_a_bound_beyond_the_records_is_a_place_where_the_model_guesses(notes, plain_spec, with_feature):
    (note,) = notes(with_feature(plain_spec, "water", high=60.0), water=60.0)
    assert "5 of 5 results are at the upper end, 60 kg. The largest recorded value is" in note
    assert "beyond it the model only guesses" in note


def test_no_step_fits_between_a_result_and_its_bound(notes, plain_spec, with_feature):
    spec = with_feature(plain_spec, "water", low=23.0, high=37.0, step=5.0)
    assert len(notes(spec, water=25.0)) == 1
    assert notes(spec, water=30.0) == ()


def test_frozen_features_and_the_sweep_feature_have_no_bound(notes, mixed_spec, with_feature):
    spec = with_feature(mixed_spec, "water", is_free=False, value=30.0, low=30.0)
    assert notes(spec, water=30.0, age=1.0) == ()


def test_a_value_that_is_reached_is_held_back_by_nothing(notes, plain_spec, mixed):
    most = mixed.dataset.X[:, 3].max()
    spec = plain_spec.revised(goal="value", value=200.0)
    assert notes(spec, outcomes=[200.0] * 5, speed=most) == ()
    assert len(notes(spec, outcomes=[200.0, 200.0, 150.0, 200.0, 200.0], speed=most)) == 1


def test_one_result_says_nothing_about_most(notes, plain_spec, mixed):
    assert notes(plain_spec, n=1, speed=mixed.dataset.X[:, 3].max()) == ()
