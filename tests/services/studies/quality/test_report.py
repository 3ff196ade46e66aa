import math

import pytest
from hypothesis import assume, given, strategies as st

from models import Column, ColumnKind
from models.quality import Finding, FindingKind, Region
from optimizer.constraints.constraint import listed
from services.studies.quality.report import (
    CoverageInfo,
    Figure,
    FindingInfo,
    FoldFigures,
    Grade,
    ImportanceInfo,
    advice_of,
    amount,
    finding_sentence,
    grade_of,
    limit_between,
    place_of,
    prediction_advice,
    share_words,
    verdict_of,
    with_spread,
)


@pytest.fixture
def plain(result):
    """A check with figures of our own and nothing found."""
    folds = tuple(FoldFigures(n_rows=20, r2=r2, rmse=6, mae=4) for r2 in (0.87, 0.88, 0.89))
    return result.model_copy(
        update={
            "outcome_name": "strength",
            "outcome_unit": "MPa",
            "r2": Figure(value=0.88, spread=0.02),
            "mae": Figure(value=4.0, spread=0.3),
            "rmse": Figure(value=6.0, spread=0.3),
            "folds": folds,
            "findings": (),
            "importance": (ImportanceInfo(feature="age", cost=9.6, spread=0.4),),
        }
    )


def _finding(kind=FindingKind.ERROR, inside=7.1, bias=0.5, place="high superplasticizer (above 12 kg/m³)"):
    return FindingInfo(
        kind=kind,
        feature="superplasticizer",
        low=12.3,
        high=32.2,
        place=place,
        n_rows=14,
        inside=inside,
        outside=3.2,
        bias=bias,
        chance=0.01,
        advice="Record more there, or keep the bounds below 12.",
    )


def test_the_verdict_says_how_much_is_explained_and_where_it_errs(plain):
    found = verdict_of(plain.model_copy(update={"findings": (_finding(),)}), baseline=16.0)
    assert found.grade is Grade.GOOD
    assert found.headline == (
        "The model explains 88 % of the variation in strength in rows that it had not seen (± 2 % from part to part). "
        "That is good enough to search with."
    )
    assert found.sentences == (
        "Its predictions are off by 4 MPa on average, 25 % of the outcome's standard deviation (16 MPa).",
        "It errs most at high superplasticizer (above 12 kg/m³), where there are 14 rows: by 7.1 MPa on average, "
        "against 3.2 MPa elsewhere. Record more there, or keep the bounds below 12.",
        "It leans most on age: with age shuffled, its RMSE grows by 9.6 MPa.",
    )


@pytest.mark.parametrize(
    ("r2", "grade"), [(0.95, Grade.GOOD), (0.8, Grade.GOOD), (0.6, Grade.FAIR), (0.3, Grade.WEAK), (0.1, Grade.USELESS)]
)
def test_grades_follow_r2(r2, grade):
    assert grade_of(r2) is grade


def test_a_model_worse_than_the_mean_is_said_to_be(plain):
    found = verdict_of(plain.model_copy(update={"r2": Figure(value=-0.4, spread=0.3)}), 16.0)
    assert found.headline.startswith(
        "The model predicts strength no better than its mean would. A search with it would"
    )
    assert found.grade is Grade.USELESS


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (_finding(bias=6.0), "against 3.2 MPa elsewhere, and mostly too high (by 6 MPa)."),
        (_finding(bias=-6.0), "and mostly too low (by 6 MPa)."),
        (_finding(FindingKind.BIAS, bias=-2.0), "where there are 14 rows, it predicts too low, by 2 MPa on average."),
    ],
)
def test_errors_that_go_one_way_say_which(plain, finding, words):
    assert words in finding_sentence(finding, plain)


def test_two_findings_of_each_kind_are_told_and_small_ones_not(plain):
    places = [f"place {i}" for i in range(8)]
    findings = [_finding(place=place) for place in places[:3]]
    findings += [_finding(FindingKind.BIAS, bias=2.0, place=place) for place in places[3:6]]
    told = " ".join(verdict_of(plain.model_copy(update={"findings": tuple(findings)}), 16.0).sentences)
    assert [place for place in places if place in told] == ["place 0", "place 1", "place 3", "place 4"]
    small = plain.model_copy(update={"findings": (_finding(inside=0.3, bias=0.0),)})
    told = verdict_of(small, 16.0).sentences
    assert (
        told[1] == "Even where it errs more than elsewhere, listed below, its errors are less than 0.48 MPa on average."
    )


def test_where_nothing_stands_out_and_what_was_not_held_out_is_said(plain):
    assert verdict_of(plain, 16.0).sentences[1].startswith("There is no range of a feature, and no category,")
    seen = plain.model_copy(update={"is_held_out": False, "r2": Figure(value=0.9, spread=None)})
    found = verdict_of(seen, 16.0)
    assert found.headline.startswith("The model explains 90 % of the variation in strength in the recorded rows. ")
    assert "flatter it" in found.sentences[-1]


def test_folds_that_disagree_are_told(plain):
    folds = tuple(FoldFigures(n_rows=20, r2=r2, rmse=6, mae=4) for r2 in (0.4, 0.9, 0.8))
    told = verdict_of(plain.model_copy(update={"folds": folds}), 16.0).sentences
    assert any("R² goes from 0.40 to 0.90 between parts of the table" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.91, "held the measured outcome in 91 % of the rows, as it should."),
        (0.7, "it promises too much"),
        (0.99, "wider than it had to be"),
    ],
)
def test_an_interval_is_held_to_its_level(plain, share, words):
    coverage = CoverageInfo(level=0.9, share=share, low=(), high=())
    told = verdict_of(plain.model_copy(update={"coverage": coverage}), 16.0).sentences
    assert any(sentence.startswith("Its 90 % interval") and words in sentence for sentence in told)


