import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from models import Column
from optimizer import Hooks, StopReason
from services.catalog.loading import ModelWithData
from services.papers.exports import to_csv
from services.results.baselines import baseline_sentence
from services.results.names import result_names
from services.results.search import run_spec
from services.specs.digits import common_decimals, label, number_words
from services.specs.results import ClimbStatistics
from services.specs.run import RunSpec
from services.texts.results import REMARKS, checks_of, light_of
from services.texts.tables import (
    closing_sentence,
    comparison_frame,
    density_warning,
    left_over_words,
    provenance_frame,
    recorded_frame,
    results_frame,
    search_sentence,
    set_frame,
)


@pytest.fixture(scope="module")
def result(mixed_spec, mixed):
    return run_spec(mixed_spec, mixed).result


def test_a_name_with_its_unit(result):
    assert label("sand", "kg") == "sand [kg]"
    assert label("speed", "") == "speed"
    assert Column("sand", unit="kg").label == label("sand", "kg")


def test_results_as_a_table(result):
    frame = results_frame(result)
    objective = "predicted area [%·d]"
    head = ["candidate", "name", "trust", "checks", objective, "predicted robust low [%·d]"]
    head += ["predicted robust high [%·d]", "plausibility [%]", "second check [%]", "density [kg]"]
    head += ["penalty [std. dev.]"]
    last = ["nearest recorded row", "measured yield there [%]", "distance to it [std. dev.]", "differences from it"]
    assert list(frame) == [*head, "sand [kg]", "water [kg]", "temp", "speed", "resin", *last]
    assert list(frame["candidate"]) == ["Result 1", "Result 2", "Result 3"]
    assert tuple(frame[objective]) == result.results.outcomes
    np.testing.assert_allclose(frame["sand [kg]"] + frame["water [kg]"], frame["density [kg]"])
    assert set(frame["resin"]) <= {"A", "B", "C"}
    assert frame["speed"].dtype == float


def test_a_table_says_the_names_and_the_checks_of_the_lab_sheet(result):
    frame = comparison_frame(result)
    n = len(result.results)
    assert tuple(frame["name"][:n]) == result.results.names and frame["name"][n:].isna().all()
    for k in range(n):
        assert frame["trust"][k] == light_of(result, result.results, k).tone
        for words, tone in checks_of(result, result.results, k):
            assert f"{words}{REMARKS[tone]}" in frame["checks"][k]
    assert frame["nearest recorded row"].dtype == "Int64"  # 7, not 7.0, also where the best of random has none
    recorded = frame[frame["candidate"].str.startswith("Row ")]
    assert len(recorded) == len(result.best_recorded) and (recorded["checks"] != "").all()


def test_recorded_rows_are_named_by_their_number_and_show_what_was_measured(plain_spec, mixed):
    result = run_spec(plain_spec, mixed).result
    frame = recorded_frame(result)
    assert list(frame["candidate"]) == [f"Row {row}" for row in result.best_recorded.rows]
    rows = np.array(result.best_recorded.rows) - 1
    np.testing.assert_array_equal(frame["measured yield [%]"], mixed.dataset.y[rows])
    np.testing.assert_array_equal(frame["temp"], mixed.dataset.X[rows, 2])


def test_results_and_recorded_rows_in_one_table(result):
    frame = comparison_frame(result)
    assert len(frame) == len(result.results) + len(result.best_recorded) + 1
    assert frame["candidate"].iloc[-1] == "Best of random"
    assert "measured yield [%]" not in frame  # nobody measured a whole curve
    frame = set_frame(result, result.unpenalised, result_names(len(result.unpenalised)))
    assert (frame["penalty [std. dev.]"] == 0).all()


def test_measured_outcomes_stay_empty_for_results(plain_spec, mixed):
    result = run_spec(plain_spec, mixed).result
    frame = comparison_frame(result)
    assert frame["measured yield [%]"].isna().sum() == len(result.results) + len(result.baseline_random)


def test_without_a_searched_curve_the_sweep_feature_is_shown(plain_spec, mixed):
    assert "age [d]" in list(results_frame(run_spec(plain_spec, mixed).result))


