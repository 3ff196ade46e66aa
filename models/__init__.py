"""Dataset to MLP to saved model to predictor. TensorFlow is imported by training alone."""

from models.card import FeatureCard, HeldOut, History, MetricsCard, ModelCard, OutcomeCard
from models.dataset import Column, ColumnKind, Dataset, DatasetError, decode
from models.encoding import Encoding
from models.errors import ModelFileError, ModelMismatchError, ModelStoreError
from models.fitting import EpochRecord
from models.functions import FUNCTIONS, FunctionPredictor, KnownFunction, bumps
from models.keras_file import read_network
from models.matching import check_fits, missing_features, rows_for
from models.metrics import Metrics, score
from models.network import Network
from models.predictor import GradientPredictor, MlpPredictor, Predictor
from models.relu_layers import ReluLayers, relu_layers
from models.settings import TrainingError, TrainingSettings
from models.split import Split, split_rows
from models.store import SHIPPED_FOLDER, SHIPPED_MODELS, ModelStore, SavedModel, read_model
from models.training import MINIMUM_ROWS, TrainedModel, train

__all__ = [
    "FUNCTIONS",
    "MINIMUM_ROWS",
    "SHIPPED_FOLDER",
    "SHIPPED_MODELS",
    "Column",
    "ColumnKind",
    "Dataset",
    "DatasetError",
    "Encoding",
    "EpochRecord",
    "FeatureCard",
    "FunctionPredictor",
    "GradientPredictor",
    "HeldOut",
    "History",
    "KnownFunction",
    "Metrics",
    "MetricsCard",
    "MlpPredictor",
    "ModelCard",
    "ModelFileError",
    "ModelMismatchError",
    "ModelStore",
    "ModelStoreError",
    "Network",
    "OutcomeCard",
    "Predictor",
    "ReluLayers",
    "SavedModel",
    "Split",
    "TrainedModel",
    "TrainingError",
    "TrainingSettings",
    "bumps",
    "check_fits",
    "decode",
    "missing_features",
    "read_model",
    "read_network",
    "relu_layers",
    "rows_for",
    "score",
    "split_rows",
    "train",
]