def test_features_that_do_nothing_are_named(plain):
    costs = {"age": 9.6, "lot": 0.01, "day": -0.02}
    importance = tuple(ImportanceInfo(feature=name, cost=cost, spread=0.1) for name, cost in costs.items())
    told = verdict_of(plain.model_copy(update={"importance": importance}), 16.0).sentences[-1]
    assert told.endswith("lot and day do nothing for it: training without them would lose nothing.")
    none = plain.model_copy(update={"importance": importance[1:]})
    assert verdict_of(none, 16.0).sentences[-1] == "It makes no use of any feature."


def test_shares_and_lists_read_well():
    assert [share_words(share) for share in (0.88, 0.9912, 0.99957, 0.99999)] == [
        "88 %",
        "99.1 %",
        "99.96 %",
        "all but 0.01 %",
    ]
    assert [listed(names) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


SLAG = Column("slag", unit="kg/m³")
RESIN = Column("resin", ColumnKind.CATEGORICAL, categories=("A", "B"))


def _region(low, high, below=-math.inf, above=math.inf, n_rows=14, kind=FindingKind.ERROR, bias=0.0):
    return Finding(Region(0, low, high, below, above), kind, n_rows, 7.1, 3.2, bias, 0.01, 4.0, 5.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (12.345, "12.3"), (0.012345, "0.0123"), (0, "0"), (-3.0, "-3"), (1e-9, "0.000000001")],
)
def test_numbers_have_three_digits_that_mean_something(value, text):
    assert amount(value) == text
    assert amount(value, "MPa") == f"{text} MPa"


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e5))
def test_a_limit_lies_between_what_it_divides(low, span):
    high = low + span
    assume(high - low > 1e-9 * max(abs(low), abs(high)))
    assert low <= limit_between(low, high) < high


@pytest.mark.parametrize(("low", "high", "limit"), [(11.9, 12.2, 12), (9.5, 10.4, 10), (95, 104, 100), (0, 22, 0)])
def test_a_limit_is_a_round_number(low, high, limit):
    assert limit_between(low, high) == limit


@pytest.mark.parametrize(
    ("finding", "column", "place", "advice"),
    [
        (
            _region(12.3, 32.2, below=11.9),
            SLAG,
            "high slag (above 12 kg/m³)",
            "Record more there, or keep the bounds below 12.",
        ),
        (
            _region(121.75, 150.0, above=152.0),
            SLAG,
            "low slag (below 152 kg/m³)",
            "Record more there, or keep the bounds above 152.",
        ),
        (
            _region(20.0, 30.0, 19.0, 31.0),
            SLAG,
            "slag from 20 to 30 kg/m³",
            "Record more there, or take results there with care.",
        ),
        (_region(0.0, 0.0, above=11.0), SLAG, "slag 0 kg/m³", "Record more there, or keep the bounds above 10."),
        (_region(1.0, 1.0, 0.0), RESIN, "resin B", "Record more there, or do not allow B in the search."),
    ],
)
def test_places_and_what_to_do_there_are_said_in_words(finding, column, place, advice):
    assert place_of(finding, column) == place
    assert advice_of(finding, column, 500) == advice


def test_more_of_the_same_is_not_asked_for_where_rows_are_many():
    many = _region(12.3, 32.2, below=11.9, n_rows=200)
    assert advice_of(many, SLAG, 500).startswith("Look for something that tells these rows apart")
    biased = _region(12.3, 32.2, below=11.9, n_rows=200, kind=FindingKind.BIAS, bias=3.0)
    assert advice_of(biased, SLAG, 500).startswith("Try a larger model")
    assert advice_of(many, SLAG, 50_000).startswith("Record more there")


def test_numbers_with_many_digits_become_round_ones():
    finding = _region(91.754339, 99.614105, 91.716, 99.73)
    assert place_of(finding, Column("predictions", unit="%")) == "predictions from 91.72 to 99.7 %"


def test_a_biased_prediction_says_what_to_expect():
    finding = _region(60.0, 80.0, below=59.0, kind=FindingKind.BIAS, bias=4.0)
    assert prediction_advice(finding, "MPa").startswith("Expect 4 MPa less than predicted there")
    finding = _region(60.0, 80.0, below=59.0, kind=FindingKind.BIAS, bias=-4.0)
    assert prediction_advice(finding, "MPa").startswith("Expect 4 MPa more than predicted there")
    assert prediction_advice(_region(60.0, 80.0, below=59.0), "MPa").startswith("Try such results out")


@pytest.mark.parametrize(
    ("value", "spread", "unit", "words"),
    [
        (5.7812, 1.134, "MPa", "5.8 ± 1.1 MPa"),
        (4.1499, 0.6712, "MPa", "4.15 ± 0.67 MPa"),
        (12345.6, 321.0, "kg", "12,346 ± 321 kg"),
        (0.012345, 0.00067, "", "0.01235 ± 0.00067"),
        (4.1499, None, "MPa", "4.15 MPa"),
        (4.1499, 0.0, "", "4.15"),
    ],
)
def test_a_figure_has_the_digits_that_its_spread_leaves(value, spread, unit, words):
    assert with_spread(Figure(value=value, spread=spread), unit) == words
