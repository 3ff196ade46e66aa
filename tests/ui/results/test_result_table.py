import pytest

from services.problems.stories import story, story_spec
from services.results.search import run_spec
from ui.results.result_table import lineages_words


@pytest.fixture(scope="module")
def result(installation):
    """What a quick run of the story with one feature finds."""
    from ui.shared import cache

    spec = story_spec(story("bumps"), cache.catalog())
    return run_spec(spec, cache.catalog().model_data(spec), is_beside_random=False).result


def test_the_card_of_a_result_says_its_name_its_lineages_and_what_is_near_it(installation, open_app, result):
    page = open_app("results", run=installation.keep(result))
    for k, name in enumerate(result.results.names[:2]):
        page.put("selectbox", "Look closer at", f"Result {k + 1}")
        assert page.says(f"Result {k + 1}: {name}", "markdown")
        assert page.says(lineages_words(result, k), "markdown")
        near = next(one for one in result.valleys if k in (one.a, one.b))
        assert page.says(near.words, "markdown")


def test_lineages_are_counted_in_the_words_of_the_method(result):
    def counted(*numbers):
        rows = result.results.model_copy(update={"n_lineages": numbers or None})
        return lineages_words(result.model_copy(update={"results": rows}), 0)

    n_all = result.statistics.n_lineages
    assert counted(3).startswith(f"3 lineages of {n_all} ended well enough")
    assert counted(1).startswith(f"1 lineage of {n_all} ended")
    assert counted(0).startswith("No lineage ended nearest to it")
    assert counted() == ""
