"""Where the weights of a training start."""

import numpy as np

from models.backend import load_backend
from models.steps import shapes_of


def first_weights(widths: tuple[int, ...], seed: int, n_members: int) -> np.ndarray:
    """Return (K, P) float32 flat weights: Glorot's uniform kernels, biases of 0.

    They depend on the seed and the member's number alone; Keras' global random state is left as it is.
    """
    return np.stack([_of_member(widths, seed, member) for member in range(n_members)])


def _of_member(widths: tuple[int, ...], seed: int, member: int) -> np.ndarray:
    """Return (P,) the first weights of one member."""
    keras, _ = load_backend()
    entropy = [seed, 1, member] if member else [seed, 1]
    seeds = iter(np.random.SeedSequence(entropy).generate_state(len(widths) - 1))

    def first(shape: tuple[int, ...]) -> np.ndarray:
        if len(shape) == 1:
            return np.zeros(shape, dtype=np.float32)
        return np.asarray(keras.initializers.GlorotUniform(seed=int(next(seeds)))(shape))

    return np.concatenate([first(shape).reshape(-1) for shape in shapes_of(widths)])
