import numpy as np
import pytest

from models import TrainingSettings, UncertainPredictor, fit_on_rows, fit_on_split, split_rows


@pytest.fixture(scope="module")
def fast():
    return TrainingSettings(widths=(8,), epochs=20, n_members=2)


@pytest.mark.tensorflow
def test_an_ensemble_is_fitted_on_the_rows_given_alone(mixed_dataset, fast):
    rows = np.arange(0, 120, 2)
    y = np.where(np.arange(120) % 2, 1e6, mixed_dataset.y)
    spoilt = mixed_dataset.__class__(
        mixed_dataset.name, mixed_dataset.features, mixed_dataset.outcome, mixed_dataset.X, y
    )
    one, other = (fit_on_rows(dataset, fast, rows) for dataset in (mixed_dataset, spoilt))
    assert isinstance(one, UncertainPredictor)
    assert np.array_equal(one.predict(mixed_dataset.X), other.predict(mixed_dataset.X))


@pytest.mark.tensorflow
def test_a_split_makes_the_model_that_training_makes(mixed_dataset, fast):
    from models import train

    split = split_rows(mixed_dataset, validation_share=0.15, test_share=0.15, seed=0)
    again = fit_on_split(mixed_dataset, fast, split)
    trained = train(mixed_dataset, fast)
    assert np.array_equal(again.predict(mixed_dataset.X), trained.predictor.predict(mixed_dataset.X))
