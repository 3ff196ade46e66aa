"""Random forests and boosted trees as flat arrays: what is stored, and what answers."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from models.data.encoding import Encoding
from models.errors import ModelFileError
from models.networks.predictor import EncodedPredictor, spread_of

_BLOCK_ROWS = 2_048


@dataclass(frozen=True, eq=False)
class Trees:
    """Regression trees, node after node and tree after tree; a node's children come after it.

    A row goes left where its input is at most the threshold, compared as float32 against float64.

    Attributes:
        starts: (n_trees + 1,) int64 first node of each tree, and behind the last one the number of nodes.
        left: (n_nodes,) int32 left child, counted from its tree's first node; -1 at a leaf.
        right: (n_nodes,) int32 right child; -1 at a leaf.
        inputs: (n_nodes,) int32 which input is compared; any at a leaf.
        thresholds: (n_nodes,) float64.
        values: (n_nodes,) float64 what a leaf answers.
    """

    starts: np.ndarray
    left: np.ndarray
    right: np.ndarray
    inputs: np.ndarray
    thresholds: np.ndarray
    values: np.ndarray
    n_inputs: int

    @property
    def n_trees(self) -> int:
        """How many trees there are."""
        return len(self.starts) - 1

    def answers(self, inputs: np.ndarray) -> np.ndarray:
        """The answer (n_trees, n) of each tree for inputs (n, p) float32 without NaN."""
        leaves = np.empty((self.n_trees, len(inputs)), dtype=np.int64)
        for out, start, tree in zip(leaves, self.starts, self._walkers, strict=False):
            np.add(tree.apply(inputs), start, out=out)
        return self.values.take(leaves)

    @cached_property
    def _walkers(self) -> list[Any]:
        """The trees as scikit-learn's compiled ones, which take a half to a third of the time of walking in NumPy.

        scikit-learn has no public way to make a tree of arrays; this is what unpickling one calls.
        """
        from sklearn.tree._tree import NODE_DTYPE, Tree

        nodes = np.zeros(len(self.left), dtype=NODE_DTYPE)
        nodes["left_child"], nodes["right_child"], nodes["threshold"] = self.left, self.right, self.thresholds
        nodes["feature"] = np.where(self.left == -1, -2, self.inputs)
        nodes["n_node_samples"], nodes["weighted_n_node_samples"] = 1, 1.0
        walkers = []
        for first, last in zip(self.starts[:-1], self.starts[1:], strict=True):
            tree = Tree(self.n_inputs, np.ones(1, dtype=np.intp), 1)
            values = self.values[first:last, None, None].copy()
            tree.__setstate__(
                {"max_depth": 0, "node_count": len(values), "nodes": nodes[first:last].copy(), "values": values}
            )
            walkers.append(tree)
        return walkers


def trees_of(estimators: list[Any], n_inputs: int) -> Trees:
    """Fitted trees of scikit-learn (``tree_`` of a decision tree, or a boosting's ``TreePredictor``)."""
    parts = [_from_boosting(e.nodes) if hasattr(e, "nodes") else _from_tree(e.tree_) for e in estimators]
    sizes = [len(part[0]) for part in parts]
    left, right, inputs, thresholds, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Trees(
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        left=left.astype(np.int32),
        right=right.astype(np.int32),
        inputs=inputs.astype(np.int32),
        thresholds=thresholds.astype(np.float64),
        values=values.astype(np.float64),
        n_inputs=n_inputs,
    )


def _from_tree(tree: Any) -> tuple[np.ndarray, ...]:
    is_leaf = tree.children_left == -1
    thresholds = np.where(is_leaf, 0.0, tree.threshold)
    return tree.children_left, tree.children_right, np.where(is_leaf, 0, tree.feature), thresholds, tree.value[:, 0, 0]


def _from_boosting(nodes: np.ndarray) -> tuple[np.ndarray, ...]:
    is_leaf = nodes["is_leaf"].astype(bool)
    left, right = (np.where(is_leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
    return (
        left,
        right,
        np.where(is_leaf, 0, nodes["feature_idx"]),
        np.where(is_leaf, 0.0, nodes["num_threshold"]),
        nodes["value"],
    )


@dataclass(frozen=True, eq=False)
class TreesPredictor(EncodedPredictor):
    """Members, each a sum of trees, whose mean predicts: a forest has one tree a member, boosting many.

    Attributes:
        trees: of all members, one member after the other.
        members: (k + 1,) first tree of each member, and behind the last one the number of trees.
        baselines: (k,) what each member's trees add to, standardised.
    """

    encoding: Encoding
    trees: Trees
    members: np.ndarray
    baselines: np.ndarray

    def __post_init__(self) -> None:
        if self.trees.n_inputs != self.encoding.n_inputs:
            raise ModelFileError(
                f"The features make {self.encoding.n_inputs} inputs, the trees take {self.trees.n_inputs}: bring the "
                "two files that were saved together."
            )

    @property
    def n_members(self) -> int:
        """How many members there are (k)."""
        return len(self.baselines)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The outcomes (n,) as `Predictor` has them."""
        return self.predict_members(X).mean(axis=0)

    def predict_with_spread(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The outcomes (n,) of `predict` and the standard deviation (n,) of the members, outcome's unit."""
        answers = self.predict_members(X)
        return answers.mean(axis=0), spread_of(answers)

    def predict_members(self, X: np.ndarray) -> np.ndarray:
        """Predictions (k, n) of each member, in the outcome's unit; NaN where there is no answer."""
        inputs, is_known = self._inputs(X)
        answers = np.empty((self.n_members, len(inputs)))
        for first in range(0, len(inputs), _BLOCK_ROWS):
            block = slice(first, first + _BLOCK_ROWS)
            answers[:, block] = self._sums(self.trees.answers(inputs[block]))
        answers[:, ~is_known] = np.nan
        return self.encoding.decode_outcome(answers)

    def _sums(self, answers: np.ndarray) -> np.ndarray:
        if self.n_members < self.trees.n_trees:
            answers = np.add.reduceat(answers, self.members[:-1], axis=0)
        return answers + self.baselines[:, None]
