import pandas as pd

from services.cli import main
from services.problems.stories import story, story_spec
from services.results.baselines import baseline_sentence
from services.specs.results import RunResult


def test_a_run_says_what_its_results_have_to_beat_and_what_holds_them_back(catalog, written, tmp_path, capsys):
    spec = story_spec(story("production"), catalog).revised(
        goal="maximum", value=None, plausibility=None, risk_aversion=0.0
    )
    spec = spec.revised(budget={"evaluations": 5_000}, is_compared=False)
    assert main(["run", written(spec.model_dump_json()), "--out", str(tmp_path)]) == 0
    result = RunResult.model_validate_json((tmp_path / "result.json").read_text("utf-8"))
    said = capsys.readouterr().out.splitlines()
    assert said[1] == baseline_sentence(result)
    assert result.notes and said[2 : 2 + len(result.notes)] == list(result.notes)
    table = pd.read_csv(tmp_path / "results.csv")
    assert list(table["nearest recorded row"]) == [one.row for one in result.results.nearest]
    assert tuple(table["plausibility [%]"]) == result.results.plausibility
    assert list(table["predicted robust low [%]"]) == list(result.results.robust_low)
