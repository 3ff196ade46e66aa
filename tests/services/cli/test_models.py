"""Training: refused before it begins, never in the place of another model, never lost."""

import json

import pytest

from models import FAMILIES, ModelCard, ModelStore
from models.cards.settings import Family
from models.store import SHIPPED_FOLDER
from scripts.make_models import make_model
from services.cli import main, models

QUICK = ["train", "bumps", "--family", "quadratic"]


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(tmp_path / "models"))
    return ModelStore(tmp_path / "models")


@pytest.fixture
def untrained(monkeypatch):
    """Fail where a training begins."""

    def begin(*_, **__):
        raise AssertionError("it was to be refused before a training begins")

    monkeypatch.setattr(models, "run_training", begin)


def test_a_shipped_model_is_never_replaced(untrained, capsys):
    before = (SHIPPED_FOLDER / "production_yield.json").read_bytes()
    for more in ([], ["--overwrite"]):
        assert main(["train", "concrete", "--name", "production_yield", *more]) == 1
        said = capsys.readouterr().err
        assert "--name: 'production_yield' is a model that came with the product" in said
        assert "such as 'production_yield 2'" in said
    assert (SHIPPED_FOLDER / "production_yield.json").read_bytes() == before


def test_a_model_of_ones_own_is_replaced_only_if_that_is_said(store, monkeypatch, capsys):
    assert main([*QUICK, "--name", "mine"]) == 0
    first = store.load("mine").digest
    with monkeypatch.context() as patch:
        patch.setattr(models, "run_training", lambda *_, **__: pytest.fail("trained in vain"))
        assert main([*QUICK, "--name", "mine", "--seed", "5"]) == 1
        said = capsys.readouterr().err
        assert "There is a saved model 'mine' already" in said and "--overwrite" in said
        assert main([*QUICK, "--name", "Mine", "--overwrite"]) == 1  # the files of both would be one on some disks
        assert "--overwrite" not in capsys.readouterr().err
    assert main([*QUICK, "--name", "mine", "--seed", "5", "--overwrite"]) == 0
    assert store.load("mine").digest != first


@pytest.mark.parametrize("name", ["../x", "", "a/b", "x" * 61])
def test_a_name_that_no_model_can_have_is_refused_before(untrained, store, name, capsys):
    assert main([*QUICK, "--name", name]) == 1
    assert "--name: A model's name has" in capsys.readouterr().err


@pytest.mark.parametrize("family", [f.value for f, words in FAMILIES.items() if words.is_trained_here and f != "mlp"])
@pytest.mark.parametrize("setting", [("--widths", "8"), ("--epochs", "3"), ("--members", "2")])
def test_a_setting_that_the_family_does_not_have_is_refused(untrained, store, family, setting, capsys):
    assert main(["train", "bumps", "--name", "m", "--family", family, *setting]) == 1
    said = capsys.readouterr().err
    assert f"{setting[0]}: of a neural network (--family mlp), and --family {family} was given" in said
    assert said.strip().endswith("here: --seed.")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--seed", "-1"], "--seed: Input should be greater than or equal to 0"),
        (["--epochs", "0"], "number of epochs"),
        (["--outcome", "wind"], "wind"),
    ],
)
def test_what_cannot_be_trained_is_refused_before(untrained, store, given, words, capsys):
    assert main(["train", "bumps", "--name", "m", *given]) == 1
    assert words in capsys.readouterr().err


def test_a_model_that_cannot_be_saved_is_kept_elsewhere(store, tmp_path, monkeypatch, capsys):
    (tmp_path / "rescued").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "rescued"))
    train = models.run_training

    def trained(*given, **more):
        found = train(*given, **more)
        store.folder.write_bytes(b"a file in the place of the folder")
        return found

    monkeypatch.setattr(models, "run_training", trained)
    assert main([*QUICK, "--name", "mine"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("mine: Quadratic response surface, R2 ")
    (folder,) = (tmp_path / "rescued").iterdir()
    assert f"It is in {folder} instead." in said.err
    assert ModelStore(folder).load("mine").card.family is Family.QUADRATIC


def test_a_training_for_machines_prints_the_card(store, capsys):
    assert main([*QUICK, "--name", "mine", "--json"]) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert said.err == ""
    saved = store.load("mine")
    assert (told["name"], told["digest"]) == ("mine", saved.digest)
    assert ModelCard.model_validate_json(json.dumps(told["card"])) == saved.card


def test_a_quality_check_for_machines_is_one_document_and_written_once(store, tmp_path, capsys):
    assert main([*QUICK, "--name", "mine"]) == 0
    capsys.readouterr()
    given = ["quality", "bumps", "--model", "mine", "--folds", "3", "--json", "--out", str(tmp_path / "q.json")]
    assert main(given) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "q.json").read_text("utf-8"))
    assert main(given) == 1
    said = capsys.readouterr()
    assert said.out == "" and "q.json would be overwritten" in said.err


def test_a_failing_command_prints_nothing_for_machines(store, capsys):
    assert main(["quality", "bumps", "--model", "nobody", "--json"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("error: There is no saved model 'nobody'")


def test_models_that_ship_are_made_by_a_script_of_their_own(catalog, tmp_path):
    make_model(catalog, tmp_path, "bumps", Family.QUADRATIC)
    make_model(catalog, tmp_path, "bumps", Family.QUADRATIC)  # anew
    assert ModelStore(tmp_path).load("bumps").card.dataset.digest == catalog.datasets.load("bumps").digest
