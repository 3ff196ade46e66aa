from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from services.papers.lab_sheet.page import DENSE_ABOVE, SheetOptions, curve_svg, in_marks, lab_sheet, spec_digest
from services.papers.lab_sheet.table import lab_rows, settings_of
from services.papers.run_export import RunExport
from services.results.names import titles
from services.specs.results import MeasuredThere
from services.texts.results import nearest_sentence

HOSTILE = (
    "</style><script>alert(1)</script>",
    "<img src=http://127.0.0.1:1/x.png onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "&lt;b&gt; <!-- ",
    "]]></title></section></body>",
    "a\u202eb\x00c",
    "x" * 400,
)


@pytest.fixture
def sheet(curved, read_html):
    """The lab sheet of all results, as read."""
    return read_html(lab_sheet(curved, SheetOptions(tuple(range(len(curved.result.results))))))


def test_it_is_one_page_that_fetches_nothing_and_runs_nothing(sheet):
    assert sheet.addresses == [] and sheet.handlers == []
    assert "script" not in sheet.names and not sheet.names & {"img", "link", "iframe", "object", "form"}
    assert sheet.policy.startswith("default-src 'none';")
    style = sheet.texts["style"][0]
    assert "@page" in style and "A4" in style and "url(" not in style and "@import" not in style


def test_a_result_that_was_measured_has_what_came_of_it_on_its_sheet(curved, read_html):
    known = (MeasuredThere(rows=(12,), n=1, mean=203.4, at=28.0), *[None] * (len(curved.result.results) - 1))
    rows = curved.result.results.model_copy(update={"already": known})
    told = replace(curved, result=curved.result.model_copy(update={"results": rows, "verdict": None}))
    first, second = read_html(lab_sheet(told, SheetOptions((0, 1)))).texts["section"]
    assert "Already measured203.4 % at age 28 d" in first  # a name and its value
    assert "Already measured: row 12, measured 203.4 % at age 28 d." in first
    assert "Already measured" not in second
    for text in (first, second):  # the verdict is of the run
        assert "Result 1 was already measured: row 12, measured 203.4 % at age 28 d." in text


def test_every_result_has_a_sheet_with_all_that_is_known_of_it(sheet, curved):
    result = curved.result
    n = len(result.results)
    assert sheet.texts["h2"] == titles(result)
    assert len(sheet.texts["section"]) == n >= 2
    assert sheet.texts["title"] == ["Lab sheet: Mixed run, 2026-03-09"]
    for k, text in enumerate(sheet.texts["section"]):
        assert f"Sheet {k + 1} of {n}" in text
        for setting in settings_of(result, k):
            assert setting.feature.name in text and setting.words in text
        assert nearest_sentence(result, result.results, k) in text
        for what in ("9 March 2026, 23:59 UTC", "run-1", "mixed", "formula", "Density: ", "Seed 0", "numpy "):
            assert what in text, what
        for digest in (result.spec.dataset.digest, spec_digest(result.spec)):
            assert digest[:16] in text


def test_the_table_to_fill_in_says_what_its_numbers_are(curved, read_html):
    row = lab_rows(curved.result, 0, curved.bands)[0]
    sheet = read_html(lab_sheet(curved, SheetOptions((0,))))
    assert "At least – expect – up to [%]" in sheet.texts["th"]
    assert f"{row.low:.1f} – {row.predicted:.1f} – {row.high:.1f}" in sheet.texts["td"]
    bare = read_html(lab_sheet(replace(curved, bands=None), SheetOptions((0,))))
    assert "Expect [%]" in bare.texts["th"] and not any("–" in text for text in bare.texts["td"])


def test_rules_and_checks_are_marked(curved, read_html):
    said = curved.result.results.model_copy(update={"constraints_met": ((True, False),) * len(curved.result.results)})
    constraints = ("sand is at most water", "water is at most 9")
    result = curved.result.model_copy(update={"results": said, "constraints": constraints})
    page = read_html(lab_sheet(RunExport(result, curved.when), SheetOptions((0,))))
    lines = page.texts["li"]
    assert "✓sand is at most water" in lines and "✗water is at most 9 (not good)" in lines


def test_there_is_room_for_what_is_measured_at_every_point(curved, plain, read_html):
    page = read_html(lab_sheet(curved, SheetOptions((0,))))
    empty = [attributes for name, attributes in page.elements if name == "td" and attributes.get("class") == "empty"]
    n_settings = len(settings_of(curved.result, 0))
    assert len(empty) == n_settings + 3 * 4
    assert page.texts["th"][-3:] == ["1", "7", "28"]
    page = read_html(lab_sheet(plain, SheetOptions((0,))))
    assert "Sample" in page.texts["thead"][1] and page.texts["th"][-3:] == ["1", "2", "3"]


