"""The code on the page about SciPy does what the page says."""

import re
from pathlib import Path

import numpy as np
import pytest

from optimizer import METHODS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def page():
    """What the names of the page stand for after its code ran, and what it printed."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "scipy.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    names, printed = {"print": lambda *given: printed.append(given)}, []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        for block in blocks:
            exec(compile(block, "docs/scipy.md", "exec"), names)
    return names, printed


def test_the_evolved_setting_is_within_its_bounds_in_whole_numbers_and_as_good_as_any_recorded_one(page):
    names, _ = page
    x, bounds = names["evolved"].x, np.array(names["bounds"])
    assert (x >= bounds[:, 0]).all() and (x <= bounds[:, 1]).all()
    np.testing.assert_array_equal(x[:2], np.rint(x[:2]))
    assert -names["evolved"].fun == pytest.approx(names["predict"](x[None])[0], rel=1e-6) and -names["evolved"].fun > 99


def test_the_descent_betters_its_start(page):
    names, _ = page
    assert -names["descended"].fun > names["predict"](np.array([[5.0, 20.0, 0.8]]))[0] + 1
    slope = names["value_and_slope"](names["descended"].x)[1]
    assert slope.shape == (3,)


def test_every_method_prints_its_line(page):
    _, printed = page
    lines = [line[0] for line in printed[2:]]
    assert [line.partition(":")[0] for line in lines] == list(METHODS)
    assert all(" lineages" in line for line in lines)
