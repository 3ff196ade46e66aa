"""Which chains a functional Keras model consists of: who feeds whom, as its configuration says."""

from typing import Any

from models.errors import ModelFileError
from models.keras.layers import MAXIMUM_LAYERS, LayerEntry, short

MAXIMUM_CHAINS = 64
MAXIMUM_GRAPH_LAYERS = 640

_FORM = (
    "A Functional model can be read if its layers form one chain from one input to one output, or several chains from "
    "one input whose outputs an Average layer takes together at the end"
)


def chains_of(entries: list[LayerEntry], settings: dict[str, Any]) -> tuple[LayerEntry, list[list[LayerEntry]]]:
    """Return the input layer, and the layers after it of each chain, in order.

    Args:
        entries: all layers of the model.
        settings: of the model, which name its input and its output.

    Raises:
        ModelFileError: the layers form no chain, and not several chains that are averaged.
    """
    by_name: dict[str, LayerEntry] = {}
    for entry in entries:
        if not isinstance(entry.name, str) or entry.name in by_name:
            raise ModelFileError(f"Every layer of a Functional model needs a name of its own; got {short(entry.name)}.")
        by_name[entry.name] = entry
    first = by_name.get(_end(settings.get("input_layers"), "input"))
    last = by_name.get(_end(settings.get("output_layers"), "output"))
    if first is None or last is None:
        raise ModelFileError("The Functional model names an input or an output that is none of its layers.")
    left = {name: entry for name, entry in by_name.items() if entry is not first}
    ends = [str(last.name)]
    if last.kind == "Average":
        del left[str(last.name)]
        ends = _feeding(last)
        if not 2 <= len(ends) <= MAXIMUM_CHAINS:
            raise ModelFileError(f"An Average may take 2 to {MAXIMUM_CHAINS} chains; this one takes {len(ends)}.")
    chains = [_chain(end, left, first) for end in ends]
    if left:
        raise ModelFileError(f"{_FORM}; in this one, '{short(next(iter(left)))}' is in none of them.")
    return first, chains


def _chain(end: str, left: dict[str, LayerEntry], first: LayerEntry) -> list[LayerEntry]:
    """Return the layers that lead to one output, after the input; they are taken out of those that are left."""
    chain: list[LayerEntry] = []
    name = end
    while name != first.name:
        entry = left.pop(name, None)
        if entry is None:
            raise ModelFileError(f"{_FORM}; in this one, '{short(name)}' feeds two layers, or is absent.")
        feeding = _feeding(entry)
        if len(feeding) != 1 or entry.kind == "Average" or len(chain) == MAXIMUM_LAYERS:
            raise ModelFileError(
                f"{_FORM}; in this one, '{short(name)}' takes several values, or its chain has more than "
                f"{MAXIMUM_LAYERS} layers."
            )
        chain.append(entry)
        name = feeding[0]
    return chain[::-1]


def _feeding(entry: LayerEntry) -> list[str]:
    """Return the names of the layers that a layer takes its values from.

    Written is [{"args": [tensor], "kwargs": {...}}], or [[tensor, tensor, ...]] as the arguments of an Average.
    """
    nodes = entry.inbound
    if not isinstance(nodes, list) or len(nodes) != 1 or not isinstance(nodes[0], dict):
        raise ModelFileError(f"{_FORM}; in this one, '{short(entry.name)}' is used more than once, or by nobody.")
    given, options = nodes[0].get("args"), nodes[0].get("kwargs")
    if not isinstance(options, dict) or any(options.get(key) not in (None, False) for key in options):
        raise ModelFileError(f"The layer '{short(entry.name)}' is called with options; call it with its input alone.")
    if isinstance(given, list) and len(given) == 1:
        tensors = given[0] if entry.kind == "Average" else given
        if isinstance(tensors, list):
            return [_name_of(tensor) for tensor in tensors]
    raise ModelFileError(f"{_FORM}; in this one, '{short(entry.name)}' takes something else.")


def _name_of(tensor: object) -> str:
    """Return the name of the layer whose only output a tensor is."""
    config = tensor.get("config") if isinstance(tensor, dict) else None
    history = config.get("keras_history") if isinstance(config, dict) else None
    is_tensor = isinstance(tensor, dict) and tensor.get("class_name") == "__keras_tensor__"
    if not is_tensor or not isinstance(history, list) or len(history) != 3 or history[1:] != [0, 0]:
        raise ModelFileError(f"{_FORM}; this one passes something else between its layers.")
    return str(history[0])


def _end(given: object, what: str) -> str:
    """Return the name of the only input or output layer, written ["name", 0, 0] or [["name", 0, 0]]."""
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    if not isinstance(given, list) or len(given) != 3 or not isinstance(given[0], str) or given[1:] != [0, 0]:
        raise ModelFileError(f"The model has to have one {what}, a single one: it takes rows and predicts an outcome.")
    return given[0]
