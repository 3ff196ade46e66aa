"""Which chains of layers a .keras file holds, by its configuration alone: nothing is allocated."""

from dataclasses import dataclass
from typing import Any

from models.errors import ModelFileError
from models.keras_graph import MAXIMUM_GRAPH_LAYERS, chains_of
from models.keras_layers import (
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

_MODULES = {
    "Sequential": ("keras", "keras.src.models.sequential"),
    "Functional": ("keras", "keras.src.models.functional"),
}
"""The classes of models that are understood, and the modules that they are in."""


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
