"""Rows at the end that sum up the others are told from measurements."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from services.intake.tables.layout.summary_rows import kind_by_label
from services.intake.tables.reading import Reading, read_table

ROWS = "1;200,5;300\n2;300;400\n3;500;505\n4;100;51\n"
SUMS = {
    "label among numbers": "T;p;y\n" + ROWS + "Summe;1100,5;1256\n",
    "label among names": "T;p;y\n" + ROWS.replace("1;", "A;", 1) + "Total:;1100,5;1256\n",
    "no label": "T;p;y\n" + ROWS + ";1100,5;1256\n",
    "below a blank row": "T;p;y\n" + ROWS + "\n;1100,5;1256\n",
    "means": "T;p;y\n" + ROWS + "2,5;275,125;314\n",
    "mean and deviation": "T;p;y\n" + ROWS + "Mittelwert;275,125;314\nStdAbw;170,3;193\n",
    "another name below": "T;p;y\n" + ROWS + "Mean;275,125;314\nKurtosis;1,5;2,5\n% RSD;61,9;61,5\n",
    "all of them": "T;p;y\n" + ROWS + "\nMean;275,125;314\nStd. dev.;170,3;193\nMin;100;51\nMax;500;505\nn = 4;;\n",
}


@pytest.mark.parametrize("text", SUMS.values(), ids=SUMS)
def test_rows_that_sum_up_are_left_out_and_kept_by_choice(text):
    table = read_table(text.encode(), "a.csv")
    assert table.frame["p"].tolist() == [200.5, 300, 500, 100]
    assert table.summary_rows and any(f"Left out: {table.summary_rows}." == notice for notice in table.notices)
    kept = read_table(text.encode(), "a.csv", Reading(keep_summary_rows=True))
    assert len(kept.frame) > 4
    assert kept.summary_rows == table.summary_rows
    assert not any("sums up" in notice or "sum up" in notice for notice in kept.notices)


BLOCKS = {
    "means": "n,T,y\na,1,10.5\nb,2,20\nc,3,31\nMean,2,20.5\nd,4,10\ne,5,20\nf,6,31.3\nMean,5,20.43\n",
    "means and deviations, one for all": "n,T,y\na,1,10.5\nb,2,20\nc,3,31\nMean,2,20.5\nStd,1,10\n"
    "d,4,10\ne,5,20\nf,6,31.3\nMean,5,20.43\nStd,1,2\nOverall mean,3.5,20.47\n",
    "sums": "n,T,y\na,1,10.5\nb,2,20\nc,3,31\nSubtotal,6,61.5\n"
    "d,4,10\ne,5,20\nf,6,31.3\nSubtotal,15,61.3\nTotal,21,122.8\n",
}


@pytest.mark.parametrize("text", BLOCKS.values(), ids=BLOCKS)
def test_rows_that_sum_up_blocks_are_left_out_and_kept_by_choice(text):
    table = read_table(text.encode(), "a.csv")
    assert table.frame["n"].tolist() == list("abcdef")
    assert f"Left out: {table.summary_rows}." in table.notices
    assert len(read_table(text.encode(), "a.csv", Reading(keep_summary_rows=True)).frame) == text.count("\n") - 1


RECORDS = {
    "settings that are called so, in turn": "mode;x;y\nlow;1;2\nmean;1;5\nlow;1;2\nmax;3;4\n"
    "mean;2;4\nlow;1;2\nlow;3;4\nmean;1;9\n",
    "centre point of a coded design": "A,B,C,y\n-1,-1,-1,5.3\n1,-1,-1,6.1\n-1,1,1,7.7\n1,1,1,9.2\n0,0,0,7.3\n",
    "centre point of a design": "A,B,y\n60,1,5.3\n60,3,6.1\n80,1,7.7\n80,3,9.2\n70,2,7.3\n",
    "equal rows": "A,B\n1,2\n1,2\n1,2\n1,2\n",
    "settings that are called so": "mode;x;y\nmax;1;2\nmin;2;3\nmean;3;4\n",
    "a level that occurs above": "level;x;y\nmax;1;2\nlow;2;3\nlow;3;5\nlow;4;4\nmax;9;4\n",
    "names of people": "who;x;y\nAnna;1,5;2\nOtto;2,5;3\nIda;3,5;5\nMax;3,25;4\n",
    "ratings": "a,b,c\n3,3,4\n2,4,3\n4,2,2\n3,3,3\n",
    "lowest of all": "a,b,y\n5,6,7\n4,5,6\n7,8,9\n4,5,6\n",
}


@pytest.mark.parametrize("text", RECORDS.values(), ids=RECORDS)
def test_measurements_stay(text):
    table = read_table(text.encode(), "a.csv")
    assert len(table.frame) == text.count("\n") - 1
    assert table.summary_rows == ""


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(4, 12), st.integers(2, 5), st.sampled_from(["sum", "mean"]), st.booleans())
def test_any_sums_and_means_are_found_and_no_other_rows(seed, n, d, kind, is_labelled):
    values = np.random.default_rng(seed).uniform(1, 1000, (n, d)).round(2)
    last = (values.sum(axis=0) if kind == "sum" else values.mean(axis=0)).round(4)
    rows = [[f"S{i}", *map(str, row)] for i, row in enumerate(values)]
    text = "\n".join(",".join(row) for row in [["name", *"abcdef"[:d]], *rows])
    assert len(read_table(text.encode(), "a.csv").frame) == n
    text += "\n" + ",".join([{"sum": "Total", "mean": "Mean"}[kind] if is_labelled else "", *map(str, last)])
    assert len(read_table(text.encode(), "a.csv").frame) == n


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Summe", "sum"),
        ("TOTAL:", "sum"),
        ("Gesamt", "sum"),
        ("Mittelwert", "mean"),
        ("Average", "mean"),
        ("Std.", "spread"),
        ("StdAbw", "spread"),
        ("RSD (%)", "spread"),
        ("Min", "lowest"),
        ("Max.", "highest"),
        ("Median", "median"),
        ("Anzahl", "count"),
        ("% RSD", "spread"),
        ("Variationskoeffizient", "spread"),
        ("Gesamtergebnis", "sum"),
        ("平均", "mean"),
        ("合計", "sum"),
        ("Średnia", "mean"),
        ("Razem", "sum"),
        ("Media", "mean"),
        ("Schnitt", "mean"),
        ("arithm. Mittel", "mean"),
        ("Total yield", None),
        ("Maxwell", None),
        ("n", None),
        ("Summer", None),
        ("", None),
    ],
)
def test_labels(label, kind):
    assert kind_by_label(label) == kind
