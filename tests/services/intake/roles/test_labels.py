"""Names and values together tell what labels the rows; what is set stays a feature, whatever it is called."""

import numpy as np
import pandas as pd
import pytest

from services.intake.roles.labels import find_labels
from services.intake.roles.summaries import summarise

N = 12
RNG = np.random.default_rng(0)
COUNTED, SHUFFLED = list(range(1, N + 1)), [int(i) for i in RNG.permutation(N) + 1]
TRIPLES = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
NAMES = """
StdOrder, Std Order, RunOrder, run order, Run, Run No., Run #, Std, Pt, Sample ID, Sample, Specimen, Batch,
Batch No., Lot, Lot number, Charge, Chargen-Nr., Chargennummer, Los, Probe, Proben-Nr., Probennummer, Versuch,
Versuch Nr., Versuchs-Nr, Exp, Exp. No, Experiment, Test no, Lfd. Nr., lfd nr, Nr., No, No., #, ID, Index,
Trial, Unnamed: 0, SampleID, Obs, Entry, Row, Mix No., Recipe ID, Plot no, Customer ID, sample_id, EXP_NO,
Order
"""


def labels_of(dates=(), units=None, **columns):
    frame = pd.DataFrame({name.replace("_", " "): values for name, values in columns.items()})
    return find_labels(frame, summarise(frame), dates, units)


def is_label(name, values, unit=""):
    frame = pd.DataFrame({name: values})
    return name in find_labels(frame, summarise(frame), (), {name: unit} if unit else {}).reasons


@pytest.mark.parametrize("name", [name.strip() for name in NAMES.split(",")])
@pytest.mark.parametrize("values", [COUNTED, [float(i) for i in COUNTED]], ids=["whole", "float"])
def test_numbers_of_the_rows_are_labels(name, values):
    assert is_label(name, values)


@pytest.mark.parametrize("name", ["RunOrder", "StdOrder", "Run", "Std", "Sample ID", "No.", "Versuch Nr."])
def test_they_may_come_in_any_order_and_from_zero_on(name):
    assert is_label(name, SHUFFLED)
    assert is_label(name, [i - 1 for i in COUNTED])


@pytest.mark.parametrize("name", ["Mix", "Heat", "Plot", "Recipe", "Bauteil"])
def test_what_is_set_as_often_is_a_label_where_it_is_counted_through(name):
    assert is_label(name, COUNTED) and is_label(name, [i // 2 for i in range(12)])
    assert not is_label(name, SHUFFLED)


@pytest.mark.parametrize("name", ["Rep", "Replicate", "Block"])
def test_replicates_come_round_and_round(name):
    assert is_label(name, [1, 2, 3] * 4)


@pytest.mark.parametrize("name", ["Batch", "Block", "Lot", "Replicate", "Wdh.", "Charge", "Los", "Sample", "Batch No."])
def test_what_binds_rows_together_is_a_label_too(name):
    assert is_label(name, TRIPLES)


@pytest.mark.parametrize("name", ["Charge", "Batch", "Los", "Probe", "Chargen-Nr.", "Sample", "ID", "No."])
def test_codes_are_labels(name):
    assert is_label(name, [20240500 + i for i in (0, 3, 4, 9, 11, 13, 17, 18, 21, 24, 28, 30)])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Sample", [f"S-{i}" for i in COUNTED]),
        ("Probe", [f"P{i}" for i in COUNTED]),
        ("Batch", ["A", "A", "B", "B"] * 3),
        ("Charge", [f"C{i:03}" for i in TRIPLES]),
        ("Bezeichnung", [f"Rezept {i}" for i in COUNTED]),
        ("anything", [f"made by hand {i}" for i in COUNTED]),
        ("produced", [f"{i:02}.03.2024" for i in COUNTED]),
    ],
)
def test_texts_that_name_the_rows_are_labels(name, values):
    assert is_label(name, values)


