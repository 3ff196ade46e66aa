"""The file of a forest, of boosted trees or of a process: plain arrays, numbers and words in skops' format, by name.

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
from models.families.process import KERNEL_WEIGHTS, Kernel, Process
from models.families.scale import LogScale
from models.families.trees import Trees, TreesPredictor

PlainPredictor = TreesPredictor | GaussianProcessPredictor
"""What answers for a family other than networks."""

MAXIMUM_BYTES = 100_000_000

_SCALE_ENDS = ("mean", "std", "low", "high")
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
        process, kernel = predictor.process, predictor.process.kernel
        content = {"kind": "gaussian_process", "smoothness": str(kernel.smoothness)}
        content |= {name: getattr(kernel, name) for name in ("scales", *KERNEL_WEIGHTS)}
        content |= {name: getattr(process, name) for name in ("rows", "weights", "ones", "mean", "mean_variance")}
        content["factor"] = process.factor[np.tril_indices(len(process.rows))]
        if predictor.log_scale is not None:
            content["log_scale"] = [getattr(predictor.log_scale, name) for name in _SCALE_ENDS]
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

    expected = "gaussian_process" if family in (Family.GAUSSIAN_PROCESS, Family.QUADRATIC) else "trees"
    try:
        content = skops_io.loads(data, trusted=[])
        kind = content.pop("kind")
        if kind == expected == "trees":
            members, baselines = content.pop("members"), content.pop("baselines")
            return TreesPredictor(encoding, Trees(**content), members, baselines)
        if kind == expected:
            scale = content.pop("log_scale", None)  # files of before have none
            log_scale = None if scale is None else LogScale(**dict(zip(_SCALE_ENDS, map(float, scale), strict=True)))
            return GaussianProcessPredictor(encoding, _process(content), log_scale)
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


def _process(found: dict[str, Any]) -> Process:
    """The process of a file; one of before has neither trend nor noise beside its factor, and a mean of 0."""
    n = len(found["rows"])
    content: dict[str, Any] = dict.fromkeys((*KERNEL_WEIGHTS, "mean", "mean_variance"), 0.0)
    content |= {"ones": np.zeros(n)} | found
    factor = np.zeros((n, n))
    factor[np.tril_indices(n)] = content.pop("factor")
    weights = {name: float(content.pop(name)) for name in KERNEL_WEIGHTS}
    kernel = Kernel(Smoothness(content.pop("smoothness")), content.pop("scales"), **weights)
    return Process(kernel, factor=factor, **content)
