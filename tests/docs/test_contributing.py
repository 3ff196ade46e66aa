import re
from pathlib import Path

import numpy as np
import pytest

from optimizer import Budget, Numeric, Objective, Problem, SearchSpace, method_of, search

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_the_worked_example_works_in_a_search():
    names = {"__name__": "contributing"}
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, "CONTRIBUTING.md", "exec"), names)

    space = SearchSpace((Numeric("a", 0, 20, std=5), Numeric("b", 0, 20, std=5)))
    paid = Problem(
        space, lambda X: X.sum(axis=1), Objective(scale=1.0), (names["PricePenalty"]((1.0, 2.0), 10.0, 100.0),)
    )
    best = search(paid, method_of("lineages"), Budget(2_000), np.random.default_rng(1)).found
    assert best.X[0] @ [1, 2] == pytest.approx(10, abs=0.5)  # all that the budget allows, and not more
    assert best.X[0, 0] > 9  # of the cheaper one


def test_every_path_and_target_that_is_named_exists():
    paths = re.findall(r"`((?:\w+/)+\w+(?:\.py)?|\.[\w-]+\.yaml)`", TEXT)
    assert len(paths) > 15
    missing = [path for path in paths if not (ROOT / path).exists() and "NAME" not in path]
    assert missing == []
    targets = set(re.findall(r"^make (\S+)", TEXT, re.MULTILINE))
    assert targets <= set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
