"""Uploads of models that are no chain of layers: several outputs, inputs of words, and what is kept of them."""

import numpy as np
import pandas as pd
import pytest

from models import Dataset, Graph, ModelStore
from models.networks.graph import Node
from models.networks.operations import Columns, Merge, Multiply, Standardise
from models.networks.read_model import ReadModel
from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.intake.uploads.upload import Upload, save_upload, suggest_mapping
from ui.shared import cache

NAME = "Output that predicts strength"


@pytest.fixture
def table():
    """Sixty mortars of two sands, whose strength follows the water and the sand."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"water": rng.uniform(20, 40, 60), "sand": rng.choice(["coarse", "fine"], 60)})
    frame["strength"] = 100 - frame["water"] + 10 * (frame["sand"] == "fine")
    return Dataset.from_frame(frame, name="mortar", outcome="strength", features=["water", "sand"])


@pytest.fixture
def model():
    """A model of one number and one word, "fine" or "coarse", that predicts slump and strength."""

    def outcome(slope, shift):
        kernel = np.array([[slope], [10], [0]], dtype=np.float32)
        return Node(Multiply(kernel, np.array([shift], dtype=np.float32)), (0,))

    water = Node(Columns(0, 1), (0,))
    scaled = Node(Standardise(np.zeros(1, dtype="f4"), np.full(1, 1e9, dtype="f4")), (1,))  # adds next to nothing
    strength = Graph(3, (water, scaled, outcome(-1, 100), Node(Merge("add"), (2, 3))))
    return ReadModel({"slump": Graph(3, (outcome(3, 0),)), "strength": strength}, ((), ("fine", "coarse")))


def test_words_tell_which_column_is_which(table, model):
    upload = Upload(model, None, "lab", "strength")
    mapping = suggest_mapping(table, upload.n_inputs, upload.forward, model.vocabularies)
    assert [(column.name, column.categories) for column in mapping.features] == [
        ("water", ()),
        ("sand", ("fine", "coarse")),
    ]
    other = ((), ("red", "green"))
    assert suggest_mapping(table, upload.n_inputs, upload.forward, other) is None


def test_one_output_is_chosen_saved_and_used(app, table, model, monkeypatch, installation):
    cache.catalog().datasets.save(table)
    app.session.use_dataset(table)
    app.go("model")
    monkeypatch.setattr(cache, "upload", lambda digest, given: Upload(model, None, "lab"))
    label = next(each.label for each in app.test.file_uploader if each.key == "model-files")
    app.one("file_uploader", label).set_value([("lab.keras", b"as it was read", "application/octet-stream")])
    app.run()
    assert app.says("of 3 inputs, 2 outputs", "caption")
    app.put("selectbox", NAME, "strength")
    assert app.says("agree with the recorded rows", "success")
    app.put("text_input", "Name of the model", "lab strength").press("Save and use it")
    assert app.session.model.name == "lab strength"
    folder = installation.saved_models
    try:
        assert (folder / "lab strength.graph").is_file() and not (folder / "lab strength.keras").exists()
        saved = ModelStore(folder).load("lab strength")
        X = np.array([[30.0, 0.0], [30.0, 1.0]])  # fine, coarse
        np.testing.assert_allclose(saved.predictor.predict(X), [80, 70], atol=1e-4)
        assert saved.predictor.predict_with_gradient(X)[1][:, 0] == pytest.approx([-1, -1], abs=1e-4)
        assert app.go("optimize").labels == ["Start search"]
    finally:
        ModelStore(folder).delete("lab strength")
    assert not list(folder.glob("lab strength*"))


def test_a_graph_is_searched(table, model, tmp_path):
    from services.problems.defaults import default_spec
    from services.results.search import run_spec
    from services.specs.outcomes import ModelRef

    catalog = Catalog.of(Settings.from_environment({"MIXWRIGHT_HOME": str(tmp_path)}))
    upload = Upload(model, None, "lab", "strength")
    mapping = suggest_mapping(table, upload.n_inputs, upload.forward, model.vocabularies)
    card = cache.judged_upload("digest", mapping, upload, table)
    saved = save_upload(ModelStore(tmp_path), "lab", upload, card)
    ref = ModelRef(name="lab", digest=saved.digest)
    catalog.models.folder = tmp_path
    pair = catalog.pair(table, ref)
    spec = default_spec(pair, table, ref, name="mortar").revised(budget={"evaluations": 1_000}, n_results=2)
    found = run_spec(spec, pair, is_beside_random=False).result
    assert found.results.outcomes[0] == pytest.approx(90, abs=2)  # little water, fine sand
