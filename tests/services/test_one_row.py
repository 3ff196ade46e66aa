"""One row, one answer: wherever a setting is asked about, it gets the same numbers, and so does a recorded row."""

import io

import numpy as np
import pandas as pd
import pytest

from services.cli import main
from services.papers.exports import to_csv
from services.papers.lab_sheet.page import SheetOptions, lab_sheet
from services.papers.run_export import RunExport
from services.problems.reference import recorded_reference
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.specs.results import RunResult
from services.studies.compare.methods import ComparisonSpec, run_comparison
from services.studies.compare.runs import figures_of_runs
from services.studies.tune import SweptSetting, TuneSpec, run_tune, sets_frame
from services.studies.what_if.explorer import WhatIfModel
from services.studies.what_if.settings import start_of_recorded, variants_frame
from services.texts.distance import distance_level
from services.texts.results import interval_words
from services.texts.tables import comparison_frame

ROW = 182  # the best recorded mix of the concrete story


@pytest.fixture(scope="module")
def spec(catalog):
    """A search that can find nothing better than one recorded row, which is its reference as well."""
    whole = story_spec(story("concrete"), catalog)
    reference = recorded_reference(whole, catalog.model_data(whole).dataset, ROW)
    features = [
        feature.model_copy(update={"is_free": False, "value": value})
        for feature, value in zip(whole.features, reference.values, strict=True)
    ]
    cement = features[0].value
    features[0] = features[0].model_copy(update={"is_free": True, "low": cement - 0.2, "high": cement, "step": 0.1})
    return whole.revised(
        features=tuple(features),
        reference=reference,
        n_results=1,
        plausibility=None,
        risk_aversion=0.0,
        density=whole.density.model_copy(update={"weight": 0.0}),  # the row is heavy
        is_compared=False,
        method={"name": "lineages", "n_lineages": 10},
        budget={"evaluations": 200},
        unmeasured_only=False,
    )


@pytest.fixture(scope="module")
def model_data(catalog, spec):
    return catalog.model_data(spec)


@pytest.fixture(scope="module")
def result(spec, model_data):
    found = run_spec(spec, model_data).result
    assert found.results.X[0][:-1] == found.reference.X[0][:-1]  # the curve runs over the age
    assert found.reference.rows == (ROW,)
    return found


@pytest.fixture(scope="module")
def tuned(spec, model_data):
    return run_tune(TuneSpec(run=spec, dial=SweptSetting.DENSITY, weights=(spec.density.weight,)), model_data)


def numbers_of(rows, k=0):
    """Prediction, plausibility, second check, and the ends of the interval."""
    return rows.outcomes[k], rows.plausibility[k], rows.second_check[k], rows.lows[k], rows.highs[k]


def numbers_in(table, name):
    """The same, read from a table that was taken away."""
    (row,) = table[table.iloc[:, 0] == name].to_dict("records")
    unit = "[MPa·days]"
    outcome, *ends = (row[f"predicted {what} {unit}"] for what in ("area", "low 90 %", "high 90 %"))
    return outcome, row["plausibility [%]"], row["second check [%]"], *ends


def test_every_place_has_the_same_numbers_for_one_row(spec, model_data, result, tuned, catalog, tmp_path, capsys):
    asked = WhatIfModel.of(spec, model_data)
    answer = asked.answer(start_of_recorded(model_data.dataset, ROW).setting)
    path = tmp_path / "spec.json"
    path.write_text(spec.model_dump_json(), encoding="utf-8")
    assert main(["run", str(path), "--out", str(tmp_path)]) == 0
    by_cli = RunResult.model_validate_json((tmp_path / "result.json").read_text("utf-8"))
    (entry,) = run_comparison(ComparisonSpec(run=spec, methods=("lineages",), n_seeds=1), model_data).entries
    point = tuned.points[0].result
    csv = pd.read_csv(io.BytesIO(to_csv(comparison_frame(result))))
    recorded = list(result.best_recorded.rows).index(ROW)
    variant = variants_frame(asked, [("Row", answer.setting.tolist())]).iloc[0]
    places = {
        "Results": numbers_of(result.results),
        "Results, reference": numbers_of(result.reference),
        "Results, best recorded": numbers_of(result.best_recorded, recorded),
        "What if": (
            float(answer.outcome.mean[0]),
            answer.plausibility,
            answer.second_check,
            float(answer.outcome.low[0]),
            float(answer.outcome.high[0]),
        ),
        "What if, variants": (variant["predicted area [MPa·days]"], variant["plausibility [%]"], answer.second_check),
        "Tune": numbers_of(point.results),
        "Tune, reference": numbers_of(point.reference),
        "Tune, CSV": numbers_in(sets_frame(tuned).iloc[:, 1:], "Result 1"),
        "Compare": (entry.best, entry.plausibility[0], result.results.second_check[0]),
        "CSV": numbers_in(csv, "Result 1"),
        "CSV, reference": numbers_in(csv, f"Reference: Row {ROW}"),
        "CLI": numbers_of(by_cli.results),
        "CLI, reference": numbers_of(by_cli.reference),
        "CLI, CSV": numbers_in(pd.read_csv(tmp_path / "results.csv"), "Result 1"),
    }
    expected = np.array(places["Results"])
    for place, numbers in places.items():
        # to what single precision gives alike in batches of other sizes, on every processor
        np.testing.assert_allclose(numbers, expected[: len(numbers)], rtol=1e-6, err_msg=place)
    assert by_cli.verdict == result.verdict and result.verdict.words in capsys.readouterr().out


def test_what_is_read_on_paper_and_side_by_side_are_these_numbers(result, catalog, read_html):
    page = read_html(lab_sheet(RunExport.of(result, catalog), SheetOptions((0,)))).shown
    outcome = interval_words(result, result.results, 0)
    expected = outcome.partition("expect ")[2].partition(", up to")[0]
    distance = distance_level(result.results.plausibility[0])
    assert outcome[1:] in page and f"Distance from records: {distance}" in page and result.verdict.words in page
    compared = figures_of_runs([result], ["this"]).set_index("")["this"]
    assert compared["Distance from records, farthest"] == distance_level(result.results.plausibility[0])
    assert compared["Best area [MPa·days]"] == compared["Best recorded [MPa·days]"] == expected


def test_a_recorded_row_is_as_plausible_as_a_result_with_its_settings(result):
    assert result.results.nearest[0].distance == 0
    assert result.reference.plausibility == result.results.plausibility
    assert result.reference.plausibility[0] > 90  # it was really made
