"""The command line at home in a temporary folder, and documents for it."""

import pytest

from models.store import SHIPPED_FOLDER


@pytest.fixture(autouse=True)
def _at_home(tmp_path, monkeypatch):
    """Keep what the command line makes in a temporary folder."""
    monkeypatch.setenv("MIXWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(SHIPPED_FOLDER))
    monkeypatch.delenv("MIXWRIGHT_PARALLEL", raising=False)


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a document and gives its path."""

    def write(text):
        path = tmp_path / "spec.json"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write
