"""The rules of the house, read from the imports and the shape of every file."""

import ast
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("pages", "ui", "services", "optimizer", "models", "benchmarks", "scripts")
BELOW_UI = {"services", "optimizer", "models"}
MAY_IMPORT = {
    "app.py": {"ui"},
    "pages": {"ui", "ui/charts"} | BELOW_UI,
    "ui": {"ui", "ui/charts"} | BELOW_UI,
    "ui/charts": {"ui/charts"} | BELOW_UI,
    "services": BELOW_UI,
    "optimizer": {"optimizer"},
    "models": {"models"},
    "benchmarks": {"benchmarks", "scripts"} | BELOW_UI,
    "scripts": {"scripts"} | BELOW_UI,
}
STREAMLIT_ROOMS = {"app.py", "pages", "ui", "benchmarks"}
PLOTLY_ROOMS = {"ui/charts"}
TENSORFLOW = {"tensorflow", "keras"}
TENSORFLOW_ROOMS = {"models", "benchmarks"}
PEERS = {"cmaes", "optuna"}
ENGINE = {"numpy", "scipy", "sklearn", "threadpoolctl", "moocore"} | PEERS
HEAVY = ("tensorflow", "keras", "streamlit", "plotly", "sklearn", "optuna", "cmaes", "moocore")

MAX_FILE_LINES = 500
MAX_PAGE_LINES = 120
MAX_ENTRIES = 13

# Which rooms a room of each package may import. A file beside the rooms is a room of its own; __init__ is left out.
ROOMS_OF = {
    "services": {
        "specs": set(),
        "processes": set(),
        "catalog": {"specs"},
        "intake": {"specs", "catalog"},
        "problems": {"specs", "processes", "catalog"},
        "results": {"specs", "processes", "catalog", "problems"},
        "texts": {"specs", "problems", "results"},
        "studies": {"specs", "processes", "catalog", "problems", "results", "texts"},
        "jobs": {"specs", "processes", "catalog", "intake", "problems", "results", "studies"},
        "papers": {"specs", "catalog", "intake", "problems", "results", "texts", "studies", "jobs"},
        "trust": {"specs", "catalog", "problems", "results", "studies"},
        "cli": {
            *("specs", "processes", "catalog", "intake", "problems", "results", "texts", "studies", "jobs", "papers"),
        },
    },
    "models": {
        "errors": set(),
        "data": {"errors"},
        "formulas": {"errors", "data"},
        "networks": {"errors", "data"},
        "cards": {"errors", "data", "networks"},
        "keras": {"errors", "data", "networks"},
        "families": {"errors", "data", "networks", "cards"},
        "training": {"errors", "data", "networks", "cards", "keras", "families"},
        "store": {"errors", "networks", "cards", "keras", "families"},
        "intervals": {"data", "networks", "cards", "training", "families", "errors"},
        "quality": set(),
    },
    "optimizer": {
        "checks": set(),
        "features": {"checks"},
        "constraints": {"checks", "features"},
        "plausibility": {"checks", "features"},
        "problem": {"checks", "features", "constraints", "plausibility"},
        "results": {"checks", "features", "problem"},
        "trace": {"checks", "problem"},
        "polish": {"checks", "features", "constraints", "problem"},
        "proof": {"checks", "features", "constraints", "plausibility", "problem"},
        "methods": {"checks", "features", "problem", "trace"},
        "niches": {"checks", "features", "problem", "results", "trace", "polish", "methods"},
        "search": {"checks", "features", "problem", "results", "trace", "methods", "niches"},
    },
    "ui": {
        "charts": set(),
        "web": {"charts"},
        "shared": {"charts", "web"},
        "start": {"shared"},
        "data": {"shared"},
        "model": {"charts", "shared"},
        "optimize": {"shared", "web"},
        "results": {"charts", "shared", "web", "model"},
        "what_if": {"shared", "web"},
        "tune": {"charts", "shared", "results"},
        "compare": {"charts", "shared"},
        "runs": {"shared"},
    },
}


@dataclass(frozen=True)
class Import:
    module: str
    line: int
    is_in_function: bool

    @property
    def package(self):
        return self.module.partition(".")[0]


