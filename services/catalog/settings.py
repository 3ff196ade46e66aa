"""Where things are kept, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.specs.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


class SettingsError(UserError, ValueError):
    """An environment variable cannot be used; the text says how to mend it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders and limits of one installation.

    Attributes:
        home: what users make: runs and uploaded tables. ``MIXWRIGHT_HOME``, by default ``.mixwright``.
        database: SQLAlchemy URL of the run store. ``MIXWRIGHT_DATABASE``, by default SQLite in ``home``.
        saved_models: models that ship and that users save. ``MIXWRIGHT_SAVED_MODELS``, by default ``models/saved``.
        n_parallel: runs at once. ``MIXWRIGHT_PARALLEL``, by default one less than there are cores.
        is_training_warm: a worker with TensorFlow loaded waits for the first training. ``MIXWRIGHT_WARM_TRAINING=0``
            saves its 700 MB of memory; the first training then waits for the import.
        n_processes: searches of one job at once, where a job is several: a tuning, a comparison of methods.
            ``MIXWRIGHT_LANES``, by default as many as there are cores; all but one run at a low priority.
        operator_models: folder of Keras models that are trusted and run as they are, or None. ``MIXWRIGHT_MODELS``;
            whoever can write there can run code on this server.
    """

    home: Path
    database: str
    saved_models: Path
    shipped_data: Path
    n_parallel: int
    is_training_warm: bool = True
    operator_models: Path | None = None
    n_processes: int = 1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings of this process.

        Raises:
            SettingsError: ``MIXWRIGHT_PARALLEL`` or ``MIXWRIGHT_LANES`` is no whole number above 0.
        """
        given = os.environ if environment is None else environment
        home = Path(given.get("MIXWRIGHT_HOME") or ROOT / ".mixwright").resolve()
        n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 2
        return cls(
            home=home,
            database=given.get("MIXWRIGHT_DATABASE") or f"sqlite:///{home / 'runs.sqlite'}",
            saved_models=Path(given.get("MIXWRIGHT_SAVED_MODELS") or ROOT / "models" / "saved").resolve(),
            shipped_data=ROOT / "data",
            n_parallel=_number(given, "MIXWRIGHT_PARALLEL", max(1, n_cores - 1)),
            is_training_warm=given.get("MIXWRIGHT_WARM_TRAINING") != "0",
            operator_models=Path(given["MIXWRIGHT_MODELS"]).resolve() if given.get("MIXWRIGHT_MODELS") else None,
            n_processes=_number(given, "MIXWRIGHT_LANES", n_cores),
        )

    @property
    def environment(self) -> dict[str, str]:
        """What gives another process these settings, paths absolute."""
        return {
            "MIXWRIGHT_HOME": str(self.home.resolve()),
            "MIXWRIGHT_DATABASE": self.database,
            "MIXWRIGHT_SAVED_MODELS": str(self.saved_models.resolve()),
            "MIXWRIGHT_PARALLEL": str(self.n_parallel),
            "MIXWRIGHT_LANES": str(self.n_processes),
            "MIXWRIGHT_WARM_TRAINING": str(int(self.is_training_warm)),
            "MIXWRIGHT_MODELS": str(self.operator_models.resolve()) if self.operator_models else "",
        }

    @property
    def saved_datasets(self) -> Path:
        """Folder of the tables that users uploaded."""
        return self.home / "datasets"

    @property
    def operator_cards(self) -> Path:
        """Folder of what users said about the inputs of the operator's models."""
        return self.home / "operator"


def _number(given: Mapping[str, str], name: str, usual: int) -> int:
    words = given.get(name) or str(usual)
    if not words.isdecimal() or int(words) < 1:
        raise SettingsError(f"{name} must be a whole number above 0, got '{words}'.")
    return int(words)
