import pickle

import numpy as np
import pytest

from models import Column, Dataset
from services.specs.outcomes import ModelRef
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
