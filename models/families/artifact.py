"""The file of a model that scikit-learn trained: plain arrays, numbers and words in skops' format, by name.

Such a file is only ever one that this installation wrote. skops builds no type that it does not know as safe, and
nothing is unpickled.
"""

import zipfile
from typing import Any

import numpy as np

from models.cards.settings import Family, Smoothness
from models.data.encoding import Encoding
from models.errors import ModelFileError
from models.families.gaussian import GaussianProcessPredictor
from models.families.trees import Trees, TreesPredictor

PlainPredictor = TreesPredictor | GaussianProcessPredictor
"""What answers for a family that scikit-learn trained, with nothing of scikit-learn in its file."""

MAXIMUM_BYTES = 100_000_000

_NODE_ARRAYS = ("starts", "left", "right", "inputs", "thresholds", "values")


def artifact_of(predictor: PlainPredictor) -> bytes:
    """The .skops file of a predictor; `predictor_from` makes the same of it, to the bit.

    Raises:
        ModelFileError: it is larger than would be read again.
    """
    from skops import io as skops_io

    content: dict[str, Any]
    if isinstance(predictor, TreesPredictor):
        content = {"kind": "trees", "n_inputs": predictor.trees.n_inputs}
        content |= {name: getattr(predictor.trees, name) for name in _NODE_ARRAYS}
        content |= {"members": predictor.members, "baselines": predictor.baselines}
    else:
        content = {"kind": "gaussian_process", "smoothness": str(predictor.smoothness), "variance": predictor.variance}
        content |= {name: getattr(predictor, name) for name in ("scales", "rows", "weights")}
        content["factor"] = predictor.factor[np.tril_indices(len(predictor.rows))]
    data: bytes = skops_io.dumps(content, compression=zipfile.ZIP_DEFLATED, compresslevel=6)
    if len(data) > MAXIMUM_BYTES:
        raise ModelFileError(
            f"The model takes {len(data):,} bytes; at most {MAXIMUM_BYTES:,} can be stored. Train it with fewer trees, "
            "members or rows."
        )
    return data


def predictor_from(data: bytes, encoding: Encoding, family: Family) -> PlainPredictor:
    """What answers, given the bytes of a .skops file, and the card's encoding and family.

    Raises:
        ModelFileError: the file is damaged, or belongs to another card.
    """
    from skops import io as skops_io

    expected = "gaussian_process" if family is Family.GAUSSIAN_PROCESS else "trees"
    try:
        content = skops_io.loads(data, trusted=[])
        kind = content.pop("kind")
        if kind == expected == "trees":
            members, baselines = content.pop("members"), content.pop("baselines")
            return TreesPredictor(encoding, Trees(**content), members, baselines)
        if kind == expected:
            n = len(content["rows"])
            factor = np.zeros((n, n))
            factor[np.tril_indices(n)] = content.pop("factor")
            smoothness = Smoothness(content.pop("smoothness"))
            return GaussianProcessPredictor(encoding, smoothness, factor=factor, **content)
    except ModelFileError:
        raise
    except Exception as error:  # zipfile, json, NumPy and skops each raise kinds of their own on damaged bytes
        raise ModelFileError(
            f"The .skops file cannot be read ({type(error).__name__}): it is damaged, or none of ours. Train the model "
            "anew, or restore the file."
        ) from None
    raise ModelFileError(
        f"The .json side file tells of a {family.words.label.lower()}, the .skops file holds '{str(kind)[:60]}': bring "
        "the two files that were saved together."
    )
