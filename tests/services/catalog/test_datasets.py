"""Datasets are found by name and by digest, and come back the same."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from models.data.dataset import Column, ColumnKind, Dataset, FilledGaps, Label, OtherOutcome
from models.data.limits import PhysicalLimits
from models.errors import DatasetError
from models.formulas.outcomes import FormulaOutcomes
from models.networks.functions import CATALYSTS, reactor
from services.catalog.datasets import CsvMarks, DatasetLibrary
from services.intake.roles.proposal import propose_roles
from services.intake.roles.summaries import summarise
from services.intake.tables.csv_text import Dialect
from services.intake.tables.reading import read_table

SHIPPED = Path(__file__).parents[3] / "data"
ABOUT = {
    "title": "Two mixes",
    "outcome": "strength",
    "features": ["water", "kind"],
    "sweep": None,
    "parts": ["water"],
    "units": {"strength": "MPa"},
    "source": "made up",
    "licence": "CC0 1.0",
}


@pytest.fixture
def library(tmp_path):
    shipped = tmp_path / "data"
    shipped.mkdir()
    (shipped / "mixes.csv").write_text("kind,water,extra,strength\na,1.5,x,10\nb,2.5,y,20.5\n")
    (shipped / "mixes.json").write_text(json.dumps(ABOUT))
    (shipped / "lonely.json").write_text("{}")
    return DatasetLibrary(shipped, tmp_path / "home" / "saved")


@pytest.fixture
def dataset():
    return Dataset(
        name="Größe",
        features=(
            Column("x", unit="kg/m³"),
            Column("kind", ColumnKind.CATEGORICAL, categories=("a", "b", "never seen")),
            Column("n", is_integer=True),
        ),
        outcome=Column("y", unit="MPa"),
        X=np.array([[0.1, 1, 3], [1e-300, 0, 4]]),
        y=np.array([1 / 3, -2.0]),
        sweep="n",
        parts=("x", "n"),
    )


def test_shipped_tables_have_names_titles_and_roles(library):
    assert library.shipped_names() == ["mixes"]
    assert library.title("mixes") == "Two mixes"
    assert library.about("mixes")["licence"] == "CC0 1.0"
    dataset = library.load("mixes")
    assert (dataset.name, dataset.feature_names) == ("Two mixes", ("water", "kind"))
    assert dataset.outcome.label == "strength [MPa]"
    assert dataset.parts == ("water",)
    assert library.load("mixes") is dataset


@pytest.mark.parametrize("name", ["absent", "", "../mixes", "lonely", "/etc/passwd", "mixes.csv"])
def test_unknown_names_are_refused(library, name):
    with pytest.raises(DatasetError, match="There is no shipped table"):
        library.load(name)


def test_a_saved_dataset_comes_back_the_same(library, dataset):
    digest = library.save(dataset)
    found = library.find(digest)
    assert digest == dataset.digest == found.digest
    for role in ("name", "features", "outcome", "sweep", "parts"):
        assert getattr(found, role) == getattr(dataset, role)
    assert np.array_equal(found.X, dataset.X)
    assert np.array_equal(found.y, dataset.y)


def test_saving_twice_takes_the_new_name_and_leaves_no_litter(library, dataset, tmp_path):
    library.save(dataset)
    library.save(replace(dataset, name="another name"))
    saved = tmp_path / "home" / "saved"
    assert sorted(path.suffix for path in saved.iterdir()) == [".json", ".parquet"]
    found = library.find(dataset.digest)
    assert found.name == library.recent()[0].name == "another name" and found.digest == dataset.digest


def test_shipped_datasets_are_found_by_digest_too(library):
    shipped = library.load("mixes")
    assert library.find(shipped.digest) is shipped


@pytest.mark.parametrize("digest", ["0" * 64, "", "../../etc/passwd", "ABC"])
def test_an_absent_digest_says_what_to_do(library, digest):
    with pytest.raises(DatasetError, match="upload the table again"):
        library.find(digest)


def test_changed_or_damaged_files_are_not_used(library, dataset, tmp_path):
    digest = library.save(dataset)
    roles = tmp_path / "home" / "saved" / f"{digest}.json"
    roles.write_text(roles.read_text("utf-8").replace('"never seen"', '"seen"'), "utf-8")
    with pytest.raises(DatasetError, match="was changed after it was saved"):
        library.find(digest)
    roles.write_text("{}")
    with pytest.raises(DatasetError, match="cannot be read"):
        library.find(digest)


def test_a_dataset_without_its_roles_is_not_there(library, dataset, tmp_path):
    digest = library.save(dataset)
    (tmp_path / "home" / "saved" / f"{digest}.json").unlink()
    with pytest.raises(DatasetError, match="neither saved here nor shipped"):
        library.find(digest)
    assert library.save(dataset) == digest
    assert library.find(digest).digest == digest


names = st.lists(st.text(min_size=1, max_size=8), min_size=3, max_size=3, unique=True)
finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=25)
@given(names=names, rows=st.lists(st.tuples(finite, st.sampled_from(["a", "ä", "=1"]), finite), min_size=1, max_size=6))
def test_any_dataset_keeps_its_digest(tmp_path_factory, names, rows):
    x, kind, y = names
    frame = pd.DataFrame(rows, columns=names).astype({kind: "str"})
    dataset = Dataset.from_frame(frame, name="t", outcome=y, features=[x, kind])
    library = DatasetLibrary(SHIPPED, tmp_path_factory.mktemp("saved"))
    assert library.find(library.save(dataset)).digest == dataset.digest


class TestShipped:
    """The tables that ship load, and an upload of the same file proposes the same roles."""

    library = DatasetLibrary(SHIPPED, Path("never written"))

    @pytest.mark.parametrize("name", library.shipped_names())
    def test_each_is_complete_and_says_where_it_is_from(self, name):
        about = self.library.about(name)
        assert about["source"]
        assert about["licence"]
        assert self.library.load(name).n_rows > 0

    @pytest.mark.parametrize("name", library.shipped_names())
    def test_an_upload_proposes_the_roles_of_the_sidecar(self, name):
        frame = read_table((SHIPPED / f"{name}.csv").read_bytes(), f"{name}.csv").frame
        roles, dataset = propose_roles(frame, summarise(frame)), self.library.load(name)
        assert (roles.outcome, roles.features) == (dataset.outcome.name, dataset.feature_names)
        assert (roles.sweep, roles.parts) == (dataset.sweep, dataset.parts)


def test_the_limits_of_an_outcome_are_saved_with_it(library, dataset):
    limited = replace(dataset, limits=PhysicalLimits(-2))
    assert library.save(limited) != library.save(dataset)
    assert library.find(limited.digest).limits == PhysicalLimits(-2)
    assert library.find(dataset.digest).limits.is_open


def test_limits_that_were_changed_after_saving_are_not_used(library, dataset, tmp_path):
    digest = library.save(replace(dataset, limits=PhysicalLimits(-2)))
    roles = tmp_path / "home" / "saved" / f"{digest}.json"
    for low, words in (("-3", "was changed after it was saved"), ("7", "2 recorded rows lie below it")):
        roles.write_text(re.sub(r'"low": [-\d.]+', f'"low": {low}', roles.read_text("utf-8")), "utf-8")
        with pytest.raises(DatasetError, match=words):
            library.find(digest)


def test_the_dialect_of_a_table_is_kept_beside_it_and_changes_no_digest(library, dataset):
    digest = library.save(dataset)
    assert library.marks(digest) == library.marks("no digest") == CsvMarks(",", ".")
    assert library.save(dataset, dialect=Dialect("cp1252", ";", ",")) == digest
    assert library.marks(digest) == CsvMarks(";", ",")
    assert library.save(dataset) == digest  # known from before: nothing is forgotten
    assert library.marks(digest) == CsvMarks(";", ",")
    assert library.find(digest).digest == digest


def test_who_brought_a_table_with_spaces_gets_tabs(library, dataset):
    assert library.marks(library.save(dataset, dialect=Dialect(delimiter=" "))) == CsvMarks("\t", ".")


@pytest.mark.parametrize("kept", [[], "x", [";"], ["x", "."], [";", ";"]])
def test_marks_that_are_none_are_not_used(library, dataset, tmp_path, kept):
    digest = library.save(dataset, dialect=Dialect(delimiter=";"))
    path = tmp_path / "home" / "saved" / f"{digest}.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"marks": kept}), "utf-8")
    assert library.marks(digest) == CsvMarks()


def test_labels_group_order_and_filled_gaps_are_saved_with_it(library, dataset):
    labels = (Label("run", np.array([2.0, np.nan])), Label("lot", np.array(["Größe 1", ""])))
    labelled = replace(
        dataset, labels=labels, group="lot", order="run", filled=(FilledGaps("x", 3, "its median, 0.1"),)
    )
    found = library.find(library.save(labelled))
    assert found.digest == labelled.digest != dataset.digest
    assert (found.group, found.order, found.filled) == ("lot", "run", labelled.filled)
    for read, kept in zip(found.labels, labels, strict=True):
        assert read.name == kept.name and read.is_number == kept.is_number
        np.testing.assert_array_equal(read.values, kept.values)
    plain = library.find(library.save(dataset))
    assert (plain.labels, plain.group, plain.order, plain.filled) == ((), None, None, ())


def test_what_was_taken_last_is_listed_first(library, dataset, tmp_path):
    assert library.recent() == []
    other = replace(dataset, name="other", y=dataset.y + 1)
    for number, each in enumerate((dataset, other), start=1):
        library.save(each)
        os.utime(tmp_path / "home" / "saved" / f"{each.digest}.json", (number, number))
    (tmp_path / "home" / "saved" / f"{'0' * 64}.json").write_text("{}")
    first, second = library.recent()
    assert (first.digest, second.digest) == (other.digest, dataset.digest)
    assert (second.name, second.n_rows, second.outcome, second.features) == ("Größe", 2, "y", ("x", "kind", "n"))
    library.save(dataset)
    assert [table.digest for table in library.recent(at_most=1)] == [dataset.digest]


@pytest.fixture
def several(dataset):
    others = (
        OtherOutcome(Column("purity", unit="%"), np.array([np.nan, 99.5]), PhysicalLimits(0, 100)),
        OtherOutcome(Column("energy", is_integer=True), np.array([5.0, 7.0])),
    )
    return replace(dataset, other_outcomes=others, labels=(Label("lot", np.array(["a", "b"])),))


def test_several_outcomes_are_saved_together(library, several):
    found = library.find(library.save(several))
    assert found.digest == several.digest
    assert found.outcomes == several.outcomes
    for read, kept in zip(found.other_outcomes, several.other_outcomes, strict=True):
        assert read.limits == kept.limits
        np.testing.assert_array_equal(read.values, kept.values)


def test_gaps_in_the_first_of_several_outcomes_are_saved(library, several):
    gap = replace(several, y=np.array([np.nan, 1.0]))
    np.testing.assert_array_equal(library.find(library.save(gap)).y, [np.nan, 1])


def test_the_rows_of_each_outcome_are_found_but_are_no_tables_of_their_own(library, several, tmp_path):
    library.save(several, origin="made up", dialect=Dialect(delimiter=";"))
    for name in several.outcome_names:
        alone = several.for_outcome(name)
        found = library.find(alone.digest)
        assert (found.outcome, found.n_rows, found.other_outcomes) == (alone.outcome, alone.n_rows, ())
        assert (library.origin(alone.digest), library.marks(alone.digest).delimiter) == ("made up", ";")
    assert [table.digest for table in library.recent()] == [several.digest]
    library.save(several.for_outcome("purity"))
    assert {table.outcome for table in library.recent()} == {"y", "purity"}


def test_the_table_of_the_rows_of_an_outcome_is_found(library, several):
    library.save(several)
    for name in several.outcome_names:
        assert library.table_of(several.for_outcome(name).digest).digest == several.digest
    assert library.table_of(several.digest).digest == several.digest
    alone = several.for_outcome("purity")
    library.save(alone)  # by now it is a table of its own
    assert library.table_of(alone.digest).digest == alone.digest


def test_lists_name_all_outcomes_of_a_table(library, several):
    library.save(several)
    (kept,) = library.recent()
    assert (kept.outcome, kept.outcome_words) == ("y", "outcomes y, purity, energy")
    library.save(several.for_outcome("y"))
    assert {table.outcome_words for table in library.recent()} == {"outcomes y, purity, energy", "outcome y"}


def test_an_outcome_that_was_changed_after_saving_is_not_used(library, several, tmp_path):
    digest = library.save(several)
    roles = tmp_path / "home" / "saved" / f"{digest}.json"
    for old, new, words in (
        ('"high": 100.0', '"high": 99.0', "99.5 in row 2"),
        ('"unit": "%"', '"unit": "g"', "was changed"),
    ):
        text = roles.read_text("utf-8")
        roles.write_text(text.replace(old, new), "utf-8")
        with pytest.raises(DatasetError, match=words):
            library.find(digest)
        roles.write_text(text, "utf-8")
    roles.write_text(re.sub(r'"other_outcomes": \[.*?\n  \]', '"other_outcomes": []', text, flags=re.DOTALL), "utf-8")
    with pytest.raises(DatasetError, match="cannot be read"):
        library.find(digest)


def test_shipped_tables_may_have_several_outcomes(library, tmp_path):
    about = ABOUT | {"other_outcomes": ["cost"], "features": ["water"]}
    (tmp_path / "data" / "costly.csv").write_text("water,strength,cost\n1.5,10,\n2.5,,3\n3.5,12,4\n")
    (tmp_path / "data" / "costly.json").write_text(json.dumps(about))
    dataset = library.load("costly")
    assert dataset.outcome_names == ("strength", "cost") and dataset.n_rows == 3
    assert library.find(dataset.for_outcome("cost").digest).n_rows == 2


class TestPrices:
    """What the features of a shipped table cost and emit."""

    library = DatasetLibrary(SHIPPED, Path("never written"))

    def test_every_ingredient_of_concrete_has_a_price_and_a_source(self):
        prices, dataset = self.library.prices("concrete"), self.library.load("concrete")
        assert set(prices.prices) == set(dataset.parts)
        assert all(price.cost > 0 and price.co2 > 0 for price in prices.prices.values())
        rows = json.loads((SHIPPED / "concrete_prices.json").read_text("utf-8"))["prices"].values()
        assert all(row["cost_source"] and row["co2_source"] for row in rows)

    def test_they_make_cost_and_co2_of_recorded_mixes(self):
        prices, dataset = self.library.prices("concrete"), self.library.load("concrete")
        outcomes = FormulaOutcomes(
            dataset.features, dataset.outcomes, (prices.cost(dataset.features), prices.co2(dataset.features))
        )
        outcomes.check_rows(dataset.X, {})
        found = outcomes.evaluate(dataset.X, {})
        assert outcomes.units == {"cost": "US$/m³", "CO2": "kg CO₂/m³"}
        assert 30 < found["cost"].min() < np.median(found["cost"]) < 100
        assert 100 < found["CO2"].min() < np.median(found["CO2"]) < 400

    def test_other_tables_have_none(self, library):
        assert self.library.prices("bumps") is None
        with pytest.raises(DatasetError, match="There is no shipped table"):
            self.library.prices("concrete_prices")


def test_the_reactor_has_three_outcomes_with_gaps_in_two():
    dataset = TestShipped.library.load("reactor")
    impurity = dataset.for_outcome("impurity").digest
    assert TestShipped.library.table_of(impurity) is dataset
    assert dataset.outcome_names == ("yield", "impurity", "energy consumption")
    n_measured = [dataset.for_outcome(name).n_rows for name in dataset.outcome_names]
    assert n_measured[0] == dataset.n_rows == 240 and 190 < n_measured[1] < n_measured[2] < 240
    true = reactor(dataset.X)
    for j, name in enumerate(dataset.outcome_names):
        rows = np.isfinite(dataset.measured(name))
        measured = dataset.measured(name)[rows]
        assert np.corrcoef(measured, true[rows, j])[0, 1] > 0.99 and not (measured == true[rows, j]).all()
    assert dataset.features[-1].categories == CATALYSTS