@dataclass(frozen=True)
class Source:
    path: Path

    def __str__(self):
        return self.path.relative_to(ROOT).as_posix()

    @property
    def room(self):
        return room_of(str(self).removesuffix(".py").replace("/", ".")) or str(self)

    @property
    def text(self):
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self):
        return ast.parse(self.text)

    @property
    def package(self):
        """What a relative import starts from."""
        return list(self.path.relative_to(ROOT).parent.parts)

    @cached_property
    def imports(self):
        return list(self._imports(self.tree, is_in_function=False))

    def _imports(self, node, is_in_function):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                names = [alias.name for alias in child.names]
            elif isinstance(child, ast.ImportFrom):
                base = self.package[: len(self.package) + 1 - child.level] if child.level else []
                module = ".".join([*base, *([child.module] if child.module else [])])
                # `from ui import charts` may take a module, so both are looked at
                names = [module, *(f"{module}.{alias.name}" for alias in child.names)]
            elif isinstance(child, ast.Call) and ast.unparse(child.func) in (
                "import_module",
                "importlib.import_module",
            ):
                names = [argument.value for argument in child.args[:1] if isinstance(argument, ast.Constant)]
                yield from self._imports(child, is_in_function)
            else:
                is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from self._imports(child, is_in_function or is_function)
                continue
            yield from (Import(name, child.lineno, is_in_function) for name in names)


def room_of(module):
    """The room that a dotted module lies in, or None for what is not the project's."""
    if module == "ui.charts" or module.startswith("ui.charts."):
        return "ui/charts"
    package = module.partition(".")[0]
    return package if package in ROOMS else None


