import numpy as np
import pytest

from optimizer import DEFAULT_PERCENT, Hooks
from services.results.search import run_spec
from services.specs.results import RunResult
from services.specs.run import SumConstraintSpec
from services.texts.results import (
    checks_of_constraints,
    disagreement,
    facts,
    figures_frame,
    figures_sentence,
    interval_words,
    nearest_sentence,
    percent_words,
    result_figures,
)


@pytest.fixture(scope="module")
def result(mixed_spec, confident):
    return run_spec(mixed_spec, confident).result


def with_results(result, **changes):
    """The result with other numbers for its first row, and that set."""
    rows = result.results.model_copy(update=changes)
    return result.model_copy(update={"results": rows}), rows


def test_a_prediction_is_read_with_its_interval(result):
    n = len(result.results)
    changed, rows = with_results(result, outcomes=(10_000.4,) * n, lows=(9_400.0,) * n, highs=(10_600.0,) * n)
    assert interval_words(changed, rows, 0) == "10,000 (9,400 to 10,600)"
    changed, rows = with_results(result, outcomes=(10_000.4,) * n, lows=None, highs=None)
    assert interval_words(changed, rows, 0) == "10,000"


def test_facts_tell_what_they_mean(result):
    found = {fact.name: fact for fact in facts(result, result.results, 0)}
    assert list(found) == ["Predicted area", "5-95 % when dosed"]
    assert found["Predicted area"].value == f"{interval_words(result, result.results, 0)} %·d"
    assert "in 90 % of such cases" in found["Predicted area"].meaning
    assert "the model's own uncertainty" in found["5-95 % when dosed"].meaning
    unsure, rows = with_results(result, lows=None, highs=None)
    found = {fact.name: fact for fact in facts(unsure, rows, 0)}
    assert "cannot say how sure" in found["Predicted area"].meaning
    assert "uncertainty" not in found["5-95 % when dosed"].meaning


def test_the_nearest_row_in_a_sentence(result, mixed):
    one = result.results.nearest[0]
    said = nearest_sentence(result, result.results, 0)
    assert said == (
        f"Nearest recorded row: {one.row}, {one.distance:.2f} std. dev. away, measured {one.measured:.1f} % at age "
        f"{one.at:g} d. The result differs from it by {one.words}."
    )
    assert one.measured == mixed.dataset.y[one.row - 1]
    same = one.model_copy(update={"differences": (), "distance": 0.0})
    changed, rows = with_results(result, nearest=(same,))
    assert nearest_sentence(changed, rows, 0).startswith(f"Recorded row {one.row} has the same settings; measured ")
    near = same.model_copy(update={"distance": 0.001})
    changed, rows = with_results(result, nearest=(near,))
    assert "has practically the same settings" in nearest_sentence(changed, rows, 0)
    assert nearest_sentence(result, result.best_recorded, 0) == ""


def test_two_checks_that_disagree_are_told_apart(result):
    _, rows = with_results(result, plausibility=(50.4, 5.0), second_check=(0.3, 5.0), disagrees=(True, False))
    assert disagreement(rows, 0) == (
        "The two checks disagree: plausibility 50 %, second check under 1 %. Trust the lower one, and try it out "
        "before you rely on it."
    )
    assert disagreement(rows, 1) == ""
    assert disagreement(with_results(result, disagrees=None)[1], 0) == ""


@pytest.mark.parametrize(
    ("percent", "words"), [(0.0, "0 %"), (0.4, "under 1 %"), (29.6, "30 %"), (100.0, "100 %"), (np.nan, "unknown")]
)
def test_percentages_are_whole_but_told_from_nothing(percent, words):
    assert percent_words(percent) == words


