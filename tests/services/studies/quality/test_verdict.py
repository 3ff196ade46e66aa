import pytest

from models.quality import FindingKind
from optimizer.constraints.constraint import listed
from services.studies.quality import CoverageInfo, FindingInfo, FoldFigures, Grade, ImportanceInfo
from services.studies.quality.spec import Figure
from services.studies.quality.verdict import finding_sentence, grade_of, share_words, verdict_of


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
    ("r2", "grade"),
    [(0.95, Grade.GOOD), (0.8, Grade.GOOD), (0.6, Grade.FAIR), (0.3, Grade.WEAK), (0.1, Grade.USELESS)],
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


def test_where_nothing_stands_out_that_is_said(plain):
    assert verdict_of(plain, 16.0).sentences[1].startswith("There is no range of a feature, and no category,")


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


def test_what_was_not_held_out_is_said_to_flatter(plain):
    seen = plain.model_copy(update={"is_held_out": False, "r2": Figure(value=0.9, spread=None)})
    found = verdict_of(seen, 16.0)
    assert found.headline.startswith("The model explains 90 % of the variation in strength in the recorded rows. ")
    assert "flatter it" in found.sentences[-1]


def test_shares_and_lists_read_well():
    assert [share_words(share) for share in (0.88, 0.9912, 0.99957, 0.99999)] == [
        "88 %",
        "99.1 %",
        "99.96 %",
        "all but 0.01 %",
    ]
    assert [listed(names) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
