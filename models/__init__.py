"""Dataset to trained model to saved model to predictor. TensorFlow and scikit-learn are imported by training alone."""

from models.callable import CallablePredictor
from models.card import FeatureCard, HeldOut, History, MetricsCard, ModelCard, OutcomeCard
from models.dataset import Column, ColumnKind, Dataset, DatasetError, decode
from models.encoding import Encoding
from models.ensemble import EnsemblePredictor, predictor_of
from models.errors import ModelFileError, ModelMismatchError, ModelStoreError
from models.families import (
    FAMILIES,
    BoostingSettings,
    Family,
    FamilySettings,
    FamilyWords,
    ForestSettings,
    GaussianProcessSettings,
    Smoothness,
)
from models.families.training import train_family
from models.fitting import EpochRecord, Fit, fit_members
from models.functions import FUNCTIONS, FunctionPredictor, KnownFunction, bumps
from models.keras_file import read_network
from models.matching import check_fits, missing_features, rows_for
from models.metrics import Metrics, score
from models.network import Network
from models.predictor import (
    GradientPredictor,
    MlpPredictor,
    Predictor,
    UncertainGradientPredictor,
    UncertainPredictor,
)
from models.refit import fit_on_rows, fit_on_split
from models.relu_layers import ReluLayers, relu_layers
from models.saved_model import SavedModel, read_model
from models.settings import TrainingError, TrainingSettings
from models.split import Split, split_rows
from models.stacked import StackedNetworks
from models.store import SHIPPED_FOLDER, SHIPPED_MODELS, ModelStore
from models.trainable import MINIMUM_ROWS
from models.trained import TrainedModel
from models.training import train

__all__ = [
    "FAMILIES",
    "FUNCTIONS",
    "MINIMUM_ROWS",
    "SHIPPED_FOLDER",
    "SHIPPED_MODELS",
    "BoostingSettings",
    "CallablePredictor",
    "Column",
    "ColumnKind",
    "Dataset",
    "DatasetError",
    "Encoding",
    "EnsemblePredictor",
    "EpochRecord",
    "Family",
    "FamilySettings",
    "FamilyWords",
    "FeatureCard",
    "Fit",
    "ForestSettings",
    "FunctionPredictor",
    "GaussianProcessSettings",
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
    "Smoothness",
    "Split",
    "StackedNetworks",
    "TrainedModel",
    "TrainingError",
    "TrainingSettings",
    "UncertainGradientPredictor",
    "UncertainPredictor",
    "bumps",
    "check_fits",
    "decode",
    "fit_members",
    "fit_on_rows",
    "fit_on_split",
    "missing_features",
    "predictor_of",
    "read_model",
    "read_network",
    "relu_layers",
    "rows_for",
    "score",
    "split_rows",
    "train",
    "train_family",
]
