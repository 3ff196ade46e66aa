"""The price of realism: settings are read and turned, every point is a run, and a stop keeps what is done."""

import numpy as np
import pytest
from pydantic import ValidationError

from optimizer import SpaceError
from services.problems.estimate import estimate_seconds
from services.results.search import run_spec
from services.studies.parallel import Execution
from services.studies.tune import (
    MAX_DENSITIES,
    MAX_WEIGHTS,
    SWEPT_SETTINGS,
    SweptSetting,
    TuneFigures,
    TunePoint,
    TuneResult,
    TuneSpec,
    curve_frame,
    default_settings,
    default_swept_setting,
    parse_settings,
    price_sentence,
    run_tune,
    sets_frame,
    setting_words,
    swept_settings_of,
    tune_plan,
    tune_seconds,
)


@pytest.fixture(scope="session")
def mixed_spec(mixed_spec):
    """The small run with one dial on, that of the density, whatever a newcomer's run has on."""
    return mixed_spec.revised(plausibility=None, distance=None, risk_aversion=0.0)


@pytest.mark.parametrize("dial", SweptSetting)
def test_a_dial_reads_what_it_was_turned_to_and_turns_nothing_else(mixed_spec, dial):
    info = SWEPT_SETTINGS[dial]
    for setting in info.settings:
        turned = info.apply(mixed_spec, setting)
        assert info.read(turned) == setting
        assert info.apply(turned, info.settings[1]) == info.apply(mixed_spec, info.settings[1])
        for other in set(SweptSetting) - {dial}:
            assert SWEPT_SETTINGS[other].read(turned) == SWEPT_SETTINGS[other].read(mixed_spec)


@pytest.mark.parametrize("dial", SweptSetting)
def test_the_settings_to_try_go_from_off_to_strong_with_the_present_one(mixed_spec, dial):
    info = SWEPT_SETTINGS[dial]
    assert info.settings[0] == 0
    assert list(info.settings) == sorted(set(info.settings))
    assert info.settings[-1] < info.highest
    turned = info.apply(mixed_spec, 1.7)
    assert default_settings(dial, turned) == tuple(sorted((*info.settings, 1.7)))
    assert info.read(info.apply(turned, info.highest)) == info.highest


def test_an_open_gate_is_no_gate_and_what_else_a_penalty_has_is_kept(mixed_spec):
    assert SWEPT_SETTINGS[SweptSetting.GATE].apply(mixed_spec, 0.0).plausibility.at_least is None
    assert not SWEPT_SETTINGS[SweptSetting.GATE].apply(mixed_spec.revised(density=None), 0.0).is_penalised
    given = mixed_spec.revised(distance={"weight": 1.0, "threshold": 0.4, "left_out": ["temp"]})
    assert SWEPT_SETTINGS[SweptSetting.DISTANCE].apply(given, 3.0).distance.threshold == 0.4
    assert SWEPT_SETTINGS[SweptSetting.DISTANCE].apply(given, 3.0).distance.left_out == ("temp",)
    assert SWEPT_SETTINGS[SweptSetting.DENSITY].apply(given, 3.0).density.target == mixed_spec.density.target


def test_dials_need_what_they_turn_and_the_first_is_one_that_is_on(mixed_spec):
    assert swept_settings_of(mixed_spec) == tuple(SweptSetting)
    assert SweptSetting.DENSITY not in swept_settings_of(mixed_spec.revised(density=None))
    assert SweptSetting.CAUTION not in swept_settings_of(mixed_spec, has_uncertainty=False)
    assert default_swept_setting(mixed_spec) is SweptSetting.DENSITY
    off = SWEPT_SETTINGS[SweptSetting.DENSITY].apply(mixed_spec, 0.0)
    assert default_swept_setting(off) is SweptSetting.DENSITY
    assert default_swept_setting(off.revised(risk_aversion=1.0)) is SweptSetting.CAUTION
    assert default_swept_setting(mixed_spec.revised(density=None)) is SweptSetting.DISTANCE


