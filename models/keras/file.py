"""Reading a .keras file as if it were hostile: no TensorFlow, nothing run, an allow-list for everything."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from models.errors import ModelFileError
from models.keras.graph import MAXIMUM_GRAPH_LAYERS, chains_of
from models.keras.layers import (
    CHAIN_KINDS,
    GRAPH_KINDS,
    MAXIMUM_LAYERS,
    PlannedLayer,
    as_object,
    input_width,
    plan_chain,
    read_entries,
    short,
)
from models.keras.weights import read_chains
from models.networks.network import Network
from models.networks.stacked import StackedNetworks

_MODULES = {
    "Sequential": ("keras", "keras.src.models.sequential"),
    "Functional": ("keras", "keras.src.models.functional"),
}
"""The classes of models that are understood, and the modules that they are in."""


MAXIMUM_BYTES = 20_000_000
MAXIMUM_CONFIG_BYTES = 1_000_000
MAXIMUM_WEIGHT_BYTES = 64_000_000
MAXIMUM_PARAMETERS = 5_000_000
_MEMBERS = {
    "config.json": MAXIMUM_CONFIG_BYTES,
    "metadata.json": MAXIMUM_CONFIG_BYTES,
    "model.weights.h5": MAXIMUM_WEIGHT_BYTES,
}


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """The layers of a file, none of them allocated.

    Attributes:
        n_inputs: values per row that go into the first layer of each chain.
        chains: the layers of each, in order; the last layer of a chain has one output, and the mean of the chains is
            what the model predicts.
    """

    n_inputs: int
    chains: tuple[tuple[PlannedLayer, ...], ...]

    @property
    def n_parameters(self) -> int:
        """How many numbers the planned layers have, by arithmetic alone."""
        return sum(rows * columns for chain in self.chains for step in chain for rows, columns in step.sizes)


def plan_layers(config: dict[str, Any]) -> LayerPlan:
    """Return the plan that a parsed configuration asks for.

    Raises:
        ModelFileError: it is no chain of the known layers, and no average of several of one shape.
    """
    kind, module = config.get("class_name"), config.get("module")
    if module not in _MODULES.get(str(kind), ()) or config.get("registered_name") not in (None, kind):
        raise ModelFileError(
            "Only Sequential models, and Functional ones that are chains of layers, can be read; this one is "
            f"'{short(module)}.{short(kind)}'."
        )
    settings = as_object(config.get("config"), "model")
    if kind == "Sequential":
        entries = read_entries(settings.get("layers"), most=MAXIMUM_LAYERS, kinds=CHAIN_KINDS)
        n_inputs = input_width(entries[0])
        return LayerPlan(n_inputs, (plan_chain(entries[1:], n_inputs),))
    entries = read_entries(settings.get("layers"), most=MAXIMUM_GRAPH_LAYERS, kinds=GRAPH_KINDS)
    first, chains = chains_of(entries, settings)
    n_inputs = input_width(first)
    plan = LayerPlan(n_inputs, tuple(plan_chain(chain, n_inputs) for chain in chains))
    _check_one_shape(plan)
    return plan


def _check_one_shape(plan: LayerPlan) -> None:
    """Raise ModelFileError unless all chains have the same widths and activations."""
    shapes = [[(step.kind, step.n_out, step.activation) for step in chain] for chain in plan.chains]
    for number, shape in enumerate(shapes, start=1):
        if shape != shapes[0]:
            raise ModelFileError(
                "The chains that are averaged have to be of one shape, the same widths and activations; chain 1 is "
                f"{_in_words(plan.chains[0])}, chain {number} is {_in_words(plan.chains[number - 1])}."
            )


def _in_words(chain: tuple[PlannedLayer, ...]) -> str:
    """Return the layers of a chain as a text that fits a message."""
    words = [f"{step.kind} {step.n_out} {step.activation}" for step in chain]
    return " > ".join(words if len(words) <= 6 else [*words[:5], f"{len(words) - 5} more"])


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
