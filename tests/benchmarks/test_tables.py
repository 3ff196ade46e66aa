from dataclasses import replace

import pandas as pd
import pytest

from benchmarks.tables.__main__ import Score, report, score_of
from benchmarks.tables.case import Case, Roles
from benchmarks.tables.contents import contents
from benchmarks.tables.files import files

CASES = {case.name: case for case in (*contents(), *files())}


def test_the_corpus_is_the_same_every_time_and_every_name_is_its_own():
    again = [*contents(), *files()]
    assert len(again) == len(CASES) >= 60
    assert [case.data for case in again if case.filename.endswith("csv")] == [
        case.data for case in CASES.values() if case.filename.endswith("csv")
    ]


def test_every_role_of_the_corpus_names_a_column_and_every_relation_columns():
    for case in CASES.values():
        if case.roles is None:
            continue
        names = set(case.values.columns)
        named = {case.roles.outcome, *case.roles.labels, *case.roles.others, *case.roles.left_out}
        assert named <= names, case.name
        assert {case.roles.sweep, case.roles.group} - {None} <= names, case.name


@pytest.mark.parametrize("name", ["paint", "ages", "row of units", "one slip of the pen"])
def test_a_table_that_is_understood_has_full_marks(name):
    score = score_of(CASES[name])
    assert (score.error, score.wrong) == ("", ())
    assert score.cells[0] == score.cells[1] == CASES[name].values.size
    assert score.roles[0] == score.roles[1]
    assert score.relations[0] == score.relations[1] and score.sums[0] == score.sums[1]


def test_what_is_read_otherwise_is_counted_and_told():
    case = CASES["paint"]
    other = case.values.assign(temp=case.values["temp"] + (case.values.index == 3))
    score = score_of(replace(case, values=other, roles=Roles("temp", relations=("A_pct + temp = 1",))))
    assert score.cells == (other.size - 1, other.size)
    assert score.roles[0] == score.roles[1] - 2  # two columns have each other's role
    assert score.relations == (0, 1, 1)
    assert [words.partition(":")[0] for words in score.wrong][-2:] == ["not found", "false"]


def test_a_file_that_ends_in_an_error_is_a_dead_end():
    score = score_of(Case("pdf", "a.csv", b"%PDF-1.7", pd.DataFrame({"x": [1, 2]}), units={"x": "m"}))
    assert score.error and score.cells == (0, 2) and score.units == (0, 1)
    figures = report([score, Score(cells=(4, 4), roles=(3, 4), relations=(1, 2, 1), sums=(2, 4))])
    assert figures == {
        "tables": 2,
        "roles": 0.75,
        "relations": {"found": 0.5, "false": 1},
        "values": 0.6667,
        "units": 0.0,
        "dead_ends": 1,
        "sums_kept": 0.5,
    }
