"""Labels and records beside the rows: kept with them, in the digest only where there are any."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models import Dataset, DatasetError
from models.data.dataset import Column, FilledGaps, Label


def dataset_of(**changes):
    frame = pd.DataFrame({"x": [1.0, 2, 3, 4], "z": [2.0, 2, 1, 1], "run": [4, 2, 3, 1], "lot": ["B", None, "A", "A"]})
    given = {"labels": ["run", "lot"], "group": "lot", "order": "run"} | changes
    return Dataset.from_frame(frame.assign(y=[1.0, 5, 2, 4]), name="t", outcome="y", features=["x", "z"], **given)


def test_labels_are_numbers_or_texts_with_gaps():
    run, lot = dataset_of().labels
    assert run.is_number and not lot.is_number
    assert (run.values.tolist(), lot.values.tolist()) == ([4, 2, 3, 1], ["B", "", "A", "A"])
    assert (run.ranks.tolist(), lot.is_missing.tolist()) == ([3, 1, 2, 0], [False, True, False, False])
    assert lot.ranks[1] == -1 and lot.ranks[2] == lot.ranks[3]


def test_labels_go_with_their_rows_and_stay_with_other_features():
    taken = dataset_of().taken(np.array([2, 0]))
    assert [label.values.tolist() for label in taken.labels] == [[3, 4], ["A", "B"]]
    kept = taken.with_features([Column("z")], taken.X[:, 1:])
    assert (kept.labels, kept.group, kept.order) == (taken.labels, "lot", "run")


def test_filled_gaps_stay_with_their_features():
    filled = replace(dataset_of(), filled=(FilledGaps("x", 1, "its median, 2"), FilledGaps("z", 2, "its median, 1")))
    assert [gaps.feature for gaps in filled.with_features([Column("z")], filled.X[:, 1:]).filled] == ["z"]


def test_a_table_without_labels_keeps_the_digest_of_before():
    plain = dataset_of(labels=[], group=None, order=None)
    assert plain.digest == "186e4cbe350ea543b1bbcc24ff4c19949d6720e5e4edba49ccb2090d5c22a82f"
    digests = {plain.digest, dataset_of().digest, dataset_of(order=None).digest, dataset_of(group=None).digest}
    digests |= {replace(plain, filled=(FilledGaps("x", 1, "its median, 2"),)).digest}
    assert len(digests) == 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": ["x"], "group": None, "order": None}, "neither a feature nor the outcome"),
        ({"labels": ["run", "run"], "group": None, "order": None}, "named once"),
        ({"labels": ["run"]}, r"The group must be one of the labels \['run'\]; got 'lot'"),
        ({"labels": ["lot"]}, r"The order must be one of the labels \['lot'\]; got 'run'"),
        ({"labels": ["absent"]}, r"lacks \['absent'\]"),
    ],
)
def test_impossible_labels_are_refused(changes, words):
    with pytest.raises(DatasetError, match=words):
        dataset_of(**changes)


def test_a_label_has_a_value_for_each_row():
    with pytest.raises(DatasetError, match="each of 4 rows"):
        replace(dataset_of(), labels=(Label("run", np.arange(3.0)),), group=None)


def test_an_absent_label_is_named():
    with pytest.raises(DatasetError, match="There is no label 'day'"):
        dataset_of().label("day")


def test_categories_that_are_numbers_are_in_their_order():
    frame = pd.DataFrame({"machine": ["10", "9", "2"], "kind": ["b", "10", "a"], "y": [1.0, 2, 3]})
    machine, kind = Dataset.from_frame(frame, name="t", outcome="y", features=["machine", "kind"]).features
    assert (machine.categories, kind.categories) == (("2", "9", "10"), ("10", "a", "b"))
