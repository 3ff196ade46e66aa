"""Runs whose best setting was measured, and runs that recorded rows beat: what is found, and what is said."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from models import Dataset
from optimizer import Goal
from services.catalog.loading import ModelWithData
from services.problems.defaults import default_spec
from services.problems.measured import measured_rows
from services.results.baselines import baseline_sentence
from services.results.search import run_spec
from services.specs.outcomes import ModelRef
from services.specs.results import RunResult
from services.texts.results import nearest_sentence, result_summaries
from services.texts.tables import closing_sentence, results_frame, search_sentence, verdict_words


class Linear:
    """Predicts a + 2 b, and what a table gives as well."""

    feature_names = ("a", "b")

    def predict(self, X):
        return X[:, 0] + 2 * X[:, 1]


def table(frame, outcome=None):
    frame = pd.DataFrame(frame, columns=["a", "b"]).astype(float)
    y = Linear().predict(frame.to_numpy()) if outcome is None else outcome
    dataset = Dataset.from_frame(frame.assign(y=y), name="t", outcome="y", features=["a", "b"], units={"y": "MPa"})
    return ModelWithData(dataset, Linear())


def spec_of(model_data, **changes):
    spec = default_spec(model_data, model_data.dataset, ModelRef(name="linear"))
    usual = {"plausibility": None, "risk_aversion": 0.0, "budget": {"evaluations": 600}, "n_results": 3}
    usual |= {"floor": {"amount": 30}}
    return spec.revised(**(usual | changes))


@pytest.fixture(scope="module")
def corner():
    """Thirty rows, one of which lies at the best corner of the bounds."""
    rows = np.random.default_rng(0).uniform(0, 10, (30, 2)).round(2) + 0.001
    rows[4], rows[7] = (10.5, 10.5), (0.0, 0.0)
    return table(rows)


@pytest.fixture(scope="module")
def repeated(corner):
    result = run_spec(spec_of(corner, unmeasured_only=False), corner).result
    assert result.results.X[0] == pytest.approx((10.5, 10.5), abs=0.05)
    return result


@pytest.fixture(scope="module")
def new(corner):
    return run_spec(spec_of(corner), corner).result


def test_a_result_that_was_measured_says_so_everywhere(repeated, corner):
    rows = repeated.results
    known = rows.already[0]
    assert (known.rows, known.n, known.mean) == ((5,), 1, corner.dataset.y[4])
    assert repeated.verdict.words.startswith("Result 1 was already measured: row 5, measured 31.5 MPa.")
    assert repeated.verdict.first != 1 and 1 not in repeated.verdict.try_first
    assert nearest_sentence(repeated, rows, 0).startswith("Already measured: row 5, measured 31.5 MPa.")
    assert result_summaries(repeated, rows, 0)[0].line == "Already measured: row 5, measured 31.5 MPa"
    frame = results_frame(repeated)
    assert frame["already measured"].tolist()[0] == "row 5, measured 31.5 MPa"
    assert frame["measured y [MPa]"].tolist()[0] == 31.5
    assert (frame["already measured"] == "").sum() == sum(one is None for one in rows.already) == 2
    assert frame["measured y [MPa]"].isna().sum() == 2
    again = RunResult.model_validate_json(repeated.model_dump_json())
    assert again.results.already == rows.already


def test_only_new_settings_are_as_many_and_lie_next_to_the_record(new, repeated, corner):
    assert len(new.results) == len(repeated.results) == 3
    assert not measured_rows(new.spec, corner.dataset).is_measured(np.array(new.results.X)).any()
    assert new.results.already == (None, None, None)
    assert repeated.results.outcomes[0] - 1.0 < new.results.outcomes[0] < repeated.results.outcomes[0]
    assert "already" not in verdict_words(new) and "already measured" not in results_frame(new)
    assert sum(new.results.n_lineages) > 0
    assert search_sentence(new).endswith("only settings that were not measured yet")


def test_where_no_result_was_measured_asking_for_new_ones_changes_nothing(corner):
    spec = spec_of(
        corner,
        goal="minimum",
        features=[{**feature.model_dump(), "low": 2.2, "high": 9.0} for feature in spec_of(corner).features],
    )
    free, asked = (run_spec(spec.revised(unmeasured_only=only), corner).result for only in (False, True))
    assert free.results.already == (None,) * len(free.results)
    assert asked.results == free.results


def test_several_measurements_of_one_setting_are_told_by_their_mean():
    rows = [(a, b) for a, b in product(range(5), range(5))] + [(4, 4)] * 6
    outcome = np.append(Linear().predict(np.array(rows[:25])), [12, 13, 14, 12, 13, 14])
    model_data = table(rows, outcome)
    result = run_spec(spec_of(model_data, unmeasured_only=False, n_results=1), model_data).result
    known = result.results.already[0]
    assert (known.n, known.mean) == (7, pytest.approx((12 + 78) / 7)) and known.rows == (25, 26, 27, 28, 29)
    assert "7 rows, 25, 26, 27, 28, 29 among them, measured 12.9 MPa on average of 7" in result.verdict.words
    assert "There is nothing new to try" in result.verdict.next_step


def test_a_full_factorial_that_was_measured_leaves_nothing_and_says_how_to_go_on():
    model_data = table(list(product(range(5), range(5))))
    result = run_spec(spec_of(model_data), model_data).result
    assert len(result.results) == 0
    (note,) = result.notes
    assert note.startswith("Every setting within these bounds was measured; the best of them by the model is row 25")
    assert "measured 12 MPa" in note and 'switch "Only settings that were not measured yet" off' in note


@pytest.mark.parametrize("missing", [(0, 0), (2, 3)])
def test_the_only_setting_that_was_not_measured_is_found_wherever_it_is(missing):
    rows = [row for row in product(range(5), range(5)) if row != missing]
    model_data = table(rows)
    result = run_spec(spec_of(model_data), model_data).result
    assert (tuple(map(float, missing)),) == result.results.X
    assert "there were no more that are not measured yet, good enough" in closing_sentence(result)
    assert "it was measured already, and results are settings that were not" in " ".join(result.notes)


def test_the_best_recorded_row_is_one_within_the_bounds_and_the_best_of_all_is_told(corner):
    spec = spec_of(corner)
    features = [feature.model_dump() for feature in spec.features]
    features[1]["high"] = 6.0
    result = run_spec(spec.revised(features=features), corner).result
    dataset = corner.dataset
    within = dataset.X[:, 1] <= 6
    best = int(np.flatnonzero(within)[dataset.y[within].argmax()])
    assert result.best_recorded.rows[0] == dataset.numbers[best] and result.n_within == within.sum()
    assert all(dataset.X[row - 1, 1] <= 6 for row in result.best_recorded.rows)
    assert (result.best_of_all.row, result.best_of_all.measured) == (5, 31.5)
    why = "its b of 10.5 is above your bound of 6"
    assert result.best_of_all.why == why
    said = f"within your bounds (row {best + 1}, {dataset.y[best]:.1f} MPa; of all rows: row 5, 31.5 MPa, but {why})"
    assert f"what was measured {said}" in result.verdict.words
    assert f"best recorded within your bounds: measured {dataset.y[best]:.1f} MPa" in baseline_sentence(result)
    assert f"(of all rows: row 5, 31.5 MPa, but {why})" in baseline_sentence(result)
    (note,) = [
        note for note in result.notes if note.startswith("Recorded row 5 beats every result by the model itself")
    ]
    assert note.endswith(f"and is no result: {why}.") and "predicted 31.5 MPa" in note


def test_where_no_row_lies_within_results_are_compared_with_all(corner):
    spec = spec_of(corner)
    features = [feature.model_dump() for feature in spec.features]
    features[0] |= {"is_free": False, "low": -5.0, "value": -3.0}
    result = run_spec(spec.revised(features=features), corner).result
    assert result.n_within == 0 and result.best_recorded.rows[0] == result.best_of_all.row == 5
    assert "no recorded row lies within your bounds: its a is 10.5, and yours is frozen at -3" in result.verdict.words


def test_a_row_that_the_gate_refuses_is_told_with_its_plausibility(corner):
    rows = np.vstack([np.random.default_rng(1).normal(5, 0.5, (40, 2)), [[9.0, 9.0]]])
    model_data = table(rows)
    spec = spec_of(model_data, plausibility={"at_least": 30}, goal=Goal.MAXIMUM)
    result = run_spec(spec, model_data).result
    (note,) = [note for note in result.notes if "beats every result" in note]
    assert note.startswith("Recorded row 41 ") and "% is below the 30 % asked for" in note


def test_a_run_that_nothing_was_recorded_to_beat_has_no_such_note(repeated):
    assert not [note for note in repeated.notes if "beats every result" in note]
    assert repeated.best_of_all is None and repeated.n_within == 30
