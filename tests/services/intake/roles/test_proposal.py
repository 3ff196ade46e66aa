"""The roles that are proposed: modest, and shown by the rows."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from services.intake.roles.proposal import Roles, propose_roles
from services.intake.roles.summaries import summarise
from services.intake.tables.cleaning import clean
from services.intake.tables.limits import TableError
from services.intake.tables.reading import read_table


def frame_of(text):
    return read_table(text.encode(), "t.csv").frame


def propose(frame, **given):
    return propose_roles(frame, summarise(frame), **given)


def test_labels_and_useless_columns_are_no_features():
    frame = pd.DataFrame(
        {"id": range(20), "kind": ["a", "b"] * 10, "x": np.arange(20) ** 2, "y": np.arange(20.0) % 7, "same": 1}
    )
    roles = propose(frame)
    assert roles == Roles("y", ("kind", "x"), labels=("id",), outcomes=("y",))
    assert roles.reasons["id"] == "named and numbered like labels"


def test_mostly_empty_columns_cost_no_rows():
    frame = pd.DataFrame({"x": np.arange(20) ** 2, "rare": [1.0, 2.0] + [np.nan] * 18, "y": np.arange(20.0) % 7})
    assert propose(frame).features == ("x",)


def test_an_outcome_may_be_measured_in_a_few_rows_only():
    few = [1.5, 2.5, 4.0] + [np.nan] * 17
    frame = pd.DataFrame({"x": np.arange(20) ** 2, "yield": few, "note 2": few, "z": np.arange(20) % 7})
    roles = propose(frame)
    assert (roles.outcome, roles.features) == ("yield", ("x", "z"))


@pytest.mark.parametrize("names", [("Run", "y"), ("Batch", "Run")])
def test_where_there_is_nothing_else_labels_are_used_after_all(names):
    frame = pd.DataFrame({names[0]: range(1, 21), names[1]: np.random.default_rng(0).permutation(20) + 1})
    roles = propose(frame)
    assert (roles.outcome, roles.features, roles.labels, roles.order) == (names[1], (names[0],), (), None)


def test_a_copy_as_the_only_feature_is_one_after_all():
    y = np.random.default_rng(0).random(20)
    assert propose(pd.DataFrame({"x": 2 * y, "y": y})).features == ("x",)


def test_dates_and_units_of_the_reader_count():
    frame = pd.DataFrame(
        {"x": [1, 2, 1, 2], "when": [45001, 45002, 45003, 45004], "a": [3.1, 2.2, 5, 7], "b": [2, 2, 3, 4]}
    )
    roles = propose(frame, dates=("when",), units={"a": "MPa", "b": "°C"})
    assert (roles.labels, roles.outcome) == (("when",), "a")


class TestSweep:
    def mixes(self, name="age", ages=(1, 7, 28), n=8):
        rng = np.random.default_rng(0)
        mixes = rng.uniform(1, 9, (n, 2)).round(2)
        rows = [(*mix, age) for mix, age in product(mixes.tolist(), ages)]
        return pd.DataFrame(rows, columns=["cement", "water", name]).assign(strength=rng.uniform(10, 60, n * len(ages)))

    @pytest.mark.parametrize("name", ["age", "Age (days)", "curing time", "Zeit [h]", "wavelength"])
    def test_the_rows_show_it(self, name):
        assert propose(self.mixes(name)).sweep == name

    def test_most_rows_are_enough(self):
        frame = self.mixes()
        others = np.random.default_rng(4).uniform(10, 90, (48, 2))
        once = pd.DataFrame(others, columns=["cement", "water"]).assign(age=28, strength=others[:, 0])
        assert propose(pd.concat([frame, once[:8]], ignore_index=True)).sweep == "age"
        assert propose(pd.concat([frame, once], ignore_index=True)).sweep is None

    @pytest.mark.parametrize("name", ["time", "day", "hour", "age", "Zeit", "reaction time", "Alter", "Stunden"])
    def test_a_time_that_is_set_is_an_ordinary_feature(self, name):
        rng = np.random.default_rng(1)
        frame = pd.DataFrame({"temp": rng.uniform(60, 90, 30), name: rng.integers(1, 6, 30), "yield": rng.random(30)})
        roles = propose(frame)
        assert (roles.sweep, roles.features) == (None, ("temp", name))

    def test_no_factor_of_a_full_design_is_a_sweep(self):
        rows = list(product((60, 70, 80), (1, 2, 4), (5, 6, 7)))
        frame = pd.DataFrame(rows, columns=["temp", "time", "pH"])
        assert propose(frame.assign(y=np.random.default_rng(2).random(27))).sweep is None

    @pytest.mark.parametrize("name", ["time", "dose"])
    def test_in_a_full_design_a_time_of_many_values_is_one(self, name):
        rows = list(product((60, 70, 80), (1, 2), (0, 5, 10, 20, 40)))
        frame = pd.DataFrame(rows, columns=["temp", "conc", name]).assign(y=np.random.default_rng(5).random(30))
        assert propose(frame).sweep == ("time" if name == "time" else None)

    @pytest.mark.parametrize("name", ["T", "T [°C]", "t [°C]", "T /K"])
    def test_a_temperature_is_no_time_however_short_its_name(self, name):
        rows = list(product((60, 65, 70, 75, 80), (1, 5)))
        frame = pd.DataFrame(rows, columns=[name, "p"]).assign(y=np.random.default_rng(5).random(10))
        assert propose(frame).sweep is None
        assert propose(frame.rename(columns={name: "T"}), units={"T": "°C"}).sweep is None

    @pytest.mark.parametrize("name", ["t", "t [min]", "T [h]", "t / s"])
    def test_and_a_time_is_one(self, name):
        rows = list(product((60, 65, 70, 75, 80), (1, 5)))
        frame = pd.DataFrame(rows, columns=[name, "p"]).assign(y=np.random.default_rng(5).random(10))
        assert propose(frame).sweep == name

    def test_one_factor_at_a_time_makes_no_sweep(self):
        rows = (
            [(t, 2, 7) for t in (50, 60, 70, 80)]
            + [(65, t, 7) for t in (1, 2, 3, 4)]
            + [(65, 2, p) for p in (5, 6, 7, 8)]
        )
        frame = pd.DataFrame(rows, columns=["temp", "time", "pH"]).assign(y=np.random.default_rng(6).random(12))
        assert propose(frame).sweep is None

    @pytest.mark.parametrize("name", ["time", "x"])
    def test_mixes_by_name_at_several_times_make_a_curve_only_over_a_time(self, name):
        frame = pd.DataFrame(list(product("ABCDEF", (1, 2, 4, 8))), columns=["recipe", name])
        frame = frame.assign(y=np.random.default_rng(3).random(24))
        assert propose(frame).sweep == ("time" if name == "time" else None)

    def test_the_only_feature_is_none(self):
        assert propose(pd.DataFrame({"age": [1, 7, 28, 7], "y": [1.0, 2, 3, 4]})).sweep is None


class TestRecipeNames:
    def frame(self, name="Formulation", n=5):
        rng = np.random.default_rng(0)
        amounts = rng.uniform(1, 9, (n, 2)).round(2).tolist()
        rows = [(f"F{i}", *amounts[i], time) for i, time in product(range(n), (0, 5, 10, 30))]
        return pd.DataFrame(rows, columns=[name, "HPMC", "force", "time"]).assign(released=rng.random(4 * n))

    @pytest.mark.parametrize("name", ["Formulation", "cell_id", "Rezeptur", "Compound", "whatever"])
    def test_the_name_of_a_recipe_beside_its_amounts_is_a_label_and_binds_its_rows(self, name):
        roles = propose(self.frame(name))
        assert (roles.labels, roles.group, roles.sweep) == ((name,), name, "time")
        assert roles.features == ("HPMC", "force", "time")

    def test_so_it_is_without_a_sweep(self):
        roles = propose(self.frame().drop(columns="time"))
        assert (roles.labels, roles.group, roles.features) == (("Formulation",), "Formulation", ("HPMC", "force"))

    def test_a_batch_binds_before_a_recipe(self):
        frame = self.frame().assign(**{"Batch No.": [f"B{i // 2}" for i in range(20)]})
        assert propose(frame).group == "Batch No."

    def test_a_name_that_says_more_than_the_amounts_is_a_feature(self):
        frame = self.frame()
        frame.loc[3, "HPMC"] += 1
        assert "Formulation" in propose(frame).features
        alone = self.frame()[["Formulation", "time", "released"]]
        assert propose(alone).features == ("Formulation", "time")
        assert "Formulation" in propose(self.frame(n=3)).features


def test_what_is_marked_or_empty_is_present_or_not():
    text = "Add A,Add B,T,y\nx,,60,40\n,yes,70,44\nx,yes,80,49\nx,,60,51\n,,70,55\nx,,80,58\n"
    frame = frame_of(text)
    roles = propose(frame)
    assert roles.features == ("Add A", "Add B", "T")
    table = clean(frame, name="t", outcome=roles.outcome, features=roles.features)
    assert [feature.categories for feature in table.dataset.features[:2]] == [("none", "x"), ("none", "yes")]
    assert table.dataset.n_rows == 6
    assert table.notices == (
        "Column 'Add A' holds 'x' or nothing: empty cells (2) count as 'none'.",
        "Column 'Add B' holds 'yes' or nothing: empty cells (4) count as 'none'.",
    )


def test_shares_that_add_up_are_parts():
    rng = np.random.default_rng(0)
    shares = pd.DataFrame(rng.dirichlet([2, 3, 4, 5], 60) * 100, columns=["a", "b", "c", "d"])
    frame = shares.assign(temperature=rng.uniform(20, 90, 60), y=rng.random(60))
    assert propose(frame).parts == ("a", "b", "c", "d")


def test_independent_columns_are_no_parts():
    rng = np.random.default_rng(1)
    for low, high in ((0, 1), (95, 105)):
        frame = pd.DataFrame(rng.uniform(low, high, (60, 5)), columns=list("abcdy"))
        assert propose(frame).parts == ()


def test_parts_and_copies_are_found_in_a_table_of_many_rows_and_columns():
    rng = np.random.default_rng(3)
    wide = pd.DataFrame(rng.random((4_000, 400)), columns=[f"s{j}" for j in range(400)])
    a = rng.random(4_000)
    frame = pd.concat([pd.DataFrame({"a": a, "b": 3 * a + 1}), wide], axis=1)
    assert set(propose_roles(frame, summarise(frame)).copies) == {"b"}
    shares = pd.DataFrame(rng.dirichlet([2, 3, 4], 20_000), columns=list("abc"))
    assert propose(shares.assign(y=rng.random(20_000))).parts == ("a", "b", "c")


@pytest.mark.parametrize("size", [1e300, -1e308, 4e155, 1e-300, 5e-324])
@pytest.mark.parametrize("column", ["T", "p", "y"])
@pytest.mark.parametrize("is_one_cell", [True, False])
def test_numbers_whose_squares_are_out_of_range_are_no_error(size, column, is_one_cell):
    frame = pd.DataFrame(np.random.default_rng(2).uniform(1, 2, (30, 3)), columns=["T", "p", "y"])
    frame.loc[frame.index[:1] if is_one_cell else frame.index, column] *= size
    roles = propose(frame)
    assert (roles.outcome, roles.features, roles.parts) == ("y", ("T", "p"), ())


def test_the_numbers_of_batches_are_no_parts():
    text = "Charge,temp,pH,yield\n20240500,84,6,49.1\n20240503,62,7,32.7\n20240504,71,6,40.2\n20240509,90,5,52.8\n"
    roles = propose(
        frame_of(text + "".join(f"2024{600 + i},{60 + i},{5 + i % 3},{30 + 1.7 * i:.1f}\n" for i in range(12)))
    )
    assert (roles.labels, roles.features, roles.parts) == (("Charge",), ("temp", "pH"), ())


@pytest.mark.parametrize("text", ["a,b\nx,y\nz,u\n", "a,b\n1,x\n1,y\n"])
def test_nothing_to_predict(text):
    with pytest.raises(TableError, match="No column holds numbers that vary"):
        propose(frame_of(text))


def test_nothing_to_predict_from():
    with pytest.raises(TableError, match="Only 'y' can be used"):
        propose(frame_of("y\n1\n2\n"))


NAMES = [
    "Run",
    "Charge",
    "yield",
    "y1",
    "Zeit [h]",
    "28d",
    "",
    "%",
    "D50",
    "cost",
    "Datum",
    "std",
    "#",
    "Probe",
    "p-1",
    "É",
]
columns = st.one_of(
    st.lists(st.sampled_from([1.0, 2.0, 3.5, np.nan, np.inf]), min_size=8, max_size=8),
    st.lists(st.sampled_from(["a", "b 1", "none", "NA", None, "2024-01-02"]), min_size=8, max_size=8),
    st.permutations(list(range(1, 9))),
)


@settings(max_examples=60, deadline=None)
@given(columns=st.dictionaries(st.sampled_from(NAMES), columns, min_size=1, max_size=6))
def test_any_table_is_proposed_for_or_refused_in_words_and_what_is_proposed_makes_a_dataset(columns):
    frame = pd.DataFrame(columns)
    frame = frame.astype({name: "str" for name in frame if frame[name].dtype == object})
    try:
        roles = propose(frame)
        named = [roles.outcome, *roles.features, *roles.labels, *roles.other_outcomes]
        assert len(set(named)) == len(named)
        assert roles.outcomes[0] == roles.outcome
        assert {roles.group, roles.order} <= {None, *roles.labels}
        clean(
            frame,
            name="t",
            outcome=roles.outcome,
            features=roles.features,
            sweep=roles.sweep,
            labels=roles.labels,
            group=roles.group,
            order=roles.order,
        )
    except TableError as error:
        assert str(error)
