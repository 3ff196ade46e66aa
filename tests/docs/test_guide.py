"""The guide: what it links to is there, every page of the app is told of, every label that it names is on a page."""

import ast
import re
from pathlib import Path

import pytest

from ui.shared import frame
from ui.start.stories import STOPS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "guide"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
TASKS = [name for name in PAGES if name != "README.md"]
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)]+)\)")
MOST_BYTES = 4_000_000


def anchors(text):
    """What headings of a page can be linked to as."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.fixture(scope="module")
def on_screen():
    """All words that pages draw: constants of Python, in models those of errors too, and what the components say."""
    words = []
    for folder in ("pages", "ui", "services", "models"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix == ".py":
                tree = ast.parse(path.read_text(encoding="utf-8"))
                words += [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
            elif path.suffix in (".js", ".html"):
                words.append(path.read_text(encoding="utf-8"))
    return "\n".join(word for word in words if isinstance(word, str))


@pytest.mark.parametrize("name", PAGES)
def test_everything_that_a_page_links_to_is_there(name):
    for is_picture, words, target in LINK.findall(PAGES[name]):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        place = (FOLDER / path).resolve() if path else FOLDER / name
        assert place.is_file(), target
        assert not is_picture or len(words) > 30, f"{target} needs a text that says what is on it"
        assert not anchor or anchor in anchors(place.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_a_picture_and_says_what_to_do_when_it_goes_wrong(name):
    assert LINK.search(PAGES[name]) and "](images/" in PAGES[name]
    assert "## When it goes wrong" in PAGES[name]
    assert 15 <= len(PAGES[name].splitlines()) <= 45


@pytest.mark.parametrize("name", TASKS)
def test_every_label_is_on_a_page(name, on_screen):
    labels = set(re.findall(r"\*\*([^*]+)\*\*", PAGES[name]))
    missing = sorted(label for label in (" ".join(each.split()) for each in labels) if label not in on_screen)
    assert labels and missing == []


def test_the_index_leads_to_every_task_and_tells_of_every_page_of_the_app(monkeypatch):
    index, titles = PAGES["README.md"], []
    # an address of a page that was has a path of its own, and is no page
    monkeypatch.setattr(
        frame.st, "Page", lambda _, title, url_path="", **rest: None if url_path else titles.append(title)
    )
    frame.pages()
    assert {target.partition("#")[0] for _, _, target in LINK.findall(index)} == set(TASKS)
    assert re.findall(r"^\| ([A-Z][\w ]+?) \|", index, re.MULTILINE) == titles
    for title in titles:
        assert any(f"**{title}**" in PAGES[name] for name in TASKS), title


def test_every_picture_is_shown_and_all_together_are_small():
    pictures = {path.name: path.stat().st_size for path in (FOLDER / "images").iterdir()}
    shown = {Path(target).name for text in PAGES.values() for is_picture, _, target in LINK.findall(text) if is_picture}
    assert set(pictures) == shown | {stop.picture for stop in STOPS}
    assert sum(pictures.values()) < MOST_BYTES


def test_the_pictures_of_the_readme_are_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [target for is_picture, _, target in LINK.findall(text) if is_picture]
    assert shown and all((ROOT / target).is_file() for target in shown)
