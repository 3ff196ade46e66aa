"""The file of a model that scikit-learn trained: what is in it, and the predictor that it makes."""

import numpy as np

from models.cards.families import Family, Smoothness
from models.data.encoding import Encoding
from models.errors import ModelFileError
from models.families.gaussian import MAXIMUM_ROWS, GaussianProcessPredictor
from models.families.skops_file import Content, read_skops, write_skops
from models.families.trees import Trees, TreesPredictor

PlainPredictor = TreesPredictor | GaussianProcessPredictor
"""What answers for a family that scikit-learn trained, with nothing of scikit-learn in its file."""

TREE_FAMILIES = (Family.RANDOM_FOREST, Family.BOOSTING)

_TREES = {
    "starts": ("<i8", 1),
    "left": ("<i4", 1),
    "right": ("<i4", 1),
    "inputs": ("<i4", 1),
    "thresholds": ("<f8", 1),
    "values": ("<f8", 1),
    "members": ("<i8", 1),
    "baselines": ("<f8", 1),
}
_PROCESS = {"scales": ("<f8", 1), "rows": ("<f8", 2), "weights": ("<f8", 1), "factor": ("<f8", 1)}
"""Type and number of axes of each array in a file."""


def artifact_of(predictor: PlainPredictor) -> bytes:
    """Return the .skops file of a predictor; `predictor_from` makes the same of it, to the bit."""
    if isinstance(predictor, TreesPredictor):
        trees = predictor.trees
        arrays = {name: getattr(trees if hasattr(trees, name) else predictor, name) for name in _TREES}
        about: Content = {"kind": "trees", "n_inputs": trees.n_inputs}
        return write_skops(about | _typed(arrays, _TREES))
    lower = predictor.factor[np.tril_indices(len(predictor.rows))]
    arrays = {name: getattr(predictor, name) for name in _PROCESS} | {"factor": lower}
    about = {"kind": "gaussian_process", "smoothness": str(predictor.smoothness), "variance": float(predictor.variance)}
    return write_skops(about | _typed(arrays, _PROCESS))


def _typed(arrays: dict[str, np.ndarray], kinds: dict[str, tuple[str, int]]) -> Content:
    """Return arrays in the types that a file has."""
    return {name: np.ascontiguousarray(array, dtype=kinds[name][0]) for name, array in arrays.items()}


def predictor_from(data: bytes, encoding: Encoding, family: Family) -> PlainPredictor:
    """Return what answers, given the bytes of a .skops file, which are not trusted, and the card's encoding and family.

    Raises:
        ModelFileError: the file is unusable, or belongs to another card.
    """
    content = read_skops(data)
    expected = "trees" if family in TREE_FAMILIES else "gaussian_process"
    if content.get("kind") != expected:
        raise ModelFileError(
            f"The .json side file tells of a {family.words.label.lower()}, the .skops file holds "
            f"'{str(content.get('kind'))[:60]}': bring the two files that were saved together."
        )
    return _trees_from(content, encoding) if expected == "trees" else _process_from(content, encoding)


def _arrays(content: Content, kinds: dict[str, tuple[str, int]]) -> dict[str, np.ndarray]:
    """Return the arrays that a file has to hold.

    Raises:
        ModelFileError: one is lacking, or of another type.
    """
    arrays = {name: array for name, array in content.items() if isinstance(array, np.ndarray)}
    if {name: (array.dtype.str, array.ndim) for name, array in arrays.items()} != kinds:
        raise ModelFileError(
            f"The .skops file has to hold the arrays {', '.join(kinds)}; it holds {', '.join(sorted(arrays)[:20])}, or "
            "of other types: train the model anew."
        )
    return arrays


def _trees_from(content: Content, encoding: Encoding) -> TreesPredictor:
    """Return the forest, or the boosted trees, that a file holds."""
    arrays = _arrays(content, _TREES)
    members, baselines, n_inputs = arrays.pop("members"), arrays.pop("baselines"), content.get("n_inputs")
    if not isinstance(n_inputs, int):
        raise ModelFileError("The .skops file does not say how many inputs its trees take: train the model anew.")
    return TreesPredictor(encoding, Trees(**arrays, n_inputs=n_inputs), members, baselines)


def _process_from(content: Content, encoding: Encoding) -> GaussianProcessPredictor:
    """Return the Gaussian process that a file holds."""
    arrays = _arrays(content, _PROCESS)
    smoothness, variance, m = content.get("smoothness"), content.get("variance"), len(arrays["rows"])
    if not isinstance(smoothness, str) or smoothness not in list(Smoothness) or not isinstance(variance, float):
        raise ModelFileError("The .skops file's kernel is none that we know: train the model anew.")
    if m > MAXIMUM_ROWS or arrays["factor"].shape != (m * (m + 1) // 2,):
        raise ModelFileError(f"The .skops file's arrays do not fit its {m:,} rows: train the model anew.")
    factor = np.zeros((m, m))
    factor[np.tril_indices(m)] = arrays.pop("factor")
    return GaussianProcessPredictor(encoding, Smoothness(smoothness), variance=variance, factor=factor, **arrays)
