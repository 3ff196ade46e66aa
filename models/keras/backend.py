"""TensorFlow, loaded quietly and late: it takes seconds, and only training needs it."""

import os
from types import ModuleType


def load_backend() -> tuple[ModuleType, ModuleType]:
    """The modules keras and tensorflow, imported at the first call.

    Sets, where the environment does not, the variables that make TensorFlow quiet and its sums reproducible; they
    work only if TensorFlow was not imported before.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow

    return keras, tensorflow


def backend_versions() -> dict[str, str]:
    """The versions of what `load_backend` loads, by name."""
    keras, tensorflow = load_backend()
    return {"keras": keras.__version__, "tensorflow": tensorflow.__version__}
