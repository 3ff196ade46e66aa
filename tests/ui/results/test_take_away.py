import io
import json

import pandas as pd
import pytest

from services.papers.choices import change_choices, choices_of
from services.papers.lab_sheet.page import SheetOptions
from services.papers.lab_sheet.table import lab_columns
from services.papers.run_export import RunExport
from services.specs.run import RunSpec
from ui.results.take_away import lab_files, run_files

LABELS = ["Lab sheet (HTML)", "Lab table (CSV)"]
OF_THE_RUN = ["Results (CSV)", "Workbook (Excel)", "Live picture (HTML)", "Specification (JSON)"]


@pytest.fixture
def page(open_app, finished_run):
    """The Results page with a finished run of the concrete story."""
    return open_app("results", run=finished_run)


@pytest.fixture
def job(installation, finished_run):
    """That run in the store."""
    return installation.supervisor.store.get(finished_run)


def buttons(page):
    """What the buttons are called that take something away of a run."""
    shown = [button.label for button in page.test.get("download_button") if not button.disabled]
    return [label for label in shown if label in (*LABELS, *OF_THE_RUN)]


def test_all_that_can_be_taken_away_is_in_one_place(page, result):
    assert buttons(page) == [*LABELS, *OF_THE_RUN]
    assert [block.proto.popover.label for block in page.test.get("popover")][:2] == ["Lab sheet", "Take it away"]


def test_the_files_are_called_by_run_and_day(page, job, result):
    files = [*lab_files(result, job, lambda: SheetOptions((0,))), *run_files(result, job)]
    stem = f"strong-concrete-that-can-be-mixed-{job.finished_at:%Y-%m-%d}"
    endings = ["-lab.html", "-lab.csv", ".csv", ".xlsx", "-live.html", ".json"]
    assert [file.name for file in files] == [stem + ending for ending in endings]
    assert [file.label for file in files] == [*LABELS, *OF_THE_RUN]


def test_each_file_holds_what_its_name_says(page, job, result, read_html):
    files = {
        file.label: file.make()
        for file in [*lab_files(result, job, lambda: SheetOptions((1, 0), 30.0)), *run_files(result, job)]
    }
    sheet, live = (read_html(files[name].decode()) for name in ("Lab sheet (HTML)", "Live picture (HTML)"))
    assert len(sheet.texts["section"]) == 2 and "For 30 L" in sheet.texts["section"][0] and "R² " in sheet.shown
    assert json.loads(live.texts["script"][0])["progress"]["rows"] and result.spec.name in live.shown
    table = pd.read_csv(io.BytesIO(files["Lab table (CSV)"]))
    assert set(table["candidate"]) == {"Result 1", "Result 2"} and table[lab_columns(result).low].notna().all()
    assert len(pd.read_csv(io.BytesIO(files["Results (CSV)"]))) == len(result.results)
    book = pd.read_excel(io.BytesIO(files["Workbook (Excel)"]), sheet_name=None)
    assert {"Results", "Specification", "Provenance", "Features", "Curves", "Convergence"} <= set(book)
    told = dict(book["Provenance"].to_numpy())
    assert told["run id"] == job.id and told["model: kind"].startswith("Neural network")
    assert RunSpec.model_validate_json(files["Specification (JSON)"]) == result.spec


def test_the_volume_of_a_batch_is_kept_with_the_run(page, job, installation, open_app):
    page.put("number_input", "Batch volume [L]", 30.0)
    assert choices_of(installation.supervisor.store, job.id).litres == 30.0
    again = open_app("results", run=job.id)
    assert again.one("number_input", "Batch volume [L]").value == 30.0
    assert buttons(page) == [*LABELS, *OF_THE_RUN]


def test_what_is_left_out_is_in_no_file_of_the_run(page, installation, result, read_html):
    job = installation.supervisor.store.get(installation.keep(result))
    change_choices(installation.supervisor.store, job.id, lambda found: found.without(1))
    files = {file.label: file.make() for file in run_files(result, job)}
    names = [f"Result {k + 1}" for k in range(len(result.results)) if k != 1]
    assert list(pd.read_csv(io.BytesIO(files["Results (CSV)"]))["candidate"]) == names
    book = pd.read_excel(io.BytesIO(files["Workbook (Excel)"]), sheet_name=None)
    assert [name for name in book["Results"]["candidate"] if name.startswith("Result ")] == names
    assert "Result 2" not in set(book["For the laboratory"]["candidate"])
    assert not any(str(name).startswith("Result 2") for name in book["Curves"])
    heads = read_html(files["Live picture (HTML)"].decode()).texts["th"]
    assert [text.partition(":")[0] for text in heads if text.startswith("Result ")] == names


def test_where_table_or_model_are_gone_the_files_are_made_of_what_is_left(page, installation, result, read_html):
    gone = result.spec.revised(model={"name": "nobody", "digest": "0" * 64}, name="Gone")
    left = result.model_copy(update={"spec": gone})
    job = installation.supervisor.store.get(installation.keep(left))
    files = {
        file.label: file.make() for file in [*lab_files(left, job, lambda: SheetOptions((0,))), *run_files(left, job)]
    }
    live = read_html(files["Live picture (HTML)"].decode())
    assert "cannot be drawn any more: There is no saved model 'nobody'" in live.shown and "script" not in live.names
    assert "band" not in [one.get("class") for _, one in read_html(files["Lab sheet (HTML)"].decode()).elements]
    assert "model: kind" not in set(pd.read_excel(io.BytesIO(files["Workbook (Excel)"]), "Provenance")["what"])


def test_a_run_is_called_as_its_user_calls_it(result):
    assert RunExport(result, pd.Timestamp("2026-03-09", tz="UTC"), name="Batch 7").stem == "batch-7-2026-03-09"
