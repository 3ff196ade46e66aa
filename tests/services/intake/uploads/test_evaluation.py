"""Columns for a model from elsewhere: the right ones are found and agree, wrong ones are named."""

import json

import numpy as np
import pandas as pd
import pytest

from models import Dataset, Ensemble, ModelFileError, ModelMismatchError, ModelStore
from models.cards.mapping import MappedColumn, Mapping, Scaling
from models.cards.settings import Family
from models.keras.writer import keras_file_of
from models.networks.network import Dense, Network
from services.intake.uploads.upload import evaluated_card, fit_sentence, read_upload, save_upload, suggest_mapping
from tests.services.intake.uploads.hostile import CODE


@pytest.fixture(scope="module")
def dataset():
    """Two numbers and one of three categories; the outcome is linear in them."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"time": rng.uniform(0, 10, 80), "resin": rng.choice(["A", "B", "C"], 80), "speed": rng.uniform(50, 90, 80)}
    )
    frame["yield"] = 3 * frame["time"] - 0.5 * frame["speed"] + frame["resin"].map({"A": 0.0, "B": 10.0, "C": -5.0})
    return Dataset.from_frame(frame, name="line", outcome="yield", features=["time", "resin", "speed"])


def linear(weights, bias=0.0):
    dense = Dense(np.array(weights, dtype="f4")[:, None], np.array([bias], dtype="f4"))
    return Ensemble((Network(len(weights), (dense,)),))


RAW = linear([3, 0, 10, -5, -0.5])


def columns(*names, **settings):
    return tuple(MappedColumn(name=name, **settings) for name in names)


OUTCOME = MappedColumn(name="yield")


def judged(mapping, dataset, network=RAW):
    return evaluated_card(mapping, dataset, network.n_inputs, network.mean, {"keras": "3"})


def test_the_right_columns_agree_on_every_recorded_row(dataset):
    card = judged(Mapping(features=columns("time", "resin", "speed"), outcome=OUTCOME), dataset)
    assert card.metrics.r2 == pytest.approx(1, abs=1e-6) and card.metrics.mae < 1e-3
    assert (card.metrics.n_train, card.metrics.n_test) == (0, 80)
    assert (card.family, card.settings, card.history) == (Family.KERAS, None, None)
    assert card.feature_names == ("time", "resin", "speed")
    assert "agree with the recorded rows" in fit_sentence(card)


def test_columns_in_another_order_disagree_and_say_so(dataset):
    card = judged(Mapping(features=columns("speed", "resin", "time"), outcome=OUTCOME), dataset)
    assert card.metrics.r2 < 0 and "order of the columns" in fit_sentence(card)


def test_an_outcome_on_another_scale_is_told_apart(dataset):
    outcome = MappedColumn(name="yield", scaling=Scaling.GIVEN, mean=100, std=50)
    card = judged(Mapping(features=columns("time", "resin", "speed"), outcome=outcome), dataset)
    assert "how the outcome was scaled" in fit_sentence(card)


@pytest.mark.parametrize("inputs", list(Scaling))
@pytest.mark.parametrize("outcome", list(Scaling))
def test_every_scaling_is_undone(dataset, inputs, outcome):
    """A network that was made for scaled values agrees when the mapping says how."""
    given = {"mean": 4.0, "std": 2.5} if inputs is Scaling.GIVEN else {}
    time, speed = columns("time", "speed", scaling=inputs, **given)
    features = (time, *columns("resin"), speed)
    mapping = Mapping(features=features, outcome=MappedColumn(name="yield", scaling=outcome, mean=3, std=7))
    encoding = mapping.encoding_for(mapping.rows_of(dataset))
    scales = np.array([encoding.stds[0], 1, 1, 1, encoding.stds[2]])
    weights = np.array([3, 0, 10, -5, -0.5])
    bias = 3 * encoding.means[0] - 0.5 * encoding.means[2] - encoding.outcome_mean
    network = linear(weights * scales / encoding.outcome_std, bias / encoding.outcome_std)
    assert judged(mapping, dataset, network).metrics.r2 > 0.9999


def test_another_order_of_categories_is_kept(dataset):
    swapped = MappedColumn(name="resin", categories=("C", "A", "B"))
    mapping = Mapping(features=(*columns("time"), swapped, *columns("speed")), outcome=OUTCOME)
    card = judged(mapping, dataset, linear([3, -5, 0, 10, -0.5]))
    assert card.metrics.r2 > 0.9999 and card.features[1].categories == ("C", "A", "B")


class TestSuggestion:
    def test_the_scaling_that_agrees_best_is_found(self, dataset):
        mean, std = dataset.X[:, 0].mean(), dataset.X[:, 0].std()
        speed_mean, speed_std = dataset.X[:, 2].mean(), dataset.X[:, 2].std()
        network = linear([3 * std, 0, 10, -5, -0.5 * speed_std], 3 * mean - 0.5 * speed_mean)
        found = suggest_mapping(dataset, 5, network.mean)
        assert [column.scaling for column in found.features] == ["standardised", "none", "standardised"]
        assert found.outcome.scaling is Scaling.NONE
        assert judged(found, dataset, network).metrics.r2 > 0.9999

    def test_the_numbers_alone_are_tried(self, dataset):
        found = suggest_mapping(dataset, 2, linear([3, -0.5]).mean)
        assert [column.name for column in found.features] == ["time", "speed"]

    def test_none_where_no_choice_of_columns_fits(self, dataset):
        assert suggest_mapping(dataset, 4, linear([1, 1, 1, 1]).mean) is None

    def test_a_model_that_gives_no_numbers_still_gets_a_suggestion(self, dataset):
        assert suggest_mapping(dataset, 5, lambda inputs: np.full(len(inputs), np.nan)) is not None


class TestRefusals:
    @pytest.mark.parametrize(
        ("features", "says"),
        [
            (columns("time", "speed"), "takes 5 inputs; the chosen columns make 2: 'time' 1, 'speed' 1"),
            (columns("time", "pressure"), r"takes \['pressure'\]; the features of the table are"),
            (columns("time", categories=("A",)), "'time' holds numbers in the table"),
            (columns("resin", categories=("A", "B")), r"needs one input; the table has \['A', 'B', 'C'\]"),
        ],
    )
    def test_columns_that_do_not_fit(self, dataset, features, says):
        with pytest.raises(ModelMismatchError, match=says):
            judged(Mapping(features=features, outcome=OUTCOME), dataset)

    def test_another_outcome(self, dataset):
        with pytest.raises(ModelMismatchError, match="predicts 'strength'; the outcome of the table is 'yield'"):
            judged(Mapping(features=columns("time"), outcome=MappedColumn(name="strength")), dataset)

    def test_predictions_that_are_no_numbers(self, dataset):
        mapping = Mapping(features=columns("time", "resin", "speed"), outcome=OUTCOME)
        with pytest.raises(ModelMismatchError, match="no number for 80 of 80 recorded rows"):
            evaluated_card(mapping, dataset, 5, lambda inputs: np.full(len(inputs), np.inf), {})
        with pytest.raises(ModelMismatchError, match="too large to compare"):
            evaluated_card(mapping, dataset, 5, lambda inputs: np.full(len(inputs), 1e200), {})

    def test_a_column_twice(self):
        with pytest.raises(ModelFileError, match="every column may occur once"):
            Mapping.from_json('{"features": [{"name": "a"}, {"name": "a"}], "outcome": {"name": "y"}}')


class TestUpload:
    def test_a_model_alone_and_kept_as_our_own_file(self, dataset, tmp_path):
        data = keras_file_of(RAW.members)
        upload = read_upload([("..\\..\\evil/lab model.keras", data)])
        assert (upload.name, upload.n_inputs, upload.side) == ("lab model", 5, None)
        card = evaluated_card(suggest_mapping(dataset, 5, upload.forward), dataset, 5, upload.forward, {})
        store = ModelStore(tmp_path)
        save_upload(store, "lab", upload, card)
        saved = store.load("lab")
        np.testing.assert_allclose(saved.predictor.predict(dataset.X), dataset.y, atol=1e-3)
        assert saved.card.metrics.r2 > 0.9999

    def test_our_own_export_needs_no_mapping(self, dataset, tmp_path):
        card = judged(Mapping(features=columns("time", "resin", "speed"), outcome=OUTCOME), dataset)
        ModelStore(tmp_path).save("lab", keras_file_of(RAW.members), card)
        files = [(path.name, path.read_bytes()) for path in sorted(tmp_path.iterdir())]
        assert [name for name, _ in files] == ["lab.json", "lab.keras"]
        upload = read_upload(files)
        assert upload.side.feature_names == ("time", "resin", "speed")
        other = [("other.keras", keras_file_of(linear([1] * 5).members))]
        with pytest.raises(ModelFileError, match="saved with another"):
            read_upload([files[0], *other])

    def test_a_mapping_as_the_side_file(self, dataset):
        document = {"features": [{"name": "time"}, {"name": "resin"}, {"name": "speed"}], "outcome": {"name": "yield"}}
        upload = read_upload([("a.keras", keras_file_of(RAW.members)), ("a.json", json.dumps(document).encode())])
        assert judged(upload.side, dataset).metrics.r2 > 0.9999

    @pytest.mark.parametrize(
        ("side", "says"),
        [
            (b"{}", "says nothing usable about the model's inputs: features"),
            (b'{"features": []', "says nothing usable"),
            (b'{"format_version": 1}', "cannot be used: features"),
            (b'{"format_version": 1, "features": ' + b"[" * 100_000 + b"}", "cannot be used"),
            (b'{"a": 1' + b" " * 9_000_000 + b"}", "at most 8,000,000"),
        ],
    )
    def test_unusable_side_files(self, side, says):
        with pytest.raises(ModelFileError, match=says):
            read_upload([("a.keras", keras_file_of(RAW.members)), ("a.json", side)])

    def test_too_many_files_and_none(self, tmp_path):
        data = keras_file_of(RAW.members)
        for files in ([], [("a.keras", data), ("b.keras", data)], [("a.json", b"{}")]):
            with pytest.raises(ModelFileError, match=r"Expected one \.keras or \.h5 file"):
                read_upload(files)
        with pytest.raises(ModelFileError, match="Lambda"):
            read_upload([("harmless.keras", CODE["lambda as bytecode"][0](tmp_path / "marker"))])
        assert not (tmp_path / "marker").exists()
