"""Excel and Parquet: honest files are read in a limited child, hostile ones are refused and harm nobody."""

import datetime
import io
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.table import Table

from services.intake.tables import reading
from services.intake.tables.limits import TableError, TableKind
from services.intake.tables.reading import Reading, found_choices, read_table
from tests.services.intake.tables.books import made, saved, workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def xlsx(sheet_data, *, filler=b"", repeat=0, extra=None):
    """Return a minimal workbook without a declared dimension; ``filler`` is repeated after the rows."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHEET_TYPE}.sharedStrings+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{RELATIONS}">'
            f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
            '<sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{RELATIONS}">'
            f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        for name, content in ({"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"/>'} | (extra or {})).items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>{sheet_data}'.encode())
            for _ in range(repeat):
                sheet.write(filler)
            sheet.write(b"</sheetData></worksheet>")
    return buffer.getvalue()


def row(number, *values, at=None):
    cells = "".join(f'<c r="{at}"><v>{v}</v></c>' if at else f"<c><v>{v}</v></c>" for v in values)
    return f'<row r="{number}">{cells}</row>'


def parquet(frame_or_table):
    buffer = io.BytesIO()
    if isinstance(frame_or_table, pd.DataFrame):
        frame_or_table = pa.Table.from_pandas(frame_or_table)
    pq.write_table(frame_or_table, buffer)
    return buffer.getvalue()


def cover_and_table(book):
    """A cover sheet, a table with a row of units and one of sums, and a hidden sheet."""
    cover = book.active
    cover.title = "Cover"
    for row in (["Report of trials"], [], ["By", "Meier"], ["Date", datetime.date(2024, 3, 1)], ["Number", 8]):
        cover.append(row)
    runs = book.create_sheet("Runs")
    rows = [[f"R{j}", 60 + j * 3 % 7, 1.5 + j, 70.25 + j * j] for j in range(8)]
    sums = [sum(row[j] for row in rows) for j in (1, 2, 3)]
    for row in (["run", "T", "p", "yield"], [None, "°C", "bar", "%"], *rows, ["Total", *sums]):
        runs.append(row)
    old = book.create_sheet("Old")
    old.sheet_state = "hidden"
    for row in (["a", "b"], [1, 2], [2, 3]):
        old.append(row)


def add_table(sheet, top, left, *, with_note):
    if with_note:
        sheet["A1"] = "Some notes"
    rows = [["T", "p", "y"], [1, 2, 3], [2, 3, 4], [3, 4, 5], *([["Total", None, 12]] if with_note else [])]
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            sheet.cell(top + i, left + j, value)
    area = f"{sheet.cell(top, left).coordinate}:{sheet.cell(top + len(rows) - 1, left + 2).coordinate}"
    table = Table(displayName="Results", ref=area)
    if with_note:
        table.totalsRowCount = 1
    sheet.add_table(table)


def named_table(book):
    book.active.title = "Data"
    add_table(book.active, 5, 3, with_note=True)


def merged_header(book):
    sheet = book.active
    sheet.append(["Run", "Feed", None, "Reactor", None, "Yield"])
    sheet.append([None, "T", "p", "T", "p", None])
    for area in ("A1:A2", "B1:C1", "D1:E1", "F1:F2"):
        sheet.merge_cells(area)
    for j in range(3):
        sheet.append([j + 1, 20 + j, 1.5 * j, 30 - j, 2 + j, 50 + j * j])


def merged_body(book):
    sheet = book.active
    sheet.append(["Charge", "Temp", "Time [min]", "Cure", "Yield"])
    for j in range(9):
        time = datetime.timedelta(minutes=30 * j + 30)
        sheet.append([f"C{j // 3}", 60 + j // 3 * 10, time, datetime.time(1, 10 * (j % 6)), 50.5 + j * j % 7])
    for area in ("A2:A4", "B2:B4", "A5:A7", "B5:B7", "A8:A10", "B8:B10"):
        sheet.merge_cells(area)


class TestHonestExcel:
    def test_a_merged_cell_counts_for_each_of_its_rows(self):
        table = read_table(made(merged_body), "t.xlsx")
        assert table.frame["Charge"].tolist() == ["C0"] * 3 + ["C1"] * 3 + ["C2"] * 3
        assert table.frame["Temp"].tolist() == [60] * 3 + [70] * 3 + [80] * 3
        words = "The value of a merged cell was taken for each of its rows: 'Charge', rows 2 to 4, and 5 more."
        assert words in table.notices

    def test_durations_and_times_are_numbers_in_the_unit_of_the_header_or_hours(self):
        table = read_table(made(merged_body), "t.xlsx")
        assert table.frame["Time"].tolist() == pytest.approx([30 * j + 30 for j in range(9)])
        assert table.frame["Cure"].tolist() == pytest.approx([1 + j % 6 / 6 for j in range(9)])
        assert table.units == {"Time": "min", "Cure": "h"}
        assert "Column 'Cure' holds times of day or durations: they were read as numbers in h." in table.notices

    def test_numbers_texts_dates_and_gaps_are_read(self):
        data = workbook(
            ["x", "kind", "when", "flag", "gap"],
            [1.5, "a", pd.Timestamp("2026-01-02"), True, None],
            [2, "b", pd.Timestamp("2026-01-02 03:04"), False, 7],
        )
        table = read_table(data, "lab.csv")
        assert (table.kind, table.dialect, table.sheet) == (TableKind.EXCEL, None, "Data")
        assert table.frame["x"].tolist() == [1.5, 2.0]
        assert table.frame["kind"].tolist() == ["a", "b"]
        assert table.frame["when"].tolist() == ["2026-01-02", "2026-01-02 03:04:00"]
        assert table.frame["flag"].tolist() == ["True", "False"]
        assert np.isnan(table.frame["gap"].iloc[0])
        assert table.notices == ()

    def test_a_thousand_rows_come_back_bit_for_bit(self):
        values = np.random.default_rng(0).random((1_000, 5)).round(9)
        table = read_table(workbook(list("abcde"), *values.tolist()), "t.xlsx")
        assert np.array_equal(table.frame.to_numpy(), values)

    def test_text_among_numbers_is_found_with_its_row(self):
        table = read_table(workbook(["x", "y"], [1, 0.1], [2, "n/a?"], [3, 0.3]), "t.xlsx")
        assert table.unread.to_numpy().tolist() == [[3, "y", "n/a?", "missing"]]
        assert np.array_equal(table.frame["y"], [0.1, np.nan, 0.3], equal_nan=True)

    def test_numbers_stored_as_text_are_read_with_a_notice(self):
        table = read_table(workbook(["x", "y"], ["1", 1], ["2.5", 2]), "t.xlsx")
        assert table.frame["x"].tolist() == [1, 2.5]
        assert table.notices == ("Column 'x' holds numbers stored as text: they were read as numbers.",)

    def test_titles_above_and_blank_rows_keep_the_row_numbers(self):
        data = workbook(["Report 7"], [], ["x", "y", "z"], [1, 2, 3], [], [4, 5, 6])
        table = read_table(data, "t.xlsx")
        assert table.frame.index.tolist() == [4, 6]
        assert table.notices == ("Left out: 1 row above the header, beginning with 'Report 7'.",)

    def test_one_sheet_is_read_and_the_others_are_named(self):
        data = workbook(["x", "y"], [1, 2], others=["Notes", "More"])
        table = read_table(data, "t.xlsx")
        assert table.sheets == ("Data", "Notes", "More")
        assert table.notices == ("Sheet 'Data' was read; the workbook also has 'Notes', 'More'.",)

    def test_a_sheet_can_be_chosen(self):
        data = workbook(["x", "y"], [1, 2], others=["Notes"])
        with pytest.raises(TableError, match=r"header \('other'\) but no rows"):
            read_table(data, "t.xlsx", Reading(sheet="Notes"))
        with pytest.raises(TableError, match="no sheet 'None such': it has Data, Notes"):
            read_table(data, "t.xlsx", Reading(sheet="None such"))

    def test_a_first_sheet_without_values_is_passed_over(self):
        book = Workbook()
        book.create_sheet("Filled").append(["x", "y"])
        book["Filled"].append([1, 2])
        assert read_table(saved(book), "t.xlsx").sheet == "Filled"

    def test_the_sheet_that_looks_most_like_a_table_is_read_before_a_cover(self):
        table = read_table(made(cover_and_table), "t.xlsx")
        assert (table.sheet, table.sheets) == ("Runs", ("Runs", "Cover", "Old"))  # what is hidden comes last
        assert table.frame.columns.tolist() == ["run", "T", "p", "yield"]
        assert table.units == {"T": "°C", "p": "bar", "yield": "%"}
        assert len(table.frame) == 8 and "'Total'" in table.summary_rows
        assert found_choices(made(cover_and_table)).sheets == table.sheets
        assert read_table(made(cover_and_table), "t.xlsx", Reading(sheet="Old")).frame["a"].tolist() == [1, 2]

    def test_a_named_table_is_offered_and_read_without_its_totals(self):
        table = read_table(made(named_table), "t.xlsx")
        assert table.sheets == ("Data: Results", "Data")
        assert table.frame.columns.tolist() == ["T", "p", "y"]
        assert table.frame["y"].tolist() == [3, 4, 5]
        assert table.frame.index.tolist() == [6, 7, 8]

    def test_a_named_table_that_is_the_whole_sheet_is_no_second_choice(self):
        table = read_table(made(lambda book: add_table(book.active, 1, 1, with_note=False)), "t.xlsx")
        assert table.sheets == ("Sheet",)

    def test_merged_groups_of_two_header_rows_are_joined(self):
        table = read_table(made(merged_header), "t.xlsx")
        assert table.frame.columns.tolist() == ["Run", "Feed T", "Feed p", "Reactor T", "Reactor p", "Yield"]
        assert len(table.frame) == 3

    def test_numbers_stored_as_texts_of_any_notation_are_read(self):
        cells = ["300,5", "1.234,5", "12", "−4,25", 400.5, "#DIV/0!", "12,5 %"]
        table = read_table(workbook(["x", "y"], *[[cell, j] for j, cell in enumerate(cells)]), "t.xlsx")
        assert np.array_equal(table.frame["x"], [300.5, 1234.5, 12, -4.25, 400.5, np.nan, 12.5], equal_nan=True)
        assert table.unread["text"].tolist() == ["#DIV/0!"]
        assert any("holds numbers stored as text" in notice for notice in table.notices)

    def test_a_date_in_every_third_row_is_a_date(self):
        rows = [[datetime.date(2024, 1, 1 + j) if j % 3 == 0 else None, j] for j in range(7)]
        table = read_table(workbook(["when", "x"], *rows), "t.xlsx")
        assert table.dates == ("when",)
        assert table.frame["when"].dropna().tolist() == ["2024-01-01", "2024-01-04", "2024-01-07"]

    def test_a_sheet_without_declared_size_is_read(self):
        assert read_table(xlsx(row(1, 1, 2) + row(2, 3, 4)), "t.xlsx").frame.to_numpy().tolist() == [[3, 4]]

    def test_empty_workbook(self):
        with pytest.raises(TableError, match="table is empty"):
            read_table(workbook(), "t.xlsx")


HOSTILE = {
    "bomb by ratio": (
        lambda: xlsx("", filler=b'<row><c t="n"><v>1</v></c></row>' * 4_000, repeat=100),
        "times its size",
    ),
    "bomb by sum": (lambda: xlsx("", filler=b" " * 2**20, repeat=110), r"unpacks to 1.. MB"),
    "many parts": (lambda: xlsx("", extra={f"xl/media/{j}": b"" for j in range(2_100)}), r"2,\d\d\d parts"),
    "one far cell": (
        lambda: xlsx(row(1, 1, 2) + row(1_048_576, 1, at="XFD1048576")),
        r"value in row 1,048,576, column 16,384.*stray cells",
    ),
    "one cell far below": (
        lambda: xlsx(row(1, 1, 2) + row(1_048_576, 1, at="A1048576")),
        r"value in row 1,048,576; .*stray cells",
    ),
    "impossible row number": (lambda: xlsx(row(1, 1, 2) + row(4_000_000_000, 1)), "value in row 1,048,577"),
    "many rows behind a missing dimension": (
        lambda: xlsx(row(1, *range(600)), filler=many_rows(), repeat=3),
        "at most 500 columns",
    ),
    "broken XML": (lambda: xlsx("<row><c><v>1</row>"), "could not be read as an Excel workbook: it seems damaged"),
    "binary workbook": (lambda: zip_of("xl/workbook.bin"), "binary Excel workbook"),
    "OpenDocument": (lambda: zip_of("content.xml"), "OpenDocument"),
    "another archive": (lambda: zip_of("a.txt"), "zip archive, not an Excel workbook"),
}


def many_rows():
    noise = np.random.default_rng(0).integers(0, 10**9, 100_000)
    return "".join(f"<row><c><v>{number}</v></c></row>" for number in noise).encode()


def zip_of(name):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    return buffer.getvalue()


class TestHostileExcel:
    @pytest.mark.parametrize(("build", "message"), HOSTILE.values(), ids=HOSTILE)
    def test_it_is_refused_in_plain_words(self, build, message):
        with pytest.raises(TableError, match=message):
            read_table(build(), "t.xlsx")

    def test_one_long_text_shared_by_many_cells_ends_at_a_limit(self, monkeypatch):
        monkeypatch.setattr(reading, "MEMORY", 800 * 2**20)
        strings = f'<sst xmlns="{MAIN}"><si><t>{"x" * 900_000}</t></si></sst>'
        shared = b'<row><c t="s"><v>0</v></c></row>'
        data = xlsx(row(1, 1), filler=shared, repeat=3_000, extra={"xl/sharedStrings.xml": strings})
        with pytest.raises(TableError, match="more memory or time"):
            read_table(data, "t.xlsx")

    def test_too_little_memory_is_a_plain_refusal(self, monkeypatch):
        monkeypatch.setattr(reading, "MEMORY", 60 * 2**20)
        with pytest.raises(TableError, match=r"could not be read|more memory or time"):
            read_table(workbook(["x", "y"], [1, 2]), "t.xlsx")

    def test_too_much_time_is_a_plain_refusal(self, monkeypatch):
        monkeypatch.setattr(reading, "WALL_SECONDS", 0.001)
        with pytest.raises(TableError, match="more memory or time than one file may take"):
            read_table(workbook(["x", "y"], [1, 2]), "t.xlsx")


class TestParquet:
    def test_numbers_texts_and_missing_values_are_read(self):
        frame = pd.DataFrame(
            {
                "x": [1.5, None, 3.0],
                "n": pd.array([1, 2, 3], dtype="int32"),
                "kind": pd.Categorical(["a", "b", "a"]),
                "flag": [True, False, True],
                "when": pd.to_datetime(["2026-01-02"] * 3),
            },
            index=[7, 8, 9],
        )
        table = read_table(parquet(frame), "lab.parquet")
        assert table.kind is TableKind.PARQUET
        assert table.frame.columns.tolist() == ["x", "n", "kind", "flag", "when"]
        assert table.frame["n"].tolist() == [1, 2, 3]
        assert table.frame["kind"].tolist() == ["a", "b", "a"]
        assert table.frame["flag"].tolist() == ["True", "False", "True"]
        assert table.frame["when"].tolist() == ["2026-01-02"] * 3
        assert table.frame.index.tolist() == [1, 2, 3]
        assert table.notices == ("Left out because they hold an index, lists or raw bytes: __index_level_0__.",)

    def test_lists_are_left_out_with_a_notice(self):
        table = read_table(parquet(pa.table({"x": [1.0, 2.0], "many": [[1], [2]]})), "t.parquet")
        assert table.frame.columns.tolist() == ["x"]
        assert "many" in table.notices[0]

    def test_twenty_million_zeros_are_refused_by_the_footer(self):
        buffer = io.BytesIO()
        zeros = pa.table({f"c{j}": np.zeros(2_000_000) for j in range(3)})
        with pq.ParquetWriter(buffer, zeros.schema) as writer:
            for _ in range(10):
                writer.write_table(zeros)
        assert len(buffer.getvalue()) < 10**6
        with pytest.raises(TableError, match="declares 20,000,000 rows and 3 columns"):
            read_table(buffer.getvalue(), "t.parquet")

    def test_one_long_text_in_every_row_is_refused(self):
        texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(200_000, dtype="int32")), pa.array(["x" * 20_000]))
        with pytest.raises(TableError, match="more memory or time"):
            read_table(parquet(pa.table({"text": texts})), "t.parquet")

    def test_truncated_file(self):
        data = parquet(pd.DataFrame({"x": [1.0, 2.0]}))
        with pytest.raises(TableError, match="could not be read as a Parquet file"):
            read_table(data[:-20], "t.parquet")