def sources():
    files = [ROOT / "app.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    return [Source(path) for path in sorted(files) if "__pycache__" not in path.parts]


SOURCES = sources()
PAGES = [source for source in SOURCES if source.room == "pages"]


def wrong_imports(is_wrong):
    return [
        f"{source}:{found.line} imports {found.module}"
        for source in SOURCES
        for found in source.imports
        if is_wrong(source, found)
    ]


def test_the_walk_sees_every_room():
    assert {source.room for source in SOURCES} == set(MAY_IMPORT)
    assert len(PAGES) >= 5
    assert any(found.package == "numpy" for source in SOURCES for found in source.imports)


def test_arrows_point_down():
    def is_wrong(source, found):
        room = room_of(found.module)
        return room is not None and room not in MAY_IMPORT[source.room]

    assert wrong_imports(is_wrong) == []


def test_tests_are_imported_by_none():
    assert wrong_imports(lambda source, found: found.package in ("tests", "app", "conftest", "pytest")) == []


def test_streamlit_stays_in_app_pages_and_ui():
    assert (
        wrong_imports(lambda source, found: found.package == "streamlit" and source.room not in STREAMLIT_ROOMS) == []
    )


def test_plotly_stays_in_the_charts():
    assert wrong_imports(lambda source, found: found.package == "plotly" and source.room not in PLOTLY_ROOMS) == []


def test_tensorflow_is_imported_in_functions_of_models_alone():
    def is_wrong(source, found):
        return found.package in TENSORFLOW and not (source.room in TENSORFLOW_ROOMS and found.is_in_function)

    assert wrong_imports(is_wrong) == []


def test_the_engine_knows_numbers_alone():
    def is_wrong(source, found):
        is_known = found.package in ENGINE | {"optimizer"} or found.package in sys.stdlib_module_names
        return source.room == "optimizer" and not is_known

    assert wrong_imports(is_wrong) == []


def test_peers_of_the_engine_are_imported_in_functions_of_its_methods_alone():
    def is_wrong(source, found):
        return found.package in PEERS and not (found.is_in_function and str(source).startswith("optimizer/methods/"))

    assert wrong_imports(is_wrong) == []


def test_files_fit_a_reader():
    too_long = []
    for source in SOURCES:
        limit = MAX_PAGE_LINES - 1 if source.room == "pages" else MAX_FILE_LINES
        n_lines = len(source.text.splitlines())
        if n_lines > limit:
            too_long.append(f"{source} has {n_lines} lines, {limit} are allowed")
    assert too_long == []


def test_a_folder_is_seen_at_one_glance():
    folders = {source.path.parent for source in SOURCES} - {ROOT}
    n_entries = {
        folder.relative_to(ROOT).as_posix(): sum(
            entry.suffix == ".py" or (entry.is_dir() and entry.name != "__pycache__") for entry in folder.iterdir()
        )
        for folder in folders
    }
    assert {folder: n for folder, n in n_entries.items() if n > MAX_ENTRIES} == {}


def room_arrows(package):
    """Which rooms of a package import which others, with the lines that do."""
    arrows = {}
    for source in SOURCES:
        if source.room.partition("/")[0] != package or str(source) == f"{package}/__init__.py":
            continue
        room = source.path.relative_to(ROOT).parts[1].removesuffix(".py")
        for found in source.imports:
            parts = found.module.split(".")
            if parts[0] == package and len(parts) > 1 and parts[1] in ROOMS_OF[package] and parts[1] != room:
                arrows.setdefault((room, parts[1]), []).append(f"{source}:{found.line}")
    return arrows


@pytest.mark.parametrize("package", ROOMS_OF)
def test_rooms_import_those_below_them_alone(package):
    allowed = ROOMS_OF[package]
    arrows = room_arrows(package)
    assert {arrow: where for arrow, where in arrows.items() if arrow[1] not in allowed[arrow[0]]} == {}
    unused = {(room, other) for room, others in allowed.items() for other in others} - set(arrows)
    assert unused == set(), "take arrows that are gone out of ROOMS_OF"


@pytest.mark.parametrize("package", ROOMS_OF)
def test_every_entry_of_a_package_is_a_room(package):
    entries = {
        path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert entries - {"__init__"} == set(ROOMS_OF[package])


@pytest.mark.parametrize("package", ROOMS_OF)
def test_rooms_have_no_circles(package):
    below = dict(ROOMS_OF[package])
    while below:
        lowest = {room for room, others in below.items() if not others & below.keys()}
        assert lowest, f"these rooms import one another in a circle: {sorted(below)}"
        below = {room: others for room, others in below.items() if room not in lowest}


def test_no_page_or_component_writes_raw_html():
    assert [str(source) for source in SOURCES if "unsafe_allow_html" in source.text] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_enters_before_it_does_anything_else(page):
    body = [node for node in page.tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring
    assert isinstance(body[0], ast.Assign | ast.Expr), f"{page}: {ast.unparse(body[0])}"
    call = body[0].value
    assert isinstance(call, ast.Call), f"{page}: {ast.unparse(body[0])}"
    assert ast.unparse(call.func).rpartition(".")[2] == "enter_page"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_is_named_to_the_frame_that_it_enters(page):
    names = {ast.unparse(node) for node in ast.walk(page.tree) if isinstance(node, ast.Call)}
    assert f"frame.enter_page(frame.{page.path.stem.upper()})" in names


def loaded_by(statements, watched):
    """Which of the watched packages a fresh Python has loaded after these statements."""
    script = f"{statements}\nimport sys\nprint(*sorted(set({watched!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_engine_models_and_services_load_neither_tensorflow_nor_streamlit():
    assert loaded_by("import optimizer, models, services", HEAVY) == []


def test_all_of_services_loads_without_tensorflow_and_streamlit():
    modules = [str(source).removesuffix(".py").replace("/", ".") for source in SOURCES if source.room == "services"]
    modules = [module.removesuffix(".__init__") for module in modules]
    assert loaded_by(f"import {', '.join(modules)}", ("tensorflow", "keras", "streamlit", "plotly")) == []


def test_the_frame_and_all_that_pages_import_load_without_tensorflow():
    lines = ["import ui.shared.frame"]
    for page in PAGES:
        lines += [ast.unparse(node) for node in page.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert loaded_by("\n".join(lines), ("tensorflow", "keras")) == []


@pytest.mark.parametrize(
    "statements",
    [
        "import services.studies.parallel, services.studies.tune, services.studies.compare.methods",
        "from services.intake.sandbox import child\n"
        "for package in (*child.BARE, 'services.intake.tables'): child.enter(package)\n"
        "import services.intake.tables.child",
    ],
    ids=["tasks of a job", "files from strangers"],
)
def test_a_child_process_loads_no_database(statements):
    assert loaded_by(statements, ("sqlalchemy", "tensorflow", "streamlit")) == []
