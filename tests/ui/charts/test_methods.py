import numpy as np
import pytest

from services.studies.compare.methods_spec import ContestResult, ContestSpec, Entry
from ui.charts import contest_alt, contest_figure, contest_info


def entry(method, seed, evaluations, course, score):
    return Entry(
        method=method,
        seed=seed,
        n_evaluations=evaluations[-1] if evaluations else 0,
        seconds=1.0,
        best=course[-1] if course else None,
        best_score=score,
        evaluations=evaluations,
        course=course,
    )


@pytest.fixture
def contest(result):
    spec = ContestSpec(run=result.spec, methods=("niches", "random_search"), n_seeds=2)
    entries = (
        entry("niches", 0, (100, 400, 1000), (1.0, 5.0, 9.0), -9.0),
        entry("niches", 1, (100, 1000), (3.0, 7.0), -7.0),
        entry("random_search", 0, (50, 900), (1.0, 2.0), -2.0),
    )
    return ContestResult.of(spec, entries)


def test_lines_are_medians_and_bands_go_from_the_worst_seed_to_the_best(contest):
    info = contest_info(contest, "area", "MPa")
    assert [course.method for course in info.courses] == ["niches", "random_search"]
    niches = info.courses[0]
    assert (niches.evaluations[0], niches.evaluations[-1]) == (100, 1000)
    before = niches.evaluations < 400
    np.testing.assert_array_equal(niches.middle[before], 2.0)
    assert (niches.low[-1], niches.middle[-1], niches.high[-1]) == (7.0, 8.0, 9.0)
    assert (niches.low <= niches.middle).all()
    assert (niches.middle <= niches.high).all()
    np.testing.assert_array_equal(info.courses[1].evaluations, [50, 900])


def test_the_figure_has_a_line_and_a_band_per_method(contest):
    figure = contest_figure(contest_info(contest, "area", "MPa"))
    assert [trace.name for trace in figure.data if trace.mode == "lines"] == ["Niches", "Random search"]
    assert len([trace for trace in figure.data if trace.fill == "toself"]) == 2
    assert figure.layout.xaxis.type == "log"
    alone = contest.model_copy(update={"spec": contest.spec.model_copy(update={"n_seeds": 1})})
    assert not [trace for trace in contest_figure(contest_info(alone, "area", "MPa")).data if trace.fill]


def test_methods_keep_their_colour_whoever_else_is_there(contest):
    colours = {t.name: t.line.color for t in contest_figure(contest_info(contest, "a", "")).data if t.mode == "lines"}
    fewer = contest.model_copy(update={"entries": contest.entries[2:]})
    alone = contest_figure(contest_info(fewer, "a", "")).data[-1]
    assert alone.line.color == colours["Random search"] != colours["Niches"]


def test_before_anything_is_found_there_is_no_picture(contest):
    assert contest_info(contest.model_copy(update={"entries": ()}), "a", "") is None
    nothing = contest.model_copy(update={"entries": (entry("niches", 0, (), (), None),)})
    assert contest_info(nothing, "a", "") is None


def test_the_sentence_has_where_every_method_ended(contest):
    assert contest_alt(contest_info(contest, "area", "MPa")) == (
        "Best area by evaluations: Niches 8 MPa after 1,000; Random search 2 MPa after 900."
    )
