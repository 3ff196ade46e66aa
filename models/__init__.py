"""Dataset to trained model to saved model to predictor. TensorFlow and scikit-learn are imported by training alone."""

from models.cards.card import (
    FeatureCard,
    HeldOut,
    History,
    MetricsCard,
    ModelCard,
    OutcomeCard,
    TrainedModel,
    check_fits,
    missing_features,
    rows_for,
)
from models.cards.families import FAMILIES, Family, FamilyWords, Smoothness
from models.cards.settings import (
    BoostingOptions,
    BoostingSettings,
    FamilySettings,
    ForestOptions,
    ForestSettings,
    GaussianProcessOptions,
    GaussianProcessSettings,
    TrainingSettings,
)
from models.data.dataset import Column, ColumnKind, Dataset, DatasetError, decode
from models.data.encoding import Encoding
from models.data.metrics import Metrics, score
from models.data.split import MINIMUM_ROWS, Split, split_rows
from models.errors import ModelFileError, ModelMismatchError, ModelStoreError, TrainingError
from models.families.training import train_family
from models.keras.file import read_networks
from models.networks.ensemble import Ensemble
from models.networks.functions import FUNCTIONS, CallablePredictor, KnownFunction, bumps
from models.networks.network import Network
from models.networks.predictor import (
    EnsemblePredictor,
    GradientPredictor,
    Predictor,
    UncertainGradientPredictor,
    UncertainPredictor,
)
from models.networks.relu_layers import ReluLayers, relu_layers
from models.store import SHIPPED_FOLDER, SHIPPED_MODELS, ModelStore, SavedModel, read_model
from models.training.fitting import EpochRecord, Fit, fit_members
from models.training.training import train

__all__ = [
    "FAMILIES",
    "FUNCTIONS",
    "MINIMUM_ROWS",
    "SHIPPED_FOLDER",
    "SHIPPED_MODELS",
    "BoostingOptions",
    "BoostingSettings",
    "CallablePredictor",
    "Column",
    "ColumnKind",
    "Dataset",
    "DatasetError",
    "Encoding",
    "Ensemble",
    "EnsemblePredictor",
    "EpochRecord",
    "Family",
    "FamilySettings",
    "FamilyWords",
    "FeatureCard",
    "Fit",
    "ForestOptions",
    "ForestSettings",
    "GaussianProcessOptions",
    "GaussianProcessSettings",
    "GradientPredictor",
    "HeldOut",
    "History",
    "KnownFunction",
    "Metrics",
    "MetricsCard",
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
    "TrainedModel",
    "TrainingError",
    "TrainingSettings",
    "UncertainGradientPredictor",
    "UncertainPredictor",
    "bumps",
    "check_fits",
    "decode",
    "fit_members",
    "missing_features",
    "read_model",
    "read_networks",
    "relu_layers",
    "rows_for",
    "score",
    "split_rows",
    "train",
    "train_family",
]
