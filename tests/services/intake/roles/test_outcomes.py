"""The outcome is told by name, unit, place and values; what was measured beside it is pointed out, and little else."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from services.intake.roles.outcomes import other_outcomes, rank_outcomes
from services.intake.roles.proposal import propose_roles
from services.intake.roles.summaries import summarise
from services.intake.roles.words import header_of
from services.intake.tables.notation.units import split_unit
from services.intake.tables.reading import read_table

TABLES = Path(__file__).parent / "tables.txt"


class Case(NamedTuple):
    """A table's first rows, and its outcome."""

    name: str
    outcome: str
    text: str


def cases():
    for block in TABLES.read_text("utf-8").strip().removeprefix("= ").split("\n\n= "):
        head, _, text = block.partition("\n")
        name, _, outcome = head.partition(" -> ")
        yield Case(name, outcome, text)


CASES = list(cases())


def roles_of(text):
    raw = read_table(text.encode(), "t.csv")
    return propose_roles(raw.frame, summarise(raw.frame), units=raw.units)


def is_same(one, other):
    """Whether two names are one, with its unit or without."""
    first, second = (header_of(split_unit(name)[0]).words for name in (one, other))
    return first == second


def others_of(frame, outcome):
    return other_outcomes(frame, summarise(frame), outcome)


def test_the_outcome_of_most_tables_is_told_by_their_first_rows():
    wrong = [case.name for case in CASES if not is_same(roles_of(case.text).outcome, case.outcome)]
    assert len(CASES) >= 80
    assert len(wrong) <= 0.05 * len(CASES), wrong


def test_the_right_outcome_is_among_the_buttons_of_nearly_all():
    outcomes = {case.name: roles_of(case.text).outcomes for case in CASES}
    absent = [case.name for case in CASES if not any(is_same(case.outcome, name) for name in outcomes[case.name])]
    assert len(absent) <= 0.02 * len(CASES), absent
    assert all(len(names) <= 4 for names in outcomes.values())


def test_no_table_has_a_sweep_or_parts_by_its_names():
    assert {(roles.sweep, roles.parts) for roles in (roles_of(case.text) for case in CASES)} == {(None, ())}


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("name", ["yield", "Ausbeute (%)", "purity", "Druckfestigkeit [MPa]", "score", "y", "loss"])
def test_a_usual_name_wins_wherever_it_stands(name, place):
    rng = np.random.default_rng(1)
    columns = {name: rng.random(12) for name in ("temp", "pH", "speed")}
    names = [*columns]
    names.insert(place, name)
    frame = pd.DataFrame({each: rng.random(12) for each in names})
    assert rank_outcomes(frame, summarise(frame))[0].name == name


def test_each_piece_of_evidence_is_told():
    frame = pd.DataFrame({"a": [1, 2] * 6, "b": [3, 3, 4, 4] * 3, "gloss [GU]": np.random.default_rng(0).random(12)})
    best = rank_outcomes(frame, summarise(frame))[0]
    assert best.words == "named like an outcome, in GU, stands last, nearly every row has another value"


def design(n=27):
    rng = np.random.default_rng(3)
    levels = np.array(np.meshgrid([60, 70, 80], [1, 2, 4], [5, 6, 7])).reshape(3, -1).T[:n]
    frame = pd.DataFrame(levels, columns=["temp", "time", "pH"])
    return frame.assign(**{"yield": (frame["temp"] + 3 * frame["time"] + rng.normal(0, 1, len(frame))).round(2)})


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("copy", lambda f: f["yield"], "says the same as yield"),
        ("in grams", lambda f: 12.5 * f["yield"] - 3, "says the same as yield"),
        ("purity", lambda f: np.random.default_rng(4).random(len(f)), "stands beside yield"),
        ("cost", lambda f: f["temp"] * 0.1 + f["pH"], "stands beside yield"),
        ("peak 2", lambda f: np.random.default_rng(5).random(len(f)), "stands after yield"),
    ],
)
def test_what_was_measured_after_the_fact_is_pointed_out(name, values, words):
    frame = design()
    assert words in others_of(frame.assign(**{name: values(frame)}), "yield")[name]


def test_what_follows_from_the_settings_and_goes_with_the_outcome_needs_no_name():
    frame = design()
    frame.insert(0, "reading 3", frame["yield"] * 2 + np.random.default_rng(6).normal(0, 5, len(frame)))
    assert "follows from the settings" in others_of(frame, "yield")["reading 3"]


def test_strengths_at_several_ages_are_outcomes_the_last_one_first():
    frame = design().drop(columns="yield")
    rng = np.random.default_rng(7)
    frame = frame.assign(**{f"strength_{age}d": rng.random(27) for age in (3, 7, 28)})
    roles = propose_roles(frame, summarise(frame))
    assert (roles.outcome, roles.other_outcomes) == ("strength_28d", ("strength_3d", "strength_7d"))
    assert roles.further_outcomes == roles.other_outcomes
    assert roles.features == ("temp", "time", "pH")


@pytest.mark.parametrize("name", ["dose", "x7", "cement strength", "feed purity", "speed", "layer thickness"])
def test_ordinary_features_are_left_alone_however_well_they_tell_the_outcome(name):
    frame = design()
    drawn = np.random.default_rng(8).random(len(frame))
    frame.insert(0, name, drawn)
    assert others_of(frame.assign(**{"yield": 40 * drawn + 0.01 * frame["temp"]}), "yield") == {}


def test_a_price_beside_sales_was_set():
    frame = design().rename(columns={"yield": "sales"})
    frame.insert(3, "price", np.random.default_rng(8).uniform(5, 9, len(frame)).round(2))
    roles = propose_roles(frame, summarise(frame))
    assert (roles.outcome, roles.other_outcomes) == ("sales", ())


