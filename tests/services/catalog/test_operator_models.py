"""The operator's folder: what is listed, what runs where, and that pages never load TensorFlow for it."""

from dataclasses import replace

import numpy as np
import pytest

from models import Dataset, DatasetError, Ensemble, ModelCard, ModelFileError, ModelStoreError
from models.cards.mapping import MappedColumn, Mapping
from models.keras.operator_model import ModelNotLoadedError
from models.keras.writer import keras_file_of
from models.networks.network import Dense, Network
from services.catalog.loading import Catalog, ModelWithData
from services.catalog.operator_models import OperatorModels
from services.catalog.settings import Settings
from services.intake.uploads.upload import evaluated_card
from services.jobs import JobKind
from services.jobs.kinds import JudgementSpec, judge
from services.jobs.workers.job_context import JobContext
from services.problems.building import build_problem
from services.problems.defaults import default_spec
from services.problems.estimate import duration_words, time_evaluation
from services.results.baselines import recorded_objective
from services.results.search import run_spec
from services.specs.outcomes import ModelRef
from services.specs.run import BudgetSpec, DatasetRef


@pytest.fixture(scope="module")
def plane() -> Dataset:
    from models.data.dataset import Column

    rng = np.random.default_rng(0)
    X = rng.uniform(0, 10, (60, 2))
    return Dataset("plane", (Column("a"), Column("b")), Column("y"), X, 2 * X[:, 0] - X[:, 1])


@pytest.fixture
def catalog(tmp_path, plane) -> Catalog:
    settings = Settings.from_environment({"MIXWRIGHT_HOME": str(tmp_path / "home"), "MIXWRIGHT_MODELS": str(tmp_path)})
    made = Catalog.of(replace(settings, saved_models=tmp_path / "saved"))
    made.datasets.save(plane)
    return made


@pytest.fixture
def linear(tmp_path):
    """A model that can be converted, in the folder."""
    network = Network(2, (Dense(np.array([[2], [-1]], dtype="f4")),))
    (tmp_path / "linear.keras").write_bytes(keras_file_of([network]))
    return Ensemble((network,))


@pytest.fixture
def strange(tmp_path):
    """A model that takes TensorFlow, in the folder: its card is known, the file need not be looked into."""
    from models.keras.backend import load_backend

    keras, _ = load_backend()
    inputs = keras.Input((2,))
    bent = keras.layers.Lambda(lambda x: x - 0.05 * x * x, output_shape=(2,))(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, use_bias=False)(bent))
    model.set_weights([np.array([[2.0], [-1.0]])])
    model.save(tmp_path / "strange.keras")


MAPPING = Mapping(features=(MappedColumn(name="a"), MappedColumn(name="b")), outcome=MappedColumn(name="y"))


def test_without_a_folder_there_are_none(tmp_path):
    for shelf in (OperatorModels(), OperatorModels(tmp_path / "gone", tmp_path)):
        assert shelf.names() == []
        with pytest.raises(ModelStoreError, match="MIXWRIGHT_MODELS"):
            shelf.load("plant")


def test_the_folder_goes_to_the_workers(tmp_path):
    settings = Settings.from_environment({"MIXWRIGHT_MODELS": str(tmp_path)})
    assert Settings.from_environment(settings.environment).operator_models == tmp_path
    assert Settings.from_environment(Settings.from_environment({}).environment).operator_models is None


class TestConverted:
    def test_it_runs_in_numpy_once_its_inputs_are_said(self, catalog, plane, linear):
        model = catalog.operator.load("linear")
        assert catalog.operator.names() == ["linear"] and model.reason == "" and model.card is None
        with pytest.raises(ModelFileError, match=r"or put linear\.json beside it"):
            catalog.pair(plane, ModelRef(kind="operator", name="linear"))
        card = evaluated_card(MAPPING, plane, model.n_inputs, model.converted.mean, {})
        kept = catalog.operator.save_card("linear", card)
        model_data = catalog.pair(plane, ModelRef(kind="operator", name="linear", digest=kept.digest))
        assert not model_data.is_deferred and model_data.loaded() is model_data
        np.testing.assert_allclose(model_data.predictor.predict(plane.X), plane.y, atol=1e-4)

    def test_a_side_file_says_it(self, catalog, tmp_path, linear, plane):
        (tmp_path / "linear.json").write_text(MAPPING.model_dump_json(), encoding="utf-8")
        assert catalog.operator.load("linear").side == MAPPING
        card = evaluated_card(MAPPING, plane, 2, linear.mean, {})
        (tmp_path / "linear.json").write_text(card.to_json(), encoding="utf-8")
        assert catalog.operator.load("linear").card == card

    def test_a_changed_model_is_not_the_one_of_the_run(self, catalog, plane, linear, tmp_path):
        card = evaluated_card(MAPPING, plane, 2, linear.mean, {})
        digest = catalog.operator.save_card("linear", card).digest
        other = Network(2, (Dense(np.array([[3], [-1]], dtype="f4")), Dense(np.ones((1, 1), dtype="f4"))))
        (tmp_path / "linear.keras").write_bytes(keras_file_of([other]))
        assert catalog.operator.load("linear").card is None
        (tmp_path / "linear.json").write_text(card.to_json(), encoding="utf-8")
        with pytest.raises(DatasetError, match="has changed since"):
            catalog.pair(plane, ModelRef(kind="operator", name="linear", digest=digest))