def test_settings_are_said_in_words():
    assert setting_words(SweptSetting.DENSITY, 0.5) == "density penalty 0.5"
    assert setting_words(SweptSetting.GATE, 20.0) == "plausibility at least 20 %"


@pytest.mark.parametrize("text", ["0, 0.5, 1", "1 0.5 0", "0;.5;1;1", " 1e0,0 , 5e-1,"])
def test_typed_settings_are_numbers_between_anything(text):
    assert parse_settings(text) == (0.0, 0.5, 1.0)


@pytest.mark.parametrize(("text", "words"), [("", "no setting"), (" , ;", "no setting"), ("0, a", "must be numbers")])
def test_what_is_no_setting_is_refused_in_words(text, words):
    with pytest.raises(ValueError, match=words):
        parse_settings(text)


TURNED = [dial for dial in SweptSetting if dial is not SweptSetting.CAUTION]
"""Dials that the formula of the small table can be searched with; it does not know its own errors."""


@pytest.fixture(scope="module")
def tuned(mixed, mixed_spec):
    """The small run at four weights of the density penalty, given in no order."""
    return run_tune(TuneSpec(run=mixed_spec, dial=SweptSetting.DENSITY, weights=(4.0, 0.0, 0.3, 2.0)), mixed)


@pytest.mark.parametrize("dial", TURNED)
def test_every_point_is_to_the_bit_what_a_run_with_that_setting_finds(mixed, mixed_spec, dial):
    settings = SWEPT_SETTINGS[dial].settings[:2]
    points = run_tune(TuneSpec(run=mixed_spec, dial=dial, weights=settings), mixed).points
    assert tuple(point.weight for point in points) == settings
    for point in points:
        alone = run_spec(SWEPT_SETTINGS[dial].apply(mixed_spec, point.weight), mixed).result
        assert point.result.results == alone.results
        assert point.result.best_recorded == alone.best_recorded
        assert point.result.statistics.n_evaluations == alone.statistics.n_evaluations


def test_a_tuning_is_a_document_that_gives_the_same_points_again(mixed, mixed_spec, untimed, tuned):
    again = run_tune(TuneSpec.model_validate_json(tuned.spec.model_dump_json()), mixed)
    assert [untimed(point.result) for point in again.points] == [untimed(point.result) for point in tuned.points]
    assert TuneResult.model_validate_json(tuned.model_dump_json()) == tuned
    assert [point.weight for point in tuned.curve] == [0.0, 0.3, 2.0, 4.0]
    assert tuned.at(0.3) is tuned.points[2]
    assert tuned.at(7.0) is None
    assert tuned.spec.present == mixed_spec.density.weight


@pytest.mark.parametrize("dial", [SweptSetting.DENSITY, SweptSetting.DISTANCE, SweptSetting.PLAUSIBILITY])
def test_more_weight_never_leaves_more_to_pay_for(mixed, mixed_spec, dial):
    run = mixed_spec.revised(n_results=1, density=mixed_spec.density.model_copy(update={"weight": 0.0}))
    run = run.revised(method={"name": "niches"}, budget={"evaluations": 3_000})
    points = run_tune(TuneSpec(run=run, dial=dial, weights=(0.01, 0.1, 1.0, 10.0)), mixed).points
    costs = np.array([point.result.results.penalties[0] / point.weight for point in points])
    assert (np.diff(costs) <= 0.02 * max(costs.max(), 1.0)).all(), costs
    assert costs[-1] < costs[0]
    outcomes = np.array([point.figures.best for point in points])  # the price: what is searched for is a maximum
    assert (np.diff(outcomes) <= 1e-3 * abs(outcomes[0])).all(), outcomes


