import pytest

from models import ModelStore, TrainingSettings
from models.store import SHIPPED_FOLDER
from services.cli import main
from services.studies.quality.report import QualityResult


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A model of the production line as if quickly trained, and one that was not trained here."""
    monkeypatch.setenv("MIXWRIGHT_SAVED_MODELS", str(tmp_path / "models"))
    shipped, store = ModelStore(SHIPPED_FOLDER).load("production_yield"), ModelStore(tmp_path / "models")
    network = (SHIPPED_FOLDER / "production_yield.keras").read_bytes()
    settings = TrainingSettings(widths=(4,), epochs=3, n_members=1)
    store.save("tiny", network, shipped.card.model_copy(update={"settings": settings}))
    store.save("brought", network, shipped.card.model_copy(update={"settings": None}))


@pytest.mark.tensorflow
def test_a_check_prints_verdict_and_figures_and_writes_them(tiny, tmp_path, capsys):
    out = tmp_path / "made" / "quality.json"
    assert main(["quality", "production_yield", "--model", "tiny", "--folds", "3", "--out", str(out)]) == 0
    result = QualityResult.model_validate_json(out.read_text("utf-8"))
    assert len(result.folds) == 3 and result.is_held_out
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == result.verdict.headline
    assert lines[1] == f"- {result.verdict.sentences[0]}"
    assert any(line.startswith("R2 ") and line.endswith("on 2,000 rows in 3 folds") for line in lines)
    assert sum(line.startswith("RMSE with ") for line in lines) == 3


def test_a_model_that_was_brought_along_is_judged_as_it_is(tiny, capsys):
    assert main(["quality", "production_yield", "--model", "brought"]) == 0
    assert "flatter it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing", "--model", "tiny"], "There is no table 'nothing'"),
        (["production_yield", "--model", "nobody"], "There is no saved model 'nobody'"),
        (["concrete", "--model", "tiny"], "The model predicts 'ProductionYield'"),
        (
            ["production_yield", "--model", "tiny", "--folds", "1"],
            "--folds: Input should be greater",
        ),
    ],
)
def test_a_check_that_cannot_be_done_ends_with_the_reason(tiny, capsys, arguments, words):
    assert main(["quality", *arguments]) == 1
    assert words in capsys.readouterr().err
