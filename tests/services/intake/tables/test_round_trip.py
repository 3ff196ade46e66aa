"""What is written in any dialect reads back the same."""

import csv
import io

import pytest
from hypothesis import given, settings, strategies as st

from services.intake.tables.csv_text import Dialect
from services.intake.tables.reading import Reading, read_table

words = st.text("abcdefghijäöüß ;,|'\".-", min_size=1, max_size=12).map(lambda text: "w" + text.strip())
finite = st.floats(allow_nan=False, allow_infinity=False)
hundredths = st.integers(-(10**7), 10**7).map(lambda number: number / 100)


def written(header, rows, dialect, encode_as):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=dialect.delimiter)
    writer.writerow(header)
    for numbers, word in rows:
        writer.writerow([*(repr(number).replace(".", dialect.decimal) for number in numbers), word])
    return buffer.getvalue().encode(encode_as)


def read_back(data, dialect):
    frame = read_table(data, "t.csv", Reading(dialect)).frame
    return [([float(row[0]), float(row[1])], " ".join(row[2].split())) for row in frame.itertuples(index=False)]


def expected(rows):
    return [(list(numbers), " ".join(word.split())) for numbers, word in rows]


encodings = st.sampled_from(["utf-8", "cp1252", "utf-16"])


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(st.tuples(finite, finite), words), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    decimal=st.sampled_from(".,"),
    encoding=encodings,
)
def test_a_given_dialect_reads_every_number_back(rows, delimiter, decimal, encoding):
    dialect = Dialect(encoding, delimiter, decimal)
    assert read_back(written(["x", "y", "word"], rows, dialect, encoding), dialect) == expected(rows)


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(st.tuples(hundredths, hundredths), st.sampled_from(["lime", "grün", "blau"])), min_size=2),
    delimiter=st.sampled_from(",;\t|"),
    decimal=st.sampled_from(".,"),
    encoding=encodings,
)
def test_a_found_dialect_reads_every_number_back(rows, delimiter, decimal, encoding):
    data = written(["x", "y", "word"], rows, Dialect(encoding, delimiter, decimal), encoding)
    assert read_back(data, None) == expected(rows)


@settings(max_examples=100)
@given(data=st.binary(min_size=1, max_size=200))
def test_any_bytes_give_a_table_or_a_plain_refusal(data):
    from services.intake.tables.limits import TableError

    try:
        table = read_table(b"a,b\n" + data, "t.csv")
    except TableError as refusal:
        assert str(refusal)
    else:
        assert table.frame.columns.is_unique


@pytest.mark.parametrize("thousands", [",", " ", "'"])
def test_thousands_are_read_under_a_given_dialect(thousands):
    data = f"x;y\n1{thousands}234.5;12{thousands}345{thousands}678\n".encode()
    table = read_table(data, "t.csv", Reading(Dialect(delimiter=";", thousands=thousands)))
    assert table.frame.iloc[0].tolist() == [1234.5, 12345678]
