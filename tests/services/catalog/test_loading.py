from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models import ColumnKind, Dataset, DatasetError, ModelMismatchError, ModelStore, ModelStoreError, PhysicalLimits
from models.intervals.conformal import Direction
from models.store import SHIPPED_FOLDER
from optimizer import Goal
from services.catalog import loading
from services.catalog.datasets import DatasetLibrary
from services.catalog.loading import Catalog, align, confidence_of, curve_bands
from services.problems.building import build_problem
from services.problems.stories import story, story_spec
from services.results.search import run_spec
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef


@pytest.fixture
def concrete(catalog):
    return catalog.datasets.load("concrete")


def _changed(dataset, **roles):
    """Return a dataset as another upload would have given it."""
    given = {name: getattr(dataset, name) for name in ("sweep", "parts", "units")}
    given |= {"outcome": dataset.outcome.name, "features": dataset.feature_names}
    return Dataset.from_frame(dataset.to_frame(), name="other", **(given | roles))


def test_a_specification_finds_its_table_and_its_model(catalog, concrete):
    model_data = catalog.model_data(story_spec(story("concrete"), catalog))
    assert model_data.dataset.feature_names == model_data.predictor.feature_names
    assert model_data.dataset.n_rows == concrete.n_rows
    predicted = model_data.predictor.predict(model_data.dataset.X)
    assert np.corrcoef(predicted, concrete.y)[0, 1] > 0.95


def test_the_rows_come_in_the_order_of_the_model(catalog, concrete):
    turned = _changed(concrete, features=concrete.feature_names[::-1])
    straight = catalog.pair(concrete, ModelRef(name="concrete"))
    paired = catalog.pair(turned, ModelRef(name="concrete"))
    assert paired.dataset.feature_names == straight.dataset.feature_names
    np.testing.assert_array_equal(paired.dataset.X, straight.dataset.X)
    assert paired.dataset.sweep == "age"


def test_features_that_the_model_does_not_use_are_left_out(catalog, concrete):
    frame, outcome = concrete.to_frame().assign(batch=1.0), concrete.outcome.name
    roles = {"features": ["batch", *concrete.feature_names], "sweep": "age", "parts": [*concrete.parts, "batch"]}
    wider = Dataset.from_frame(frame, name="wider", outcome=outcome, **roles)
    paired = catalog.pair(wider, ModelRef(name="concrete")).dataset
    assert "batch" not in paired.feature_names
    assert paired.parts == ()  # a density without one of its parts would be another one
    assert paired.sweep == "age"


def test_a_sweep_feature_that_the_model_does_not_use_is_dropped(catalog):
    bumps = catalog.datasets.load("bumps")
    frame = bumps.to_frame().assign(hour=np.arange(bumps.n_rows))
    swept = Dataset.from_frame(frame, name="swept", outcome="y", features=["hour", "x"], sweep="hour")
    paired = catalog.pair(swept, ModelRef(kind="function", name="bumps")).dataset
    assert paired.feature_names == ("x",)
    assert paired.sweep is None


def test_categories_are_given_the_codes_of_the_model(mixed_dataset, catalog):
    card = catalog.models.load("concrete").card
    kind = {"kind": ColumnKind.CATEGORICAL, "categories": ("C", "A", "B"), "frequencies": (0.1, 0.6, 0.3)}
    resin = card.features[0].model_copy(update={"name": "resin"} | kind)
    outcome = card.outcome.model_copy(update={"name": "yield"})
    card = card.model_copy(update={"features": (resin,), "outcome": outcome, "sweep": None, "parts": ()})
    aligned = align(mixed_dataset, card)
    codes = mixed_dataset.X[:, mixed_dataset.index("resin")].astype(int)
    np.testing.assert_array_equal(aligned.X[:, 0], np.array([1.0, 2.0, 0.0])[codes])
    unseen = resin.model_copy(update={"categories": ("A", "B"), "frequencies": (0.6, 0.4)})
    with pytest.raises(DatasetError, match=r"categories of \['resin'\] that the model never saw"):
        align(mixed_dataset, card.model_copy(update={"features": (unseen,)}))


def test_a_table_that_lacks_features_is_refused(catalog, concrete):
    narrow = _changed(concrete, features=concrete.feature_names[2:], parts=())
    with pytest.raises(ModelMismatchError, match=f"the table lacks {', '.join(concrete.feature_names[:2])}"):
        catalog.pair(narrow, ModelRef(name="concrete"))


def test_a_table_with_another_outcome_is_refused(catalog, concrete):
    features = [*concrete.feature_names[:-1], "compressive strength"]
    other = _changed(concrete, outcome="age", features=features, sweep=None)
    words = "The model predicts 'compressive strength', but the outcome of the table 'other' is"
    with pytest.raises(DatasetError, match=words):
        catalog.pair(other, ModelRef(name="concrete"))


def test_a_feature_of_the_other_kind_is_refused(catalog, concrete):
    frame = concrete.to_frame()
    frame["water"] = np.where(frame["water"] > 180, "much", "little")
    other = Dataset.from_frame(
        frame, name="t", outcome=concrete.outcome.name, features=concrete.feature_names, sweep="age"
    )
    with pytest.raises(ModelMismatchError, match="measure water differently"):
        catalog.pair(other, ModelRef(name="concrete"))