def test_a_gate_leaves_only_what_is_plausible_enough(mixed, mixed_spec):
    points = run_tune(TuneSpec(run=mixed_spec, dial=SweptSetting.GATE, weights=(0.0, 20.0, 95.0)), mixed).points
    for point in points[1:]:
        assert len(point.result.results)
        assert point.figures.least_plausibility >= point.weight - 1e-9
    assert points[2].figures.plausibility > points[0].figures.plausibility


def test_the_figures_are_those_of_the_results(tuned):
    for point in tuned.points:
        found, density = point.result.results, point.result.density
        assert point.figures.best == found.outcomes[0]
        assert point.figures.mean == pytest.approx(np.mean(found.outcomes))
        off = [abs(value - density.target) / density.tolerance for value in found.densities]
        assert point.figures.density_deviation == pytest.approx(np.mean(off))
        assert 0 <= point.figures.least_plausibility <= point.figures.plausibility <= 100
        assert point.figures.interval_width is None  # a formula does not know its errors


def test_figures_are_taken_from_the_result_that_has_them(tuned):
    result = tuned.points[0].result
    n = len(result.results)
    own = {"lows": (1.0,) * n, "highs": (4.0,) * n, "plausibility": tuple(range(10, 10 + n))}
    figures = TuneFigures.of(result.model_copy(update={"results": result.results.model_copy(update=own)}))
    assert (figures.interval_width, figures.least_plausibility) == (3.0, 10.0)
    assert figures.plausibility == 10 + (n - 1) / 2
    result = tuned.points[0].result
    nothing = {name: () if value is not None else None for name, value in dict(result.results).items()}
    empty = result.model_copy(update={"results": result.results.model_copy(update=nothing)})
    assert TuneFigures.of(empty) == TuneFigures()


def test_density_is_measured_without_a_penalty_where_the_table_says_which_parts_add_up(mixed, mixed_spec):
    run = mixed_spec.revised(curve=None, density=None)
    point = run_tune(TuneSpec(run=run, dial=SweptSetting.DISTANCE, weights=(1.0,)), mixed).points[0]
    assert point.figures.density_deviation is not None
    assert TuneFigures.of(point.result.model_copy(update={"density": None})).density_deviation is None


def test_points_are_reported_as_they_come_and_kept_at_a_stop(mixed, mixed_spec, tuned):
    reported = []
    spec = TuneSpec(run=mixed_spec, dial=SweptSetting.DENSITY, weights=(1.0, 0.0))
    result = run_tune(spec, mixed, Execution(on_start=reported.append, on_piece=reported.append))
    assert reported == [1.0, result.points[0], 0.0, result.points[1]]
    done = []
    spec = tuned.spec
    result = run_tune(spec, mixed, Execution(on_piece=done.append, should_stop=lambda: len(done) == 2))
    assert result.points == tuple(done)
    assert [point.result.results for point in done] == [point.result.results for point in tuned.points[:2]]


def test_a_search_that_a_stop_cuts_short_is_no_point(mixed, mixed_spec):
    asked = []

    def should_stop():
        asked.append(None)
        return len(asked) > 4

    spec = TuneSpec(run=mixed_spec, dial=SweptSetting.DENSITY, weights=(1.0, 0.0))
    assert run_tune(spec, mixed, Execution(should_stop=should_stop)).points == ()


def test_what_cannot_be_searched_is_said_and_does_not_keep_the_others_from_it(mixed, mixed_spec):
    with pytest.raises(SpaceError, match="no uncertainty"):
        run_tune(TuneSpec(run=mixed_spec, dial=SweptSetting.CAUTION, weights=(1.0,)), mixed)
    reported = []
    spec = TuneSpec(run=mixed_spec, dial=SweptSetting.CAUTION, weights=(0.0, 1.0))
    result = run_tune(spec, mixed, Execution(on_piece=reported.append))
    assert [point.weight for point in result.points] == [0.0]
    assert [failure.weight for failure in result.failures] == [1.0]
    assert "no uncertainty" in result.failures[0].error
    assert reported == [*result.points, *result.failures]


