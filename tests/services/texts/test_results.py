import numpy as np
import pytest

from optimizer import DEFAULT_PERCENT, Hooks
from services.results.search import run_spec
from services.specs.results import RunResult
from services.specs.run import SumConstraintSpec
from services.texts.distance import distance_level, distance_words
from services.texts.results import (
    Tone,
    checks_of_constraints,
    disagreement,
    facts,
    figures_frame,
    figures_sentence,
    interval_words,
    light_of,
    nearest_sentence,
    percent_words,
    result_figures,
    result_summaries,
    variety_sentence,
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
    assert interval_words(changed, rows, 0) == "at least 9,400, expect 10,000, up to 10,600"
    changed, rows = with_results(result, outcomes=(10_000.4,) * n, lows=None, highs=None)
    assert interval_words(changed, rows, 0) == "10,000"


def test_facts_tell_what_they_mean(result):
    found = {fact.name: fact for fact in facts(result, result.results, 0)}
    assert list(found) == ["Predicted area", "5-95 % with dosing errors"]
    said = interval_words(result, result.results, 0)
    assert said.startswith("at least ") and found["Predicted area"].value == f"A{said[1:]} %·d"
    assert "in 95 % of such cases" in found["Predicted area"].meaning
    assert "the model's own uncertainty" in found["5-95 % with dosing errors"].meaning
    unsure, rows = with_results(result, lows=None, highs=None)
    found = {fact.name: fact for fact in facts(unsure, rows, 0)}
    assert "cannot say how sure" in found["Predicted area"].meaning
    assert "uncertainty" not in found["5-95 % with dosing errors"].meaning


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
        "Two checks of its distance from records disagree: among the records by one, beyond them by the other. Trust "
        "the worse one, and try it out before you rely on it."
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


def test_figures_are_read_with_their_meaning_as_a_table_and_as_a_sentence(floored):
    figures = {figure.name: figure for figure in result_figures(floored)}
    assert list(figures) == ["Good enough", "Worst result", "Nearest two", "On average", "Worth"]
    assert figures["Good enough"].meaning.endswith(f"are chosen: within {DEFAULT_PERCENT:g} % of the best.")
    measured = floored.diversity
    assert figures["Worst result"].value == f"{100 * measured.worst_over_best:.1f} % of the best"
    assert figures["Nearest two"].value == f"{measured.smallest_distance:.2f} std. dev. apart"
    assert figures["Worth"].value == f"{measured.solow_polasky:.1f} of {len(floored.results)} different ones"
    assert "theta = 1 per std. dev." in figures["Worth"].meaning
    frame = figures_frame(floored)
    assert list(frame) == ["what", "number", "reads", "meaning"]
    assert frame["number"].tolist() == [figure.number for figure in result_figures(floored)]
    assert figures_sentence(floored).startswith("good enough: ")
    assert figures_sentence(floored).endswith("different ones")


def test_without_enough_results_there_are_fewer_figures_or_none(mixed_spec, mixed):
    floored = run_spec(mixed_spec.revised(n_results=1), mixed).result
    assert [figure.name for figure in result_figures(floored)] == ["Good enough", "Worst result"]
    assert floored.diversity.worst_over_best == 1
    assert (floored.diversity.smallest_distance, floored.min_distance) == (None, None)
    nothing = run_spec(mixed_spec, mixed, Hooks(should_stop=lambda: True)).result
    assert nothing.diversity is None
    assert len(figures_frame(nothing)) == 0 and figures_sentence(nothing) == ""


def test_results_kept_before_there_were_figures_are_read(floored):
    document = floored.model_dump(mode="json")
    del document["diversity"]
    kept = RunResult.model_validate(document)
    assert kept.results == floored.results
    assert (kept.diversity, kept.min_distance) == (None, None)
    assert result_figures(kept) == [] and variety_sentence(kept) == ""


def test_variety_is_told_in_plain_words(floored):
    measured, said = floored.diversity, variety_sentence(floored)
    assert f"reaches {100 * measured.worst_over_best:.1f} % of the best" in said
    assert f"lie {measured.smallest_distance:.2f} std. dev. apart" in said


GOOD, DOUBTFUL, BAD = Tone


@pytest.fixture(scope="module")
def ruled_result(mixed_spec, confident):
    ruled = mixed_spec.revised(constraints=(SumConstraintSpec(features=("sand", "water"), low=80, high=100),))
    return run_spec(ruled, confident, is_beside_random=False).result


def look(result, name, **changes):
    """One glance at the first result, with other numbers in its set; None where there is none of that name."""
    n = len(result.results)
    rows = result.results.model_copy(update={key: (value,) * n for key, value in changes.items()})
    found = {one.name: one for one in result_summaries(result.model_copy(update={"results": rows}), rows, 0)}
    return found.get(name)


def test_every_result_is_known_by_the_same_things_in_one_order(ruled_result):
    for k in range(len(ruled_result.results)):
        found = result_summaries(ruled_result, ruled_result.results, k)
        names = [one.name for one in found]
        assert names == [
            "Density",
            "Distance from records",
            "Distance, another way",
            "Rules",
            "Dosing errors",
            "Recorded row",
        ]
        assert all(one.words and one.meaning.endswith((".", ")")) for one in found)


@pytest.mark.parametrize(
    ("off", "tone", "words"),
    [(0, GOOD, "as usual"), (-1.4, DOUBTFUL, ", below usual"), (2.5, BAD, " kg, far above usual")],
)
def test_density_is_judged_by_tolerances(ruled_result, off, tone, words):
    density = ruled_result.density.target + off * ruled_result.density.tolerance
    found = look(ruled_result, "Density", densities=density)
    assert found.tone is tone and found.words.endswith(words)
    assert found.line == f"Density: {found.words}"
    assert tone is GOOD or found.words.startswith(found.meaning.partition(", where ")[0])
    assert "kg is usual" in found.meaning


@pytest.mark.parametrize(("percent", "tone"), [(20, GOOD), (19, DOUBTFUL), (5, DOUBTFUL), (4.9, BAD)])
def test_distance_and_second_check_are_judged_alike(ruled_result, percent, tone):
    found = [
        look(ruled_result, "Distance from records", plausibility=float(percent)),
        look(ruled_result, "Distance, another way", second_check=float(percent), disagrees=False),
    ]
    assert [one.tone for one in found] == [tone] * 2
    assert found[0].words == found[1].words == distance_level(percent)
    assert distance_words(percent) in found[0].meaning.lower() and distance_words(percent) in found[1].meaning


def test_checks_that_disagree_are_doubtful_at_best(ruled_result):
    found = look(ruled_result, "Distance, another way", second_check=80.0, plausibility=3.0, disagrees=True)
    assert (found.tone, found.words) == (DOUBTFUL, "among the records, disagrees")
    assert look(ruled_result, "Distance, another way", second_check=1.0, plausibility=90.0, disagrees=True).tone is BAD
    unknown = look(ruled_result, "Distance from records", plausibility=float("nan"))
    assert (unknown.tone, unknown.words) == (DOUBTFUL, "unknown")


def test_a_broken_rule_is_bad(ruled_result):
    assert look(ruled_result, "Rules").tone is GOOD
    found = look(ruled_result, "Rules", constraints_met=(False,))
    assert (found.tone, found.words) == (BAD, "1 of 1 not met")
    assert found.meaning == f"Not met: {ruled_result.constraints[0]}."


def lit(result, **changes):
    """The light of the first result, with other numbers in its set."""
    n = len(result.results)
    rows = result.results.model_copy(update={key: (value,) * n for key, value in changes.items()})
    return light_of(result.model_copy(update={"results": rows}), rows, 0)


def test_the_light_is_the_worst_of_the_checks_and_says_why(ruled_result):
    known = ruled_result.density
    well = {"densities": known.target, "plausibility": 60.0, "second_check": 60.0, "disagrees": False}
    well |= {"robust_low": ruled_result.results.outcomes[0]}
    light = lit(ruled_result, **well)
    assert light.tone is GOOD and "Density: as usual" in light.reasons
    light = lit(ruled_result, **well | {"plausibility": 10.0})
    assert (light.tone, light.reasons) == (DOUBTFUL, ("Distance from records: at their edge",))
    light = lit(ruled_result, **well | {"plausibility": 10.0, "constraints_met": (False,)})
    assert (light.tone, light.words) == (BAD, "Do not rely on it")
    assert light.reasons == ("Distance from records: at their edge", "Rules: 1 of 1 not met")
    nothing = ruled_result.model_copy(update={"density": None})
    unknown = {"plausibility": None, "second_check": None, "constraints_met": None, "robust_low": None}
    assert light_of(nothing, ruled_result.results.model_copy(update=unknown), 0) is None


def test_steps_are_no_rules(ruled_result):
    assert len(ruled_result.constraints) == 1
    x = list(ruled_result.results.X[0])
    j = [feature.name for feature in ruled_result.features].index("speed")
    x[j] += 0.5
    n = len(ruled_result.results)
    rows = ruled_result.results.model_copy(update={"X": (tuple(x),) * n})
    off = [words for words, is_met in checks_of_constraints(ruled_result, rows, 0) if not is_met]
    assert off == ["in steps of 1: speed"]
    rules = next(one for one in result_summaries(ruled_result, rows, 0) if one.name == "Rules")
    assert (rules.tone, rules.words) == (GOOD, "met")


def test_the_worst_case_is_good_where_the_reference_fares_no_better(ruled_result):
    ends = {"outcomes": 100.0, "robust_high": 110.0}
    recorded = ruled_result.best_recorded.model_copy(update={"robust_low": (60.0,) * len(ruled_result.best_recorded)})
    beside = ruled_result.model_copy(update={"best_recorded": recorded})
    assert look(beside, "Dosing errors", robust_low=60.0, **ends).tone is GOOD
    assert look(beside, "Dosing errors", robust_low=58.5, **ends).tone is GOOD  # less than 2 % of it is no loss
    assert look(beside, "Dosing errors", robust_low=57.5, **ends).tone is DOUBTFUL
    assert look(beside, "Dosing errors", robust_low=49.0, **ends).tone is BAD
    assert "at worst 60 %·d." in look(beside, "Dosing errors", robust_low=59.0, **ends).meaning
    alone = ruled_result.model_copy(update={"best_recorded": ruled_result.best_recorded.only(99)})
    limits = {95.0: GOOD, 80.0: DOUBTFUL, 60.0: BAD}
    for worst, tone in limits.items():
        assert look(alone, "Dosing errors", robust_low=worst, **ends).tone is tone
    found = look(alone, "Dosing errors", robust_low=80.0, **ends)
    assert found.words == "at worst 80.0 %·d"
    assert "20 % worse than predicted" in found.meaning


def test_distance_counts_per_feature(ruled_result):
    near = ruled_result.results.nearest[0]
    n = sum(feature.is_free and feature.name != "age" for feature in ruled_result.features)
    for distance, tone, words in ((0.5, GOOD, "near"), (0.9, DOUBTFUL, "some way off"), (1.1, BAD, "far off")):
        one = near.model_copy(update={"distance": distance * n**0.5})
        found = look(ruled_result, "Recorded row", nearest=one)
        assert (found.tone, found.words) == (tone, f"{near.row} is {words}")


def test_what_nobody_knows_is_left_out(plain_spec, mixed):
    result = run_spec(plain_spec, mixed, is_beside_random=False).result
    rows = result.results.model_copy(update={"nearest": None, "robust_low": None, "plausibility": None})
    names = [one.name for one in result_summaries(result, rows, 0)]
    assert "Recorded row" not in names and "Dosing errors" not in names and "Distance from records" not in names
