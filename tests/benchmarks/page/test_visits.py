from pathlib import Path

import numpy as np
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.page.__main__ import percentile
from benchmarks.page.visits import (
    LINKS,
    OTHER,
    PAGE_ENDS,
    PART_ENDS,
    TITLES,
    TOUR,
    Visitor,
    bytes_of_parts,
    kind_of,
)
from benchmarks.page.world import N_CATEGORICAL, N_PARTS, World, large_dataset
from scripts.served_app import environment_of
from services.catalog.settings import Settings
from ui.shared.frame import pages

WORLD = World(Path("somewhere"), story="s", second="t", quality="q", large="l")


def test_a_percentile_was_measured():
    assert percentile(range(1, 101), 95) == 95
    assert percentile([7.0], 95) == 7.0


def test_every_page_of_the_navigation_is_visited(monkeypatch):
    def page(path, title, visibility="visible", **_):
        return (Path(path).stem, title) if visibility == "visible" else None

    monkeypatch.setattr("ui.shared.frame.st.Page", page)
    assert list(LINKS.items()) == list(filter(None, pages()))
    assert set(LINKS) < set(TITLES)
    names = [click.name for click in TOUR]
    assert {f"go to {link}" for link in LINKS.values()} <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("start", "http://x/"),
        ("results", "http://x/results?run=s"),
        ("what_if", "http://x/what_if?run=s"),
        ("model", "http://x/model?quality=q"),
        ("how_it_works", "http://x/how_it_works"),
        ("data", "http://x/data"),
    ],
)
def test_addresses_name_what_is_shown_where_they_can(name, url):
    assert Visitor("http://x", WORLD, WORLD.story).url(name) == url


def test_checks_are_the_storys_alone():
    assert Visitor("http://x", WORLD, WORLD.large).url("model") == "http://x/model"


def test_all_that_is_written_stays_in_the_folder(tmp_path):
    settings = Settings.from_environment(environment_of(tmp_path))
    assert settings.home.is_relative_to(tmp_path)
    assert settings.saved_models.is_relative_to(tmp_path)
    assert str(tmp_path) in settings.database


def test_a_large_table_is_seeded_and_has_every_kind_of_column():
    dataset = large_dataset(n_rows=500)
    assert dataset.digest == large_dataset(n_rows=500).digest != large_dataset(n_rows=500, seed=1).digest
    assert (dataset.n_rows, len(dataset.features) + 1) == (500, 30)
    assert sum(column.is_categorical for column in dataset.features) == N_CATEGORICAL
    assert len(dataset.parts) == N_PARTS
    assert dataset.density.std() / dataset.density.mean() == pytest.approx(0.01, rel=0.2)
    assert np.corrcoef(dataset.y, large_dataset(n_rows=500, seed=0).y)[0, 1] == pytest.approx(1)


def drawn(text: str) -> bytes:
    message = ForwardMsg()
    message.delta.new_element.markdown.body = text
    return message.SerializeToString()


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY).SerializeToString(), PAGE_ENDS),
        (ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN).SerializeToString(), PAGE_ENDS),
        (ForwardMsg(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY).SerializeToString(), PART_ENDS),
        (drawn("words"), OTHER),
        (drawn("words" * 40)[:-40], OTHER),
        (b"words of a text", OTHER),
        (b"\x2a\xff", OTHER),
    ],
)
def test_messages_of_the_installed_streamlit_are_told_apart(payload, kind):
    assert kind_of(payload) == kind


def test_only_messages_that_draw_a_part_count():
    kinds = [OTHER, PAGE_ENDS, OTHER, PART_ENDS, OTHER, OTHER, PART_ENDS, OTHER, PAGE_ENDS, OTHER]
    sent = [(kind, 100 * (place + 1)) for place, kind in enumerate(kinds)]
    assert bytes_of_parts(sent) == [300, 400, 500, 600, 700]
