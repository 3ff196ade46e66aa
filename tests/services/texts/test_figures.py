import numpy as np
import pytest

from optimizer import DEFAULT_PERCENT, Hooks
from services.results.search import run_spec
from services.specs.results import RunResult
from services.texts.results import figures_frame, figures_sentence, result_figures


@pytest.fixture(scope="module")
def result(mixed_spec, mixed):
    return run_spec(mixed_spec.revised(floor={"kind": "within percent", "amount": 10.0}), mixed).result


def test_a_result_carries_what_its_rows_say(result):
    measured = result.diversity
    stds = np.array([feature.std for feature in result.features[:4]])  # age is the sweep, resin a category
    X = np.array(result.results.X)
    resins = X[:, 4][:, None] != X[:, 4]
    numbers = ((X[:, None, :4] - X[None, :, :4]) / stds) ** 2
    pairs = np.sqrt(numbers.sum(axis=2) + resins)[np.triu_indices(len(X), k=1)]
    assert measured.smallest_distance == pytest.approx(pairs.min())
    assert measured.mean_distance == pytest.approx(pairs.mean())
    best, worst = result.results.scores[0], result.results.scores[-1]
    assert measured.worst_over_best == pytest.approx(
        1 - (worst - best) / max(abs(best - result.results.penalties[0]), 1)
    )
    assert measured.worst_over_best >= 1 - result.spec.floor.amount / 100
    assert measured.share_within == pytest.approx(result.statistics.n_kept / result.statistics.n_lineages)
    assert 1 <= measured.solow_polasky <= len(X)


def test_figures_are_read_with_their_meaning(result):
    figures = {figure.name: figure for figure in result_figures(result)}
    assert list(figures) == ["Good enough", "Worst result", "Nearest two", "On average", "Worth"]
    assert figures["Good enough"].meaning.endswith(f"are chosen: within {DEFAULT_PERCENT:g} % of the best.")
    measured = result.diversity
    assert figures["Worst result"].value == f"{100 * measured.worst_over_best:.1f} % of the best"
    assert figures["Nearest two"].value == f"{measured.smallest_distance:.2f} std. dev. apart"
    assert figures["Worth"].value == f"{measured.solow_polasky:.1f} of {len(result.results)} different ones"
    assert "theta = 1 per std. dev." in figures["Worth"].meaning


def test_figures_as_a_table_and_as_a_sentence(result):
    frame = figures_frame(result)
    assert list(frame) == ["what", "number", "reads", "meaning"]
    assert frame["number"].tolist() == [figure.number for figure in result_figures(result)]
    assert figures_sentence(result).startswith("good enough: ")
    assert figures_sentence(result).endswith("different ones")


def test_one_result_has_quality_and_no_distances(mixed_spec, mixed):
    result = run_spec(mixed_spec.revised(n_results=1), mixed).result
    assert [figure.name for figure in result_figures(result)] == ["Good enough", "Worst result"]
    assert result.diversity.worst_over_best == 1
    assert (result.diversity.smallest_distance, result.min_distance) == (None, None)


def test_without_results_there_are_no_figures(mixed_spec, mixed):
    nothing = run_spec(mixed_spec, mixed, hooks=Hooks(should_stop=lambda: True)).result
    assert nothing.diversity is None
    assert len(figures_frame(nothing)) == 0 and figures_sentence(nothing) == ""


def test_results_kept_before_there_were_figures_are_read(result):
    document = result.model_dump(mode="json")
    del document["diversity"]
    kept = RunResult.model_validate(document)
    assert kept.results == result.results
    assert (kept.diversity, kept.min_distance) == (None, None)
    assert result_figures(kept) == []
