import pytest

from services.results.search import run_spec
from services.specs.run import SumConstraintSpec
from services.texts.results import Verdict, result_summaries

GOOD, DOUBTFUL, BAD = Verdict


@pytest.fixture(scope="module")
def result(mixed_spec, confident):
    ruled = mixed_spec.revised(constraints=(SumConstraintSpec(features=("sand", "water"), low=80, high=100),))
    return run_spec(ruled, confident, is_beside_random=False).result


def look(result, name, **changes):
    """One glance at the first result, with other numbers in its set; None where there is none of that name."""
    n = len(result.results)
    rows = result.results.model_copy(update={key: (value,) * n for key, value in changes.items()})
    found = {one.name: one for one in result_summaries(result.model_copy(update={"results": rows}), rows, 0)}
    return found.get(name)


def test_every_result_is_known_by_the_same_things_in_one_order(result):
    for k in range(len(result.results)):
        found = result_summaries(result, result.results, k)
        names = [one.name for one in found]
        assert names == ["Density", "Plausibility", "Second check", "Rules", "When dosed", "Recorded row"]
        assert all(one.words and one.meaning.endswith((".", ")")) for one in found)


@pytest.mark.parametrize(
    ("off", "verdict", "words"),
    [(0, GOOD, "as usual"), (-1.4, DOUBTFUL, "1.4 tolerances below usual"), (2.5, BAD, "2.5 tolerances above usual")],
)
def test_density_is_judged_by_tolerances(result, off, verdict, words):
    density = result.density.target + off * result.density.tolerance
    found = look(result, "Density", densities=density)
    assert (found.verdict, found.words) == (verdict, words)
    assert found.line == f"Density {words}"
    assert "kg is usual" in found.meaning


@pytest.mark.parametrize(("percent", "verdict"), [(20, GOOD), (19, DOUBTFUL), (5, DOUBTFUL), (4.9, BAD)])
def test_plausibility_and_second_check_are_judged_alike(result, percent, verdict):
    found = [
        look(result, "Plausibility", plausibility=float(percent)),
        look(result, "Second check", second_check=float(percent), disagrees=False),
    ]
    assert [one.verdict for one in found] == [verdict] * 2
    assert found[0].words == found[1].words == f"{percent:.0f} %"


def test_checks_that_disagree_are_doubtful_at_best(result):
    found = look(result, "Second check", second_check=80.0, plausibility=3.0, disagrees=True)
    assert (found.verdict, found.words) == (DOUBTFUL, "80 %, disagrees")
    assert look(result, "Second check", second_check=1.0, plausibility=90.0, disagrees=True).verdict is BAD
    assert look(result, "Plausibility", plausibility=float("nan")).verdict is DOUBTFUL


def test_a_broken_rule_is_bad(result):
    assert look(result, "Rules").verdict is GOOD
    found = look(result, "Rules", constraints_met=(False,))
    assert (found.verdict, found.words) == (BAD, "1 of 2 not met")
    assert found.meaning == f"Not met: {result.constraints[0]}."


def test_the_worst_case_is_good_where_the_reference_fares_no_better(result):
    ends = {"outcomes": 100.0, "robust_high": 110.0}
    recorded = result.best_recorded.model_copy(update={"robust_low": (60.0,) * len(result.best_recorded)})
    beside = result.model_copy(update={"best_recorded": recorded})
    assert look(beside, "When dosed", robust_low=60.0, **ends).verdict is GOOD
    assert look(beside, "When dosed", robust_low=59.0, **ends).verdict is DOUBTFUL
    assert look(beside, "When dosed", robust_low=49.0, **ends).verdict is BAD
    assert "at worst 60 %·d." in look(beside, "When dosed", robust_low=59.0, **ends).meaning
    alone = result.model_copy(update={"best_recorded": result.best_recorded.only(99)})
    limits = {95.0: GOOD, 80.0: DOUBTFUL, 60.0: BAD}
    for worst, verdict in limits.items():
        assert look(alone, "When dosed", robust_low=worst, **ends).verdict is verdict
    found = look(alone, "When dosed", robust_low=80.0, **ends)
    assert found.words == "at worst 80.0 %·d"
    assert "20 % worse than predicted" in found.meaning


def test_distance_counts_per_feature(result):
    near = result.results.nearest[0]
    n = sum(feature.is_free and feature.name != "age" for feature in result.features)
    for distance, verdict, words in ((0.5, GOOD, "near"), (0.9, DOUBTFUL, "some way off"), (1.1, BAD, "far off")):
        one = near.model_copy(update={"distance": distance * n**0.5})
        found = look(result, "Recorded row", nearest=one)
        assert (found.verdict, found.words) == (verdict, f"{near.row} is {words}")


def test_what_nobody_knows_is_left_out(plain_spec, mixed):
    result = run_spec(plain_spec, mixed, is_beside_random=False).result
    rows = result.results.model_copy(update={"nearest": None, "robust_low": None, "plausibility": None})
    names = [one.name for one in result_summaries(result, rows, 0)]
    assert "Recorded row" not in names and "When dosed" not in names and "Plausibility" not in names