def test_rules_and_steps_are_told_as_met_or_not(mixed_spec, mixed, with_feature):
    spec = with_feature(with_feature(mixed_spec, "water", step=2.5), "sand", step=2.5)
    rule = SumConstraintSpec(features=("sand", "water"), low=90.0, high=95.0)
    result = run_spec(spec.revised(constraints=(rule,)), mixed).result
    checks = checks_of_constraints(result, result.results, 0)
    assert [words for words, _ in checks] == [
        *result.constraints,
        "in steps of 1: speed",
        "in steps of 2.5: sand, water",
    ]
    assert all(is_met for _, is_met in checks)
    x = list(result.results.X[0])
    x[0] += 1
    changed, rows = with_results(result, X=(tuple(x),), constraints_met=((False,),))
    assert [is_met for _, is_met in checks_of_constraints(changed, rows, 0)] == [False, True, False]


@pytest.fixture(scope="module")
def floored(mixed_spec, mixed):
    return run_spec(mixed_spec.revised(floor={"kind": "within percent", "amount": 10.0}), mixed).result


def test_a_result_carries_what_its_rows_say(floored):
    measured = floored.diversity
    stds = np.array([feature.std for feature in floored.features[:4]])  # age is the sweep, resin a category
    X = np.array(floored.results.X)
    resins = X[:, 4][:, None] != X[:, 4]
    numbers = ((X[:, None, :4] - X[None, :, :4]) / stds) ** 2
    pairs = np.sqrt(numbers.sum(axis=2) + resins)[np.triu_indices(len(X), k=1)]
    assert measured.smallest_distance == pytest.approx(pairs.min())
    assert measured.mean_distance == pytest.approx(pairs.mean())
    best, worst = floored.results.scores[0], floored.results.scores[-1]
    assert measured.worst_over_best == pytest.approx(
        1 - (worst - best) / max(abs(best - floored.results.penalties[0]), 1)
    )
    assert measured.worst_over_best >= 1 - floored.spec.floor.amount / 100
    assert measured.share_within == pytest.approx(floored.statistics.n_kept / floored.statistics.n_lineages)
    assert 1 <= measured.solow_polasky <= len(X)


def test_figures_are_read_with_their_meaning(floored):
    figures = {figure.name: figure for figure in result_figures(floored)}
    assert list(figures) == ["Good enough", "Worst result", "Nearest two", "On average", "Worth"]
    assert figures["Good enough"].meaning.endswith(f"are chosen: within {DEFAULT_PERCENT:g} % of the best.")
    measured = floored.diversity
    assert figures["Worst result"].value == f"{100 * measured.worst_over_best:.1f} % of the best"
    assert figures["Nearest two"].value == f"{measured.smallest_distance:.2f} std. dev. apart"
    assert figures["Worth"].value == f"{measured.solow_polasky:.1f} of {len(floored.results)} different ones"
    assert "theta = 1 per std. dev." in figures["Worth"].meaning


def test_figures_as_a_table_and_as_a_sentence(floored):
    frame = figures_frame(floored)
    assert list(frame) == ["what", "number", "reads", "meaning"]
    assert frame["number"].tolist() == [figure.number for figure in result_figures(floored)]
    assert figures_sentence(floored).startswith("good enough: ")
    assert figures_sentence(floored).endswith("different ones")


def test_one_result_has_quality_and_no_distances(mixed_spec, mixed):
    floored = run_spec(mixed_spec.revised(n_results=1), mixed).result
    assert [figure.name for figure in result_figures(floored)] == ["Good enough", "Worst result"]
    assert floored.diversity.worst_over_best == 1
    assert (floored.diversity.smallest_distance, floored.min_distance) == (None, None)


def test_without_results_there_are_no_figures(mixed_spec, mixed):
    nothing = run_spec(mixed_spec, mixed, Hooks(should_stop=lambda: True)).result
    assert nothing.diversity is None
    assert len(figures_frame(nothing)) == 0 and figures_sentence(nothing) == ""


def test_results_kept_before_there_were_figures_are_read(floored):
    document = floored.model_dump(mode="json")
    del document["diversity"]
    kept = RunResult.model_validate(document)
    assert kept.results == floored.results
    assert (kept.diversity, kept.min_distance) == (None, None)
    assert result_figures(kept) == []
