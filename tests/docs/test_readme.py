"""The Python of the README runs as it stands, with small budgets and a quick family, and does what is said of it."""

import re
from pathlib import Path

import numpy as np
import pytest

from models import Dataset
from models.cards.settings import Family
from services import trust
from services.cli.commands import _parser

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = re.findall(r"python -m services\.cli ([^`\n]+)", TEXT)


@pytest.fixture(scope="module")
def ran():
    """What the names of all blocks stand for, one block after the other, and what was printed."""
    printed, names, after = [], {}, []
    train, spec = trust.run_training, trust.TrustSpec
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr(
            trust,
            "run_training",
            lambda asked, rows: train(asked.model_copy(update={"family": Family.QUADRATIC}), rows),
        )
        patch.setattr(trust, "TrustSpec", lambda: spec(evaluations=1_500, n_results=3))
        names["print"] = lambda *given: printed.append(" ".join(map(str, given)))
        for block in BLOCKS:
            exec(compile(block.replace("budget=20_000", "budget=4_000"), "README.md", "exec"), names)
            after.append((dict(names), list(printed)))
            printed.clear()
    return after


def test_all_blocks_are_run(ran):
    assert len(ran) == len(BLOCKS) >= 3
    assert all(printed for _, printed in ran)


def test_the_engine_finds_the_four_minima(ran):
    found = ran[0][0]["found"].representatives
    assert len(found) == 4 and found.outcomes.max() < 0.01


def test_results_of_a_table_weigh_what_mixes_weigh_and_have_units(ran):
    names, printed = ran[1]
    mixes, found = names["mixes"], names["found"]
    assert isinstance(mixes, Dataset) and len(printed) == len(found.X) >= 1
    weights = found.X[:, mixes.indices(names["parts"])].sum(axis=1)
    usual = mixes.density
    assert (np.abs(weights - usual.mean()) <= 2 * usual.std()).all()
    assert all("MPa·days: " in line and re.search(r"cement \d+ kg/m³", line) and "age" not in line for line in printed)


def test_several_outcomes_keep_their_limit(ran):
    found = ran[2][0]["found"]
    assert len(found.X) >= 1 and (found.predicted["w/c"] <= 0.55).all()


def test_every_command_is_one(monkeypatch):
    assert len(COMMANDS) >= 8
    parser = _parser()
    for command in COMMANDS:
        words = [
            word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command.partition("    #")[0].partition("  #")[0])
        ]
        given = parser.parse_args(words)
        path = getattr(given, "spec", None)
        assert path is None or (ROOT / path).is_file() or "SPEC" in str(path), command
