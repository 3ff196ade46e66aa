"""What was measured beside the outcome follows from the settings of a design; settings and mere observations do not."""

import numpy as np
import pandas as pd
import pytest

from services.intake.roles.outcomes import other_outcomes
from services.intake.roles.proposal import propose_roles
from services.intake.roles.summaries import summarise


def design(seed=0, n=24):
    """Settings in levels, drawn at random, and what each response depends on (n,)."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"A": rng.choice([60, 70, 80], n), "B": rng.choice([1, 2, 4], n), "C": rng.choice([5, 7], n)})
    signal = (frame - frame.mean()) @ [0.1, 0.6, -0.8]
    return frame, lambda scale: (signal * scale + rng.normal(0, 0.3, n)).round(3)


def others_of(frame, outcome="yield"):
    return set(other_outcomes(frame, summarise(frame), outcome))


@pytest.mark.parametrize("names", [("Q30", "DT", "yield"), ("Rm", "yield", "A5"), ("yield", "Air voids", "SME")])
def test_responses_without_a_known_name_are_told_by_the_settings(names):
    frame, respond = design()
    frame = frame.assign(**{name: respond((-1) ** j) for j, name in enumerate(names)})
    assert others_of(frame) == {*names} - {"yield"}
    assert propose_roles(frame, summarise(frame), outcome="yield").features == ("A", "B", "C")


@pytest.mark.parametrize("name", ["speed", "Outlet T", "mystery [rpm]"])
def test_not_so_what_is_named_like_a_setting(name):
    frame, respond = design()
    assert others_of(frame.assign(**{name: respond(1), "yield": respond(-1)})) == set()


@pytest.mark.parametrize("seed", range(12))
def test_fine_settings_beside_the_outcome_stay_features(seed):
    frame, respond = design(seed, n=40)
    drawn = np.random.default_rng(100 + seed).uniform(1, 9, (40, 2)).round(3)
    frame = frame.assign(K=drawn[:, 0], L=drawn[:, 1], **{"yield": respond(1) + drawn @ [0.5, -0.4]})
    assert others_of(frame) == set()


@pytest.mark.parametrize("noise", [50.0, 300.0])
def test_what_was_only_observed_stays_a_feature(noise):
    rng = np.random.default_rng(1)
    size = rng.normal(size=120)
    rooms, baths = np.round(3 + size + rng.normal(0, 0.7, 120)), np.round(1.7 + 0.6 * size + rng.normal(0, 0.5, 120))
    area = (150 + 40 * size + rng.normal(0, 15, 120)).round(1)
    frame = pd.DataFrame({"rooms": rooms, "baths": baths, "sqft": area})
    assert others_of(frame.assign(sales=(9 * area + rng.normal(0, noise, 120)).round(1)), "sales") == set()


def test_a_total_of_settings_is_no_measurement():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        np.repeat(rng.permuted([np.arange(20.0) ** 2] * 3, axis=1).T, 2, axis=0), columns=["A", "B", "C"]
    )
    frame = frame.assign(sum=frame["A"] + 3.1 * frame["B"] + 7.7 * frame["C"] + np.tile([0, 1e-3], 20))
    assert others_of(frame.assign(**{"yield": rng.random(40)})) == set()


def test_a_few_rows_or_one_setting_tell_nothing():
    frame, respond = design(n=9)
    assert others_of(frame.assign(Q30=respond(1), **{"yield": respond(-1)})) == set()
    frame, respond = design()
    assert others_of(frame[["A"]].assign(Q30=respond(1), **{"yield": respond(-1)})) == set()
