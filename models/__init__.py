"""Dataset to trained model to saved model to predictor. TensorFlow and scikit-learn are imported by training alone."""

from models.cards.card import ModelCard, TrainedModel
from models.cards.settings import (
    FAMILIES,
    AutomaticSettings,
    BoostingSettings,
    Family,
    ForestSettings,
    GaussianProcessSettings,
    OutcomeScale,
    QuadraticSettings,
    Smoothness,
    TrainingSettings,
)
from models.data.dataset import Column, ColumnKind, Dataset, OtherOutcome
from models.data.encoding import Encoding
from models.data.limits import PhysicalLimits
from models.data.metrics import score
from models.errors import DatasetError, FormulaError, ModelFileError, ModelMismatchError, ModelStoreError, TrainingError
from models.formulas.outcomes import FormulaOutcome, FormulaOutcomes
from models.formulas.prices import Price, PriceTable
from models.networks.ensemble import Ensemble
from models.networks.functions import FUNCTIONS, CallablePredictor
from models.networks.graph import Graph
from models.networks.predictor import EnsemblePredictor, Predictor, UncertainPredictor
from models.store import ModelStore, SavedModel
from models.training.automatic import train_automatically
from models.training.fitting import EpochRecord
from models.training.training import train
