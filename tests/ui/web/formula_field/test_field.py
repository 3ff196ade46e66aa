import pytest
from playwright.sync_api import expect

from models import Column
from tests.ui.web.stage import Stage, staged
from ui.web.formula_field.component import PARTS, formula_message, typed_formula

COLUMNS = (Column("cement", unit="kg/m³"), Column("fly ash", unit="kg/m³"), Column("<b>x</b>"))


def test_the_message_has_what_fits_at_the_cursor_and_where_the_error_is():
    message = formula_message("", "2 * cem", 7, COLUMNS, error="There is none.", position=4)
    assert (message["start"], message["end"], message["options"]) == (4, 7, [["cement", "kg/m³"]])
    assert (message["error"], message["position"]) == ("There is none.", 4)
    assert formula_message("", "2", 1, COLUMNS, position=4)["position"] is None


def test_before_anything_was_typed_the_given_formula_stands(monkeypatch):
    monkeypatch.setattr("ui.web.formula_field.component.last_sent", lambda key, name: None)
    assert typed_formula("key", "a + b") == ("a + b", 5)
    for sent in ({"text": 3}, "words", {"text": "c", "cursor": "end"}):
        monkeypatch.setattr("ui.web.formula_field.component.last_sent", lambda key, name, sent=sent: sent)
        assert typed_formula("key", "a + b") in (("a + b", 5), ("c", 1))


class FieldStage(Stage):
    """The field in a page of its own."""

    def __init__(self, page):
        super().__init__(page, PARTS, "formulaField")
        self.field = page.get_by_role("combobox", name="Formula")

    def answer(self, given="", **error):
        """Answer what was typed last, as Python does."""
        sent = self.told[-1] if self.told else {"text": given, "cursor": len(given)}
        return self.give(formula_message(given, sent["text"], sent["cursor"], COLUMNS, **error))

    def type(self, text):
        """Type at the end and wait until Python is told."""
        n = len(self.told)
        self.field.press("End")
        self.field.press_sequentially(text)
        self.page.wait_for_function("n => told.length > n && told.at(-1).text === "
                                    "document.querySelector('textarea').value", arg=n)  # fmt: skip
        return self


@pytest.fixture
def stage(browser):
    """The field in a page of its own; errors in it fail the test."""
    for new_stage in staged(browser, FieldStage):
        yield new_stage().answer()


@pytest.mark.browser
def test_names_are_completed_by_the_keyboard(stage):
    stage.type("2 * fl").answer(error="There is no 'fl'.", position=4)
    expect(stage.page.get_by_role("option").first).to_contain_text("[fly ash]")
    expect(stage.page.get_by_role("alert")).to_be_hidden()  # it is still being typed
    stage.field.press("Enter")
    assert stage.field.input_value() == "2 * [fly ash]"
    stage.page.wait_for_function("told.at(-1).text === '2 * [fly ash]'")
    stage.answer()
    expect(stage.page.get_by_role("option")).to_have_count(0)


@pytest.mark.browser
def test_an_error_stands_below_with_its_place_marked(stage):
    stage.type("2 * zement + 1").answer(error="There is no 'zement'.", position=4)
    stage.field.press("Escape")
    expect(stage.page.get_by_role("alert")).to_have_text("There is no 'zement'.")
    expect(stage.page.locator("mark")).to_have_text("zement")
    assert stage.field.get_attribute("aria-invalid") == "true"
    stage.type("0").answer()
    expect(stage.page.get_by_role("alert")).to_be_hidden()


@pytest.mark.browser
def test_a_late_answer_changes_nothing_that_was_typed_meanwhile(stage):
    stage.type("2 * ce")
    late = formula_message("", "2 * ce", 6, COLUMNS)
    stage.type("ment")
    stage.give(late)
    assert stage.field.input_value() == "2 * cement"
    expect(stage.page.get_by_role("option")).to_have_count(0)


@pytest.mark.browser
def test_names_are_text_and_never_markup(stage):
    stage.type("[<").answer()
    expect(stage.page.get_by_role("option")).to_have_text("[<b>x</b>]")
    assert stage.page.locator(".formula b").count() == 0
