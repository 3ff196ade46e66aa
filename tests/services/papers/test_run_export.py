import io
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import openpyxl
import pandas as pd
import pytest

from services.jobs.workers.traces import TracePiece
from services.papers.run_export import (
    RunExport,
    card_of,
    convergence_frame,
    curves_frame,
    model_facts,
    provenance_of,
    workbook,
)
from services.results.search import run_spec
from services.specs.outcomes import ModelRef
from services.specs.run import RunSpec
from services.texts.results import result_figures
from services.texts.specs import features_frame, specification_frame
from services.texts.tables import predicted_header

WHEN = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def report(mixed_spec, confident):
    """A run over a curve with every kind of feature."""
    return run_spec(mixed_spec.revised(name="=HYPERLINK(1)"), confident)


@pytest.fixture(scope="module")
def run_export(report, catalog):
    """That run with its trace; table and model are on no shelf."""
    trace = TracePiece.of(report.trace, len(report.result.features))
    return RunExport.of(report.result, catalog, when=WHEN, run_id="run-1", trace=trace)


@pytest.fixture(scope="module")
def sheets(run_export):
    """The workbook as pandas reads it."""
    return pd.read_excel(io.BytesIO(workbook(run_export)), sheet_name=None)


def test_the_workbook_has_a_sheet_for_everything(sheets, run_export):
    names = ["Results", "For the laboratory", "Specification", "Provenance", "Features", "Curves", "Convergence"]
    assert list(sheets) == [*names, "Figures"]
    result = run_export.result
    candidates = list(sheets["Results"]["candidate"])
    assert candidates[: len(result.results)] == [f"Result {n + 1}" for n in range(len(result.results))]
    assert [name for name in candidates if name.startswith("Row ")] == [f"Row {n}" for n in result.best_recorded.rows]
    np.testing.assert_allclose(sheets["Results"][predicted_header(result)][0], result.results.outcomes[0])


def test_the_workbook_carries_the_figures(sheets, run_export):
    assert list(sheets["Figures"]) == ["what", "number", "reads", "meaning"]
    assert list(sheets["Figures"]["number"]) == pytest.approx([one.number for one in result_figures(run_export.result)])


