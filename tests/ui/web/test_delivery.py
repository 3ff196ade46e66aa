import pytest

from ui.web import Parts
from ui.web.assets import shell_and_code

SCRIPT = """const GREETING = "hello";
export default function greet({ data, parentElement }) {
  parentElement.querySelector("p").textContent = `${GREETING} ${data}`;
  return () => parentElement.querySelector("p").remove();
}"""
CALL = "data => { window.stop = shell({ data, parentElement: document.querySelector('main') }); }"


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.set_content("<main><div data-shell></div></main>")
    shell, code = shell_and_code("greeter", Parts("<p></p>", "p { color: rgb(1, 2, 3) }", SCRIPT))
    page.add_script_tag(type="module", content=f"{shell}\nwindow.shell = shell;")
    page.add_script_tag(type="module", content=f"{code}\nwindow.deliver = deliver;")
    page.wait_for_function("Boolean(window.shell && window.deliver)")
    yield page
    context.close()


@pytest.mark.browser
def test_messages_before_the_code_are_kept_and_later_ones_drawn_at_once(page):
    page.evaluate(CALL, "you")
    assert page.locator("p").count() == 0
    page.evaluate("deliver()")
    assert page.locator("p").text_content() == "hello you"
    assert page.locator("p").evaluate("p => getComputedStyle(p).color") == "rgb(1, 2, 3)"
    page.evaluate(CALL, "again")
    assert page.locator("p").text_content() == "hello again"
    page.evaluate("deliver()")
    assert page.locator("p").count() == 1


@pytest.mark.browser
def test_a_component_that_waited_is_stopped_like_any_other(page):
    page.evaluate(CALL, "you")
    page.evaluate("deliver()")
    page.evaluate("stop()")
    assert page.locator("p").count() == 0


def test_the_shell_is_small_and_a_nameless_script_refused():
    shell, code = shell_and_code("greeter", Parts("", "", SCRIPT))
    assert len(shell) < 700 and "export default function greet" not in code
    with pytest.raises(ValueError, match="named function"):
        shell_and_code("greeter", Parts("", "", "export default () => {}"))
