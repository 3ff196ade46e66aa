import pytest

from services.catalog.settings import ROOT, Settings, SettingsError


def test_an_empty_environment_gives_the_defaults():
    settings = Settings.from_environment({})
    assert settings.home == ROOT / ".mixwright"
    assert settings.database == f"sqlite:///{ROOT / '.mixwright' / 'runs.sqlite'}"
    assert settings.saved_models == ROOT / "models" / "saved"
    assert settings.shipped_data == ROOT / "data"
    assert settings.n_parallel >= 1
    assert settings.is_training_warm
    assert settings.saved_datasets == ROOT / ".mixwright" / "datasets"


def test_the_environment_moves_everything(tmp_path):
    settings = Settings.from_environment(
        {
            "MIXWRIGHT_HOME": str(tmp_path),
            "MIXWRIGHT_SAVED_MODELS": str(tmp_path / "kept"),
            "MIXWRIGHT_PARALLEL": "3",
            "MIXWRIGHT_WARM_TRAINING": "0",
        }
    )
    assert settings.database == f"sqlite:///{tmp_path / 'runs.sqlite'}"
    assert settings.saved_models == tmp_path / "kept"
    assert settings.n_parallel == 3
    assert not settings.is_training_warm


def test_a_database_is_taken_as_it_is_given():
    url = "postgresql://mixwright@db/runs"
    assert Settings.from_environment({"MIXWRIGHT_DATABASE": url}).database == url


@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_parallel_runs_that_is_none_is_refused(given):
    with pytest.raises(SettingsError, match=f"MIXWRIGHT_PARALLEL must be a whole number above 0, got '{given}'"):
        Settings.from_environment({"MIXWRIGHT_PARALLEL": given})


def test_an_empty_variable_counts_as_absent():
    absent = Settings.from_environment({})
    names = ["MIXWRIGHT_HOME", "MIXWRIGHT_DATABASE", "MIXWRIGHT_SAVED_MODELS", "MIXWRIGHT_PARALLEL"]
    assert Settings.from_environment(dict.fromkeys(names, "")) == absent


def test_relative_folders_are_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment({"MIXWRIGHT_HOME": "here"}).home == tmp_path / "here"


def test_settings_survive_the_way_through_an_environment(settings):
    assert Settings.from_environment(settings.environment) == settings
