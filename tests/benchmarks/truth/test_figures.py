import numpy as np

from benchmarks.truth.__main__ import figures
from benchmarks.truth.asking import Answer


def answer(gain: float, covered: list[bool], errors: list[float]) -> Answer:
    return Answer(gain, np.array(covered), np.array(errors), n_harmful=1)


def test_figures_are_by_function_and_overall():
    found = figures(
        {
            "one": [answer(0.2, [True, True], [0.0, 2.0]), answer(0.6, [False, True], [0.0, 0.0])],
            "two": [answer(0.5, [True], [1.0])],
        }
    )
    assert found["gain"] == {"overall": 0.5, "one": 0.4, "two": 0.5}
    assert found["coverage"] == {"overall": 0.8, "one": 0.75, "two": 1.0}
    assert found["error_sd"] == {"overall": 1.0, "one": 1.0, "two": 1.0}
    assert (found["harmful"], found["results"]) == (3, 5)
