"""What was read from a model file: a graph for each of its outputs, and what its inputs are."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from models.networks.ensemble import Ensemble
from models.networks.graph import Graph
from models.networks.network import Activate as ActivateLayer, Affine, Dense, Layer, Network
from models.networks.operations import Activate, Merge, Multiply, Scale

MAXIMUM_OUTPUTS = 16
"""Outcomes that are read of one model."""


@dataclass(frozen=True, eq=False)
class ReadModel:
    """A model from elsewhere, taken apart.

    Attributes:
        outputs: what computes each outcome, by the name of the output; at least one.
        vocabularies: for each input in turn the words that it takes, one 0 or 1 for each; nothing for a number.
    """

    outputs: Mapping[str, Graph]
    vocabularies: tuple[tuple[str, ...], ...] = ()

    @property
    def n_inputs(self) -> int:
        """Numbers that go in per row."""
        return next(iter(self.outputs.values())).n_inputs


def fastest(graph: Graph) -> Ensemble | Graph:
    """What computes the same as a graph: networks where it is made of such, else the graph itself."""
    return as_ensemble(graph) or graph


def as_ensemble(graph: Graph) -> Ensemble | None:
    """The networks whose mean a graph is, where it is one chain of layers or the average of several of one shape.

    Ensembles are computed together, know how much they disagree, and can be proved; None for any other graph.
    """
    last = graph.nodes[-1]
    ends: tuple[int, ...] = (len(graph.nodes),)
    if isinstance(last.operation, Merge) and last.operation.how == "average":
        ends = last.takes
    chains = [_chain(graph, end) for end in ends]
    n_used = sum(len(places) for places, _ in filter(None, chains)) + (len(ends) > 1)
    if None in chains or n_used != len(graph.nodes):
        return None
    try:
        return Ensemble(tuple(Network(graph.n_inputs, layers) for _, layers in filter(None, chains)))
    except ValueError:  # of different shapes
        return None


def _chain(graph: Graph, end: int) -> tuple[list[int], tuple[Layer, ...]] | None:
    """The places and the layers of the chain that leads to a place; None where it is none."""
    places, place = list[int](), end
    while place != 0:
        takes = graph.nodes[place - 1].takes
        if len(takes) != 1 or not isinstance(graph.nodes[place - 1].operation, Multiply | Scale | Activate):
            return None
        places.append(place)
        place = takes[0]
    operations = [graph.nodes[place - 1].operation for place in reversed(places)]
    if not any(isinstance(operation, Multiply) for operation in operations):
        return None
    layers = list[Layer]()
    for before, operation in pairwise([None, *operations]):
        match operation:
            case Multiply(kernel, bias):
                layers.append(Dense(kernel, bias))
            case Scale(scale, shift):
                layers.append(Affine(scale, shift))
            case Activate(activation) if isinstance(before, Multiply):
                dense = layers.pop()
                assert isinstance(dense, Dense)
                layers.append(Dense(dense.kernel, dense.bias, activation))
            case Activate(activation):
                layers.append(ActivateLayer(activation))
    return places, tuple(layers)
