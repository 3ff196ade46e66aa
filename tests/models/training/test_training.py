from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from models import BoostingSettings, Dataset, EpochRecord, ModelStore, TrainingError, TrainingSettings, score, train
from models.cards.card import rows_for
from models.cards.settings import Family
from models.data.split import row_groups
from models.training.training import assign_folds, fit_folds, fold_splits

QUICK = TrainingSettings(widths=(8, 8), epochs=40, patience=None, seed=4, n_members=1)
THREE = replace(QUICK, n_members=3)


def dataset_of(**columns: object) -> Dataset:
    frame = pd.DataFrame(columns)
    features = [name for name in frame.columns if name != "y"]
    return Dataset.from_frame(frame, name="t", outcome="y", features=features)


def members_of(model, X) -> np.ndarray:
    """What each member predicts, (K, n)."""
    encoding = model.predictor.encoding
    return encoding.decode_outcome(model.predictor.networks.forward(encoding.encode(X)))


def weights(model) -> list[np.ndarray]:
    return [array for layer in model.predictor.networks.members[0].layers for array in (layer.kernel, layer.bias)]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"widths": ()}, "hidden layers .* from 1 to 8; got 0"),
        ({"widths": (32,) * 9}, "hidden layers"),
        ({"widths": (0,)}, "neurons .* from 1 to 4,096; got 0"),
        ({"widths": (4097,)}, "neurons"),
        ({"widths": (3.5,)}, "neurons"),
        ({"epochs": 0}, "epochs"),
        ({"batch_size": 0}, "batch size"),
        ({"learning_rate": 0}, "learning rate"),
        ({"learning_rate": float("nan")}, "learning rate"),
        ({"patience": 0}, "patience"),
        ({"validation_share": 0}, "validation share"),
        ({"test_share": 0.6}, "test share"),
        ({"validation_share": 0.5, "test_share": 0.5}, "sum of validation and test share"),
        ({"seed": -1}, "seed"),
        ({"weight_decay": -0.1}, "weight decay"),
        ({"averaging": 1.0}, "averaging"),
        ({"n_members": 0}, "members has to be a whole number from 1 to 32; got 0"),
        ({"n_members": 33}, "members"),
        ({"n_members": 2.0}, "members"),
    ],
)
def test_settings_out_of_range_are_refused(setting, says):
    with pytest.raises(TrainingError, match=says):
        TrainingSettings(**setting)


ROWS = np.arange(50.0)


@pytest.mark.parametrize(
    ("columns", "settings", "says"),
    [
        ({"a": ROWS[:14], "y": ROWS[:14]}, {}, "14 complete rows; training needs at least 15"),
        *(({"a": ROWS, "y": np.full(50, value)}, {}, "in every row") for value in (0.0, 0.1, 1e9)),
        ({"a": np.full(50, 0.1), "b": ["x"] * 50, "y": ROWS}, {}, "No feature varies"),
        ({"a": ROWS, "y": ROWS}, {"widths": (1000, 1000), "n_members": 5}, "weights in all members"),
        ({"a": ROWS, "y": ROWS}, {"widths": (4096, 4096)}, "at most 4,096 inputs and 5,000,000 weights"),
    ],
)
def test_what_cannot_be_learned_or_read_again_is_refused(columns, settings, says):
    with pytest.raises(TrainingError, match=says):
        train(dataset_of(**columns), TrainingSettings(**settings))


def test_an_outcome_that_hardly_varies_is_refused():
    dataset = dataset_of(a=np.arange(200.0), y=(np.arange(200) == 0).astype(float))
    refused = 0
    # Where the one row that differs is among those for training, the network is refused as too large instead.
    for seed in range(12):
        with pytest.raises(TrainingError) as error:
            train(dataset, replace(QUICK, epochs=1, seed=seed, widths=(2, 4096, 4096)))
        refused += "left for training" in str(error.value)
    assert 0 < refused < 12


@pytest.fixture(scope="module")
def trained(mixed_dataset):
    records: list[EpochRecord] = []
    return train(mixed_dataset, replace(QUICK, epochs=150), on_epoch=records.append), records


