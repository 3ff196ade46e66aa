"""Bringing a Keras model on the Model page: an upload with its columns, and the operator's folder."""

import shutil

import pytest

from models import ModelStore
from models.keras.file import read_networks
from models.keras.writer import keras_file_of
from models.store import SHIPPED_FOLDER
from tests.services.intake.uploads.hostile import CODE, layer_of, with_layer

LABEL = "The .keras or .h5 file, and its .json side file if there is one (20 MB at most)"
COLUMNS = "Columns, in the order of the model's inputs"


@pytest.fixture(scope="module")
def operator_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("operator")
    shutil.copy(SHIPPED_FOLDER / "concrete.keras", folder / "plant.keras")
    (folder / "odd.keras").write_bytes(with_layer(layer_of("UnitNormalization")))
    return folder


@pytest.fixture(scope="module")
def with_operator(operator_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIXWRIGHT_MODELS", str(operator_folder))
        yield


@pytest.fixture
def page(with_operator, app):
    """The Model page with the shipped concrete table in use."""
    return app.use_concrete().go("model")


def upload(page, *files):
    page.one("file_uploader", LABEL).set_value([(name, data, "application/octet-stream") for name, data in files])
    return page.run()


@pytest.fixture
def shipped():
    return (SHIPPED_FOLDER / "concrete.keras").read_bytes()


def networks_of(data):
    model = read_networks(data)
    return list(model.members)


def test_the_columns_of_an_upload_are_suggested_judged_and_saved(page, shipped, installation):
    upload(page, ("lab model.keras", shipped))
    assert page.says("What was suggested agrees best", "caption")
    assert [metric.label for metric in page.test.metric][-2:] == ["R² on recorded rows", "MAE"]
    assert page.says("agree with the recorded rows", "success")
    page.put("text_input", "Name of the model", "from the lab").press("Save and use it")
    assert page.session.model.name == "from the lab"
    assert page.says("Trained elsewhere; judged on", "markdown")
    saved = ModelStore(installation.saved_models).load("from the lab")
    assert saved.card.metrics.r2 > 0.8 and saved.card.metrics.n_train == 0
    kept = (installation.saved_models / "from the lab.keras").read_bytes()
    assert kept == keras_file_of(networks_of(shipped))
    assert page.go("optimize").labels == ["Start search"]


def test_wrong_columns_are_seen_at_once_and_too_few_are_named(page, shipped):
    upload(page, ("lab.keras", shipped))
    order = page.one("multiselect", COLUMNS).value
    page.put("multiselect", COLUMNS, order[::-1])
    assert page.says("look at the order of the columns", "warning")
    page.put("multiselect", COLUMNS, order[:3])
    assert page.says("takes 8 inputs; the chosen columns make 3", "error")
    assert "Save and use it" not in page.labels
    page.put("multiselect", COLUMNS, [])
    assert page.says("Choose at least one column", "caption")


def test_our_own_export_needs_no_columns(page, shipped):
    upload(page, ("a.keras", shipped), ("a.json", (SHIPPED_FOLDER / "concrete.json").read_bytes()))
    assert page.says("there is nothing to fill in", "markdown")
    assert not page.all("multiselect", COLUMNS)
    next(each for each in page.test.text_input if each.key.startswith("upload-name")).set_value("concrete")
    page.press("Save and use it")
    assert page.says("There is a saved model 'concrete' already", "error")


@pytest.mark.parametrize("name", ["lambda as bytecode", "pickle", "older h5"])
def test_what_is_refused_says_why(page, name, tmp_path):
    build, _ = CODE[name]
    upload(page, ("model.keras", build(tmp_path / "marker")))
    assert page.says("cannot be read", "error") or page.says("is no .keras file", "error")
    assert not (tmp_path / "marker").exists() and "Save and use it" not in page.labels


def test_the_operators_models_say_how_they_run_and_are_used(page):
    assert "The operator's models" in page.texts("subheader")
    assert page.says("Runs in NumPy", "caption")
    assert page.says("it cannot be converted: Layers of type 'UnitNormalization' cannot be read", "caption")
    page.test.toggle(key="map-operator-plant").set_value(True)
    page.run().press("Keep this and use it")
    assert (page.session.model.kind, page.session.model.name) == ("operator", "plant")
    page.test.toggle(key="map-operator-odd").set_value(True)
    page.run()
    assert page.all("button", "Ask it about the recorded rows")
    assert page.go("optimize").labels == ["Start search"]
