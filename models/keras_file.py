"""Reading a .keras file as if it were hostile: no TensorFlow, nothing run, an allow-list for everything.

Keras' own loader revives whatever classes the file names and allocates what it declares. Here only plain chains of
dense layers are understood, alone or averaged: every declared size is checked before anything is allocated, and every
refusal is a ModelFileError whose text a person can read.
"""

import io
import json
import zipfile
from typing import Any

from models.errors import ModelFileError
from models.keras_plan import plan_layers
from models.keras_weights import read_chains
from models.network import Network
from models.stacked import StackedNetworks

MAXIMUM_BYTES = 20_000_000
MAXIMUM_CONFIG_BYTES = 1_000_000
MAXIMUM_WEIGHT_BYTES = 64_000_000
MAXIMUM_PARAMETERS = 5_000_000
_MEMBERS = {
    "config.json": MAXIMUM_CONFIG_BYTES,
    "metadata.json": MAXIMUM_CONFIG_BYTES,
    "model.weights.h5": MAXIMUM_WEIGHT_BYTES,
}


def read_network(data: bytes) -> Network | StackedNetworks:
    """Return the network that the bytes of a .keras file hold, or the members of an ensemble.

    Understood are chains of InputLayer, Dense, BatchNormalization, Dropout and Activation, in float32, with one output,
    written as Sequential or as Functional models; and Functional models in which several such chains of one shape begin
    at one input and end in an Average. In all there may be 5 million parameters.

    Raises:
        ModelFileError: the bytes are anything else.
    """
    try:
        config, weights = _unpack(data)
        plan = plan_layers(config)
        if plan.n_parameters > MAXIMUM_PARAMETERS:
            raise ModelFileError(
                f"The model has {plan.n_parameters:,} parameters; at most {MAXIMUM_PARAMETERS:,} are read."
            )
        networks = [Network(plan.n_inputs, layers) for layers in read_chains(weights, plan.chains)]
        return networks[0] if len(networks) == 1 else StackedNetworks(tuple(networks))
    except ModelFileError:
        raise
    except Exception as error:  # zipfile, json and h5py raise some ten types on malformed bytes
        raise ModelFileError(
            f"The file cannot be read as a Keras model ({type(error).__name__}). Save the model anew with "
            "model.save('name.keras') and upload that file."
        ) from error


def _unpack(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the parsed configuration and the bytes of the weights file."""
    if len(data) > MAXIMUM_BYTES:
        raise ModelFileError(f"The file has {len(data):,} bytes; a model file may have at most {MAXIMUM_BYTES:,}.")
    if not data.startswith(b"PK\x03\x04"):
        raise ModelFileError(
            "The file is no .keras file (it does not begin like one). Older .h5 files, pickles and folders are not "
            "read: save the model anew with model.save('name.keras')."
        )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = sorted(info.filename for info in archive.infolist())
        if names != sorted(_MEMBERS):
            shown = ", ".join(repr(name[:60]) for name in names[:6]) or "nothing"
            raise ModelFileError(f"A .keras file holds exactly {', '.join(_MEMBERS)}; this one holds {shown}.")
        contents = {info.filename: _read_member(archive, info) for info in archive.infolist()}
    config = json.loads(contents["config.json"])
    if not isinstance(config, dict):
        raise ModelFileError("The model's configuration is no JSON object.")
    return config, contents["model.weights.h5"]


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return the bytes of one member, whatever it declares never more than its limit."""
    limit = _MEMBERS[info.filename]
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
