import pytest
from pydantic import ValidationError

from models import TrainingError, TrainingSettings
from services.runspec import DatasetRef
from services.training import TrainingSpec, run_training

REF = DatasetRef(name="t", digest="d")


def test_what_is_not_said_has_the_defaults_of_the_trainer():
    assert TrainingSpec(dataset=REF).settings() == TrainingSettings()


def test_every_setting_of_the_trainer_can_be_said():
    fields = set(TrainingSpec.model_fields) - {"dataset"}
    assert fields == set(TrainingSettings.__dataclass_fields__)


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