@pytest.mark.tensorflow
class TestTraining:
    def test_it_learns_and_tells_every_epoch(self, trained):
        model, records = trained
        assert model.card.metrics.r2 > 0.8
        assert [record.epoch for record in records] == list(range(1, 151))
        assert tuple(record.validation_loss for record in records) == model.card.history.validation_loss
        assert records[-1].train_loss < records[0].train_loss
        assert model.card.history.ended == "finished"

    def test_the_card_is_complete(self, trained, mixed_dataset):
        card = trained[0].card
        assert card.dataset.digest == mixed_dataset.digest
        assert card.metrics.n_train + card.metrics.n_validation + card.metrics.n_test == 120
        resin = card.features[2]
        assert (resin.categories, sum(resin.frequencies)) == (("A", "B", "C"), pytest.approx(1))
        assert (card.features[3].std, card.features[3].low) == (0, 4.2)
        assert {"python", "keras", "tensorflow", "numpy"} == set(card.versions)
        assert card.settings.widths == (8, 8)
        held_out = score(np.array(card.held_out.measured), np.array(card.held_out.predicted))
        assert held_out.r2 == pytest.approx(card.metrics.r2)

    def test_a_feature_that_never_varied_says_nothing(self, trained, mixed_dataset):
        moved = mixed_dataset.X.copy()
        moved[:, 3] += 100
        predict = trained[0].predictor.predict
        assert np.array_equal(predict(moved), predict(mixed_dataset.X))

    def test_it_is_saved_and_loaded(self, trained, mixed_dataset, tmp_path):
        model, _ = trained
        saved = ModelStore(tmp_path).save("mixed", model.artifact, model.card)
        X = rows_for(saved.card, mixed_dataset)
        assert np.array_equal(saved.predictor.predict(X), model.predictor.predict(X))

    def test_other_orders_of_features_and_categories_are_matched(self, trained, mixed_dataset):
        card = trained[0].card
        frame = mixed_dataset.to_frame()
        frame = frame[frame["resin"] != "A"]
        frame.loc[frame.index[0], "resin"] = "D"
        features = ["lot", "resin", "speed", "time"]
        other = Dataset.from_frame(frame, name="o", outcome="yield", features=features)
        rows = rows_for(card, other)
        assert np.isnan(rows[0, 2])
        assert np.array_equal(rows[1:], mixed_dataset.X[mixed_dataset.X[:, 2] != 0][1:])

    def test_keras_predicts_the_same(self, trained, mixed_dataset, keras, tmp_path):
        path = tmp_path / "m.keras"
        path.write_bytes(trained[0].artifact)
        encoding = trained[0].card.encoding
        inputs = encoding.encode(mixed_dataset.X)
        expected = encoding.decode_outcome(keras.saving.load_model(path)(inputs).numpy()[:, 0])
        np.testing.assert_allclose(trained[0].predictor.predict(mixed_dataset.X), expected, rtol=1e-5)

    def test_the_same_seed_gives_the_same_weights(self, mixed_dataset):
        first, again = (train(mixed_dataset, QUICK) for _ in range(2))
        other = train(mixed_dataset, replace(QUICK, seed=5))
        assert all(np.array_equal(a, b) for a, b in zip(weights(first), weights(again), strict=True))
        assert first.card.history == again.card.history
        assert not np.array_equal(weights(first)[0], weights(other)[0])

    def test_a_stop_keeps_the_best_so_far(self, mixed_dataset):
        records: list[EpochRecord] = []
        settings = replace(QUICK, epochs=5_000, patience=5_000)
        stopped = train(mixed_dataset, settings, on_epoch=records.append, should_stop=lambda: len(records) >= 30)
        history = stopped.card.history
        assert history.ended == "stopped"
        assert len(history.validation_loss) in (30, 31)
        assert history.validation_loss[history.best_epoch - 1] == min(history.validation_loss)

    def test_early_stopping_keeps_the_best_weights(self):
        rng = np.random.default_rng(0)
        noise = dataset_of(a=rng.normal(size=80), b=rng.normal(size=80), y=rng.normal(size=80))
        model = train(noise, replace(QUICK, epochs=3_000, patience=10, weight_decay=0.0))
        history = model.card.history
        assert history.ended == "early"
        assert len(history.validation_loss) == history.best_epoch + 10
        assert history.validation_loss[history.best_epoch - 1] == min(history.validation_loss)

    def test_the_smallest_table_is_enough(self):
        x = np.arange(20.0)
        model = train(dataset_of(a=x, b=np.full(20, 7.0), y=2 * x), replace(QUICK, epochs=3))
        assert model.card.metrics.n_test == 3

    def test_outcomes_of_any_size(self):
        x = np.linspace(0, 1, 200)
        for factor in (1e-9, 1e9):
            model = train(dataset_of(a=x, y=factor * (x + 5)), replace(QUICK, epochs=200))
            assert model.card.metrics.r2 > 0.9

    def test_global_settings_of_keras_are_left_alone(self, mixed_dataset, keras):
        before = (keras.config.floatx(), keras.config.backend())
        state = np.random.get_state()[1].copy()  # noqa: NPY002 (the global state is what must not move)
        train(mixed_dataset, replace(QUICK, epochs=1))
        assert (keras.config.floatx(), keras.config.backend()) == before
        assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.fixture(scope="module")
