"""Any Keras model as a predictor, run by TensorFlow itself: for models whose origin is trusted.

Loading such a file runs what the file says. It is done for the operator's own folder alone, and in worker processes.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from models.data.encoding import Encoding
from models.errors import ModelFileError
from models.keras.backend import load_backend
from models.networks.predictor import EncodedPredictor, as_rows

BLOCKS = (32, 256, 2048)
"""Rows that go through the model at once: blocks are filled up to one of these sizes, so that it is traced thrice."""


class ModelNotLoadedError(ModelFileError):
    """A model that only a worker loads was asked elsewhere."""


@dataclass(frozen=True, eq=False)
class KerasModelFile(EncodedPredictor):
    """A trusted .keras file that is not loaded yet."""

    path: Path
    encoding: Encoding

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Raise ModelNotLoadedError: the model answers where it was loaded."""
        raise ModelNotLoadedError(
            f"The model '{self.path.stem}' runs in TensorFlow, which the pages never load: its predictions are made "
            "when a search runs."
        )

    def loaded(self) -> "KerasPredictor":
        """The model, loaded; it knows its slopes where TensorFlow does.

        Raises:
            ModelFileError: Keras cannot load it, or it does not map (n, d) to (n, 1).
        """
        model = _load(self.path)
        _check_shapes(model, self.encoding.n_inputs, self.path.stem)
        predictor = KerasGradientPredictor(self.encoding, model)
        try:
            predictor.outputs(np.zeros((1, self.encoding.n_inputs), dtype=np.float32))
        except Exception as error:  # whatever its layers raise
            raise ModelFileError(
                f"The operator's model '{self.path.stem}' was loaded and cannot be run ({type(error).__name__}). A "
                "Lambda layer may use nothing from outside itself; save the model with layers that Keras knows."
            ) from error
        return predictor if predictor.has_gradient else KerasPredictor(self.encoding, model)


@dataclass(frozen=True, eq=False)
class KerasPredictor(EncodedPredictor):
    """A loaded Keras model with the encoding of its rows, run through one compiled ``tf.function``."""

    encoding: Encoding
    model: Any

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The outcomes (n,) as `Predictor` has them."""
        rows = as_rows(X, len(self.encoding.features))
        return self.encoding.decode_outcome(self.outputs(self.encoding.encode(rows)))

    def outputs(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs (n,) float32 of the model for its inputs (n, p) float32; NaN where one is missing."""
        outputs = np.empty(len(inputs), dtype=np.float32)
        for start, block, n in _blocks(inputs):
            outputs[start : start + n] = self._forward(block).numpy()[:n]
        outputs[np.isnan(inputs).any(axis=1)] = np.nan
        return outputs

    @cached_property
    def _forward(self) -> Any:
        """The compiled model, from a block (b, p) to (b,)."""
        _, tensorflow = load_backend()

        @tensorflow.function(reduce_retracing=False)
        def forward(block: Any) -> Any:
            return tensorflow.reshape(self.model(block, training=False), [-1])

        return lambda block: forward(tensorflow.constant(block))


class KerasGradientPredictor(KerasPredictor):
    """A loaded Keras model that TensorFlow can differentiate."""

    @cached_property
    def has_gradient(self) -> bool:
        """Whether the outcome's slopes by the inputs are known at all."""
        try:
            self._backward(np.zeros((BLOCKS[0], self.encoding.n_inputs), dtype=np.float32))
        except Exception:  # a layer without a gradient, or one that cuts it off: they raise several types
            return False
        return True

    def predict_with_gradient(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict` and their gradients (n, d) as `GradientPredictor` has them."""
        inputs = self.encoding.encode(as_rows(X, len(self.encoding.features)))
        outputs, slopes = np.empty(len(inputs), dtype=np.float32), np.empty(inputs.shape, dtype=np.float32)
        for start, block, n in _blocks(inputs):
            values, gradients = self._backward(block)
            outputs[start : start + n], slopes[start : start + n] = values.numpy()[:n], gradients.numpy()[:n]
        outputs[np.isnan(inputs).any(axis=1)] = np.nan
        outcomes = self.encoding.decode_outcome(outputs)
        return outcomes, self._gradient(slopes, outcomes)

    @cached_property
    def _backward(self) -> Any:
        """The compiled model and its slopes, from a block (b, p) to (b,) and (b, p)."""
        _, tensorflow = load_backend()

        @tensorflow.function(reduce_retracing=False)
        def backward(block: Any) -> Any:
            with tensorflow.GradientTape() as tape:
                tape.watch(block)
                outputs = tensorflow.reshape(self.model(block, training=False), [-1])
            slopes = tape.gradient(outputs, block)
            if slopes is None:
                raise ValueError("The outcome does not depend on the inputs in a way that has slopes.")
            return outputs, tensorflow.convert_to_tensor(slopes)

        return lambda block: backward(tensorflow.constant(block))


def _blocks(inputs: np.ndarray) -> Any:
    """Give (start, block, n) of inputs (n, p): blocks of a few fixed sizes, the first n rows of which are meant.

    What fills a block up, and rows with a missing value, are zeros: a model never sees NaN.
    """
    for start in range(0, len(inputs), BLOCKS[-1]):
        rows = inputs[start : start + BLOCKS[-1]]
        block = np.zeros((next(size for size in BLOCKS if len(rows) <= size), inputs.shape[1]), dtype=np.float32)
        block[: len(rows)] = np.nan_to_num(rows, nan=0.0)
        yield start, block, len(rows)


def _load(path: Path) -> Any:
    keras, _ = load_backend()
    try:
        return keras.models.load_model(path, compile=False, safe_mode=False)
    except Exception as error:  # whatever its layers raise
        raise ModelFileError(
            f"Keras cannot load the operator's model '{path.stem}' ({type(error).__name__}: {str(error)[:300]}). "
            "Models with layers of one's own have to be saved with layers that Keras knows."
        ) from error


def _check_shapes(model: Any, n_inputs: int, name: str) -> None:
    """Raise ModelFileError unless the model maps (n, n_inputs) to (n, 1)."""
    taken, given = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if (taken, given) != ((None, n_inputs), (None, 1)):
        raise ModelFileError(
            f"The operator's model '{name}' maps {taken} to {given}; expected (None, {n_inputs}), one input per number "
            "and category of the chosen columns, to (None, 1), the outcome."
        )
