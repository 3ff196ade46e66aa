"""The errors whose text is written for the user and shown as it is, and what is said of all others."""

import logging
from dataclasses import dataclass

from models import DatasetError, ModelFileError, ModelMismatchError, ModelStoreError, TrainingError
from models.errors import FormulaError
from optimizer import SpaceError


class UserError(Exception):
    """Something that the user can mend: its text says what was expected, what came and how to mend it."""


USER_ERRORS = (
    UserError,
    DatasetError,
    FormulaError,
    ModelFileError,
    ModelMismatchError,
    ModelStoreError,
    SpaceError,
    TrainingError,
)
"""The errors whose text is shown as it is; those of models and the engine, which know no services, by name."""

log = logging.getLogger("mixwright.errors")


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be done.

    Attributes:
        words: why, for the user.
        error: what was raised, where it is written for the user.
    """

    words: str
    error: Exception | None = None


def failure_of(error: Exception) -> Failure:
    """An error as a failure; one that is no news for the user is logged with where it came from."""
    if isinstance(error, USER_ERRORS):
        return Failure(str(error), error)
    if isinstance(error, MemoryError):
        return Failure("There was not enough memory: use fewer rows, lineages or curve points.")
    log.error("something unexpected went wrong", exc_info=error)
    return Failure(f"Something unexpected went wrong ({type(error).__name__}: {error}).")
