"""A component alone in a real browser: no server, messages as Python makes them."""

import json

THEMES = {
    "light": {"text": "#1c2733", "background": "#ffffff", "secondary-background": "#f4f6f8", "primary": "#0b62a8"},
    "dark": {"text": "#e6edf3", "background": "#12181f", "secondary-background": "#1b242e", "primary": "#4ea3e0"},
}


class Stage:
    """A page that holds a component and nothing else.

    Args:
        parts: of the component.
        function: its default export.
        inside: further names of its script that tests look at, apart by commas.
    """

    def __init__(self, page, parts, function, theme="light", inside=""):
        self.page, self.errors = page, []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: self.errors.append(dialog.message))
        colours = "".join(f"--st-{name}-color: {value};" for name, value in THEMES[theme].items())
        style = (
            f":root {{{colours} --st-font: sans-serif}} body {{margin: 20px; background: var(--st-background-color)}}"
        )
        page.set_content(f"<style>{style}{parts.css}</style><main>{parts.html}</main>")
        tell = f"window.component = {function}; window.told = []; window.inside = {{ {inside} }};"
        page.add_script_tag(type="module", content=f"{parts.js}\n{tell}")
        page.wait_for_function("Boolean(window.component)")
        self.view = page.locator(".component")

    def give(self, message):
        """Give the component a message, as Streamlit would."""
        call = """data => {
            const hear = (_, value) => { told.push(value); };
            const parentElement = document.querySelector("main");
            component({ data, parentElement, setTriggerValue: hear, setStateValue: hear });
        }"""
        self.page.evaluate(call, json.loads(json.dumps(message)))
        return self

    def tell(self, name):
        """Return what the component says of itself."""
        return self.view.get_attribute(f"data-{name}")

    @property
    def told(self):
        """What it told the server."""
        return self.page.evaluate("told")


def staged(browser, make, *, width=1100, height=640, **usual):
    """Yield a function that opens components in pages of their own; errors in them fail the test."""
    stages = []

    def open_stage(*args, width=width, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **usual | options)
        stages.append(make(context.new_page(), *args))
        return stages[-1]

    yield open_stage
    for stage in stages:
        assert stage.errors == []
        stage.page.context.close()
