"""Which Mixwright this is: its version, the commit of a git checkout, and the versions of what it computes with."""

import os
import platform
import subprocess
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version as version_of
from pathlib import Path

from models import Predictor
from models.intervals.residuals import CorrectedPredictor
from models.keras.operator_model import KerasPredictor
from services.catalog.settings import ROOT

_SECONDS = 10.0  # that git may take
_DIGITS = 12  # of a commit: they name one of this project's for good
_LIBRARIES = ("numpy", "scipy", "scikit-learn")
_BACKEND = ("tensorflow", "tensorflow-cpu")
"""Names under which TensorFlow is installed; both are the module `tensorflow`."""


@cache
def own_version(root: Path = ROOT) -> str:
    """Mixwright's version as pyproject.toml has it, such as "0.1.0"; "unknown" where that file is gone."""
    try:
        return str(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return "unknown"


@cache
def own_commit(root: Path = ROOT) -> str:
    """The commit of a git checkout, such as "67476add5f7c", and whether files differ from it; "" for anything else."""
    if not (root / ".git").exists():  # within somebody else's repository their commit says nothing
        return ""
    # what a hook of git sets would lead to another repository
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "--no-optional-locks", "describe", "--always", "--exclude=*", f"--abbrev={_DIGITS}", "--dirty=*"]
    try:
        told = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # no git at hand, or a checkout that it refuses
    commit = told.stdout.strip()
    return f"{commit.removesuffix('*')} with changes" if commit.endswith("*") else commit


def full_version(root: Path = ROOT) -> str:
    """Version and commit, such as "0.1.0 (commit 67476add5f7c)"."""
    commit = own_commit(root)
    return f"{own_version(root)} (commit {commit})" if commit else own_version(root)


def software_versions(predictors: Iterable[Predictor] = ()) -> dict[str, str]:
    """The versions of everything that may change a result's digits, Mixwright's own first.

    Args:
        predictors: that were asked; TensorFlow is named where one of them runs in it.
    """
    known = {"mixwright": full_version(), "python": platform.python_version()}
    known |= {name: version_of(name) for name in _LIBRARIES}
    return known | ({"tensorflow": _backend_version()} if any(map(_runs_in_backend, predictors)) else {})


def _runs_in_backend(predictor: Predictor) -> bool:
    if isinstance(predictor, CorrectedPredictor):
        return _runs_in_backend(predictor.predictor)
    return isinstance(predictor, KerasPredictor)


def _backend_version() -> str:
    """TensorFlow's version by what is installed; it is not loaded for that."""
    for name in _BACKEND:
        try:
            return version_of(name)
        except PackageNotFoundError:
            continue
    return "unknown"
