import numpy as np

from benchmarks.truth.asking import Answer, Case
from benchmarks.truth.figures import figures, print_figures, report_of

MAIN = Case("one", rows=600, noise=0.05, seed=0, family="default")


def answer(case: Case, gain: float, truth: list[float], predicted: float = 2.0, harmful: int = 0) -> Answer:
    """Results whose intervals go from 1 to 3.5."""
    n = len(truth)
    return Answer(
        case,
        gain,
        np.array(truth),
        np.full(n, predicted),
        np.full(n, 1.0),
        np.full(n, 3.5),
        is_harmful=np.arange(n) < harmful,
        seconds=4.0,
    )


def test_figures_are_those_of_all_results():
    found = figures(
        [
            answer(MAIN, 0.2, [2.0, 3.0]),
            answer(MAIN._replace(seed=1), 0.6, [0.5, 2.0], harmful=1),
            answer(MAIN._replace(plant="two"), 0.5, [4.0]),
        ]
    )
    assert found == {
        "gain": {"one": 0.4, "two": 0.5},
        "gain_overall": 0.5,
        "gain_worst_table": 0.2,
        "coverage": 0.6,
        "lower_holds": 0.8,
        "lower_width": 1.0,
        "width": 2.5,
        "interval_score_mean": 6.5,  # 2.5 each, and 20 times 0.5 twice
        "interval_score_median": 2.5,
        "harmful": 0.2,
        "seconds": 4.0,
        "tables": 3,
        "results": 5,
        "refused": 0,
    }


def test_figures_of_nothing_are_unknown():
    nothing = np.empty(0)
    refused = Answer(MAIN, 0.0, nothing, nothing, nothing, nothing, nothing, refusal="Too few rows.")
    found = figures([refused])
    assert (found["gain_overall"], found["refused"], found["results"]) == (0.0, 1, 0)
    assert found["coverage"] is None and found["seconds"] is None


def test_the_report_has_the_default_first_then_sizes_noises_and_families():
    answers = [
        answer(MAIN, 0.2, [2.0]),
        answer(MAIN._replace(rows=40), 0.1, [2.0]),
        answer(MAIN._replace(rows=40, noise=0.15), -0.1, [2.0]),
        answer(MAIN._replace(family="boosting"), 0.4, [2.0]),
    ]
    report = report_of(answers)
    assert report["gain_overall"] == 0.2
    assert {rows: list(found) for rows, found in report["by_rows"].items()} == {"600": ["0.05"], "40": ["0.05", "0.15"]}
    assert report["by_rows"]["40"]["0.15"]["gain_overall"] == -0.1
    assert report["by_family"]["boosting"]["gain_overall"] == 0.4
    assert report["by_family"]["default"]["gain"] == {"one": 0.2}


def test_what_was_not_asked_is_not_in_the_report():
    assert "gain" not in report_of([answer(MAIN._replace(rows=40), 0.1, [2.0])])
    assert report_of([]) == {"by_family": {}}


def test_every_family_size_and_noise_has_a_table(capsys):
    print_figures([answer(MAIN, 0.2, [2.0]), answer(MAIN._replace(noise=0.15), 0.1, [2.0])])
    printed = capsys.readouterr().out
    assert "default, 600 rows, 5 % noise" in printed and "default, 600 rows, 15 % noise" in printed
