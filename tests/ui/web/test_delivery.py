import pytest

from ui.web.assets import SHARED, Parts, read_parts, scripts_of, shell_and_code

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


@pytest.mark.parametrize("name", ["live_view", "result_view", "profiler", "settings_board"])
def test_scripts_become_one_module_with_one_export(name):
    folder = SHARED.parent / name
    text = read_parts(folder, name).js
    assert text.count("export ") == 1 and "export default function" in text
    assert "\nimport " not in text
    assert set((folder / "browser").glob("*.js")) <= set(scripts_of(folder / "browser" / f"{name}.js"))


def test_scripts_come_after_those_that_they_need_and_never_in_circles(tmp_path):
    lines = {
        "a": 'import { b, c } from "./b.js";\nimport {\n  d\n} from "./d.js";',
        "b": 'import { d } from "./d.js";',
        "d": "",
    }
    for name, text in lines.items():
        (tmp_path / f"{name}.js").write_text(text)
    assert [path.stem for path in scripts_of(tmp_path / "a.js")] == ["d", "b", "a"]
    (tmp_path / "d.js").write_text('import { a } from "./a.js";')
    with pytest.raises(ValueError, match=r"circle: a\.js -> b\.js -> d\.js -> a\.js"):
        scripts_of(tmp_path / "a.js")