def test_a_mean_is_the_outcome_and_its_standard_deviation_none():
    frame = design().rename(columns={"yield": "mean"}).assign(std=np.random.default_rng(8).random(27))
    roles = propose_roles(frame, summarise(frame))
    assert (roles.outcome, roles.other_outcomes, roles.further_outcomes) == ("mean", ("std",), ())


REPLICATES = {
    "Average": ["Rep 1", "Rep 2", "Rep 3"],
    "Mittelwert": ["Messung 1", "Messung 2"],
    "MW": ["Wert 1", "Wert 2", "Wert 3"],
    "Härte MW": ["Härte 1", "Härte 2", "Härte 3", "Härte 4"],
    "result": ["a", "b", "c"],
}


def with_replicates(mean, places=(0, 1, 2), noise=2.0):
    """A design with replicates, their mean and their standard deviation, by default in this order."""
    frame, names, rng = design().drop(columns="pH"), REPLICATES[mean], np.random.default_rng(1)
    true = frame.pop("yield")
    replicates = pd.DataFrame({name: (true + rng.normal(0, noise, 27)).round(2) for name in names})
    blocks = [replicates, replicates.mean(axis=1).round(2).rename(mean).to_frame()]
    blocks.append(replicates.std(axis=1).round(2).rename("how much").to_frame())
    return pd.concat([frame, *(blocks[place] for place in places)], axis=1)


@pytest.mark.parametrize("mean", REPLICATES)
@pytest.mark.parametrize("places", [(0, 1, 2), (1, 2, 0), (1, 0, 2)])
def test_replicates_and_their_spread_are_left_out_beside_their_mean(mean, places):
    frame = with_replicates(mean, places)
    assert set(others_of(frame, mean)) == {*REPLICATES[mean], "how much"}
    chosen = propose_roles(frame, summarise(frame), outcome=REPLICATES[mean][0])
    assert chosen.features == ("temp", "time")


@pytest.mark.parametrize("mean", REPLICATES)
def test_the_outcome_of_replicates_is_their_mean(mean):
    frame = with_replicates(mean, (0, 1))
    frame.loc[4, REPLICATES[mean][0]] = np.nan
    frame[mean] = frame[REPLICATES[mean]].mean(axis=1).round(2)
    roles = propose_roles(frame, summarise(frame))
    assert (roles.outcome, roles.features) == (mean, ("temp", "time"))


def test_the_mean_of_two_settings_is_an_outcome_of_its_own():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.permuted([[20.0 + i for i in range(30)]] * 2, axis=1).T, columns=["p1", "p2"])
    frame = frame.assign(z=rng.random(30), **{"yield": (frame["p1"] + frame["p2"]) / 2})
    assert others_of(frame, "yield") == {}


def test_of_a_target_and_what_came_of_it_the_latter_is_the_outcome():
    frame = design().drop(columns=["pH", "yield"])
    drawn = np.random.default_rng(3).random(27).round(3)
    for target, actual in (("Target thickness", "Actual thickness"), ("Soll Dichte", "Ist Dichte")):
        measured = frame.assign(**{target: [1, 2, 3] * 9, actual: drawn})
        roles = propose_roles(measured, summarise(measured))
        assert (roles.outcome, roles.features[-1]) == (actual, target)


@pytest.mark.parametrize("name", ["StDev", "Std. Dev.", "standard deviation", "SD", "Stabw"])
def test_a_spread_is_known_however_it_is_written(name):
    assert list(others_of(design().assign(**{name: np.random.default_rng(8).random(27)}), "yield")) == [name]


def test_shares_that_add_up_are_no_outcomes():
    shares = pd.DataFrame(np.random.default_rng(9).dirichlet([2, 3, 4], 40), columns=["A", "B", "C"])
    assert others_of(shares.assign(gloss=3 * shares["A"] + shares["B"]), "gloss") == {}


def test_something_is_always_left_to_predict_from():
    rng = np.random.default_rng(10)
    frame = pd.DataFrame({"yield": rng.random(9), "purity": rng.random(9)})
    roles = propose_roles(frame, summarise(frame))
    assert (roles.outcome, roles.features) == ("yield", ("purity",))


def test_another_outcome_by_the_users_choice_makes_another_proposal():
    frame = design().assign(purity=np.random.default_rng(4).random(27))
    roles = propose_roles(frame, summarise(frame), outcome="purity")
    assert (roles.outcome, roles.other_outcomes, roles.features) == ("purity", ("yield",), ("temp", "time", "pH"))


def test_what_says_the_same_again_is_no_further_outcome():
    rng = np.random.default_rng(3)
    frame = design().assign(purity=rng.random(27))
    frame["yield 2"] = 2 * frame["yield"]
    roles = propose_roles(frame, summarise(frame), outcome="yield")
    assert set(roles.other_outcomes) == {"purity", "yield 2"} and roles.further_outcomes == ("purity",)


def test_replicates_and_their_mean_are_one_outcome():
    rng = np.random.default_rng(5)
    true = rng.uniform(20, 60, 27)
    frame = design().drop(columns="yield")
    frame = frame.assign(**{f"strength {j}": (true + rng.normal(0, 1, 27)).round(1) for j in (1, 2, 3)})
    frame["strength mean"] = frame[[f"strength {j}" for j in (1, 2, 3)]].mean(axis=1).round(2)
    frame["purity"] = rng.random(27)
    roles = propose_roles(frame, summarise(frame), outcome="strength mean")
    assert set(roles.other_outcomes) == {"strength 1", "strength 2", "strength 3", "purity"}
    assert roles.further_outcomes == ("purity",)
