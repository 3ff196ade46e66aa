import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from models import ModelCard, ModelFileError, ModelStore, ModelStoreError
from models.store import SHIPPED_FOLDER, unchecked_model


@pytest.fixture
def store(tmp_path) -> ModelStore:
    return ModelStore(tmp_path / "saved")


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return ModelStore().load("concrete").card


class TestShipped:
    def test_both_are_there(self):
        assert {"concrete", "production_yield"} <= set(ModelStore().names())
        assert ModelStore().is_shipped("concrete")
        assert not ModelStore().is_shipped("mine")

    @pytest.mark.parametrize(("name", "r2"), [("concrete", 0.85), ("production_yield", 0.99)])
    def test_they_predict_well(self, name, r2):
        assert ModelStore().load(name).card.metrics.r2 > r2

    def test_the_card_tells_what_the_network_says(self, concrete_dataset):
        saved = ModelStore().load("concrete")
        assert saved.card.dataset.digest == concrete_dataset.digest
        predicted = saved.predictor.predict(concrete_dataset.X)
        assert set(np.round(saved.card.held_out.predicted, 2)) <= set(np.round(predicted, 2))

    def test_loading_needs_no_tensorflow(self):
        code = (
            "import sys; from models import ModelStore; ModelStore().load('concrete').predictor;"
            "assert not {'tensorflow', 'keras', 'streamlit', 'sklearn', 'scipy'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code], check=True, cwd=SHIPPED_FOLDER.parent.parent)

    def test_they_are_never_deleted(self):
        with pytest.raises(ModelStoreError, match="came with the product"):
            ModelStore().delete("concrete")


class TestNewNames:
    def test_a_free_name_can_be_had(self, store, shipped_bytes, card):
        store.save("mine", shipped_bytes, card)
        store.check_new_name("another")
        store.check_new_name("mine", overwrite=True)

    @pytest.mark.parametrize("overwrite", [False, True])
    def test_that_of_a_shipped_model_cannot_be(self, overwrite):
        with pytest.raises(ModelStoreError, match=r"came with the product, and stays: .* such as 'concrete 2'"):
            ModelStore().check_new_name("concrete", overwrite=overwrite)

    def test_nor_can_it_be_in_another_folder_where_it_could_not_be_deleted_any_more(self, store):
        with pytest.raises(ModelStoreError, match="came with the product"):
            store.check_new_name("Concrete")

    def test_a_taken_one_only_to_overwrite_it(self, store, shipped_bytes, card):
        store.save("mine", shipped_bytes, card)
        store.save("mine 2", shipped_bytes, card)
        with pytest.raises(ModelStoreError, match="'mine' already: choose another name, such as 'mine 3'"):
            store.check_new_name("mine")
        with pytest.raises(ModelStoreError, match="'mine' already"):
            store.check_new_name("MINE", overwrite=True)

    @pytest.mark.parametrize("name", ["", "../x", "a/b", "x" * 61])
    def test_one_that_is_no_name_cannot_be(self, store, name):
        with pytest.raises(ModelStoreError, match="A model's name has"):
            store.check_new_name(name, overwrite=True)


class TestSaving:
    def test_what_is_saved_is_loaded(self, store, shipped_bytes, card):
        saved = store.save("my mix-2", shipped_bytes, card)
        loaded = store.load("my mix-2")
        assert store.names() == ["my mix-2"]
        assert loaded.digest == saved.digest
        assert loaded.card == saved.card
        assert loaded.card.model_copy(update={"network_sha256": card.network_sha256}) == card
        X = np.array([[feature.mean for feature in card.features]])
        assert loaded.predictor.predict(X) == ModelStore().load("concrete").predictor.predict(X)

    def test_nothing_else_is_left_in_the_folder(self, store, shipped_bytes, card):
        store.save("a", shipped_bytes, card)
        assert sorted(path.name for path in store.folder.iterdir()) == ["a.json", "a.keras"]

    def test_names_are_not_taken_twice(self, store, shipped_bytes, card):
        store.save("Mix", shipped_bytes, card)
        for name in ("Mix", "mix"):
            with pytest.raises(ModelStoreError, match="'Mix' already"):
                store.save(name, shipped_bytes, card)
        with pytest.raises(ModelStoreError, match="already"):
            store.save("mix", shipped_bytes, card, overwrite=True)
        assert store.save("Mix", shipped_bytes, card, overwrite=True).name == "Mix"

    def test_what_cannot_be_read_is_not_saved(self, store, card):
        with pytest.raises(ModelFileError):
            store.save("broken", b"PK\x03\x04", card)
        assert store.names() == []

    def test_another_number_of_features_is_not_saved(self, store, shipped_bytes, card):
        fewer = card.model_copy(update={"features": card.features[:-1], "sweep": None})
        with pytest.raises(ModelFileError, match=r"takes 8 inputs, the features of its \.json side file make 7"):
            store.save("broken", shipped_bytes, fewer)

    def test_deleting(self, store, shipped_bytes, card):
        store.save("a", shipped_bytes, card)
        store.delete("a")
        assert list(store.folder.iterdir()) == []
        with pytest.raises(ModelStoreError, match="no saved model 'a'"):
            store.delete("a")


@pytest.mark.parametrize(
    "name", ["", " ", "a ", " a", "-a", "../evil", "a/b", "a\\b", "a.b", "a\0", "a\n", "x" * 61, "C:", "~", "%2e"]
)
def test_names_that_could_be_paths_are_refused(store, shipped_bytes, card, name):
    for act in (lambda: store.load(name), lambda: store.delete(name), lambda: store.save(name, shipped_bytes, card)):
        with pytest.raises(ModelStoreError, match="60 letters"):
            act()


@pytest.mark.parametrize("name", ["a", "Größe 7", "mix_2-b", "x" * 60])
def test_ordinary_names_are_accepted(store, shipped_bytes, card, name):
    assert store.save(name, shipped_bytes, card).name == name
    assert store.names() == [name]


class TestLoading:
    def test_an_empty_store(self, store):
        assert store.names() == []
        with pytest.raises(ModelStoreError, match="no saved model 'mine'"):
            store.load("mine")

    @pytest.mark.parametrize("kept", ["keras", "json"])
    def test_a_file_is_missing(self, store, kept):
        store.folder.mkdir()
        shutil.copy(SHIPPED_FOLDER / f"concrete.{kept}", store.folder)
        lacking = {"keras": "concrete.json", "json": "concrete.keras"}[kept]
        assert store.names() == (["concrete"] if kept == "keras" else [])
        with pytest.raises(ModelFileError, match=f"lacks its file {lacking}"):
            store.load("concrete")

    def test_files_of_two_models(self, store):
        store.folder.mkdir()
        shutil.copy(SHIPPED_FOLDER / "concrete.keras", store.folder / "mine.keras")
        shutil.copy(SHIPPED_FOLDER / "production_yield.json", store.folder / "mine.json")
        with pytest.raises(ModelFileError, match="belong together"):
            store.load("mine")

    def test_a_card_too_large(self, shipped_bytes):
        with pytest.raises(ModelFileError, match="at most 8,000,000"):
            unchecked_model("mine", shipped_bytes, b" " * 8_000_001)

    def test_a_card_without_checksum_is_checked_by_its_features(self, shipped_bytes, card):
        values = json.loads(card.to_json()) | {"network_sha256": ""}
        assert unchecked_model("mine", shipped_bytes, json.dumps(values).encode()).card.network_sha256 == ""

    def test_the_digest_tells_models_apart(self, shipped_bytes, card):
        one = unchecked_model("a", shipped_bytes, card.to_json().encode())
        other = unchecked_model("a", shipped_bytes, card.model_copy(update={"sweep": None}).to_json().encode())
        assert one.digest != other.digest


class TestNames:
    def test_a_model_is_found_by_its_digest_whatever_it_is_called(self, store, shipped_bytes, card):
        saved = store.save("first", shipped_bytes, card)
        store.rename("first", "second name")
        assert store.names() == ["second name"]
        found = store.find(saved.digest)
        assert (found.name, found.digest, found.card) == ("second name", saved.digest, saved.card)

    def test_a_damaged_model_hides_no_other(self, store, shipped_bytes, card):
        saved = store.save("good", shipped_bytes, card)
        (store.folder / "bad.keras").write_bytes(b"not a model")
        assert store.find(saved.digest).name == "good"
        with pytest.raises(ModelStoreError, match="no saved model with the digest 000000000000"):
            store.find("0" * 64)

    def test_its_name_may_change_its_case(self, store, shipped_bytes, card):
        store.save("mine", shipped_bytes, card)
        store.rename("mine", "Mine")
        assert store.names() == ["Mine"]

    @pytest.mark.parametrize(
        ("name", "wanted", "words"),
        [
            ("mine", "TAKEN", "'taken' already"),
            ("mine", "../x", "1 to 60 letters"),
            ("nobody", "x", "no saved model 'nobody'"),
        ],
    )
    def test_a_name_that_cannot_be_is_refused(self, store, shipped_bytes, card, name, wanted, words):
        for each in ("mine", "taken"):
            store.save(each, shipped_bytes, card)
        with pytest.raises(ModelStoreError, match=words):
            store.rename(name, wanted)
        assert store.names() == ["mine", "taken"]

    def test_one_that_ships_keeps_its_name(self):
        with pytest.raises(ModelStoreError, match="keeps its name"):
            ModelStore().rename("concrete", "mine")