@pytest.mark.parametrize(
    ("dial", "weights", "words"),
    [
        (SweptSetting.DENSITY, (), "at least 1"),
        (SweptSetting.DENSITY, tuple(range(MAX_WEIGHTS + 1)), f"at most {MAX_WEIGHTS}"),
        (SweptSetting.DENSITY, (1.0, 1.0), "named once, got 1, 1"),
        (SweptSetting.DENSITY, (-0.5,), "between 0 and 100, got -0.5"),
        (SweptSetting.DENSITY, (float("inf"),), "finite"),
        (SweptSetting.GATE, (99.5,), "between 0 and 99 %, got 99.5"),
        ("sweetness", (1.0,), "'density'"),
    ],
)
def test_settings_that_cannot_be_tried_are_refused_in_words(mixed_spec, dial, weights, words):
    with pytest.raises(ValidationError, match=words):
        TuneSpec(run=mixed_spec, dial=dial, weights=weights)


def test_a_run_without_parts_has_no_density_to_turn(mixed_spec):
    with pytest.raises(ValidationError, match="no density to turn"):
        TuneSpec(run=mixed_spec.revised(density=None), dial=SweptSetting.DENSITY, weights=(1.0,))


def test_searching_several_settings_at_once_changes_nothing(mixed, tuned, untimed):
    reported = []
    again = run_tune(tuned.spec, mixed, Execution(n_processes=2, on_progress=reported.append))
    assert [untimed(p.result) for p in again.points] == [untimed(p.result) for p in tuned.points]
    assert [(p.weight, p.figures, p.densities) for p in again.points] == [
        (p.weight, p.figures, p.densities) for p in tuned.points
    ]
    assert (reported[-1].n_done, reported[-1].share) == (4, 1.0)


def test_pieces_make_the_same_in_whatever_order_they_come(tuned):
    assert TuneResult.of(tuned.spec, reversed(tuned.points)) == tuned


def test_points_keep_what_good_lineages_weigh_but_those_of_before(tuned):
    for point in tuned.points:
        assert 0 < len(point.densities) <= MAX_DENSITIES
        assert point.densities[0] == pytest.approx(point.result.results.densities[0])  # the best of all is one of them
    known = tuned.points[0].result.density
    off = [np.abs(known.tolerances_off(tuned.at(weight).densities)).mean() for weight in (0.0, 4.0)]
    assert off[1] < off[0]
    document = tuned.points[0].model_dump(mode="json")
    del document["densities"]
    assert TunePoint.model_validate(document).densities == ()


def test_the_curve_of_reach_ends_where_nothing_is_asked(mixed, mixed_spec):
    tuned = run_tune(TuneSpec(run=mixed_spec, dial=SweptSetting.REACH, weights=(0.0, 2.0, 0.5)), mixed)
    assert [point.weight for point in tuned.curve] == [0.5, 2.0, 0.0]


def test_two_tunings_ask_the_same_whatever_the_run_has_the_dial_at(mixed_spec):
    spec = TuneSpec(run=mixed_spec, dial=SweptSetting.DENSITY, weights=(0.0, 1.0))
    elsewhere = SWEPT_SETTINGS[SweptSetting.DENSITY].apply(mixed_spec, 7.0)
    assert spec.asks_as(TuneSpec(run=elsewhere, dial=SweptSetting.DENSITY, weights=(0.0, 1.0)))
    assert not spec.asks_as(TuneSpec(run=elsewhere, dial=SweptSetting.DENSITY, weights=(0.0, 2.0)))
    assert not spec.asks_as(TuneSpec(run=mixed_spec.revised(seed=9), dial=SweptSetting.DENSITY, weights=(0.0, 1.0)))


