"""Which recorded rows a search could return, and why it could not return others."""

import numpy as np
import pandas as pd
import pytest

from models import Dataset
from services.catalog.loading import ModelWithData
from services.problems.building import build_problem, build_space
from services.problems.defaults import default_spec
from services.problems.measured import measured_rows, outside_reason, rows_within, tolerances
from services.specs.outcomes import ModelRef
from services.specs.run import RunSpec


def test_old_documents_ask_for_nothing_new_and_new_ones_do(mixed, mixed_spec, confident):
    document = mixed_spec.model_dump(mode="json")
    del document["unmeasured_only"]
    assert RunSpec.model_validate(document).unmeasured_only is False
    assert build_problem(RunSpec.model_validate(document), mixed).measured is None
    spec = default_spec(confident, confident.dataset, ModelRef(name="any"))
    assert spec.unmeasured_only and build_problem(spec, confident).measured is not None
    assert not default_spec(mixed, mixed.dataset, ModelRef(kind="function", name="formula")).unmeasured_only


def test_the_swept_feature_does_not_count_and_an_age_that_is_not_swept_does(mixed, mixed_spec, plain_spec):
    x = mixed.dataset.X[:1].copy()
    x[0, 5] = 13.0  # nobody was asked at that age
    assert measured_rows(mixed_spec, mixed.dataset).is_measured(x).all()
    assert not measured_rows(plain_spec, mixed.dataset).is_measured(x).any()


def test_the_dosing_tolerance_of_a_feature_tells_how_near_is_the_same(mixed, plain_spec, with_feature):
    x = mixed.dataset.X[:1] + np.array([0, 0, 0.9 * tolerances(plain_spec, mixed.dataset)[2], 0, 0, 0])
    assert measured_rows(plain_spec, mixed.dataset).is_measured(x).all()
    assert not measured_rows(with_feature(plain_spec, "temp", tolerance=0.01), mixed.dataset).is_measured(x).any()
    other = x.copy()
    other[0, 4] = (other[0, 4] + 1) % 3
    assert not measured_rows(plain_spec, mixed.dataset).is_measured(other).any()


@pytest.mark.parametrize(
    ("name", "changes", "is_within", "words"),
    [
        ("temp", {"high": 20.0}, lambda f: f["temp"] <= 20, "its temp of {temp:.6g} is above your bound of 20"),
        ("sand", {"low": 60.0}, lambda f: f["sand"] >= 60, "its sand of {sand:.6g} kg is below your bound of 60 kg"),
        ("resin", {"allowed": ("B", "C")}, lambda f: f["resin"] != "A", "its resin A is not allowed"),
        (
            "resin",
            {"is_free": False, "value": "B"},
            lambda f: f["resin"] == "B",
            "its resin is {resin}, and yours is frozen at B",
        ),
        (
            "speed",
            {"is_free": False, "value": 5.0},
            lambda f: f["speed"] == 5,
            "its speed is {speed:.6g}, and yours is frozen at 5",
        ),
    ],
)
def test_rows_outside_of_bounds_are_told_with_the_reason(
    mixed, plain_spec, with_feature, name, changes, is_within, words
):
    spec = with_feature(plain_spec, name, **changes)
    space, frame = build_space(spec, mixed.dataset), mixed.dataset.to_frame()
    within = rows_within(spec, mixed.dataset, space)
    assert within.tolist() == is_within(frame).tolist() and 0 < within.sum() < 80
    for place in range(80):
        said = outside_reason(spec, mixed.dataset, space, place)
        assert said == ("" if within[place] else words.format(**frame.iloc[place]))


def test_of_many_reasons_two_are_told_and_the_others_counted(mixed, plain_spec, with_feature):
    other, spec = mixed.dataset.to_frame().iloc[1], plain_spec
    for name in ("sand", "water", "temp", "age"):
        spec = with_feature(spec, name, is_free=False, value=float(other[name]))
    said = outside_reason(spec, mixed.dataset, build_space(spec, mixed.dataset), 0)
    assert said.count("and yours is frozen at") == 2 and said.endswith(" and 2 more do not fit")


def test_the_sweep_of_a_curve_and_steps_leave_no_row_out(mixed, mixed_spec, with_feature):
    spec = with_feature(mixed_spec, "temp", step=5.0)
    assert rows_within(spec, mixed.dataset, build_space(spec, mixed.dataset)).all()


def test_a_rule_is_met_to_the_dosing_tolerance_and_no_further():
    rng = np.random.default_rng(0)
    parts = rng.dirichlet([3, 3, 3], 40) * 100
    frame = pd.DataFrame(parts.round(1), columns=["a", "b", "c"]).assign(y=parts[:, 0])
    frame.loc[0, "c"] += 20.0
    dataset = Dataset.from_frame(frame, name="t", outcome="y", features=["a", "b", "c"])
    assert (frame[["a", "b", "c"]].sum(axis=1) != 100).sum() > 5  # by rounding
    spec = default_spec(ModelWithData(dataset, None), dataset, ModelRef(kind="function", name="f"))
    spec = spec.revised(constraints=[{"kind": "sum", "features": ["a", "b", "c"], "low": 100, "high": 100}])
    space = build_space(spec, dataset)
    assert rows_within(spec, dataset, space).tolist() == [False] + [True] * 39
    assert outside_reason(spec, dataset, space, 0) == "it breaks the rule that the sum of a, b and c is 100"
    assert outside_reason(spec, dataset, space, 1) == ""
