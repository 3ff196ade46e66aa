"""What holds for every family that scikit-learn trains."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from models import (
    BoostingSettings,
    Family,
    ForestSettings,
    GaussianProcessSettings,
    ModelCard,
    ModelFileError,
    ModelStore,
    ModelStoreError,
    QuadraticSettings,
    TrainingError,
    UncertainPredictor,
    train,
)
from models.data.split import split_rows
from models.families.artifact import predictor_from
from models.training.training import fit_folds

SETTINGS = [ForestSettings, BoostingSettings, GaussianProcessSettings, QuadraticSettings]


def rows_near(dataset, n, seed=0):
    """Return (n, d) rows between recorded ones, some a little outside, with whole category codes."""
    rng = np.random.default_rng(seed)
    a, b = (dataset.X[rng.integers(dataset.n_rows, size=n)] for _ in range(2))
    X = a + rng.uniform(-0.1, 1.1, (n, 1)) * (b - a)
    X[:, 2] = a[:, 2]
    return X


class TestPredictor:
    def test_it_is_an_uncertain_predictor_of_the_features(self, trained, mixed_dataset):
        assert isinstance(trained.predictor, UncertainPredictor)
        assert trained.predictor.feature_names == mixed_dataset.feature_names

    @pytest.mark.parametrize("n", [0, 1, 7, 600])
    def test_shapes_and_bits(self, trained, mixed_dataset, n):
        X = rows_near(mixed_dataset, n)
        mean, spread = trained.predictor.predict_with_spread(X)
        assert mean.shape == spread.shape == (n,)
        assert mean.dtype == spread.dtype == float
        assert np.array_equal(mean, trained.predictor.predict(X))
        assert np.isfinite(mean).all()
        assert (spread >= 0).all()

    def test_the_spread_differs_from_row_to_row(self, trained, mixed_dataset):
        _, spread = trained.predictor.predict_with_spread(rows_near(mixed_dataset, 200))
        # these rows have no noise: a family that explains them to the last digit has a spread of rounding there
        assert spread.max() > 1.5 * np.median(spread)

    def test_rows_without_an_answer_give_nan(self, trained, mixed_dataset):
        X = rows_near(mixed_dataset, 6)
        expected = trained.predictor.predict(X)
        X[1, 0], X[2, 2], X[3, 2], X[4, 1] = np.nan, 3, 0.5, np.inf
        mean, spread = trained.predictor.predict_with_spread(X)
        assert list(np.isnan(mean)) == list(np.isnan(spread)) == [False, True, True, True, True, False]
        assert np.allclose(mean[[0, 5]], expected[[0, 5]], rtol=1e-12)

    def test_another_number_of_columns_is_refused(self, trained):
        with pytest.raises(ValueError, match="4"):
            trained.predictor.predict(np.zeros((3, 5)))

    def test_categories_make_a_difference(self, trained, mixed_dataset):
        X = np.repeat(rows_near(mixed_dataset, 40)[:, None], 3, axis=1).reshape(-1, 4)
        X[:, 2] = np.tile([0, 1, 2], 40)
        by_category = trained.predictor.predict(X).reshape(40, 3).mean(axis=0)
        assert by_category[1] > by_category[0] + 4 > by_category[2] + 4  # in truth 10, 0 and -5

    def test_what_never_varied_says_nothing(self, trained, mixed_dataset):
        X = rows_near(mixed_dataset, 20)
        elsewhere = X.copy()
        elsewhere[:, 3] += 100
        assert np.array_equal(trained.predictor.predict(X), trained.predictor.predict(elsewhere))

    def test_threads_may_ask_at_once(self, trained, mixed_dataset):
        X = rows_near(mixed_dataset, 400)
        answers = {}
        threads = [
            threading.Thread(target=lambda i=i: answers.update({i: trained.predictor.predict(X)})) for i in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(np.array_equal(answers[i], trained.predictor.predict(X)) for i in range(4))


class TestTraining:
    def test_it_learns(self, trained):
        assert trained.card.metrics.r2 > 0.85

    def test_it_is_judged_on_the_rows_that_an_mlp_is_judged_on(self, trained, mixed_dataset):
        settings, metrics = trained.card.settings, trained.card.metrics
        split = split_rows(mixed_dataset, validation_share=0.15, test_share=0.15, seed=settings.seed)
        assert metrics.n_test == len(split.test)
        assert metrics.n_train + metrics.n_validation == 120 - metrics.n_test
        assert trained.card.held_out.measured == tuple(mixed_dataset.y[split.test])
        assert trained.card.held_out.predicted == tuple(trained.predictor.predict(mixed_dataset.X[split.test]))

    def test_the_card_tells_what_it_is(self, trained):
        card = trained.card
        assert card.family.words.is_trained_here
        assert card.history is None
        assert {"scikit-learn", "skops"} <= set(card.versions)
        assert ModelCard.from_json(card.to_json()) == card

    def test_the_same_seed_gives_the_same_bits(self, trained, mixed_dataset):
        again = train(mixed_dataset, trained.card.settings)
        other = train(mixed_dataset, replace(trained.card.settings, seed=9))
        X = rows_near(mixed_dataset, 50)
        assert np.array_equal(again.predictor.predict(X), trained.predictor.predict(X))
        assert not np.array_equal(other.predictor.predict(X), trained.predictor.predict(X))

    def test_it_tells_how_far_it_is(self, trained, mixed_dataset):
        told = []
        train(mixed_dataset, trained.card.settings, on_progress=lambda words, share: told.append(share))
        assert told[-1] == 1
        assert told == sorted(told)

    def test_a_stop_keeps_what_there_is(self, mixed_dataset):
        for settings in (
            ForestSettings(n_trees=1_000),
            BoostingSettings(n_members=20),
            GaussianProcessSettings(),
            QuadraticSettings(),
        ):
            stopped = train(mixed_dataset, settings, should_stop=lambda: True)
            assert np.isfinite(stopped.predictor.predict(mixed_dataset.X)).all()
            kept = stopped.card.settings
            assert getattr(kept, "n_trees", 25) == 25
            assert getattr(kept, "n_members", 1) == 1

    def test_test_rows_of_a_split_are_not_learned_from(self, trained, mixed_dataset):
        split = split_rows(mixed_dataset, validation_share=0.2, test_share=0.2, seed=5)
        y = mixed_dataset.y.copy()
        y[split.test] = -1e6
        one, other = (
            fit_folds(dataset, [split], trained.card.family, trained.card.settings)[0]
            for dataset in (mixed_dataset, replace(mixed_dataset, y=y))
        )
        assert np.array_equal(one.predict(mixed_dataset.X), other.predict(mixed_dataset.X))

    @pytest.mark.parametrize("kind", SETTINGS)
    def test_what_cannot_be_learned_is_said(self, kind, mixed_dataset):
        with pytest.raises(TrainingError, match="at least 15"):
            train(replace(mixed_dataset, X=mixed_dataset.X[:14], y=mixed_dataset.y[:14]), kind())
        with pytest.raises(TrainingError, match="is 1 in every row"):
            train(replace(mixed_dataset, y=np.ones(120)), kind())


class TestStore:
    def test_it_comes_back_to_the_bit(self, trained, mixed_dataset, tmp_path):
        store = ModelStore(tmp_path)
        saved = store.save("mine", trained.artifact, trained.card)
        loaded = store.load("mine")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.json", "mine.skops"]
        assert loaded.digest == saved.digest == store.load_lazily("mine").digest
        X = rows_near(mixed_dataset, 300)
        assert np.array_equal(trained.predictor.predict_with_spread(X), loaded.predictor.predict_with_spread(X))

    def test_the_file_holds_no_object(self, trained):
        from skops import io as skops_io

        assert skops_io.get_untrusted_types(data=trained.artifact) == []
        assert isinstance(skops_io.loads(trained.artifact), dict)

    def test_a_name_is_taken_whatever_the_family(self, trained, tmp_path):
        store, network = ModelStore(tmp_path), ModelStore().load("concrete")
        store.save("mine", network.artifact, network.card)
        with pytest.raises(ModelStoreError, match="'mine' already"):
            store.save("Mine", trained.artifact, trained.card)

    def test_its_file_is_missing_or_of_another_model(self, trained, trained_families, tmp_path):
        store = ModelStore(tmp_path)
        store.save("mine", trained.artifact, trained.card)
        (tmp_path / "mine.skops").rename(tmp_path / "mine.keras")
        with pytest.raises(ModelFileError, match=r"lacks its file mine\.skops"):
            store.load("mine")
        other = next(model for model in trained_families.values() if model.artifact != trained.artifact)
        (tmp_path / "mine.skops").write_bytes(other.artifact)
        with pytest.raises(ModelFileError, match=r"saved with another \.skops file"):
            store.load_lazily("mine")

    def test_another_family_may_take_the_name(self, trained, trained_families, tmp_path):
        store = ModelStore(tmp_path)
        network = ModelStore().load("concrete")
        store.save("mine", network.artifact, network.card)
        store.save("mine", trained.artifact, trained.card, overwrite=True)
        assert store.names() == ["mine"]
        assert store.load("mine").card.family is trained.card.family
        assert not (tmp_path / "mine.keras").exists()
        store.delete("mine")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "wrong", "words"),
    [
        (ForestSettings, {"n_trees": 9}, "number of trees has to be a whole number from 10 to 1,000; got 9"),
        (ForestSettings, {"inputs_per_split": 0}, "share of inputs per split"),
        (ForestSettings, {"test_share": 0.9}, "test share"),
        (BoostingSettings, {"rounds": 1.5}, "number of rounds"),
        (BoostingSettings, {"n_members": 20, "rounds": 2_000, "max_leaves": 255}, "fewer rounds"),
        (BoostingSettings, {"learning_rate": 2}, "learning rate"),
        (GaussianProcessSettings, {"max_rows": 5_000}, "number of rows"),
        (GaussianProcessSettings, {"smoothness": "rough"}, "smoothness has to be one of"),
        (GaussianProcessSettings, {"seed": -1}, "seed"),
        (GaussianProcessSettings, {"scale": "root"}, "scale has to be one of"),
        (QuadraticSettings, {"scale": "root"}, "scale has to be one of"),
        (QuadraticSettings, {"max_rows": 3}, "number of rows"),
    ],
)
def test_settings_out_of_range_are_refused_in_words(kind, wrong, words):
    with pytest.raises(TrainingError, match=words):
        kind(**wrong)


def test_a_file_of_one_family_is_no_model_of_another(trained_families):
    forest, process = trained_families["random_forest"], trained_families["gaussian_process"]
    with pytest.raises(ModelFileError, match=r"tells of a gaussian process, the \.skops file holds 'trees'"):
        predictor_from(forest.artifact, forest.predictor.encoding, Family.GAUSSIAN_PROCESS)
    with pytest.raises(ModelFileError, match="tells of a random forest"):
        predictor_from(process.artifact, process.predictor.encoding, Family.RANDOM_FOREST)
