import numpy as np
import pytest

from optimizer import DEFAULT_STRENGTH, METHODS, Categorical, uses_strengths
from optimizer.niches.coordinates import Coordinates, usual_strength
from services.problems.building import build_space
from services.problems.strengths import usual_strengths
from services.specs.method import method_named


def test_plain_lineages_draw_by_one_number(mixed, plain_spec):
    usual = usual_strengths(plain_spec, mixed.dataset)
    assert set(usual) == {feature.name for feature in plain_spec.features}
    assert set(usual.values()) == {DEFAULT_STRENGTH}


def test_what_niches_do_as_usual_is_what_the_engine_does(mixed, plain_spec, with_feature):
    """Set to the numbers that are told, every feature is drawn as it was before any was set."""
    spec = with_feature(plain_spec.revised(method={"name": "niches"}), "temp", low=15.0, high=25.0)
    usual = usual_strengths(spec, mixed.dataset)
    told = tuple(feature.model_copy(update={"mutation_strength": usual[feature.name]}) for feature in spec.features)
    before, after = (Coordinates.of(build_space(given, mixed.dataset)) for given in (spec, spec.revised(features=told)))
    np.testing.assert_allclose(after.scale, before.scale)
    assert before.scale.tolist() == [1.0] * before.n
    n_discrete = int((before.step > 0).sum()) + len(before.categorical)
    chances = [f.strength(np.nan) for _, f in after.categorical if isinstance(f, Categorical)]
    assert chances == [pytest.approx(0.5 / n_discrete)]
    std = float(mixed.dataset.stds[mixed.dataset.index("temp")])
    assert usual["temp"] == pytest.approx(usual_strength(15.0, 25.0, std))


def test_bounds_that_are_the_wrong_way_round_while_they_are_typed_have_the_strength_of_both(
    mixed, plain_spec, with_feature
):
    niches = plain_spec.revised(method={"name": "niches"})
    wrong, right = (
        usual_strengths(with_feature(niches, "temp", low=low, high=high), mixed.dataset)
        for low, high in ((25.0, 15.0), (15.0, 25.0))
    )
    assert wrong == right and wrong["temp"] > 0


def test_frozen_features_and_the_sweep_have_none(mixed, mixed_spec, with_feature):
    spec = with_feature(mixed_spec, "temp", is_free=False)
    assert set(usual_strengths(spec, mixed.dataset)) == {"sand", "water", "speed", "resin"}


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if not uses_strengths(method)])
def test_a_method_that_does_not_listen_has_none(mixed, plain_spec, name):
    method = method_named(name)
    assert not method.uses_strengths
    assert usual_strengths(plain_spec.revised(method=method), mixed.dataset) == {}
