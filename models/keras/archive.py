"""The members of a .keras file that nobody trusts, its numbers and its settings, each checked before it is used."""

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import ModelFileError

if TYPE_CHECKING:
    import h5py

MAXIMUM_BYTES = 20_000_000
MAXIMUM_CONFIG_BYTES = 1_000_000
MAXIMUM_WIDTH = 4096

OLDER = b"\x89HDF\r\n\x1a\n"
"""What an .h5 file begins with."""

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
_MEMBERS = {CONFIG: MAXIMUM_CONFIG_BYTES, "metadata.json": MAXIMUM_CONFIG_BYTES, WEIGHTS: 64_000_000}
"""What the archive holds, and how many bytes of each at most."""

_VOCABULARY = re.compile(r"assets/layers/((?:string|integer)_lookup(?:_\d{1,3})?)/vocabulary\.txt")
_MAXIMUM_VOCABULARIES = 64


def unpacked(data: bytes) -> dict[str, bytes]:
    """The members of an archive by name, each within its limit.

    Raises:
        ModelFileError: it is no .keras file, or holds anything that such a file does not.
    """
    if len(data) > MAXIMUM_BYTES:
        raise ModelFileError(f"The file has {len(data):,} bytes; a model file may have at most {MAXIMUM_BYTES:,}.")
    if not data.startswith(b"PK\x03\x04"):
        raise ModelFileError(
            "The file is no .keras file, and no .h5 file (it does not begin like one). Save the model with "
            "model.save('name.keras'). A SavedModel folder becomes a file by: import tf_keras; "
            "tf_keras.models.load_model('folder').save('name.h5')."
        )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        names = sorted(info.filename for info in infos if not _VOCABULARY.fullmatch(info.filename))
        if names != sorted(_MEMBERS) or len(infos) > len(_MEMBERS) + _MAXIMUM_VOCABULARIES:
            shown = ", ".join(repr(name[:60]) for name in names[:6]) or "nothing"
            raise ModelFileError(f"A .keras file holds exactly {', '.join(_MEMBERS)}; this one holds {shown}.")
        return {info.filename: _read_member(archive, info) for info in infos}


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of one member, whatever it declares never more than its limit."""
    limit = _MEMBERS.get(info.filename, MAXIMUM_CONFIG_BYTES)
    if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ModelFileError(
            f"'{info.filename}' inside the file is encrypted or packed in a way that Keras never uses."
        )
    if info.file_size > limit:
        raise ModelFileError(f"'{info.filename}' inside the file declares {info.file_size:,} bytes; at most {limit:,}.")
    with archive.open(info) as member:
        content = member.read(limit + 1)
    if len(content) > limit:
        raise ModelFileError(f"'{info.filename}' inside the file has more than {limit:,} bytes.")
    return content


def config_of(members: dict[str, bytes]) -> dict[str, Any]:
    """The parsed configuration.

    Raises:
        ModelFileError: it is no JSON object.
    """
    config = json.loads(members[CONFIG])
    if not isinstance(config, dict):
        raise ModelFileError("The model's configuration is no JSON object.")
    return config


def vocabulary_of(members: dict[str, bytes], group: str) -> list[str] | None:
    """The words of a lookup layer that learned them, those for unknown words first; None where none are kept."""
    content = members.get(f"assets/layers/{group}/vocabulary.txt")
    return None if content is None else content.decode().split("\n")


class Weights:
    """The weights of a model, opened by hard links alone and checked before a byte of them is allocated."""

    def __init__(self, file: "h5py.File") -> None:
        self._file = file

    def read(self, layer: str, group: str, index: int, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """One weight as float32.

        Args:
            layer: its name in the model.
            group: where Keras 3 keeps what its class has learned.
            index: place of the weight in the layer.
            name: of the weight, for messages.

        Raises:
            ModelFileError: it is not there, has another shape or type, or numbers that are none.
        """
        import h5py

        where = f"the {name} of layer '{group}'"
        node: h5py.Group | h5py.Dataset = self._file
        for key in self._path(layer, group, index):
            if not isinstance(node, h5py.Group) or not isinstance(node.get(key, getlink=True), h5py.HardLink):
                raise ModelFileError(f"The file does not hold {where} itself.")
            node = node[key]
        if not isinstance(node, h5py.Dataset) or node.is_virtual or node.external or node.chunks is not None:
            raise ModelFileError(f"In the file, {where} is not stored as plain numbers.")
        if node.dtype != np.dtype("<f4") or node.shape != shape:
            raise ModelFileError(
                f"Expected {where} as float32 of shape {shape}; the file declares {node.dtype} {node.shape}."
            )
        values = node[()]
        if not np.isfinite(values).all():
            raise ModelFileError(
                f"In the file, {where} has missing or infinite values: the training of the model failed."
            )
        return np.ascontiguousarray(values, dtype=np.float32)

    def _path(self, layer: str, group: str, index: int) -> list[str]:
        return ["layers", group, "vars", str(index)]


class OlderWeights(Weights):
    """The weights in an .h5 file, as Keras 2 wrote all of a model: by the names of layers, which list their weights."""

    def _path(self, layer: str, group: str, index: int) -> list[str]:
        import h5py

        every = self._file.get("model_weights")
        own = every.get(layer) if isinstance(every, h5py.Group) and "/" not in layer else None
        if not isinstance(own, h5py.Group) or "weight_names" not in own.attrs:
            return ["model_weights", layer]
        names = own.attrs["weight_names"]
        if not index < len(names):
            return ["model_weights", layer, ""]
        name = names[index].decode() if isinstance(names[index], bytes) else str(names[index])
        return ["model_weights", layer, *name.split("/")]


def older_config_of(file: "h5py.File") -> dict[str, Any]:
    """The parsed configuration of an .h5 file.

    Raises:
        ModelFileError: it holds weights alone, or something else.
    """
    text = file.attrs.get("model_config")
    if not isinstance(text, str | bytes) or len(text) > MAXIMUM_CONFIG_BYTES:
        raise ModelFileError(
            "The .h5 file holds no whole model, perhaps weights alone: save it anew with model.save('name.keras')."
        )
    config = json.loads(text)
    if not isinstance(config, dict):
        raise ModelFileError("The model's configuration is no JSON object.")
    return config


def as_object(given: object, what: str) -> dict[str, Any]:
    """A JSON object; ``what`` it describes is named in the ModelFileError where it is none."""
    if not isinstance(given, dict):
        raise ModelFileError(f"The configuration of the {what} is no JSON object.")
    return given


def whole(given: object, what: str) -> int:
    """A number of inputs, units or words, from 1 to the widest; else a ModelFileError."""
    if type(given) is not int or not 1 <= given <= MAXIMUM_WIDTH:
        raise ModelFileError(f"The {what} of a layer has to be from 1 to {MAXIMUM_WIDTH:,}; got {short(given)}.")
    return given


def number(given: object, what: str, low: float = -1e30, high: float = 1e30) -> float:
    """A number between two others; else a ModelFileError."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not low <= given <= high:
        raise ModelFileError(f"The {what} has to be a number between {low:g} and {high:g}; got {short(given)}.")
    return float(given)


def numbers(given: object, what: str, width: int) -> np.ndarray:
    """(width,) float32 of a number, or of a list of so many; else a ModelFileError."""
    if isinstance(given, list):
        while len(given) == 1 and isinstance(given[0], list):  # written with the axes that it is spread over
            given = given[0]
        if len(given) not in (1, width):
            raise ModelFileError(f"The {what} has {len(given)} numbers, expected {width}.")
        return np.resize(np.array([number(each, what) for each in given], dtype=np.float32), width)
    return np.full(width, number(given, what), dtype=np.float32)


def flag(settings: dict[str, Any], name: str, *, default: bool = True) -> bool:
    """A setting that is true or false; else a ModelFileError."""
    given = settings.get(name, default)
    if not isinstance(given, bool):
        raise ModelFileError(f"'{name}' has to be true or false; got {short(given)}.")
    return given


def short(given: object) -> str:
    """A foreign value as a text that fits a message."""
    return str(given)[:60] if isinstance(given, str | int | float | None) else type(given).__name__