def test_a_batch_is_a_column_of_its_own(curved, read_html):
    features = [f.model_copy(update={"unit": "kg/m³"}) if f.unit == "kg" else f for f in curved.result.features]
    run_export = RunExport(curved.result.model_copy(update={"features": tuple(features)}), curved.when)
    with_batch = read_html(lab_sheet(run_export, SheetOptions((0,), litres=12.5))).texts["thead"][0]
    assert "For 12.5 L" in with_batch
    assert "For" not in read_html(lab_sheet(run_export, SheetOptions((0,)))).texts["thead"][0]
    assert "For" not in read_html(lab_sheet(curved, SheetOptions((0,), litres=12.5))).texts["thead"][0]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_and_never_obeyed(curved, plain, renamed, read_html, name):
    for run_export in (curved, plain):
        before = read_html(lab_sheet(run_export, SheetOptions((0,))))
        after = read_html(lab_sheet(renamed(run_export, name), SheetOptions((0,))))
        assert after.addresses == [] and after.handlers == []
        assert after.names <= before.names | {"svg"}
        assert len(after.texts["section"]) == 1
        if name.isascii():
            assert " ".join(name.split()) in after.shown


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1))
def test_any_name_leaves_the_page_whole(curved, renamed, read_html, name):
    page = read_html(lab_sheet(renamed(curved, name), SheetOptions((0,))))
    assert len(page.texts["section"]) == 1 and page.handlers == [] and "script" not in page.names


def test_many_settings_stand_closer(curved, read_html):
    many = DENSE_ABOVE + 5
    result = curved.result
    extra = [result.features[0].model_copy(update={"name": f"part {n}"}) for n in range(many)]
    given = [result.spec.features[0].model_copy(update={"name": f"part {n}"}) for n in range(many)]
    wide = result.results.model_copy(update={"X": tuple((*x, *([1.0] * many)) for x in result.results.X)})
    spec = result.spec.model_copy(update={"features": (*result.spec.features, *given)})
    changes = {"spec": spec, "features": (*result.features, *extra), "results": wide}
    page = read_html(lab_sheet(RunExport(result.model_copy(update=changes), curved.when), SheetOptions((0,))))
    assert ("div", {"class": "dense"}) in page.elements


def test_the_curve_is_drawn_with_its_band_and_dots_within_its_frame(curved, read_html):
    reference = curved.result.best_recorded.curves[0]
    drawn = read_html(f"<body>{curve_svg(curved.result, 0, curved.bands, reference, 'Row 5')}</body>")
    kinds = [attributes.get("class") for _, attributes in drawn.elements]
    assert kinds.count("band") == kinds.count("curve") == kinds.count("reference") == 1
    assert kinds.count("point") == 3
    numbers = [value for _, attributes in drawn.elements for value in (attributes.get("points") or "").split()]
    places = [tuple(map(float, pair.split(","))) for pair in numbers]
    assert places and all(0 <= x <= 340 and 0 <= y <= 210 for x, y in places)
    assert drawn.elements[1][1]["aria-label"].startswith("yield [%] over age [d]: Result 1 goes from ")
    bare = curve_svg(curved.result, 0, replace(curved.bands, low=curved.bands.low * float("nan")), None, "")
    assert "band" not in bare and 'class="reference"' not in bare and "nan" not in bare


def test_a_flat_curve_and_one_of_no_numbers_are_drawn_or_left_out(curved):
    def drawn(value):
        curves = tuple((value,) * len(curve) for curve in curved.result.results.curves)
        results = curved.result.results.model_copy(update={"curves": curves})
        return curve_svg(curved.result.model_copy(update={"results": results}), 0, None, None, "")

    assert 'class="curve"' in drawn(5.0) and "nan" not in drawn(5.0)
    assert drawn(float("nan")) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at least 7,070, expect 8,720.5", "at least 7.070, expect 8.720,5"),
        ("row 182, 2.27 std. dev. away, at age 28, 90", "row 182, 2,27 std. dev. away, at age 28, 90"),
        ("1,030.", "1.030."),
        ("numpy 2.4.6, v1.2 and 3.1a", "numpy 2.4.6, v1.2 and 3.1a"),
    ],
)
def test_numbers_are_written_as_in_the_table(text, said):
    assert in_marks(text, ",") == said
    assert in_marks(text, ".") == text


def test_a_sheet_for_a_table_with_decimal_commas_has_them(curved, read_html):
    english, german = (
        read_html(lab_sheet(curved, SheetOptions((0,), decimal=decimal))).texts["section"][0] for decimal in ".,"
    )
    for setting in settings_of(curved.result, 0):
        if not setting.feature.categories:
            assert in_marks(setting.words, ",") in german
    assert english != german and in_marks(nearest_sentence(curved.result, curved.result.results, 0), ",") in german