def test_a_model_trained_anew_is_refused(catalog, tmp_path, bumps_spec):
    models = ModelStore(tmp_path)
    for suffix in ("keras", "json"):
        (tmp_path / f"mine.{suffix}").write_bytes((SHIPPED_FOLDER / f"concrete.{suffix}").read_bytes())
    before = models.load("mine")
    spec = story_spec(story("concrete"), catalog).revised(model=ModelRef(name="mine", digest=before.digest))
    mine = Catalog(catalog.datasets, models)
    assert mine.model_data(spec).dataset.n_rows == 1030
    card = before.card.model_copy(update={"versions": {"keras": "4"}})
    models.save("mine", (tmp_path / "mine.keras").read_bytes(), card, overwrite=True)
    with pytest.raises(DatasetError, match="'mine' is not the one this run was made with"):
        mine.model_data(spec)
    assert mine.model_data(spec.revised(model=ModelRef(name="mine"))).dataset.n_rows == 1030  # no digest, no promise


def test_what_is_not_there_is_named(catalog, concrete):
    with pytest.raises(ModelStoreError, match="no saved model 'nobody'"):
        catalog.pair(concrete, ModelRef(name="nobody"))
    with pytest.raises(DatasetError, match="There is no function 'waves'; there are bumps"):
        catalog.pair(concrete, ModelRef(kind="function", name="waves"))
    with pytest.raises(DatasetError, match="There is no feature 'x'"):
        catalog.pair(concrete, ModelRef(kind="function", name="bumps"))
    with pytest.raises(DatasetError, match=r"000000000000\.\.\. is neither saved here nor shipped"):
        catalog.dataset(DatasetRef(name="gone", digest="0" * 64))


def test_an_uploaded_table_is_found_again_by_its_digest(catalog, tmp_path, mixed_dataset):
    mine = Catalog(DatasetLibrary(tmp_path / "none", tmp_path), catalog.models)
    digest = mine.datasets.save(mixed_dataset)
    pd.testing.assert_frame_equal(
        mine.dataset(DatasetRef(name="any name", digest=digest)).to_frame(), mixed_dataset.to_frame()
    )


@pytest.fixture(scope="module")
def result(mixed_spec, confident):
    return run_spec(mixed_spec, confident).result


def test_a_band_lies_around_its_curve_and_sums_up_to_the_interval_of_the_row(result, mixed_spec, confident):
    rows = result.results
    low, high = curve_bands(result, confident)
    curves = np.array(rows.curves)
    assert low.shape == high.shape == curves.shape
    assert (low < curves).all() and (curves < high).all()
    curve = build_problem(mixed_spec, confident).objective.curve
    X, ends = np.array(rows.X), {}
    for name, values in {"lows": low, "highs": high}.items():
        ends[name] = curve.summarise(X, lambda _, values=values: values.ravel())
        np.testing.assert_allclose(ends[name], getattr(rows, name))
    assert (ends["lows"] < ends["highs"]).all()


def test_a_model_without_intervals_has_no_bands(result, mixed, plain_spec, confident):
    assert curve_bands(result, mixed) is None
    plain = run_spec(plain_spec, confident).result.model_copy(update={"sweep": None})
    assert curve_bands(plain, confident) is None


def test_more_curves_than_anybody_looks_at_have_no_bands(result, confident, monkeypatch):
    monkeypatch.setattr(loading, "MAX_BAND_ROWS", len(result.sweep.grid))
    assert curve_bands(result, confident) is None


@pytest.mark.parametrize(
    ("goal", "direction"),
    [(Goal.MAXIMUM, Direction.ABOVE), (Goal.MINIMUM, Direction.BELOW), (Goal.VALUE, Direction.EITHER)],
)
def test_errors_count_on_the_side_that_the_search_goes_to(plain_spec, confident, goal, direction):
    spec = plain_spec.revised(goal=goal, value=50.0 if goal is Goal.VALUE else None)
    confidence = confidence_of(spec, confident)
    assert confidence is not None and confidence.direction is direction
    assert confidence.predictor is confident.predictor


def test_a_model_without_intervals_has_no_confidence(plain_spec, mixed):
    assert confidence_of(plain_spec, mixed) is None


def test_a_table_without_limits_has_those_of_the_model_if_its_rows_keep_to_them(catalog, concrete):
    card = catalog.models.load("concrete").card

    def limits_with(limits, dataset=concrete):
        outcome = card.outcome.model_copy(update={"limits": limits})
        return align(dataset, card.model_copy(update={"outcome": outcome})).limits

    assert limits_with(PhysicalLimits()).is_open
    assert limits_with(PhysicalLimits(0)) == PhysicalLimits(0)
    assert limits_with(PhysicalLimits(50)).is_open  # recorded rows are weaker
    own = replace(concrete, limits=PhysicalLimits(1, 200))
    assert limits_with(PhysicalLimits(0), own) == own.limits


def test_a_run_finds_its_model_under_another_name(tmp_path, catalog):
    models = ModelStore(tmp_path)
    shipped = ModelStore(SHIPPED_FOLDER)
    saved = models.save("mine", shipped.load("concrete").artifact, shipped.load("concrete").card)
    ref = ModelRef(name="mine", digest=saved.digest)
    mine = Catalog(catalog.datasets, models)
    models.rename("mine", "yours")
    assert mine.saved_model(ref).name == "yours"
    models.save("mine", saved.artifact, saved.card.model_copy(update={"versions": {"keras": "4"}}))
    assert mine.saved_model(ref).name == "yours"
    with pytest.raises(ModelStoreError, match="no saved model 'gone'"):
        mine.saved_model(ModelRef(name="gone", digest="0" * 64))
