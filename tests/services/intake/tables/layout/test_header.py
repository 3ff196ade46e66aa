"""Where the table begins: headers of one and two rows, units, titles, comments."""

import pytest

from services.intake.tables.csv_text import Dialect
from services.intake.tables.limits import TableError
from services.intake.tables.reading import Reading, read_table


def read(text, **chosen):
    return read_table(text.encode(), "a.csv", Reading(**chosen))


HEADERS = {
    "units row": ("T,P,Yield\n[°C],[bar],[%]\n60,1.5,80\n70,2,85\n", ["T", "P", "Yield"], ["°C", "bar", "%"]),
    "bare units": ("Probe;T;p\n;°C;bar\nA;60;1,5\nB;70;2\n", ["Probe", "T", "p"], ["", "°C", "bar"]),
    "labelled units": ("Probe;T;p\nEinheit;°C;bar\nA;60;1,5\nB;70;2\n", ["Probe", "T", "p"], ["", "°C", "bar"]),
    "units in headers": (
        "Temp [°C];Druck (bar);Strength (28d)\n60;1,5;80\n",
        ["Temp", "Druck", "Strength (28d)"],
        ["°C", "bar", ""],
    ),
    "groups": ("Feed;;Reactor;\nT;p;T;p\n1;2;3;4\n2;3;4;5\n", ["Feed T", "Feed p", "Reactor T", "Reactor p"], [""] * 4),
    "groups in every cell": (
        "Feed,Feed,Reactor,Reactor\nT,p,T,p\n1,2,3,4\n2,3,4,5\n",
        ["Feed T", "Feed p", "Reactor T", "Reactor p"],
        [""] * 4,
    ),
    "groups over some": (
        ";Feed;;Reactor;;\nRun;T;p;T;p;yield\n1;1;2;3;4;9\n2;2;3;4;5;8\n",
        ["Run", "Feed T", "Feed p", "Reactor T", "Reactor p", "yield"],
        [""] * 6,
    ),
    "groups, single names and units": (
        "Run;Feed;;Reactor;;Yield\n;T;p;T;p;\n;°C;bar;°C;bar;%\n1;1;2;3;4;9\n2;2;3;4;5;8\n",
        ["Run", "Feed T", "Feed p", "Reactor T", "Reactor p", "Yield"],
        ["", "°C", "bar", "°C", "bar", "%"],
    ),
    "title": ("Trial 3\nT;p;y\n1;2;3\n2;3;4\n", ["T", "p", "y"], [""] * 3),
    "title with delimiters": ("Trial 3, Berlin\nDate: 2024-03-01\n\nT,p,y\n1,2,3\n2,3,4\n", ["T", "p", "y"], [""] * 3),
    "named facts": (
        "Operator;Smith;;\nDate;2024-03-01;;\nBatch;17;;\n;;;\nT;p;y;z\n1;2;3;5\n2;3;4;6\n3;3;3;3\n4;4;4;4\n",
        ["T", "p", "y", "z"],
        [""] * 4,
    ),
    "narrow facts": (
        "Gerät;HPLC-2\nMethode;M17\n\nT;p;Yield\n70;3,1;78,4\n60;2,5;71,2\n80;7,7;55,9\n70;4,1;62,3\n",
        ["T", "p", "Yield"],
        [""] * 3,
    ),
    "narrow facts and tabs": (
        "Gerät\tHPLC-2\nMethode\tM17\n" + "T\tp\tq\tr\ty\n" + "70\t3,1\t78,4\t1,5\t2\n60\t2,5\t71,2\t2,5\t1\n" * 20,
        ["T", "p", "q", "r", "y"],
        [""] * 5,
    ),
    "title with another delimiter": (
        "Messwerte, Labor 3\nProbe;Wert\nP0;0,5\nP1;1,5\nP2;2,5\nP3;3,5\n",
        ["Probe", "Wert"],
        [""] * 2,
    ),
    "facts right above the names": (
        "Bediener;KM\nGerät;XY-4\nTemp;p;Ausbeute;Stufe\n60;1,5;80;1\n70;2,5;81;2\n60;3,5;80,5;1\n",
        ["Temp", "p", "Ausbeute", "Stufe"],
        [""] * 4,
    ),
    "padded fact right above the names": ("Runs,10,\nArea,p,y\n1,2,3\n2,3,4\n3,4,5\n", ["Area", "p", "y"], [""] * 3),
    "title among spaces": ("Trial of March\nT  p  y\n1.5 2 3\n2.5 3 4\n3.5 4 5\n", ["T", "p", "y"], [""] * 3),
    "sep": ("sep=;\nT;p;y\n1,5;2;3\n2,5;3;4\n", ["T", "p", "y"], [""] * 3),
    "comments": ("# instrument 7\n// by: x, y\n% z\nT,p,y\n1,2,3\n2,3,4\n", ["T", "p", "y"], [""] * 3),
    "names in a comment": ("# T p y\n1 2 3\n2 3 4\n3 4 5\n", ["T", "p", "y"], [""] * 3),
    "names that begin with signs": ("#;% Fe;y\n1;2;3\n2;3;4\n", ["#", "% Fe", "y"], [""] * 3),
    "wavelengths": ("name;400;410;y\nA;0,1;0,2;5\nB;0,2;0,3;6\n", ["name", "400", "410", "y"], [""] * 4),
    "first cells empty": ("cat;solvent;y\nPd;THF;\nPd;MeOH;50\nNi;THF;60\n", ["cat", "solvent", "y"], [""] * 3),
    "mark at the end of the rows": ("T;p;y\n1;2;3;\n2;3;4;\n", ["T", "p", "y"], [""] * 3),
    "mark at the end of the header": ("T;p;y;\n1;2;3\n2;3;4\n", ["T", "p", "y"], [""] * 3),
    "units above the names": ("°C;bar;%\nT;p;y\n60;1,5;3\n70;2,5;4\n", ["T", "p", "y"], ["°C", "bar", "%"]),
    "names of a program above those of the user": (
        "Run,Factor 1,Factor 2,Response 1\n,Temp,Pressure,Yield\n,°C,bar,%\n3,75,3.1,44\n1,80,3.2,45\n",
        ["Run", "Temp", "Pressure", "Yield"],
        ["", "°C", "bar", "%"],
    ),
    "names of several lines": (
        '"Factor 1\nA:Temp\n°C","Factor 2\nB:Druck\nbar",y\n75,3.1,44\n80,3.2,45\n',
        ["Factor 1 A:Temp", "Factor 2 B:Druck", "y"],
        ["°C", "bar", ""],
    ),
    "line below the names": (
        "| T | p | y |\n|---|:--:|--:|\n| 1 | 2.5 | 3 |\n| 2 | 3.5 | 4 |\n",
        ["T", "p", "y"],
        [""] * 3,
    ),
    "rows numbered, split at blanks": (
        '"T C" "kind" "y"\n"1" 60 "Pd C" 40\n"2" 70 "Ni R" 50\n"3" 80 "Pd C" 60\n',
        ["column 1", "T C", "kind", "y"],
        [""] * 4,
    ),
    "names of rows without one": ('"x","y"\n"1",2.5,3\n"2",3.5,4\n"3",4.5,5\n', ["column 1", "x", "y"], [""] * 3),
}


