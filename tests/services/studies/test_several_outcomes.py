"""Studies of runs with several outcomes: one goal with limits is studied, and what cannot be is refused at once."""

import numpy as np
import pytest

from optimizer import SpaceError
from services.problems.outcomes.asking import spec_of_words
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.studies.compare.methods import ComparisonSpec, run_comparison
from services.studies.proof import ProofSpec, proof_refusal, run_proof
from services.studies.tune import SweptSetting, TuneSpec, run_tune

NO_LIMITS = {"at_least": None, "at_most": None}


@pytest.fixture(scope="module")
def limited(catalog):
    """The cheapest mix that is strong enough at 28 days; a small search."""
    words = {"goals": ["cost min"], "limits": ["strength >= 40", "water / cement <= 0.55"], "fixed": ["age = 28"]}
    spec = spec_of_words(catalog, "concrete", **words)
    return spec.revised(budget={"evaluations": 1_500}, n_results=3, is_compared=False)


@pytest.fixture(scope="module")
def front(catalog):
    spec = spec_of_words(catalog, "concrete", goals=["cost min", "strength max"], fixed=["age = 28"])
    return spec.revised(budget={"evaluations": 1_500})


def test_one_goal_with_limits_is_tuned_and_every_point_keeps_them(limited, catalog):
    model_data = catalog.model_data(limited)
    tuned = run_tune(TuneSpec(run=limited, dial=SweptSetting.DENSITY, weights=(0.0, 2.0)), model_data)
    outcomes = RunOutcomes.of(limited, model_data)
    assert [point.weight for point in tuned.points] == [0.0, 2.0]
    for point in tuned.points:
        assert len(point.result.results) and outcomes.keeps(np.array(point.result.results.X)).all()


def test_methods_are_compared_by_candidates_that_keep_the_limits(limited, catalog):
    model_data = catalog.model_data(limited)
    spec = ComparisonSpec(run=limited, methods=("niches", "cma_es", "random_search"))
    compared = run_comparison(spec, model_data)
    assert not compared.left_out and len(compared.entries) == 3
    free = limited.revised(outcomes=tuple(each.model_copy(update=NO_LIMITS) for each in limited.outcomes))
    (unlimited,) = run_comparison(spec.model_copy(update={"run": free, "methods": ("niches",)}), model_data).entries
    bests = [entry.best for entry in compared.entries]
    assert None not in bests and unlimited.best is not None
    assert min(bests) > unlimited.best + 1  # the cheapest mixes of all are too weak


def test_a_front_is_refused_before_anything_is_searched(front, catalog):
    model_data = catalog.model_data(front)
    with pytest.raises(SpaceError, match=r"What realism costs needs one goal.*\(cost and compressive strength\)"):
        run_tune(TuneSpec(run=front, dial=SweptSetting.DENSITY, weights=(0.0,)), model_data)
    with pytest.raises(SpaceError, match="A comparison of methods needs one goal"):
        run_comparison(ComparisonSpec(run=front, methods=("niches",)), model_data)


def test_nothing_is_proven_of_several_outcomes(front, limited, bumps_spec, catalog):
    for spec in (front, limited):
        with pytest.raises(SpaceError, match="A proof bounds one outcome"):
            run_proof(ProofSpec(run=spec), catalog.model_data(spec))
    assert proof_refusal(bumps_spec) == ""
