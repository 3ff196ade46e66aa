"""Small and odd tables: what every family makes of them, from the training to a tiny search."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models import Dataset, Family, TrainingError
from models.data.split import row_groups
from models.training.training import assign_folds, fold_splits
from services.specs.run import DatasetRef
from services.studies.training import TrainingSpec, run_training
from services.trust import TrustSpec, search_with

N = 15
FAMILIES = [family for family in Family if family.words.is_trained_here]
SMALL = {"mlp": {"epochs": 5, "n_members": 2}, "random_forest": {"n_trees": 20}, "boosting": {"rounds": 20}}


def frame_of(n=N):
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(rng.uniform(0, 10, (n, 2)).round(2), columns=["time", "heat"])
    return frame.assign(kind=np.resize(["A", "B"], n), y=3 * frame["time"] + frame["heat"] + rng.normal(0, 0.5, n))


def wide():
    rng = np.random.default_rng(12)
    extra = pd.DataFrame(rng.normal(size=(N, 18)), columns=[f"x{j}" for j in range(18)])
    return pd.concat([extra, frame_of()], axis=1)


def replicated():
    """Return five settings that were measured four times each, with different outcomes."""
    settings = frame_of(12)
    return pd.concat([settings, settings.assign(y=settings["y"] + 2), settings[:4].assign(y=0.0)], ignore_index=True)


ODD = {
    "15 rows": frame_of,
    "more features than rows": wide,
    "rows repeated with other outcomes": replicated,
    "a constant feature": lambda: frame_of().assign(lot=4.2),
    "a category seen once": lambda: frame_of().assign(kind=["once", *np.resize(["A", "B"], N - 1)]),
    "a feature that varies in one row": lambda: frame_of().assign(lot=[1.0] + [0.0] * (N - 1)),
}


def dataset_of(frame):
    return Dataset.from_frame(frame, name="odd", outcome="y", features=[name for name in frame if name != "y"])


def spec_of(dataset, family):
    spec = TrainingSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest), family=family)
    return spec.with_options(**SMALL.get(family.value, {}))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", ODD)
def test_every_family_learns_from_it_and_is_searched(kind, family):
    dataset = dataset_of(ODD[kind]())
    model = run_training(spec_of(dataset, family), dataset)
    assert np.isfinite(model.predictor.predict(dataset.X)).all()
    metrics = model.card.metrics
    assert metrics.n_train + metrics.n_validation + metrics.n_test == dataset.n_rows and metrics.n_test >= 1
    found = search_with(model, dataset, TrustSpec(n_results=2, evaluations=200))
    assert len(found.X) and np.isfinite(found.predicted).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_what_nothing_can_be_learned_from_is_refused(family):
    for frame, words in (
        (frame_of(14), "The table has 14 complete rows; training needs at least 15."),
        (frame_of().assign(y=7.0), "The outcome 'y' is 7 in every row: choose an outcome that varies."),
    ):
        dataset = dataset_of(frame)
        with pytest.raises(TrainingError, match=words):
            run_training(spec_of(dataset, family), dataset)


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("n_folds", [2, 5, 10])
def test_folds_have_rows_on_all_sides_and_repeated_rows_stay_together(kind, n_folds):
    dataset = dataset_of(ODD[kind]())
    groups = row_groups(dataset)
    splits = fold_splits(dataset, assign_folds(groups, n_folds, np.random.default_rng(0)), 0.15, 0)
    assert sorted(np.concatenate([split.test for split in splits])) == list(range(dataset.n_rows))
    for split in splits:
        sides = (split.train, split.validation, split.test)
        assert all(len(side) for side in sides)
        assert sum(len(np.unique(groups[side])) for side in sides) == len(np.unique(groups))


def test_repeated_rows_are_one_group_however_they_are_ordered():
    dataset = dataset_of(replicated())
    groups = row_groups(dataset)
    order = np.random.default_rng(1).permutation(dataset.n_rows)
    shuffled = row_groups(replace(dataset, X=dataset.X[order], y=dataset.y[order]))
    assert len(np.unique(groups)) == 12
    np.testing.assert_array_equal(groups[order], shuffled)