@pytest.mark.parametrize(("text", "names", "units"), HEADERS.values(), ids=HEADERS)
def test_names_and_units_are_found(text, names, units):
    table = read(text)
    assert table.frame.columns.tolist() == names
    assert [table.units.get(name, "") for name in names] == units
    # What is above the header never becomes a row.
    assert table.frame.iloc[:, -1].notna().any()
    assert table.frame.index.tolist() == sorted(table.frame.index)
    assert len(table.unread) == 0


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("units row", "Row 2 was read as units, such as '°C'."),
        ("groups", "The names of rows 1 and 2 were joined, such as 'Feed T'."),
        ("title", "Left out: 1 row above the header, beginning with 'Trial 3'."),
        ("comments", "Left out: 3 rows above the header, beginning with '# instrument 7'."),
        ("sep", "Row 1 names the delimiter ('sep=') and was skipped."),
        ("names of rows without one", "the first column has no name"),
    ],
)
def test_what_was_skipped_or_joined_is_said(kind, words):
    assert any(words in notice for notice in read(HEADERS[kind][0]).notices)


def test_units_keep_the_rows_and_their_numbers():
    frame = read("T,P\n°C,bar\n60,1.5\n70,2\n").frame
    assert frame.index.tolist() == [3, 4]
    assert frame["P"].tolist() == [1.5, 2]


def test_the_header_can_be_chosen():
    text = "a;b;c\nx;y;z\n1;2;3\n2;3;4\n"
    assert read(text, header_row=2).frame.columns.tolist() == ["x", "y", "z"]
    table = read("1;2;3\n4;5;6\n", header_row=1)
    assert (table.frame.columns.tolist(), table.header_row) == (["1", "2", "3"], 1)
    with pytest.raises(TableError, match="Row 9 is blank or below the first rows"):
        read(text, header_row=9)


def test_a_table_may_have_no_header():
    table = read("A;1;2\nB;3;4\n", header_row=0)
    assert table.frame.columns.tolist() == ["column 1", "column 2", "column 3"]
    assert table.frame["column 2"].tolist() == [1, 3]
    assert table.frame.index.tolist() == [1, 2]


def test_rows_of_another_width_are_left_out_by_choice():
    text = "a,b\n1,2\n3\n4,5\n6,7,8\n"
    with pytest.raises(TableError, match="Row 3 has 1 cell where the header in row 1 has 2"):
        read(text)
    table = read(text, leave_out_ragged=True)
    assert table.frame["a"].tolist() == [1, 4]
    assert "Left out as you chose: 2 rows of another width than the header, the first is row 3." in table.notices


def test_rows_may_all_end_before_the_last_columns():
    table = read("T,p,y,note\n1,2,3\n2,3,4\n3,4,5\n")
    assert table.frame.to_numpy().tolist() == [[1, 2, 3], [2, 3, 4], [3, 4, 5]]
    assert any("Every row has 1 cell less than the header" in notice for notice in table.notices)
    with pytest.raises(TableError, match="Row 2 has 3 cells where the header in row 1 has 4"):
        read("Temp, °C,p,y\n1,2,3\n2,3,4\n3,4,5\n")  # a name was split, so that nobody knows what is whose
    with pytest.raises(TableError, match="Row 2 has 3 cells"):
        read("T,p,y,note\n1,2,3\n2,3\n3,4,5\n")


def test_quotation_marks_are_letters_by_choice():
    text = 'size;y\n"5 pipe;1\n"6 pipe;2\n'
    with pytest.raises(TableError, match="quotation mark"):
        read(text)
    table = read(text, dialect=Dialect(delimiter=";", quotes=False))
    assert table.frame["size"].tolist() == ['"5 pipe', '"6 pipe']
