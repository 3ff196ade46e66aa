"""Files that skops may read and that are no model: refused in words, whatever is wrong with them."""

import numpy as np
import pytest

from models import Family, ModelCard, ModelFileError, ModelStore, read_model
from models.families.skops_file import read_skops, write_skops


def refused(trained, words, **changes):
    content = {name: part for name, part in (read_skops(trained.artifact) | changes).items() if part is not None}
    card = trained.card.model_copy(update={"network_sha256": ""})
    with pytest.raises(ModelFileError, match=words):
        read_model("mine", write_skops(content), card.to_json().encode())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "pickle"}, "holds 'pickle'"),
        ({"kind": None}, "holds 'None'"),
        ({"left": None}, "has to hold the arrays"),
        ({"surprise": np.zeros(3)}, "has to hold the arrays"),
        ({"left": np.zeros(3)}, "has to hold the arrays"),
        ({"left": np.array(1, dtype=np.int32)}, "has to hold the arrays"),
        ({"values": "many"}, "has to hold the arrays"),
        ({"n_inputs": None}, "how many inputs"),
        ({"n_inputs": 7}, "make 6 inputs, the trees take 7"),
        ({"n_inputs": 2}, "asks for an input that is not among the 2"),
        ({"members": np.array([0, 3])}, "do not add up to the trees"),
        ({"members": np.array([0, 0, 20])}, "do not add up to the trees"),
        ({"members": np.array([], dtype=int)}, "do not add up to the trees"),
        ({"baselines": np.array([np.nan] * 20)}, "no finite number"),
    ],
)
def test_trees(trained_families, changes, words):
    refused(trained_families["random_forest"], words, **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"smoothness": "rough"}, "kernel is none that we know"),
        ({"smoothness": 3}, "kernel is none that we know"),
        ({"variance": "1"}, "kernel is none that we know"),
        ({"variance": float("inf")}, "not positive"),
        ({"factor": np.zeros(5)}, "do not fit its 102 rows"),
        ({"rows": np.zeros((0, 6))}, "do not fit"),
        ({"rows": np.zeros((2_001, 6)), "factor": np.zeros(2_001 * 1_001)}, "do not fit its 2,001 rows"),
        ({"scales": np.ones((6, 1))}, "has to hold the arrays"),
    ],
)
def test_gaussian_processes(trained_families, changes, words):
    refused(trained_families["gaussian_process"], words, **changes)


def test_the_card_of_another_table(trained_families):
    forest, other = trained_families["random_forest"], ModelStore().load("concrete").card
    values = other.model_copy(update={"family": Family.RANDOM_FOREST, "settings": None, "network_sha256": ""})
    card = ModelCard.from_json(values.to_json())
    with pytest.raises(ModelFileError, match="make 8 inputs, the trees take 6"):
        read_model("mine", forest.artifact, card.to_json().encode())


def test_a_keras_file_in_the_place_of_trees(trained_families):
    card = trained_families["random_forest"].card.model_copy(update={"network_sha256": ""})
    with pytest.raises(ModelFileError, match="none of ours"):
        read_model("mine", ModelStore().load("concrete").artifact, card.to_json().encode())
