import pickle

import numpy as np
import pytest

from models import Column, Dataset
from models.data.dataset import OtherOutcome
from services.specs.outcomes import ModelRef, OutcomeSpec
from services.specs.run import DatasetRef, NumericSpec, RunSpec
from services.studies.what_if.settings import WhatIfStart
from ui.shared.session import AppSession

MODEL = ModelRef(name="m", digest="1")


def a_dataset(name="rows", shift=0.0):
    X = np.arange(8.0).reshape(4, 2)
    return Dataset(name=name, features=(Column("a"), Column("b")), outcome=Column("y"), X=X, y=X.sum(axis=1) + shift)


def a_spec(dataset, model=MODEL):
    features = tuple(NumericSpec(name=name, low=0, high=7, value=3) for name in dataset.feature_names)
    return RunSpec(dataset=DatasetRef(name=dataset.name, digest=dataset.digest), model=model, features=features)


@pytest.fixture
def session():
    """A session at its end: table, model, draft, a training and a run."""
    made, dataset = AppSession(), a_dataset()
    made.use_dataset(dataset)
    made.use_draft(a_spec(dataset))
    made.run_id, made.training_id = "run", "training"
    return made


def test_another_table_drops_what_depended_on_the_former_one(session):
    session.use_dataset(a_dataset(shift=1.0))
    assert (session.model, session.draft, session.run_id, session.training_id) == (None, None, None, None)


def test_the_same_rows_again_keep_model_and_run(session):
    session.use_dataset(a_dataset(name="another name"))
    assert (session.model, session.run_id, session.training_id) == (MODEL, "run", "training")
    assert session.dataset.name == "another name"


def test_another_model_drops_the_run_but_the_same_one_keeps_it(session):
    session.use_draft(a_spec(session.dataset))
    assert session.run_id == "run"
    other = ModelRef(name="m", digest="2")
    session.use_draft(a_spec(session.dataset, other))
    assert (session.run_id, session.model, session.draft.model) == (None, other, other)


def test_showing_a_run_brings_its_table_model_and_settings(session):
    dataset = a_dataset(shift=2.0)
    spec = a_spec(dataset, ModelRef(name="other")).revised(seed=7)
    session.show_run("shown", dataset, spec)
    assert (session.run_id, session.dataset, session.model, session.draft) == ("shown", dataset, spec.model, spec)


def test_forms_forget_what_was_typed_when_the_values_change_or_a_page_is_entered(session):
    keys = [session.forms.key("seed")]
    session.optimize.refusal = "Min of 'a' is a number, got 'abc'."
    session.enter("pages/optimize.py")
    keys.append(session.forms.key("seed"))
    assert session.optimize.refusal == ""
    session.enter("pages/optimize.py")
    assert session.forms.key("seed") == keys[-1]
    for change in (
        lambda: session.use_dataset(a_dataset()),
        lambda: session.use_draft(a_spec(a_dataset())),
        lambda: session.show_run("run", a_dataset(), a_spec(a_dataset())),
    ):
        change()
        keys.append(session.forms.key("seed"))
    assert len(set(keys)) == len(keys)


def test_a_session_is_plain_data(session):
    assert pickle.loads(pickle.dumps(session)).draft == session.draft


def test_another_run_or_model_ends_what_if(session):
    dataset = session.dataset
    session.explore(WhatIfStart("Row 1", (0.0, 1.0)))
    session.use_draft(session.draft)
    session.show_run("run", dataset, session.draft)
    assert session.what_if.setting == (0.0, 1.0) and session.what_if.run_id == "run"
    times = session.what_if.revision
    session.show_run("other", dataset, session.draft)
    assert session.what_if.setting is None and session.what_if.start is None and session.what_if.revision > times
    session.explore(WhatIfStart("Row 1", (0.0, 1.0)))
    session.use_draft(a_spec(dataset, ModelRef(name="other")))
    assert session.what_if.setting is None
    session.explore(WhatIfStart("Row 1", (0.0, 1.0)))
    session.use_dataset(a_dataset(shift=1.0))
    assert session.what_if.setting is None


@pytest.fixture
def several():
    """A session with a table of two outcomes and their models, y the goal."""
    made, dataset = AppSession(), a_dataset()
    z = OtherOutcome(Column("z"), np.array([1.0, np.nan, 3.0, 4.0]))
    made.use_dataset(dataset := Dataset(**{**vars(dataset), "other_outcomes": (z,)}))
    shown = OutcomeSpec(name="z", model=ModelRef(name="of z"))
    spec = a_spec(dataset)
    named = spec.outcomes[0].model_copy(update={"name": "y"})
    made.use_draft(spec.revised(outcomes=(named, shown)))
    return made


def test_models_are_known_by_outcome_and_that_of_the_goal_is_the_model(session, several):
    assert session.models == {"y": MODEL}
    assert (several.models, several.model) == ({"y": MODEL, "z": ModelRef(name="of z")}, MODEL)
    y, z = several.draft.outcomes
    goal = {"goal": y.goal}
    several.draft = several.draft.revised(outcomes=(y.model_copy(update={"goal": None}), z.model_copy(update=goal)))
    assert several.model == ModelRef(name="of z")


def test_a_run_brings_its_models_and_those_of_other_outcomes_stay(several):
    y, _ = several.draft.outcomes
    alone = several.draft.revised(outcomes=(y.model_copy(update={"model": ModelRef(name="anew")}),))
    several.show_run("shown", several.dataset, alone)
    assert several.models == {"y": ModelRef(name="anew"), "z": ModelRef(name="of z")}
    several.use_dataset(a_dataset(shift=1.0))
    assert (several.models, several.model) == ({}, None)


def test_a_model_of_an_outcome_that_had_none_drops_no_run_and_another_one_does(several):
    several.run_id = "run"
    y, z = several.draft.outcomes
    del several.models["z"]
    several.use_draft(several.draft)
    assert several.run_id == "run"
    several.use_draft(several.draft.revised(outcomes=(y, z.model_copy(update={"model": ModelRef(name="anew")}))))
    assert several.run_id is None


def test_a_model_that_the_run_does_not_look_at_is_known_too(several):
    y, _ = several.draft.outcomes
    several.use_draft(several.draft.revised(outcomes=(y,)), {"z": ModelRef(name="kept")})
    assert several.models == {"y": MODEL, "z": ModelRef(name="kept")}


def test_the_training_of_a_table_with_one_outcome_is_the_one_that_is_shown(session):
    assert (session.training_id, session.training_ids) == ("training", ("training",))
    session.training_ids = ("first", "second")
    assert session.training_id == "first"
    session.training_id = None
    assert session.training_ids == ()