def test_an_empty_result_is_an_empty_table(mixed_spec, mixed):
    nothing = run_spec(mixed_spec, mixed, hooks=Hooks(should_stop=lambda: True)).result
    assert len(results_frame(nothing)) == 0
    assert list(results_frame(nothing))[-5:-3] == ["resin", "nearest recorded row"]


def test_a_feature_with_the_name_of_another_column_is_not_lost(plain_spec, mixed, with_feature):
    names = {"temp": "penalty", "speed": "candidate"}
    columns = tuple(replace(column, name=names.get(column.name, column.name)) for column in mixed.dataset.features)
    dataset = replace(mixed.dataset, features=columns)
    spec = plain_spec
    for old, new in names.items():
        spec = with_feature(spec, old, name=new)
    frame = results_frame(run_spec(spec, ModelWithData(dataset, mixed.predictor)).result)
    assert (frame["penalty"] > 0).all()  # nothing is penalised in this run, so the name is the feature's own
    assert frame["candidate"][0] == "Result 1"
    assert (frame["candidate (feature)"] > 0).all()


def test_words_of_hostile_names_are_no_formulas_in_files(plain_spec, mixed, with_feature):
    name = "a;=1+1"
    columns = tuple(replace(c, name=name if c.name == "temp" else c.name) for c in mixed.dataset.features)
    dataset = replace(mixed.dataset, features=columns)
    result = run_spec(with_feature(plain_spec, "temp", name=name), ModelWithData(dataset, mixed.predictor)).result
    assert any(name in one.words for one in result.results.nearest)
    rows = list(csv.reader(io.StringIO(to_csv(comparison_frame(result)).decode("utf-8-sig"), newline="")))
    texts = [cell for row in rows for cell in row if not cell.lstrip("-").replace(".", "").isdigit()]
    assert any(name.replace("=", "'=") in text for text in texts)
    for text in texts:
        assert not any(part.lstrip().startswith(("=", "+", "@")) for part in text.split(";"))


def test_intervals_have_columns_with_their_level(mixed_spec, confident):
    frame = results_frame(run_spec(mixed_spec.revised(level=0.8), confident).result)
    low, high = frame["predicted low 80 % [%·d]"], frame["predicted high 80 % [%·d]"]
    assert (low < frame["predicted area [%·d]"]).all() and (frame["predicted area [%·d]"] < high).all()


def test_the_provenance_tells_where_a_result_comes_from_with_baselines_and_notes(result):
    told = result.model_copy(update={"notes": ("The optimum sits on your bound for sand.",)})
    frame = provenance_frame(told).set_index("what")["value"]
    assert frame["compared"] == baseline_sentence(told)
    assert frame["note 1"] == told.notes[0]
    frame = provenance_frame(result).set_index("what")["value"]
    assert RunSpec.model_validate_json(frame["specification"]) == result.spec
    assert frame["table digest"] == result.spec.dataset.digest
    assert frame["seed"] == "0"
    assert frame["ended by"] == "budget"
    assert frame["version of numpy"] == np.__version__
    assert all(isinstance(value, str) for value in frame)


def test_what_was_searched_for_is_told_with_realism(result):
    sentence = search_sentence(result)
    assert sentence.startswith(f"Searched for Max of {result.objective_name} · density penalty")
    weight = result.spec.density.weight
    off = result.spec.density.model_copy(update={"weight": 0.0})
    assert f"penalty {weight:g} (target " in sentence
    changed = result.model_copy(update={"spec": result.spec.revised(density=off, goal="value", value=12.5)})
    assert "Searched for Value 12.5 of" in search_sentence(changed)
    assert search_sentence(changed).endswith("density penalty off")
    asked = {"weight": 1.5, "at_least": 20.0, "extrapolation_limit": 0.5}
    said = search_sentence(
        result.model_copy(update={"spec": result.spec.revised(plausibility=asked, risk_aversion=2.0)})
    )
    assert said.endswith(
        "penalty for the distance from records 1.5 · no farther out than 80 % of the records · extrapolation limit 0.5 "
        "std. dev. of the outcome · risk aversion 2"
    )


