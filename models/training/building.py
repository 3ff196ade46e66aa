"""From networks to the ordinary Keras model that is saved, and to the bytes of its file."""

import tempfile
from pathlib import Path
from typing import Any

from models.keras.backend import load_backend
from models.networks.activations import ACTIVATIONS
from models.networks.network import Dense, Network
from models.networks.stacked import StackedNetworks


def keras_model(networks: StackedNetworks) -> Any:
    """Return a Keras model that predicts what the networks do on average, with their weights.

    One member is a Sequential. Several are a functional model: one input, a chain of Dense layers for each member
    ("member_1_hidden_1" ... "member_1_outcome"), and their Average at the end.

    Raises:
        ValueError: a member has layers other than dense ones.
    """
    keras, _ = load_backend()
    inputs = keras.Input((networks.n_inputs,), name="inputs")
    if networks.n_members == 1:
        chains = [_chain(networks.members[0], "")]
        model = keras.Sequential([inputs, *chains[0]], name="mlp")
    else:
        chains = [_chain(member, f"member_{number}_") for number, member in enumerate(networks.members, start=1)]
        ends = []
        for chain in chains:
            x = inputs
            for layer in chain:
                x = layer(x)
            ends.append(x)
        model = keras.Model(inputs, keras.layers.Average(name="outcome")(ends), name="ensemble")
    for member, chain in zip(networks.members, chains, strict=True):
        for ours, theirs in zip(_dense_layers(member), chain, strict=True):
            theirs.set_weights([ours.kernel] if ours.bias is None else [ours.kernel, ours.bias])
    return model


def saved_bytes(model: Any) -> bytes:
    """Return what ``model.save`` writes; Keras can write to a path only."""
    with tempfile.TemporaryDirectory(prefix="mixwright-") as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def _chain(network: Network, prefix: str) -> list[Any]:
    """Return the Keras layers of one member, named by what they are."""
    keras, _ = load_backend()
    names = {activation: name for name, activation in ACTIVATIONS.items()}
    dense = _dense_layers(network)
    return [
        keras.layers.Dense(
            layer.kernel.shape[1],
            activation=names[layer.activation],
            use_bias=layer.bias is not None,
            name=f"{prefix}hidden_{number}" if number < len(dense) else f"{prefix}outcome",
        )
        for number, layer in enumerate(dense, start=1)
    ]


def _dense_layers(network: Network) -> list[Dense]:
    """Return the layers of a network of dense layers."""
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    if len(dense) < len(network.layers):
        raise ValueError("Only networks of dense layers are written as Keras models.")
    return dense
