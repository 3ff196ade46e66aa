"""What is known about a saved model."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from models import (
    BoostingSettings,
    Encoding,
    Family,
    ForestSettings,
    GaussianProcessSettings,
    ModelCard,
    ModelFileError,
    ModelMismatchError,
    PhysicalLimits,
    QuadraticSettings,
    TrainingSettings,
)
from models.cards.card import IntervalCard, make_card, rows_for
from models.data.limits import NO_LIMITS
from models.data.split import split_rows
from models.store import SHIPPED_FOLDER


@pytest.fixture
def text() -> str:
    return (SHIPPED_FOLDER / "concrete.json").read_text(encoding="utf-8")


def spoil(text: str, **changes: object) -> str:
    return json.dumps(json.loads(text) | changes)


def test_a_card_comes_back_as_it_was(text):
    card = ModelCard.from_json(text)
    assert ModelCard.from_json(card.to_json()) == card
    assert card.format_version == 1


def test_a_card_knows_its_features(text):
    card = ModelCard.from_json(text)
    assert card.feature_names[0] == "cement"
    assert card.columns[7].label == "age [days]"
    assert (card.outcome.name, card.outcome.unit) == ("compressive strength", "MPa")
    assert (card.sweep, len(card.parts)) == ("age", 7)
    assert card.encoding.n_inputs == 8


@pytest.mark.parametrize(
    "broken",
    ["", "[]", "null", "{", "{}", '"card"', "[" * 100_000, '{"format_version": 1}'],
)
def test_what_is_no_card_is_refused(broken):
    with pytest.raises(ModelFileError, match="side file cannot be used"):
        ModelCard.from_json(broken)


@pytest.mark.parametrize(
    "change",
    [
        {"format_version": 2},
        {"format_version": "1.0"},
        {"features": []},
        {"sweep": "temperature"},
        {"parts": ["cement", "sand"]},
        {"surprise": 1},
        {"settings": {"widths": [0]}},
        {"created_at": "yesterday"},
        {"metrics": {"r2": 1}},
    ],
)
def test_contradictions_are_refused(text, change):
    with pytest.raises(ModelFileError, match=next(iter(change))[:4]):
        ModelCard.from_json(spoil(text, **change))


@pytest.mark.parametrize(
    "change",
    [
        {"std": -1},
        {"std": float("nan")},
        {"mean": float("inf")},
        {"kind": "categorical"},
        {"categories": ["a"]},
        {"frequencies": [1.0]},
        {"name": "water"},
        {"kind": "text"},
    ],
)
def test_spoilt_features_are_refused(text, change):
    features = json.loads(text)["features"]
    features[0] |= change
    with pytest.raises(ModelFileError):
        ModelCard.from_json(spoil(text, features=features))


class TestFamilies:
    def test_a_card_from_before_there_were_families_is_of_an_mlp(self, text):
        values = json.loads(text)
        for later in ("family", "intervals"):
            values.pop(later, None)
        values["settings"].pop("n_members", None)
        card = ModelCard.from_json(json.dumps(values))
        assert card.family is Family.MLP
        assert isinstance(card.settings, TrainingSettings)
        assert card.settings.n_members == 1
        assert card.intervals is None

    @pytest.mark.parametrize(
        ("family", "settings"),
        [
            (Family.RANDOM_FOREST, ForestSettings(n_trees=50)),
            (Family.BOOSTING, BoostingSettings(rounds=50)),
            (Family.GAUSSIAN_PROCESS, GaussianProcessSettings(smoothness="rbf", scale="log")),
            (Family.QUADRATIC, QuadraticSettings(scale="plain")),
        ],
    )
    def test_settings_come_back_as_those_of_the_family(self, text, family, settings):
        card = ModelCard.from_json(text).model_copy(update={"family": family, "settings": settings, "history": None})
        again = ModelCard.from_json(card.to_json())
        assert again == card
        assert type(again.settings) is type(settings)

    def test_a_process_from_before_there_were_logarithms_knows_the_outcome_as_it_is(self, text):
        old = {"smoothness": "matern", "seed": 1}
        card = ModelCard.from_json(spoil(text, family="gaussian_process", settings=old, history=None))
        assert card.settings == GaussianProcessSettings(smoothness="matern", seed=1, scale="plain")
        assert card.leaderboard is None

    def test_a_model_that_was_not_trained_here_has_neither_settings_nor_history(self, text):
        card = ModelCard.from_json(spoil(text, family="keras", settings=None, history=None))
        assert (card.family, card.settings, card.history) == (Family.KERAS, None, None)
        assert ModelCard.from_json(card.to_json()) == card

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"family": "keras"}, "expected none, got dict"),
            ({"family": "boosting"}, "BoostingSettings know nothing of"),
            ({"family": "boosting", "settings": {"rounds": 0}}, "number of rounds has to be"),
            ({"family": "boosting", "settings": {"rounds": "many"}}, "rounds: Input should be a valid integer"),
            ({"family": "automatic", "settings": None}, "a model is of the family that was chosen"),
            ({"family": "svm"}, "family: Input should be 'automatic'"),
            ({"settings": {"n_trees": 30}}, "know nothing of"),
            ({"settings": []}, "expected TrainingSettings, got list"),
        ],
    )
    def test_settings_of_another_family_are_refused(self, text, change, words):
        with pytest.raises(ModelFileError, match=words):
            ModelCard.from_json(spoil(text, **change))


def test_an_outcome_without_spread_is_refused(text):
    with pytest.raises(ModelFileError, match=r"outcome\.std"):
        ModelCard.from_json(spoil(text, outcome=json.loads(text)["outcome"] | {"std": 0}))


class TestMatching:
    def test_the_own_dataset_fits(self, text, concrete_dataset):
        card = ModelCard.from_json(text)
        assert (rows_for(card, concrete_dataset) == concrete_dataset.X).all()

    def test_what_is_missing_is_named(self, text, mixed_dataset):
        card = ModelCard.from_json(text)
        with pytest.raises(ModelMismatchError, match=r"needs cement, .*; the table lacks cement, "):
            rows_for(card, mixed_dataset)

    def test_numbers_where_categories_were_are_named(self, text, concrete_dataset):
        values = json.loads(text)
        values["features"][7] |= {"kind": "categorical", "categories": ["a"], "frequencies": [1.0]}
        values["sweep"] = None
        with pytest.raises(ModelMismatchError, match="measure age differently"):
            rows_for(ModelCard.from_json(json.dumps(values)), concrete_dataset)


def card(**changes: object) -> IntervalCard:
    kernel = {"smoothness": "rbf", "scales": [1.0, 2.0], "variance": 1, "linear": 0, "quadratic": 0, "noise": 0.1}
    own = {
        "companions": [{"kernel": kernel, "weight": 0.5}],
        "noise": 0.1,
        "scores": (0.2, 0.6, 1.0, 1.9),
        "above": 1.2,
        "below": 1.0,
        "coverage": 0.9,
        "level": 0.9,
        "n_rows": 80,
    }
    return IntervalCard.model_validate(own | changes)


def test_a_card_of_before_has_intervals_by_distance_which_count_as_none(text):
    errors = {"constant": 0.1, "spread": 0.0, "distance": 0.2, "usual": 0.5, "near": 0.0, "scores": [0.5, 1.0]}
    before = {"among": errors, "above": errors, "below": errors, "coverage": 0.9, "level": 0.9, "n_rows": 80}
    assert ModelCard.from_json(spoil(text, intervals=before)).intervals is None
    today = json.loads(card().model_dump_json())
    assert ModelCard.from_json(spoil(text, intervals=today)).intervals == card()


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_higher_level_takes_more(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert card().factor(low) <= card().factor(high)


def test_factors_are_quantiles_of_the_scores() -> None:
    many = card(scores=tuple(np.linspace(0.0, 2.0, 201)))
    assert many.factor(0.5) == pytest.approx(1.0, abs=0.01)
    assert many.factor(0.9) == pytest.approx(1.8, abs=0.02)


@pytest.mark.parametrize("change", [{"above": 0.5}, {"noise": float("nan")}, {"scores": ()}, {"other": 1.0}])
def test_refuses_what_is_no_calibration(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        card(**change)


def test_a_card_keeps_the_limits_of_its_outcome_and_one_of_before_has_none(text):
    outcome = json.loads(text)["outcome"]
    outcome.pop("limits")
    assert ModelCard.from_json(spoil(text, outcome=outcome)).outcome.limits == NO_LIMITS
    outcome |= {"limits": {"low": 0.0, "high": None}}
    card = ModelCard.from_json(spoil(text, outcome=outcome))
    assert card.outcome.limits == PhysicalLimits(0)
    assert ModelCard.from_json(card.to_json()) == card
    with pytest.raises(ModelFileError, match="'Lowest possible' has to be below"):
        ModelCard.from_json(spoil(text, outcome=outcome | {"limits": {"low": 3, "high": 2}}))


def test_a_new_card_has_the_limits_of_the_table_and_judges_what_keeps_to_them(mixed_dataset):
    dataset = replace(mixed_dataset, limits=PhysicalLimits(float(mixed_dataset.y.min())))
    split = split_rows(dataset, validation_share=0.15, test_share=0.15, seed=0)
    encoding = Encoding.from_dataset(dataset, split.train)
    card = make_card(dataset, split, encoding, np.full(len(split.test), -1e6), versions={})
    assert card.outcome.limits == dataset.limits
    assert set(card.held_out.predicted) == {dataset.y.min()}
    assert card.metrics.mae == pytest.approx((dataset.y[split.test] - dataset.y.min()).mean())
