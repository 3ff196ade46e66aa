"""The code and the side file on the page about models of one's own do what the page says."""

import re
from pathlib import Path

import numpy as np
import pytest

from models.cards.mapping import Mapping, Scaling

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "own_models.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page():
    """What the names of the page stand for after its code ran, and what it printed."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names, printed = {"print": lambda *given: printed.append(given)}, []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        exec(compile(block, "docs/own_models.md", "exec"), names)
    return names, printed


def test_the_best_result_is_the_top_of_the_function(page):
    names, printed = page
    result = names["report"].result
    assert len(printed) == len(result.results) >= 1
    assert result.results.outcomes[0] == pytest.approx(100, abs=0.5)
    np.testing.assert_allclose(names["simulator"](np.array(result.results.X)), result.results.outcomes)
    assert result.spec.model.kind == "callable"


def test_the_side_file_is_a_mapping():
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    mapping = Mapping.from_json(block)
    assert [column.scaling for column in mapping.features][:2] == [Scaling.GIVEN, Scaling.STANDARDISED]
    assert all(f"`{scaling}`" in PAGE for scaling in Scaling)
