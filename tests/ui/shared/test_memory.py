import gc

from ui.shared.frame import DATA, set_modules_aside


def test_modules_of_a_page_are_looked_through_once_only(monkeypatch):
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    set_modules_aside.cache_clear()
    for page in (DATA, DATA, "another page", DATA):
        set_modules_aside(page)
    assert len(frozen) == 2


def test_a_page_leaves_little_to_garbage_collection(open_app):
    set_modules_aside.cache_clear()
    open_app("data")
    assert gc.get_freeze_count() > 50_000  # modules of Streamlit, pandas and the app
