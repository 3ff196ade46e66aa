import numpy as np
import pytest

from services.studies.compare.methods_spec import ComparisonResult, ComparisonSpec, Entry
from ui.charts import methods_alt, methods_figure, methods_info


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
def comparison(result):
    spec = ComparisonSpec(run=result.spec, methods=("niches", "random_search"), n_seeds=2)
    entries = (
        entry("niches", 0, (100, 400, 1000), (1.0, 5.0, 9.0), -9.0),
        entry("niches", 1, (100, 1000), (3.0, 7.0), -7.0),
        entry("random_search", 0, (50, 900), (1.0, 2.0), -2.0),
    )
    return ComparisonResult.of(spec, entries)


def test_lines_are_medians_and_bands_go_from_the_worst_seed_to_the_best(comparison):
    info = methods_info(comparison, "area", "MPa")
    assert [course.method for course in info.courses] == ["niches", "random_search"]
    niches = info.courses[0]
    assert (niches.evaluations[0], niches.evaluations[-1]) == (100, 1000)
    before = niches.evaluations < 400
    np.testing.assert_array_equal(niches.middle[before], 2.0)
    assert (niches.low[-1], niches.middle[-1], niches.high[-1]) == (7.0, 8.0, 9.0)
    assert (niches.low <= niches.middle).all()
    assert (niches.middle <= niches.high).all()
    np.testing.assert_array_equal(info.courses[1].evaluations, [50, 900])


def test_the_figure_has_a_line_and_a_band_per_method(comparison):
    figure = methods_figure(methods_info(comparison, "area", "MPa"))
    assert [trace.name for trace in figure.data if trace.mode == "lines"] == ["Niches", "Random search"]
    assert len([trace for trace in figure.data if trace.fill == "toself"]) == 2
    assert figure.layout.xaxis.type == "log"
    alone = comparison.model_copy(update={"spec": comparison.spec.model_copy(update={"n_seeds": 1})})
    assert not [trace for trace in methods_figure(methods_info(alone, "area", "MPa")).data if trace.fill]


def test_methods_keep_their_colour_whoever_else_is_there(comparison):
    colours = {
        t.name: t.line.color for t in methods_figure(methods_info(comparison, "a", "")).data if t.mode == "lines"
    }
    fewer = comparison.model_copy(update={"entries": comparison.entries[2:]})
    alone = methods_figure(methods_info(fewer, "a", "")).data[-1]
    assert alone.line.color == colours["Random search"] != colours["Niches"]


def test_before_anything_is_found_there_is_no_picture(comparison):
    assert methods_info(comparison.model_copy(update={"entries": ()}), "a", "") is None
    nothing = comparison.model_copy(update={"entries": (entry("niches", 0, (), (), None),)})
    assert methods_info(nothing, "a", "") is None


def test_the_sentence_has_where_every_method_ended(comparison):
    assert methods_alt(methods_info(comparison, "area", "MPa")) == (
        "Best area by evaluations: Niches 8 MPa after 1,000; Random search 2 MPa after 900."
    )
