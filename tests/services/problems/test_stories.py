import numpy as np
import pytest

from scripts.make_examples import FOLDER
from services.problems.building import build_problem
from services.problems.outcomes.run_outcomes import RunOutcomes
from services.problems.stories import LESSON, STORIES, story, story_spec
from services.results.search import run_spec
from services.specs.method import LineagesSpec, NichesSpec
from services.specs.results import USUAL_TOLERANCES
from services.specs.run import RunSpec


@pytest.fixture(scope="module")
def results(catalog):
    """The result of every story, without random candidates beside it."""
    specs = {each.key: story_spec(each, catalog) for each in STORIES}
    return {key: run_spec(spec, catalog.model_data(spec), is_beside_random=False).result for key, spec in specs.items()}


def test_there_are_four_stories():
    assert [each.key for each in STORIES] == ["concrete", "front", "production", "bumps"]
    with pytest.raises(KeyError, match="glass"):
        story("glass")


@pytest.mark.parametrize("chosen", STORIES, ids=lambda each: each.key)
def test_the_example_documents_are_up_to_date(catalog, chosen):
    text = (FOLDER / f"{chosen.key}.json").read_text(encoding="utf-8")
    assert RunSpec.model_validate_json(text) == story_spec(chosen, catalog)


def test_there_is_one_example_document_per_story():
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted(each.key for each in STORIES)


@pytest.mark.parametrize("key", [each.key for each in STORIES])
def test_every_story_gives_as_many_results_as_it_asks_for(results, key):
    result = results[key]
    assert len(result.results) == result.spec.n_results == (10 if key == "front" else 5)
    assert len(result.best_recorded) == 5 or key == "front"


def test_concrete_weighs_what_concrete_weighs(results):
    found = results["concrete"]
    off = np.abs(found.density.tolerances_off(found.results.densities))
    assert off.max() <= USUAL_TOLERANCES + 0.05  # which optimum is found depends on the processor's last digits
    assert np.ptp(found.results.densities) > 1  # not all drawn to one sum
    assert found.density.target == pytest.approx(found.density.mean)


def test_every_mix_is_better_than_the_best_recorded(results):
    found = results["concrete"]
    assert min(found.results.outcomes) > max(found.best_recorded.outcomes)


def test_the_mixes_differ(results):
    assert results["concrete"].min_distance >= 1


def test_without_the_penalty_outcomes_rise_and_densities_run_away(results):
    found = results["concrete"]
    unpenalised = found.unpenalised
    assert min(unpenalised.outcomes) > max(found.results.outcomes)
    assert min(unpenalised.densities) > found.density.mean + 3 * found.density.std


def test_the_mixes_can_be_mixed(results, catalog):
    found = results["concrete"]
    spec = found.spec
    assert build_problem(spec, catalog.model_data(spec)).space.contains(np.array(found.results.X)).all()
    assert found.sweep.grid == tuple(range(1, 101))


def test_the_front_trades_strength_for_cost_and_co2_and_keeps_the_limit(results, catalog):
    found = results["front"]
    spec = found.spec
    assert [each.name for each in spec.outcomes] == ["compressive strength", "cost", "CO2", "water/cement"]
    age = next(feature for feature in spec.features if feature.name == "age")
    assert (age.is_free, age.value, spec.curve, spec.is_front) == (False, 28.0, None, True)
    outcomes = RunOutcomes.of(spec, catalog.model_data(spec)).predict(np.array(found.results.X))
    assert outcomes[:, 3].max() <= 0.55 + 1e-9
    signed = outcomes[:, :3] * [-1, 1, 1]
    is_worse = (signed[:, None] >= signed[None]).all(axis=2) & (signed[:, None] > signed[None]).any(axis=2)
    assert not is_worse.any()  # none is beaten in everything by another one
    assert np.ptp(outcomes[:, 0]) > 20 and np.ptp(outcomes[:, 1]) > 20


def test_the_line_reaches_full_yield(results):
    outcomes = np.array(results["production"].results.outcomes)
    np.testing.assert_allclose(outcomes, 100, atol=0.05)
    np.testing.assert_allclose(outcomes[0], 100, atol=1e-4)


def test_niches_climb_every_peak(results):
    found = results["bumps"].results
    assert [row[0] for row in found.X] == pytest.approx([2.696, 0.516, 4.606, 6.763, 9.038], abs=0.001)
    assert found.outcomes == pytest.approx([17.478, 14.718, 13.562, 12.618, 12.461], abs=0.001)


def test_stories_search_by_niches_and_the_lesson_by_lineages(results):
    assert {result.spec.method for result in results.values()} == {NichesSpec()}
    assert isinstance(LESSON, LineagesSpec)