@pytest.mark.tensorflow
class TestDeferred:
    @pytest.fixture
    def deferred(self, catalog, plane, strange) -> ModelWithData:
        sent = []
        ref = DatasetRef(name="plane", digest=plane.digest)
        spec = JudgementSpec(dataset=ref, name="strange", mapping=MAPPING)
        document, artifact = judge(spec.model_dump_json(), JobContext("job", catalog, sent.append))
        assert artifact is None and sent
        card = ModelCard.from_json(document)
        self.digest = catalog.operator.save_card("strange", card).digest
        return catalog.pair(plane, ModelRef(kind="operator", name="strange", digest=self.digest))

    def test_it_says_why_it_cannot_be_converted_and_is_searched_once_loaded(self, catalog, plane, deferred):
        assert "type 'Lambda' cannot be read" in catalog.operator.load("strange").reason
        assert deferred.is_deferred and deferred.predictor.feature_names == ("a", "b")
        with pytest.raises(ModelNotLoadedError):
            deferred.predictor.predict(plane.X)
        ref = ModelRef(kind="operator", name="strange", digest=self.digest)
        spec = default_spec(deferred, plane, ref).revised(budget=BudgetSpec(evaluations=1_500), n_results=2)
        problem = build_problem(spec, deferred)
        seconds = time_evaluation(problem, spec.method)
        assert np.isnan(seconds) and "shows when it runs" in duration_words(seconds)
        assert recorded_objective(spec, deferred)[2] == plane.y.max()
        result = run_spec(spec, deferred).result
        a, b = result.results.X[0]
        # the model bends where the table is a plane: what it misses there is added to it
        assert deferred.has_confidence and spec.risk_aversion > 0
        assert result.results.outcomes[0] == pytest.approx(2 * a - b, rel=0.02)
        assert result.results.outcomes[0] > 0.95 * (2 * plane.X[:, 0].max())
        assert result.results.lows[0] < result.results.outcomes[0] < result.results.highs[0]

    def test_a_mapping_to_other_columns_says_what_the_model_takes(self, catalog, plane, strange):
        one = Mapping(features=(MappedColumn(name="a"),), outcome=MappedColumn(name="y"))
        spec = JudgementSpec(dataset=DatasetRef(name="plane", digest=plane.digest), name="strange", mapping=one)
        with pytest.raises(ModelFileError, match=r"maps \(None, 2\) to \(None, 1\); expected \(None, 1\)"):
            judge(spec.model_dump_json(), JobContext("job", catalog, lambda message: None))


def test_a_run_with_a_python_function_cannot_be_opened_without_it(catalog, plane):
    with pytest.raises(DatasetError, match="run it from Python"):
        catalog.pair(plane, ModelRef(kind="callable", name="simulator"))


def test_a_function_of_some_columns(plane):
    model_data = ModelWithData.of_callable(plane, lambda X: X[:, 0] ** 2, features=["b"])
    assert model_data.dataset.feature_names == ("b",)
    np.testing.assert_array_equal(model_data.predictor.predict(model_data.dataset.X), plane.X[:, 1] ** 2)
    with pytest.raises(DatasetError, match="no feature 'c'"):
        ModelWithData.of_callable(plane, len, features=["c"])


def test_a_judgement_goes_to_the_worker_that_has_tensorflow():
    assert JobKind.JUDGEMENT.worker is JobKind.TRAINING.worker is JobKind.TRAINING


def test_a_python_function_is_corrected_by_what_it_misses(plane):
    wrong = ModelWithData.of_callable(plane, lambda X: 2 * X[:, 0])  # knows nothing of b
    assert not wrong.has_confidence
    mended = wrong.corrected()
    assert mended.has_confidence and mended.confidence is not None
    np.testing.assert_allclose(mended.predictor.predict(plane.X), plane.y, atol=0.1)
    interval = mended.confidence.predict_interval(plane.X)
    assert ((interval.low <= plane.y) & (plane.y <= interval.high)).mean() > 0.9
    spec = default_spec(mended, plane, ModelRef(kind="callable", name="mended")).revised(n_results=2)
    found = run_spec(spec.revised(budget=BudgetSpec(evaluations=1_500)), mended).result.results
    assert found.outcomes[0] > 0.9 * (2 * plane.X[:, 0].max() - plane.X[:, 1].min())
    assert found.lows[0] < found.outcomes[0] < found.highs[0]


def test_a_python_function_is_asked_once_for_every_row_to_be_corrected(plane):
    asked = []

    def slow(X):
        asked.append(len(X))
        return 2 * X[:, 0]

    ModelWithData.of_callable(plane, slow).corrected()
    assert asked == [plane.n_rows]
