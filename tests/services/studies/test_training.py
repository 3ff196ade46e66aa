from dataclasses import replace

import pytest
from pydantic import ValidationError

from models import (
    FAMILIES,
    AutomaticSettings,
    BoostingSettings,
    Family,
    ForestSettings,
    GaussianProcessSettings,
    QuadraticSettings,
    TrainingError,
    TrainingSettings,
)
from models.cards.settings import BoostingOptions, ForestOptions, GaussianProcessOptions, QuadraticOptions
from services.specs.run import DatasetRef
from services.studies.training import CALIBRATING, TrainingSpec, run_training

REF = DatasetRef(name="t", digest="d")


def test_what_is_not_said_has_the_defaults_of_the_trainer():
    assert TrainingSpec(dataset=REF).settings() == AutomaticSettings()
    assert TrainingSpec(dataset=REF, family="mlp").settings() == TrainingSettings()


@pytest.mark.parametrize("setting", [{"epochs": 3}, {"widths": (4,)}, {"n_members": 1}, {"patience": None}])
def test_settings_of_networks_alone_ask_for_a_network(setting):
    spec = TrainingSpec(dataset=REF, **setting)
    assert spec.settings() == TrainingSettings(**setting)
    assert TrainingSpec.model_validate_json(spec.model_dump_json()) == spec


def test_shares_and_seed_are_of_every_family_and_leave_the_choice_open():
    spec = TrainingSpec(dataset=REF, seed=4, test_share=0.2)
    assert spec.settings() == AutomaticSettings(seed=4, test_share=0.2)
    assert TrainingSpec.model_validate_json(spec.model_dump_json()) == spec
    other = spec.model_copy(update={"family": Family.RANDOM_FOREST})
    assert other.settings() == ForestSettings(seed=4, test_share=0.2)


def test_every_setting_of_every_trainer_can_be_said():
    shared = {"seed", "validation_share", "test_share"}
    fields = set(TrainingSpec.model_fields) - {
        "dataset",
        "family",
        "forest",
        "boosting",
        "gaussian_process",
        "quadratic",
    }
    assert fields == set(TrainingSettings.__dataclass_fields__)
    assert set(ForestOptions.__dataclass_fields__) == set(ForestSettings.__dataclass_fields__) - shared
    assert set(BoostingOptions.__dataclass_fields__) == set(BoostingSettings.__dataclass_fields__) - shared
    assert (
        set(GaussianProcessOptions.__dataclass_fields__) == set(GaussianProcessSettings.__dataclass_fields__) - shared
    )
    assert set(QuadraticOptions.__dataclass_fields__) == set(QuadraticSettings.__dataclass_fields__) - shared


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("random_forest", ForestSettings(n_trees=50, seed=4, test_share=0.2)),
        ("boosting", BoostingSettings(n_members=2, rounds=80, patience=7, learning_rate=0.3, seed=4, test_share=0.2)),
        ("gaussian_process", GaussianProcessSettings(smoothness="rbf", max_rows=300, seed=4, test_share=0.2)),
        ("quadratic", QuadraticSettings(scale="log", max_rows=400, seed=4, test_share=0.2)),
    ],
)
def test_each_family_has_settings_of_its_own(family, settings):
    document = {
        "dataset": REF,
        "family": family,
        "seed": 4,
        "test_share": 0.2,
        "learning_rate": 0.001,
        "forest": {"n_trees": 50},
        "boosting": {"n_members": 2, "rounds": 80, "patience": 7, "learning_rate": 0.3},
        "gaussian_process": {"smoothness": "rbf", "max_rows": 300},
        "quadratic": {"scale": "log", "max_rows": 400},
    }
    spec = TrainingSpec.model_validate(document)
    assert TrainingSpec.model_validate_json(spec.model_dump_json()) == spec
    assert spec.settings() == settings
    assert TrainingSpec(dataset=REF, family=family).settings() == type(settings)()


def test_a_document_from_before_there_were_families_is_of_an_mlp():
    old = '{"dataset": {"name": "t", "digest": "d"}, "widths": [8, 4], "epochs": 3, "patience": null, "seed": 5}'
    assert TrainingSpec.model_validate_json(old).settings() == TrainingSettings((8, 4), 3, patience=None, seed=5)
    bare = '{"dataset": {"name": "t", "digest": "d"}, "seed": 5}'
    assert TrainingSpec.model_validate_json(bare).settings() == TrainingSettings(seed=5)


def test_every_family_that_is_trained_here_has_a_trainer():
    for family, words in FAMILIES.items():
        spec = TrainingSpec(dataset=REF, family=family)
        if words.is_trained_here:
            assert spec.settings() is not None
        else:
            with pytest.raises(TrainingError, match=r"trained elsewhere .* you can train mlp, random_forest"):
                spec.settings()


@pytest.mark.parametrize("family", ["random_forest", "boosting", "gaussian_process", "quadratic"])
def test_a_training_of_a_family_says_what_it_does(mixed_dataset, family):
    told = []
    forest, boosting = ForestOptions(n_trees=30), BoostingOptions(n_members=2, rounds=20)
    spec = TrainingSpec(dataset=REF, family=family, forest=forest, boosting=boosting)
    trained = run_training(spec, mixed_dataset, on_progress=lambda words, share: told.append((words, share)))
    assert trained.card.family == family
    asked = spec.settings()
    if hasattr(asked, "scale"):
        asked = replace(asked, scale="plain")  # the one that was taken
    assert trained.card.settings == asked
    assert trained.card.leaderboard is None
    fitting = [(words, share) for words, share in told if words != CALIBRATING]
    assert fitting[-1][0].split(" of ")[0] == {"random_forest": "30", "quadratic": "1"}.get(family, "2")
    assert fitting[-1][1] == 1


def test_an_automatic_training_says_how_far_it_is_and_keeps_the_evidence(mixed_dataset):
    told = []
    trained = run_training(
        TrainingSpec(dataset=REF, seed=2), mixed_dataset, on_progress=lambda words, share: told.append((words, share))
    )
    fitting = [(words, share) for words, share in told if words != CALIBRATING]
    assert [share for _, share in fitting] == sorted(share for _, share in fitting)
    assert fitting[-1][1] == 1
    assert any(words.endswith("; now gradient boosting") and "Gaussian process R²" in words for words, _ in fitting)
    card = trained.card
    assert card.settings.seed == 2 and card.intervals is not None
    assert card.family in [score.family for score in card.leaderboard.scores if score.r2 is not None]


def test_a_specification_survives_the_way_through_json():
    spec = TrainingSpec(dataset=REF, widths=(8, 4), epochs=3, patience=None, seed=5)
    assert TrainingSpec.model_validate_json(spec.model_dump_json()) == spec
    assert spec.settings().widths == (8, 4)
    assert spec.settings().patience is None


@pytest.mark.parametrize(
    ("field", "value"), [("seed", -1), ("epoch", 3), ("widths", "wide"), ("epochs", 1.5), ("dataset", None)]
)
def test_a_document_that_is_none_is_refused(field, value):
    with pytest.raises(ValidationError, match=field):
        TrainingSpec.model_validate({"dataset": REF, field: value})


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"epochs": 0}, "number of epochs has to be a whole number from 1 to 10,000; got 0"),
        ({"widths": ()}, "number of hidden layers"),
        ({"learning_rate": -1.0}, "learning rate has to be"),
    ],
)
def test_a_setting_out_of_range_is_refused_in_words(mixed_dataset, setting, words):
    with pytest.raises(TrainingError, match=words):
        run_training(TrainingSpec(dataset=REF, **setting), mixed_dataset)