def ensemble(mixed_dataset):
    return train(mixed_dataset, replace(THREE, epochs=150))


@pytest.mark.tensorflow
class TestEnsembles:
    def test_members_differ_and_their_mean_predicts(self, ensemble, mixed_dataset):
        members = members_of(ensemble, mixed_dataset.X)
        assert members.shape == (3, 120)
        assert (np.ptp(members, axis=0) > 0).all()
        np.testing.assert_allclose(ensemble.predictor.predict(mixed_dataset.X), members.mean(axis=0), rtol=1e-12)
        assert ensemble.card.metrics.r2 > 0.8

    def test_keras_loads_it_and_predicts_the_mean(self, ensemble, mixed_dataset, keras, tmp_path):
        path = tmp_path / "m.keras"
        path.write_bytes(ensemble.artifact)
        model = keras.saving.load_model(path)
        names = [layer.name for layer in model.layers]
        assert names[:4] == ["inputs", "member_1_hidden_1", "member_2_hidden_1", "member_3_hidden_1"]
        assert names[-1] == "outcome"
        encoding = ensemble.card.encoding
        expected = encoding.decode_outcome(model(encoding.encode(mixed_dataset.X)).numpy()[:, 0])
        np.testing.assert_allclose(ensemble.predictor.predict(mixed_dataset.X), expected, rtol=1e-5)

    def test_it_is_saved_and_loaded(self, ensemble, mixed_dataset, tmp_path):
        saved = ModelStore(tmp_path).save("three", ensemble.artifact, ensemble.card)
        assert saved.card.settings.n_members == 3
        got, expected = (each.predictor.predict_with_spread(mixed_dataset.X) for each in (saved, ensemble))
        np.testing.assert_array_equal(got, expected)

    def test_the_same_seed_gives_the_same_members(self, mixed_dataset):
        first, again, other = (
            members_of(train(mixed_dataset, settings), mixed_dataset.X[:9])
            for settings in (THREE, THREE, replace(THREE, seed=5))
        )
        assert np.array_equal(first, again)
        assert not np.isin(first, other).any()

    @pytest.mark.parametrize("settings", [QUICK, THREE])
    def test_a_stop_at_once_still_gives_a_model(self, mixed_dataset, settings):
        stopped = train(mixed_dataset, replace(settings, epochs=5_000), should_stop=lambda: True)
        assert (stopped.card.history.ended, len(stopped.card.history.train_loss)) == ("stopped", 1)
        assert np.isfinite(stopped.predictor.predict_with_spread(mixed_dataset.X)).all()


MLP = TrainingSettings(widths=(6,), epochs=4, n_members=2)
BOOSTING = BoostingSettings(n_members=2, rounds=10)


@pytest.fixture(scope="module")
def folds(mixed_dataset):
    fold_of = assign_folds(row_groups(mixed_dataset), 3, np.random.default_rng(0))
    return fold_of, fold_splits(mixed_dataset, fold_of, 0.15, seed=0)


def test_every_fold_is_held_out_once_and_its_groups_with_it(concrete_dataset):
    groups = row_groups(concrete_dataset)
    fold_of = assign_folds(groups, 5, np.random.default_rng(1))
    splits = fold_splits(concrete_dataset, fold_of, 0.15, seed=0)
    assert sorted(np.concatenate([split.test for split in splits])) == list(range(concrete_dataset.n_rows))
    for split in splits:
        sides = [set(groups[rows]) for rows in (split.train, split.validation, split.test)]
        assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
        assert len(split.train) + len(split.validation) + len(split.test) == concrete_dataset.n_rows
        # as many rows stop the training as when the model itself is trained
        assert len(split.validation) == pytest.approx(0.15 * concrete_dataset.n_rows, rel=0.05)


