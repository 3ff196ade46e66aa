import numpy as np

from models import Dataset, Encoding
from models.intervals.nearness import N_NEIGHBOURS, Surroundings


def test_beyond_all_nearby_outcomes_is_wholly_outside(mixed: Dataset, encoding: Encoding) -> None:
    around = Surroundings(encoding, mixed.X, mixed.y)
    X = mixed.X[:4]
    assert around.outside(X, np.full(4, mixed.y.max() + 1)).tolist() == [1.0] * 4
    assert around.outside(X, np.full(4, mixed.y.min() - 1)).tolist() == [1.0] * 4


def test_in_the_middle_of_nearby_outcomes_is_inside(mixed: Dataset, encoding: Encoding) -> None:
    around = Surroundings(encoding, mixed.X, mixed.y)
    inputs = encoding.encode(mixed.X)
    away = np.square(inputs - inputs[10]).sum(axis=1)
    middle = np.median(mixed.y[np.argsort(away)[:N_NEIGHBOURS]])
    assert around.outside(mixed.X[10:11], np.array([middle])).tolist() == [0.0]


def test_lies_between_0_and_1_and_knows_no_answer_for_gaps(mixed: Dataset, encoding: Encoding) -> None:
    around = Surroundings(encoding, mixed.X, mixed.y)
    outside = around.outside(mixed.X, mixed.y)
    assert ((outside >= 0) & (outside <= 1)).all()
    assert np.isnan(around.outside(mixed.X[:1], np.array([np.nan]))).all()