def test_no_cell_is_a_formula(run_export):
    book = openpyxl.load_workbook(io.BytesIO(workbook(run_export)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" or str(cell.value).startswith("=") for cell in cells)
    assert "'=HYPERLINK(1)" in [cell.value for cell in cells]


def test_provenance_tells_when_and_from_what_and_ends_with_what_repeats_the_run(run_export):
    told = dict(provenance_of(run_export).to_numpy())
    assert next(iter(told.items())) == ("run", run_export.title)
    assert told["when"] == "9 March 2026, 12:00 UTC" and told["run id"] == "run-1"
    assert told["table digest"] == run_export.result.spec.dataset.digest and told["seed"] == "0"
    assert list(told)[-1] == "specification"
    assert RunSpec.model_validate_json(told["specification"]) == run_export.result.spec


def test_the_specification_is_told_in_rows_with_units(run_export):
    frame = specification_frame(run_export.result)
    told = {row.what: (row.value, row.unit) for row in frame.itertuples()}
    spec = run_export.result.spec
    assert told["curve: feature"] == ("age", "") and told["curve: start"] == (spec.curve.start, "d")
    assert told["density: target"] == (spec.density.target, "kg") and told["density: parts"] == ("sand, water", "")
    assert told["budget: evaluations"] == (1500, "evaluations") and told["is compared"] == ("yes", "")
    assert told["method: name"] == ("lineages", "") and told["seed"] == (0, "")
    assert len(frame) == frame["what"].nunique()
    assert not {"starts", "continues", "decisions"} & set(told)  # nothing to tell
    more = run_export.result.spec.revised(starts=[run_export.result.results.X[0]] * 3, continues="run-0")
    frame = specification_frame(run_export.result.model_copy(update={"spec": more}))
    told = {row.what: (row.value, row.unit) for row in frame.itertuples()}
    assert told["starts"] == (3, "settings") and told["continues"] == ("run-0", "")


def test_features_say_what_they_may_do(run_export, with_feature):
    spec = with_feature(run_export.result.spec, "temp", is_free=False, value=25.0)
    frame = features_frame(run_export.result.model_copy(update={"spec": spec})).set_index("feature")
    assert list(frame.index) == [feature.name for feature in run_export.result.features]
    assert frame.loc["temp", "free or frozen"] == "frozen" and frame.loc["temp", "value when frozen"] == 25.0
    assert frame.loc["resin", "kind"] == "category" and frame.loc["resin", "allowed"] == "A, B, C"
    assert frame.loc["speed", "kind"] == "whole number" and frame.loc["sand", "unit"] == "kg"


def test_curves_run_over_the_sweep_feature_beside_the_reference(run_export, curved_bands):
    frame = curves_frame(run_export)
    result = run_export.result
    assert list(frame["age [d]"]) == list(result.sweep.grid)
    assert list(frame.columns[1:-1]) == [f"{name} [%]" for name in curved_bands.titles]
    assert frame.columns[-1] == f"Reference: Row {result.best_recorded.rows[0]} [%]"
    without = curves_frame(RunExport(result, WHEN, bands=curved_bands.bands, left_out=(0,)))
    assert not any(name.startswith("Result 1") for name in without) and "Result 2 low [%]" in without
    with_bands = curves_frame(RunExport(result, WHEN, bands=curved_bands.bands))
    low, curve, high = (with_bands[f"{name} [%]"] for name in ("Result 1 low", curved_bands.titles[0], "Result 1 high"))
    assert (low < curve).all() and (curve < high).all()


@pytest.fixture(scope="module")
def curved_bands(report, confident):
    """Intervals along the curves, and the full names of the results."""
    from types import SimpleNamespace

    from services.papers.lab_sheet.table import bands_of
    from services.results.names import titles

    return SimpleNamespace(bands=bands_of(report.result, confident), titles=titles(report.result))


def test_convergence_only_gets_better_and_reaches_the_end(run_export, report):
    frame = convergence_frame(run_export)
    scores = frame["best score [std. dev.]"].to_numpy()
    assert (np.diff(scores[:-1]) < 0).all() and scores[-1] <= scores[-2]
    assert scores[-1] == min(generation.bests.scores.min() for generation in report.trace if len(generation.bests))
    assert frame["generation"].is_unique and frame["generation"].is_monotonic_increasing
    assert frame["generation"].iloc[-1] == run_export.result.statistics.n_generations
    assert frame["evaluations"].iloc[-1] == run_export.result.statistics.n_evaluations
    leading = RunExport(run_export.result, WHEN, trace=run_export.trace.leading())
    pd.testing.assert_frame_equal(convergence_frame(leading), frame)


def test_of_what_nobody_knows_nothing_is_told(plain_spec, mixed, sheets):
    result = run_spec(plain_spec, mixed).result
    result = result.model_copy(update={"sweep": None})
    bare = pd.read_excel(io.BytesIO(workbook(RunExport(result, WHEN))), sheet_name=None)
    assert set(sheets) - set(bare) == {"Curves", "Convergence"}
    assert "model: kind" not in set(bare["Provenance"]["what"])


def test_the_card_of_the_very_model_is_told(catalog):
    saved = catalog.models.load("concrete")
    card = card_of(ModelRef(name="concrete", digest=saved.digest), catalog)
    told = model_facts(card)
    assert told["kind"].startswith("Neural network") and told["RMSE"].endswith(" MPa")
    assert card_of(ModelRef(name="concrete", digest="0" * 64), catalog) is None
    assert card_of(ModelRef(name="nobody"), catalog) is None
    assert card_of(ModelRef(kind="function", name="bumps"), catalog) is None


@pytest.mark.parametrize(
    ("name", "stem"),
    [("", "hyperlink-1-2026-03-09"), ("Line 4: more!", "line-4-more-2026-03-09"), ("…", "results-2026-03-09")],
)
def test_files_are_called_by_the_run_and_the_day(run_export, name, stem):
    east = WHEN.astimezone(timezone(timedelta(hours=14)))
    assert RunExport(run_export.result, east, name=name).stem == stem


def test_the_specification_that_is_taken_away_repeats_the_run(report, confident, untimed):
    document = report.result.spec.model_dump_json(indent=2)
    again = run_spec(RunSpec.model_validate_json(document), confident)
    assert untimed(again.result) == untimed(report.result)
