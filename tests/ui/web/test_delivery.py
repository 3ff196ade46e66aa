import threading

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ui.web.assets import SHARED, Parts, code_of, code_path, read_parts, scripts_of, shell_of
from ui.web.delivery import code_route, codes

SCRIPT = """const GREETING = "hello";
export default function greet({ data, parentElement }) {
  parentElement.querySelector("p").textContent = `${GREETING} ${data}`;
  return () => parentElement.querySelector("p").remove();
}"""
CODE = code_of(Parts("<p></p>", "p { color: rgb(1, 2, 3) }", SCRIPT))
CALL = "data => { window.stop = shell({ data, parentElement: document.querySelector('main') }); }"
PAGE = """<script type="module" src="./static/js/index.js"></script><main><div data-shell></div></main>"""
ALL = ["formula_field", "live_view", "profiler", "result_view", "settings_board"]


@pytest.fixture(scope="module")
def address():
    """A server under a base path, with the route that the app has and a page as Streamlit makes one."""
    pages = [
        Route("/mix/page", lambda _: HTMLResponse(PAGE)),
        Route("/mix/static/js/index.js", lambda _: Response("", media_type="text/javascript")),
    ]
    config = uvicorn.Config(Starlette(routes=[*pages, code_route("/mix/")]), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mix"
    server.should_exit = True
    thread.join()


@pytest.fixture
def visit(browser, address):
    """Open a page that holds a shell whose code is at a path; it is let through when the test says so."""
    contexts = []

    def open_page(path):
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.goto(f"{address}/page")
        page.add_script_tag(type="module", content=f"{shell_of(path)}\nwindow.shell = shell;")
        page.wait_for_function("Boolean(window.shell)")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def greeter(visit):
    """A page with a shell of the greeter, and what brings its code."""
    page = visit(code_path("greeter", CODE))
    asked = []
    page.route("**/browser/greeter*", lambda route: asked.append(route))

    def bring():
        while not asked:
            page.wait_for_timeout(10)
        asked.pop().fulfill(body=CODE, content_type="text/javascript")
        page.wait_for_selector("style", state="attached")

    return page, bring


@pytest.mark.browser
def test_messages_before_the_code_are_kept_and_later_ones_drawn_at_once(greeter):
    page, bring = greeter
    page.evaluate(CALL, "me")
    page.evaluate(CALL, "you")
    assert page.locator("p").count() == 0
    bring()
    assert page.locator("p").text_content() == "hello you"
    assert page.locator("p").evaluate("p => getComputedStyle(p).color") == "rgb(1, 2, 3)"
    page.evaluate(CALL, "again")
    assert page.locator("p").text_content() == "hello again"
    assert page.locator("p").count() == 1


@pytest.mark.browser
def test_a_component_that_waited_is_stopped_like_any_other(greeter):
    page, bring = greeter
    page.evaluate(CALL, "you")
    bring()
    page.evaluate("stop()")
    assert page.locator("p").count() == 0


@pytest.mark.browser
def test_code_that_did_not_come_is_asked_for_again(visit):
    page = visit(code_path("greeter", CODE))
    asked = []

    def answer(route):
        asked.append(route.request.url)
        if len(asked) == 1:
            route.abort()
        else:
            route.fulfill(body=CODE, content_type="text/javascript")

    page.route("**/browser/greeter*", answer)
    page.evaluate(CALL, "you")
    page.wait_for_selector("p")
    assert page.locator("p").text_content() == "hello you"
    assert len(asked) == 2


@pytest.mark.browser
@pytest.mark.parametrize("name", ALL)
def test_the_server_gives_every_component_out_for_good_under_any_base_path(visit, name):
    path = next(path for path in codes() if f"/{name}-" in path)
    page = visit(path)
    with page.expect_response(f"**/mix/{path}") as waiting:
        page.evaluate("() => { window.stop = shell({ data: {}, parentElement: document.querySelector('main') }); }")
    headers = waiting.value.headers
    assert headers["content-type"].startswith("text/javascript")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    page.wait_for_selector("[data-shell] > style", state="attached")  # it could be read as a module, and drew
    assert page.request.get(page.url.replace("page", "browser/greeter-0.js")).status == 404


def test_other_code_has_another_address_and_a_nameless_script_is_refused():
    assert code_path("greeter", CODE) == code_path("greeter", CODE) != code_path("greeter", f"{CODE} ")
    with pytest.raises(ValueError, match="named function"):
        code_of(Parts("", "", "export default () => {}"))


def test_the_shell_is_small():
    assert len(shell_of(code_path("greeter", CODE))) < 1_500


@pytest.mark.parametrize("name", ALL)
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
