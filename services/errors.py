"""The errors whose text is written for the user and shown as it is."""

from models import DatasetError, ModelFileError, ModelMismatchError, ModelStoreError, TrainingError
from optimizer import SpaceError
from services.runs.store import StoreError
from services.settings import SettingsError
from services.tables import TableError

USER_ERRORS = (
    DatasetError,
    ModelFileError,
    ModelMismatchError,
    ModelStoreError,
    SettingsError,
    SpaceError,
    StoreError,
    TableError,
    TrainingError,
)