def test_a_table_that_cannot_be_learned_from_says_why(mixed_dataset):
    few = mixed_dataset.taken(np.arange(12))
    with pytest.raises(TrainingError, match="training needs at least 15"):
        fold_splits(few, np.arange(12) % 3, 0.15, seed=0)


def _predictions(dataset, splits, family, settings):
    predictors = fit_folds(dataset, splits, family, settings)
    return [predictor.predict(dataset.X) for predictor in predictors]


@pytest.mark.parametrize(
    ("family", "settings"),
    [pytest.param(Family.MLP, MLP, marks=pytest.mark.tensorflow), (Family.BOOSTING, BOOSTING)],
    ids=["mlp", "boosting"],
)
def test_a_fold_knows_nothing_of_its_rows(mixed_dataset, folds, family, settings):
    fold_of, splits = folds
    y = np.where(fold_of == 1, -1_000.0, mixed_dataset.y)
    X = mixed_dataset.X + np.where((fold_of == 1)[:, None], [100.0, 0, 0, 0], 0)
    spoilt = replace(mixed_dataset, X=X, y=y)
    honest, other = (_predictions(dataset, splits, family, settings) for dataset in (mixed_dataset, spoilt))
    seen = fold_of != 1
    np.testing.assert_array_equal(honest[1][seen], other[1][seen])
    assert not np.allclose(honest[0][seen], other[0][seen])


@pytest.mark.tensorflow
def test_members_of_a_fold_are_those_that_the_settings_ask_for(mixed_dataset, folds):
    _, splits = folds
    epochs = []
    predictors = fit_folds(mixed_dataset, splits, Family.MLP, MLP, on_epoch=lambda record: epochs.append(record.epoch))
    assert [predictor.networks.n_members for predictor in predictors] == [2, 2, 2]
    assert epochs == [1, 2, 3, 4]  # all folds and members at once


def test_the_folds_of_a_stopped_check_are_not_all_there(mixed_dataset, folds):
    _, splits = folds
    told = []
    predictors = fit_folds(
        mixed_dataset, splits, Family.BOOSTING, BOOSTING, on_fold=told.append, should_stop=lambda: bool(told)
    )
    assert (told, len(predictors)) == ([1], 1)


def test_settings_of_another_family_are_refused(mixed_dataset, folds):
    with pytest.raises(TypeError, match="Expected settings of the family random_forest, got BoostingSettings"):
        fit_folds(mixed_dataset, folds[1], Family.RANDOM_FOREST, BOOSTING)


grouped_rows = st.lists(st.integers(0, 12), min_size=2, max_size=80).filter(lambda groups: len(set(groups)) > 1)


@given(grouped_rows, st.integers(2, 8), st.integers(0, 99))
def test_folds_hold_every_row_once_keep_groups_together_and_differ_by_one_of_them(groups, n_folds, seed):
    groups = np.array(groups)
    folds = assign_folds(groups, n_folds, np.random.default_rng(seed))
    assert folds.shape == groups.shape
    assert set(folds) == set(range(min(n_folds, len(set(groups)))))
    for group in set(groups):
        assert len(set(folds[groups == group])) == 1
    assert np.ptp(np.bincount(folds)) <= np.bincount(groups).max()


def test_the_same_seed_gives_the_same_folds_and_another_one_others():
    deal = [assign_folds(np.arange(100), 5, np.random.default_rng(seed)).tolist() for seed in (1, 1, 2)]
    assert deal[0] == deal[1] != deal[2]


@pytest.mark.parametrize(("groups", "n_folds"), [([0, 0, 0], 5), ([0, 1, 2], 1)])
def test_what_cannot_be_dealt_says_what_is_needed(groups, n_folds):
    with pytest.raises(ValueError, match=r"needs at least 2 folds and 2 different settings; got \d folds and \d"):
        assign_folds(np.array(groups), n_folds, np.random.default_rng(0))
