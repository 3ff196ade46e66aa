"""Files and measured values of a run in which two outcomes are measured and one is calculated."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from models import DatasetError
from services.catalog.loading import ModelWithData
from services.intake.tables.reading import RawTable, read_table
from services.papers.exports import to_csv
from services.papers.lab_sheet.outcomes import lab_outcomes
from services.papers.lab_sheet.page import SheetOptions, lab_sheet
from services.papers.lab_sheet.table import lab_columns, lab_frame
from services.papers.measured.extending import extended_dataset, models_to_train, next_run
from services.papers.measured.measurements import (
    Measured,
    Measurement,
    compare,
    read_filled_sheet,
    summary_words,
    validated,
)
from services.papers.run_export import RunExport
from services.problems.defaults import default_spec
from services.results.search import run_spec
from services.specs.outcomes import ModelRef, OutcomeSpec
from services.texts.specs import specification_frame
from services.texts.tables import outcomes_frame, results_frame, search_sentence

YIELD, IMPURITY = ModelRef(kind="callable", name="yield"), ModelRef(kind="callable", name="impurity")


@pytest.fixture(scope="module")
def table(catalog):
    return catalog.datasets.load("reactor")


@pytest.fixture(scope="module")
def material(table):
    """The reactor with a known function in the place of each model."""

    def model(name, function):
        return ModelWithData.of_callable(table.for_outcome(name), function)

    measured = {
        "yield": model("yield", lambda X: 40 + 0.3 * (X[:, 0] - 80) - 2 * (X[:, 1] - 5) ** 2),
        "impurity": model("impurity", lambda X: 2 + 0.1 * (X[:, 0] - 60)),
    }
    return replace(measured["yield"], table=table, measured=measured)


@pytest.fixture(scope="module")
def result(table, material):
    spec = default_spec(material.measured["yield"], table, YIELD)
    outcomes = (
        OutcomeSpec(name="yield", model=YIELD, goal="maximum"),
        OutcomeSpec(name="impurity", model=IMPURITY, at_most=6.0),
        OutcomeSpec(name="load", formula="temperature * time", unit="°C·h"),
    )
    budget = spec.budget.model_copy(update={"evaluations": 1_500})
    free = {"plausibility": None, "risk_aversion": 0.0, "is_compared": False}
    return run_spec(spec.revised(outcomes=outcomes, budget=budget, n_results=3, **free), material).result


def read(frame: pd.DataFrame) -> RawTable:
    return read_table(to_csv(frame), "sheet.csv")


def test_the_laboratory_fills_in_what_is_measured_and_not_what_is_calculated(result):
    assert [outcome.name for outcome in lab_outcomes(result)] == ["yield", "impurity"]
    frame = lab_frame(result, range(len(result.results)))
    assert [header for header in frame if "measured" in header] == ["measured yield [%]", "measured impurity [%]"]
    predicted = list(frame).index("predicted impurity [%]")
    assert list(frame)[predicted : predicted + 4] == list(lab_columns(result, lab_outcomes(result)[1]))[2:]
    np.testing.assert_allclose(frame["predicted impurity [%]"], result.results.others[1].values, rtol=1e-4)


def test_the_sheet_has_a_column_for_each_and_all_outcomes(result, read_html):
    page = read_html(lab_sheet(RunExport(result, datetime(2026, 3, 9, tzinfo=UTC)), SheetOptions((0,))))
    heads = page.texts["th"]
    assert "impurity: measured [%]" in heads and "yield: measured [%]" in heads
    assert not any("load" in head and "measured" in head for head in heads)
    assert "✓ at most 6 % by the prediction" in page.texts["td"]
    assert page.texts["h3"][-1] == "Measured yield and impurity"


def test_tables_tell_every_outcome_and_its_limits(result):
    frame = results_frame(result)
    X = np.array(result.results.X)
    np.testing.assert_allclose(frame["calculated load [°C·h]"], X[:, 0] * X[:, 1])
    assert set(frame["keeps impurity of at most 6 % by the prediction"]) == {"yes"}
    assert list(outcomes_frame(result)) == ["result", "yield [%]", "impurity [%]", "load [°C·h]", "limits"]
    told = {row.what: (row.value, row.unit) for row in specification_frame(result).itertuples()}
    assert told["impurity: at most"] == (6.0, "%") and told["load: formula"] == ("temperature * time", "")
    assert told["yield: goal"] == ("maximum", "") and told["impurity: limits hold by"] == ("the prediction", "")
    assert "limit: impurity of at most 6 %" in search_sentence(result)


def filled(result):
    frame = lab_frame(result, range(len(result.results)))
    frame.loc[0, ["measured yield [%]", "measured impurity [%]"]] = [50.0, 5.5]
    frame.loc[1, "measured impurity [%]"] = 4.25
    return frame


def test_a_filled_sheet_gives_values_of_each_outcome(result, material):
    rows = read_filled_sheet(result, read(filled(result))).rows
    assert [(row.result, row.outcome, row.value) for row in rows] == [
        (0, "yield", 50.0),
        (0, "impurity", 5.5),
        (1, "impurity", 4.25),
    ]
    compared = compare(result, rows, material)
    np.testing.assert_allclose(compared[2].predicted, result.results.others[1].values[1])
    assert [one.outcome.name for one in compared] == ["yield", "impurity", "impurity"]
    assert compare(result, rows, None)[2].predicted == pytest.approx(compared[2].predicted)
    words = summary_words(result, compared)
    assert words.startswith("yield: The predictions are off by ") and " impurity: The predictions are off by " in words
    known = Measured().with_rows(rows)
    assert Measured.from_paper(known.model_dump_json()) == known
    before = Measured.from_paper('{"rows": [{"result": 0, "value": 5.0, "at": null}]}')  # as it was kept before
    assert before.rows == (Measurement(result=0, value=5.0),)


def test_values_without_a_name_are_refused_where_several_are_measured(result):
    with pytest.raises(DatasetError, match="name one of yield, impurity"):
        validated(result, Measurement(result=0, value=1.0))
    with pytest.raises(DatasetError, match="'load' is no measured outcome"):
        validated(result, Measurement(result=0, value=1.0, outcome="load"))


def test_measured_values_extend_the_table_with_gaps(table, result, material):
    rows = read_filled_sheet(result, read(filled(result))).rows
    new = extended_dataset(table, result, rows)
    assert new.n_rows == table.n_rows + 2  # the two values of the first result stand in one row
    np.testing.assert_array_equal(new.measured("yield")[-2:], [50.0, np.nan])
    np.testing.assert_array_equal(new.measured("impurity")[-2:], [5.5, 4.25])
    assert np.isnan(new.measured("energy consumption")[-2:]).all()
    assert new.for_outcome("impurity").n_rows == table.for_outcome("impurity").n_rows + 2
    again = extended_dataset(table, result, [*rows, rows[0].model_copy(update={"value": 51.0})])
    np.testing.assert_array_equal(again.measured("yield")[-3:], [50.0, np.nan, 51.0])
    assert models_to_train(result, rows[1:]) == {"impurity": ("impurity", IMPURITY)}
    assert models_to_train(result, rows) == {"yield": ("yield", YIELD), "impurity": ("impurity", IMPURITY)}

    trained = ModelRef(kind="callable", name="impurity again")
    pair = ModelWithData.of_callable(new.for_outcome("impurity"), lambda X: X[:, 0] / 20)
    measured = {
        name: ModelWithData.of_callable(new.for_outcome(name), lambda X: X[:, 0]) for name in ("yield", "impurity")
    }
    whole = replace(measured["yield"], table=new, measured=measured)
    spec = next_run(result, new, {trained: pair}, lambda spec: whole)
    assert [outcome.model for outcome in spec.outcomes] == [YIELD, trained, None]
    other = ModelRef(kind="callable", name="yield again")
    both = next_run(result, new, {trained: pair, other: measured["yield"]}, lambda spec: whole)
    assert [outcome.model for outcome in both.outcomes] == [other, trained, None]
    assert spec.dataset.digest == new.digest and spec.outcomes[1].at_most == 6.0
