from dataclasses import replace

import numpy as np
import pytest

from models import (
    AutomaticSettings,
    Column,
    DatasetError,
    Family,
    ForestSettings,
    ModelCard,
    OtherOutcome,
    QuadraticSettings,
    TrainingSettings,
)
from models.data.dataset import Label
from services.catalog.datasets import DatasetLibrary
from services.catalog.loading import ModelWithData
from services.papers.lab_sheet.table import settings_of
from services.papers.measured.extending import (
    extended_dataset,
    extended_name,
    free_name,
    next_run,
    origin_words,
    same_training,
)
from services.papers.measured.measurements import Measurement
from services.problems.defaults import default_spec
from services.specs.outcomes import ModelRef
from services.specs.run import DatasetRef

ROWS = (Measurement(result=0, value=170.0, at=7.5), Measurement(result=1, value=165.0, at=28.0))
REF = DatasetRef(name="mixed", digest="d")


def test_measured_results_become_new_rows(mixed_dataset, curved):
    new = extended_dataset(mixed_dataset, curved, ROWS)
    n = mixed_dataset.n_rows
    assert new.name == "mixed + 2 measured" and new.n_rows == n + 2
    np.testing.assert_array_equal(new.X[:n], mixed_dataset.X)
    assert new.y[n:].tolist() == [170.0, 165.0]
    assert new.numbers.tolist() == list(range(1, n + 3))
    assert (new.sweep, new.parts) == ("age", ("sand", "water"))
    frame = new.to_frame()
    assert frame["age"].iloc[n:].tolist() == [7.5, 28.0]
    for k in range(2):
        dosed = {one.feature.name: one.value for one in settings_of(curved, k)}
        assert {name: frame[name].iloc[n + k] for name in dosed} == dosed
    assert not new.features[new.index("age")].is_integer  # 7.5 days is none
    assert new.features[new.index("speed")].is_integer


def test_new_rows_have_no_labels_yet(mixed_dataset, curved):
    n = mixed_dataset.n_rows
    labels = (Label("run", np.arange(float(n))), Label("lot", np.repeat(["A", "B"], n // 2)))
    new = extended_dataset(replace(mixed_dataset, labels=labels, group="lot", order="run"), curved, ROWS)
    assert new.label("run").values[:n].tolist() == list(range(n)) and new.label("run").is_missing[n:].all()
    assert new.label("lot").values[n - 1 :].tolist() == ["B", "", ""]
    assert (new.group, new.order) == ("lot", "run")


def test_other_outcomes_were_not_measured_in_new_rows(mixed_dataset, curved):
    n = mixed_dataset.n_rows
    other = OtherOutcome(Column("purity"), np.arange(float(n)))
    new = extended_dataset(replace(mixed_dataset, other_outcomes=(other,)), curved, ROWS)
    assert new.for_outcome("purity").n_rows == n and new.for_outcome("yield").n_rows == n + 2


def test_the_table_is_found_again_with_where_it_comes_from(mixed_dataset, curved, tmp_path):
    library = DatasetLibrary(tmp_path / "shipped", tmp_path / "saved")
    new = extended_dataset(mixed_dataset, curved, ROWS)
    digest = library.save(new, origin_words(mixed_dataset, curved, "run-1", 2))
    assert library.find(digest).numbers.tolist() == new.numbers.tolist()
    words = library.origin(digest)
    assert words.startswith("80 rows of mixed (digest ") and "2 measured results" in words and "run-1" in words
    assert library.origin(library.save(mixed_dataset)) == library.origin("0" * 64) == library.origin("..") == ""


def test_categories_keep_their_names(mixed_dataset, curved):
    fewer = replace(
        mixed_dataset,
        features=tuple(
            replace(c, categories=("C", "B", "A")) if c.is_categorical else c for c in mixed_dataset.features
        ),
    )
    new = extended_dataset(fewer, curved, ROWS[:1])
    said = {one.feature.name: one.value for one in settings_of(curved, 0)}["resin"]
    assert new.to_frame()["resin"].iloc[-1] == said
    unknown = replace(
        fewer, features=tuple(replace(c, categories=("X", "Y", "Z")) if c.is_categorical else c for c in fewer.features)
    )
    with pytest.raises(DatasetError, match="The table knows no resin"):
        extended_dataset(unknown, curved, ROWS[:1])


def test_features_that_the_model_does_not_know_are_left_out(mixed_dataset, curved):
    known = curved.model_copy(update={"features": tuple(f for f in curved.features if f.name != "water")})
    trimmed = tuple(tuple(np.delete(row, mixed_dataset.index("water"))) for row in curved.results.X)
    known = known.model_copy(update={"results": curved.results.model_copy(update={"X": trimmed})})
    new = extended_dataset(mixed_dataset, known, ROWS)
    assert "water" not in new.feature_names and new.parts == ()


def test_nothing_measured_makes_no_table(mixed_dataset, curved):
    with pytest.raises(DatasetError, match="nothing to add"):
        extended_dataset(mixed_dataset, curved, ())
    with pytest.raises(DatasetError, match="lacks its age"):
        extended_dataset(mixed_dataset, curved, [Measurement(result=0, value=1.0)])


def test_names_count_on():
    assert extended_name("concrete", 3) == "concrete + 3 measured"
    assert extended_name("concrete + 3 measured", 2) == "concrete + 5 measured"
    assert free_name("concrete + 3 measured", ["Concrete 3 measured", "x"]) == "concrete 3 measured 2"
    assert free_name("[°]", []) == "model"


def _card(catalog, family, settings):
    card = catalog.models.load_lazily("concrete").card
    return ModelCard.model_validate(dict(card) | {"family": family, "settings": settings, "history": None})


def test_training_repeats_family_and_settings_of_what_was_trained_here(catalog):
    mlp = TrainingSettings(widths=(7, 5), n_members=2, seed=4)
    again = same_training(_card(catalog, Family.MLP, mlp), REF)
    assert again.settings() == mlp and again.dataset == REF
    forest = ForestSettings(n_trees=33, seed=9)
    assert same_training(_card(catalog, Family.RANDOM_FOREST, forest), REF).settings() == forest
    surface = QuadraticSettings(scale="log", seed=3)
    assert same_training(_card(catalog, Family.QUADRATIC, surface), REF).settings() == surface
    assert same_training(None, REF).settings() == AutomaticSettings()


def test_the_next_run_asks_the_same_of_the_new_model(mixed_dataset, curved, mixed):
    new, ref = extended_dataset(mixed_dataset, curved, ROWS), ModelRef(kind="function", name="new")
    model_data = ModelWithData(new, mixed.predictor)
    continued = curved.model_copy(
        update={"spec": curved.spec.revised(continues="run-1", starts=(curved.results.X[0],))}
    )
    spec = next_run(continued, new, {ref: model_data})
    assert spec.dataset.digest == new.digest and spec.model == ref
    assert spec.revised(dataset=curved.spec.dataset, model=curved.spec.model) == curved.spec
    cautious = curved.model_copy(
        update={"spec": curved.spec.revised(risk_aversion=2.0)}
    )  # the formula knows no uncertainty
    assert next_run(cautious, new, {ref: model_data}) == default_spec(model_data, new, ref, name=new.name)