@pytest.mark.parametrize(
    ("name", "values", "unit"),
    [
        ("Temp", [100 + 10 * i for i in COUNTED], ""),
        ("x", COUNTED, ""),
        ("day", COUNTED, ""),
        ("time", COUNTED, ""),
        ("Batch size", TRIPLES, ""),
        ("Run time", COUNTED, ""),
        ("Sample mass", COUNTED, ""),
        ("Probe depth", TRIPLES, ""),
        ("Test temperature", COUNTED, ""),
        ("Lot area", COUNTED, ""),
        ("Number of passes", TRIPLES, ""),
        ("Block length", COUNTED, ""),
        ("Charge [kg]", COUNTED, ""),
        ("Charge", COUNTED, "kg"),
        ("Charge", [0.5, 1.0, 1.5, 2.0, 2.5, 0.5, 1.0, 1.5, 2.0, 2.5, 0.5, 1.0], ""),
        ("Charge", [100, 200, 300] * 4, ""),
        ("Charge", [2, 1, 3, 1, 2, 3, 3, 1, 2, 2, 1, 3], ""),
        ("ID", [20, 25, 30, 20, 25, 30, 20, 25, 30, 20, 25, 30], ""),
        ("ID", [20.5, 21.0, 22.5, 23.0, 24.5, 25.0, 26.5, 27.0, 28.5, 29.0, 30.5, 31.0], ""),
        ("No", [3, 1, 2] * 4, ""),
        ("Index", [1.31, 1.33, 1.36, 1.4, 1.42, 1.45, 1.5, 1.52, 1.55, 1.6, 1.62, 1.65], ""),
        ("Pt", [0.1, 0.2, 0.5] * 4, ""),
        ("Test", [10, 20, 30] * 4, ""),
        ("Heat", [1, 2, 3, 4] * 3, ""),
        ("Mix", TRIPLES, ""),
        ("Build", [1, 2] * 6, ""),
        ("column 1", [5, 6, 8, 9, 11, 14, 15, 17, 20, 22, 25, 30], ""),
        ("Probe", ["A", "B", "C"] * 4, ""),
        ("Operator", ["Kim", "Lee", "Ana"] * 4, ""),
        ("catalyst", ["Pd", "Pt", "Ni"] * 4, ""),
        ("Material name", ["PLA", "PETG", "ABS"] * 4, ""),
        ("Year", [2001 + i for i in COUNTED], ""),
    ],
)
def test_what_is_set_stays_a_feature(name, values, unit):
    assert not is_label(name, values, unit)


@pytest.mark.parametrize("name", ["Essai n°", "Nr próby", "Injection", "Sud", "Schmelze", "Parzelle", "gibberish"])
@pytest.mark.parametrize("begin", [0, 1, 101])
def test_what_counts_the_rows_is_a_label_in_any_language(name, begin):
    found = labels_of(**{name: [begin + i for i in range(N)]}, a=TRIPLES, y=RNG.random(N))
    assert list(found.reasons) == [name]


@pytest.mark.parametrize("name", ["speed", "Zeit", "dose", "x", "Year", "passes [n]", "mystery [kg]", "yield"])
def test_what_was_raised_row_by_row_is_none(name):
    assert not labels_of(**{name: COUNTED}, a=TRIPLES, y=RNG.random(N)).reasons


def test_nor_is_what_stands_among_the_settings_or_is_the_only_one():
    assert not labels_of(a=TRIPLES, gibberish=COUNTED, y=RNG.random(N)).reasons
    assert not labels_of(gibberish=COUNTED, y=RNG.random(N)).reasons
    assert not labels_of(gibberish=[*COUNTED[:-2], np.inf, np.inf], a=TRIPLES, y=RNG.random(N)).reasons


@pytest.mark.parametrize("name", ["ロット番号", "Ensayo", "échantillon"])
def test_texts_under_foreign_names_of_labels_bind_rows(name):
    assert labels_of(**{name: [f"L{i}" for i in TRIPLES]}, y=RNG.random(N)).group == name


@pytest.mark.parametrize("name", ["Kommentar", "Bemerkung", "Notes", "Operator comment"])
def test_remarks_are_no_categories_and_bind_nothing(name):
    values = ["ok", "ok", "stopped", "ok"] * 3
    assert is_label(name, values)
    frame = pd.DataFrame({name: values})
    assert find_labels(frame, summarise(frame)).group is None
    assert not is_label("note", [1.5, 2.0, 1.0] * 4)


def test_days_are_numbers_by_name_alone():
    days = [45_400 + i for i in COUNTED]
    assert (
        is_label("Date", days) and is_label("Prüfdatum", days) and is_label("Datum", [20240501 + i for i in range(N)])
    )
    assert is_label("timestamp", [1_709_280_000.0 + 3600 * i for i in COUNTED])
    assert not is_label("pressure", days)
    assert "when" in labels_of(dates=("when",), when=days).reasons


def test_a_date_in_every_third_row_is_a_date():
    found = labels_of(made=["2024-03-01", None, None, "2024-03-04", None, None] * 2)
    assert found.reasons == {"made": "dates"}


def test_the_order_is_that_of_the_runs_or_of_time_never_that_of_the_design():
    day = [f"2024-03-{i:02}" for i in COUNTED]
    assert labels_of(StdOrder=COUNTED, RunOrder=SHUFFLED, Datum=day).order == "RunOrder"
    assert labels_of(StdOrder=COUNTED, Datum=day).order == "Datum"
    assert labels_of(Run=SHUFFLED, Sample=COUNTED).order == "Run"
    assert labels_of(StdOrder=SHUFFLED, Sample_ID=COUNTED).order is None


def test_the_group_is_the_batch_before_the_sample_before_the_replicate():
    columns = {"Replicate": [1, 2, 3] * 4, "Sample": TRIPLES, "Batch": [1] * 6 + [2] * 6}
    assert labels_of(**columns).group == "Batch"
    assert labels_of(Replicate=columns["Replicate"], Sample=TRIPLES).group == "Sample"
    assert labels_of(Replicate=columns["Replicate"], Run=SHUFFLED).group == "Replicate"
    assert labels_of(Run=SHUFFLED, Sample=COUNTED).group is None