@pytest.fixture(scope="module")
def point(mixed, mixed_spec):
    return run_tune(TuneSpec(run=mixed_spec, dial=SweptSetting.DENSITY, weights=(2.0,)), mixed).points[0]


def with_figures(point, weight, **figures):
    return point.model_copy(update={"weight": weight, "figures": TuneFigures(**figures)})


def test_a_plan_counts_every_search_once_without_its_comparison(mixed_spec):
    spec = TuneSpec(run=mixed_spec, dial=SweptSetting.DENSITY, weights=(0.0, 1.0, 2.0))
    assert spec.run.is_compared
    each = [estimate_seconds(spec.run_at(weight), 0.01) for weight in spec.weights]
    assert tune_seconds(spec, 0.01) == pytest.approx(sum(each))
    assert 3 * 1_500 * 0.01 < sum(each) < 2 * 3 * 1_500 * 0.01
    assert tune_plan(spec, 45.0) == (
        "3 searches, one after the other, of 1,500 evaluations at most each. This takes about 45 seconds."
    )


def test_a_price_is_said_against_the_present_setting_by_what_is_known(point):
    now = with_figures(point, 2.0, mean=1000.0, density_deviation=0.001, plausibility=30.0)
    other = with_figures(point, 0.5, mean=1100.0, density_deviation=1.204, plausibility=30.2)
    assert price_sentence(SweptSetting.DENSITY, other, now) == (
        "With density penalty 0.5 the results promise 1,100 %·d on average, 10.0 % more than at the present setting 2. "
        "They lie 1.2 tolerances from the usual density (there less than 0.1) and lie farther out than 70 % of the "
        "recorded rows."
    )
    assert price_sentence(SweptSetting.DENSITY, now, now) == (
        "With density penalty 2 the results promise 1,000 %·d on average. They lie less than 0.1 tolerances from the "
        "usual density and lie farther out than 70 % of the recorded rows."
    )
    same, now = with_figures(point, 0.0, mean=1000.2, interval_width=12.0), with_figures(point, 2.0, mean=1000.0)
    assert price_sentence(SweptSetting.DENSITY, same, now) == (
        "With density penalty 0 the results promise 1,000 %·d on average, as much as at the present setting 2. "
        "They have intervals 12 %·d wide."
    )
    assert price_sentence(SweptSetting.DENSITY, with_figures(point, 0.0, mean=5.0), None).endswith(
        "promise 5.00 %·d on average."
    )
    assert price_sentence(SweptSetting.GATE, with_figures(point, 90.0), now) == (
        "With plausibility at least 90 % nothing good enough was found."
    )


@pytest.fixture(scope="module")
def gated(mixed, mixed_spec):
    return run_tune(TuneSpec(run=mixed_spec, dial=SweptSetting.GATE, weights=(30.0, 0.0)), mixed)


def test_the_curve_has_a_row_for_every_setting_and_no_empty_columns(gated):
    frame = curve_frame(gated)
    assert list(frame.columns) == [
        "plausibility at least [%]",
        "results",
        "best predicted area [%·d]",
        "mean predicted area [%·d]",
        "density deviation [tolerances]",
        "plausibility [%]",
        "least plausibility [%]",
        "search [s]",
    ]
    assert frame["plausibility at least [%]"].tolist() == [0.0, 30.0]
    assert frame["mean predicted area [%·d]"].tolist() == [point.figures.mean for point in gated.curve]
    assert frame["results"].tolist() == [len(point.result.results) for point in gated.curve]
    frame = sets_frame(gated)
    assert len(frame) == sum(len(point.result.results) for point in gated.points)
    assert frame.columns[0] == "plausibility at least [%]"
    assert sorted(set(frame.iloc[:, 0])) == [0.0, 30.0]
    assert "sand [kg]" in frame.columns
    nothing = TuneResult(spec=gated.spec, points=())
    assert len(curve_frame(nothing)) == len(sets_frame(nothing)) == 0