def test_densities_that_nobody_recorded_are_warned_of(result):
    target, tolerance = result.density.target, result.density.tolerance
    n = len(result.results)

    def with_densities(densities):
        return result.model_copy(update={"results": result.results.model_copy(update={"densities": densities})})

    assert density_warning(with_densities((target + 0.9 * tolerance,) * n)) == ""
    assert density_warning(result.model_copy(update={"density": None})) == ""
    far = density_warning(with_densities((target + 8 * tolerance, *(target,) * (n - 1))))
    heavy = number_words(target + 8 * tolerance, common_decimals([target]))
    assert far.startswith(f"1 of {n} results have a density of {heavy}, where ")
    heaviest = max(result.density.recorded)
    assert heaviest > target + 1.1 * tolerance
    assert density_warning(with_densities((heaviest,) * n)) == ""  # something like that was recorded


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (StopReason.BUDGET, "1,484 of 1,500 evaluations were used (the other 16 were too few for one more generation)"),
        (StopReason.TIME, "The time was up after"),
        (StopReason.NO_IMPROVEMENT, "Nothing better had come for a while after"),
        (StopReason.USER, "You stopped it after"),
    ],
)
def test_the_closing_sentence_says_how_it_ended(result, reason, words):
    statistics = result.statistics.model_copy(update={"stop_reason": reason, "n_evaluations": 1484, "seconds": 2.51})
    spec = result.spec.revised(budget={"evaluations": 1_500})
    text = closing_sentence(result.model_copy(update={"statistics": statistics, "spec": spec}))
    assert words in text and text.index(" in 2.5 s.") > text.index(words)
    assert text.startswith(f"{statistics.n_lineages} lineages tried over {statistics.n_generations} generations; ")
    assert "You asked for" not in text


def test_a_final_climb_is_told_apart_from_the_search(result):
    climb = ClimbStatistics(n_starts=45, n_fresh=33, n_tops=4, n_lineages=30)
    changed = {"n_lineages": 43, "n_merged": 7, "n_generations": 300, "last_improvement": 299, "climb": climb}
    changed |= {"n_evaluations": 13_927, "stop_reason": StopReason.BUDGET}
    spec = result.spec.revised(method={"name": "niches"}, budget={"evaluations": 15_000})
    told = result.model_copy(
        update={"statistics": result.statistics.model_copy(update=changed), "spec": spec},
    )
    text = closing_sentence(told)
    assert text.startswith(
        "13 lineages tried, 7 of them merged into hills already known, over 299 generations; in a final climb 45 "
        "candidates, 33 of them fresh, rose to 4 different tops; "
    )
    assert "The last improvement came in the final climb." in text
    assert "13,927 of 15,000 evaluations were used (the final climb did not need the other 1,073)" in text
    earlier = told.model_copy(update={"statistics": told.statistics.model_copy(update={"last_improvement": 120})})
    assert "came in generation 121 of 299." in closing_sentence(earlier)
    used = told.model_copy(update={"spec": spec.revised(budget={"evaluations": 13_927})})
    assert "The budget was used up after 13,927 evaluations" in closing_sentence(used)
    assert left_over_words(used) == ""


def test_what_merged_is_told_and_lineages_have_the_words_of_their_method(result):
    changed = result.statistics.model_copy(update={"n_lineages": 240, "n_merged": 180, "n_generations": 12})
    told = result.model_copy(update={"statistics": changed, "spec": result.spec.revised(method={"name": "niches"})})
    assert closing_sentence(told).startswith(
        "240 lineages tried, 180 of them merged into hills already known, over 12 generations; "
    )
    rows = provenance_frame(told).set_index("what")["value"]
    assert (rows["lineages"], rows["of which merged"]) == ("240", "180")
    assert rows["search"] == told.spec.method.words
    descents = result.model_copy(update={"spec": result.spec.revised(method={"name": "multistart"})})
    assert closing_sentence(descents).startswith(f"{result.statistics.n_lineages} descents tried over ")
    rows = provenance_frame(descents).set_index("what")["value"]
    assert rows["descents"] == str(result.statistics.n_lineages)
    assert "lineages" not in rows and "of which merged" not in rows
