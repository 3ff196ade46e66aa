"""Runs: checked before they begin, for people and for machines, never lost."""

import json
import signal

import pytest

from optimizer import StopReason
from services.cli import main, runs, studies
from services.cli.interrupts import stoppable
from services.problems.stories import story, story_spec
from services.specs.results import RunResult
from services.studies.compare.methods import ComparisonResult
from services.studies.tune import TuneResult


@pytest.fixture
def small(bumps_spec):
    return bumps_spec.revised(budget={"evaluations": 400}, is_compared=False)


@pytest.fixture
def unsearched(monkeypatch):
    """Fail where a search or a proof begins."""

    def begin(*_, **__):
        raise AssertionError("it was to be refused before anything runs")

    for name in ("run_spec", "run_proof"):
        monkeypatch.setattr(runs, name, begin)


def test_a_run_into_a_file_is_refused_before(unsearched, small, written, tmp_path, capsys):
    (tmp_path / "out").write_text("kept")
    assert main(["run", written(small.model_dump_json()), "--out", str(tmp_path / "out")]) == 1
    assert "out is a file, and a folder for result.json" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "kept"


@pytest.mark.parametrize("command", ["run", "tune", "compare"])
def test_files_of_before_are_replaced_only_if_that_is_said(unsearched, small, written, tmp_path, capsys, command):
    name = {"run": "lab.csv", "tune": "tune.csv", "compare": "methods.csv"}[command]
    (tmp_path / name).write_text("measured by hand")
    assert main([command, written(small.model_dump_json()), "--out", str(tmp_path)]) == 1
    assert f"{name} would be overwritten" in capsys.readouterr().err
    assert (tmp_path / name).read_text() == "measured by hand"


def test_a_run_can_be_repeated_into_its_folder(small, written, tmp_path):
    given = ["run", written(small.model_dump_json()), "--out", str(tmp_path / "out")]
    assert [main(given), main(given), main([*given, "--overwrite"])] == [0, 1, 0]


def test_what_cannot_be_written_at_the_end_is_kept_elsewhere(small, written, tmp_path, monkeypatch, capsys):
    (tmp_path / "rescued").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "rescued"))
    search = runs.run_spec

    def searched(*given, **more):
        found = search(*given, **more)
        (tmp_path / "out").write_text("came in between")
        return found

    monkeypatch.setattr(runs, "run_spec", searched)
    assert main(["run", written(small.model_dump_json()), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    (folder,) = (tmp_path / "rescued").iterdir()
    assert f"Nothing is lost: it is in {folder} instead." in said.err
    assert sorted(path.name for path in folder.iterdir()) == sorted(runs.RUN_FILES)
    assert len(RunResult.model_validate_json((folder / "result.json").read_text("utf-8")).results) >= 1
    assert " results from " in said.out


def test_an_interrupted_run_keeps_what_it_found(small, written, tmp_path, monkeypatch, capsys):
    share = runs.run_share

    def interrupted(spec, report):
        def note(generation):
            if generation.number == 2:
                signal.raise_signal(signal.SIGINT)

        assert share(spec, report)
        return note

    monkeypatch.setattr(runs, "run_share", interrupted)
    before = signal.getsignal(signal.SIGINT)
    assert main(["run", written(small.model_dump_json()), "--out", str(tmp_path / "out")]) == 0
    result = RunResult.model_validate_json((tmp_path / "out" / "result.json").read_text("utf-8"))
    assert result.statistics.stop_reason is StopReason.USER and result.statistics.n_generations == 3
    assert "Stopping: what was found is kept." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupted_tuning_keeps_the_points_that_are_done(small, written, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MIXWRIGHT_LANES", "1")
    tune = studies.run_tune

    def tuned(spec, model_data, execution):
        def show(piece):
            signal.raise_signal(signal.SIGINT)

        return tune(spec, model_data, studies.Execution(on_piece=show, should_stop=execution.should_stop))

    monkeypatch.setattr(studies, "run_tune", tuned)
    given = ["tune", written(small.model_dump_json()), "--dial", "distance", "--weights", "1", "0"]
    assert main([*given, "--out", str(tmp_path / "out")]) == 0
    kept = TuneResult.model_validate_json((tmp_path / "out" / "tune.json").read_text("utf-8"))
    assert [point.weight for point in kept.points] == [1.0]
    capsys.readouterr()


def test_a_second_interruption_ends_at_once(capsys):
    with pytest.raises(KeyboardInterrupt), stoppable() as should_stop:
        assert not should_stop()
        signal.raise_signal(signal.SIGINT)
        assert should_stop()
        signal.raise_signal(signal.SIGINT)
    assert capsys.readouterr().err.count("Stopping") == 1


def test_a_run_needs_a_place_for_what_it_finds(small, written, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["run", written(small.model_dump_json())])
    assert refused.value.code == 2
    assert "give --out FOLDER for the files, or --json" in capsys.readouterr().err


def test_machines_get_one_document_and_people_progress_on_a_terminal(small, written, monkeypatch, capsys):
    monkeypatch.setenv("MIXWRIGHT_LANES", "1")
    document = written(small.model_dump_json())
    for given, kind in (
        (["run"], RunResult),
        (["tune", "--dial", "distance", "--weights", "1", "0"], TuneResult),
        (["compare", "--methods", "random_search"], ComparisonResult),
    ):
        assert main([given[0], document, *given[1:], "--json"]) == 0
        said = capsys.readouterr()
        assert kind.model_validate_json(said.out) and said.err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["tune", document, "--dial", "distance", "--weights", "1", "0", "--json"]) == 0
    said = capsys.readouterr()
    assert TuneResult.model_validate_json(said.out)
    assert [line.partition(":")[0] for line in said.err.splitlines()] == ["distance 1", "distance 0"]


def test_a_proof_blames_the_file_that_is_wrong(unsearched, small, written, tmp_path, capsys):
    document, bad = written(small.model_dump_json()), tmp_path / "bad.json"
    bad.write_text("{}")
    assert main(["prove", document, "--result", str(bad)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {bad} is not a result that can be used: ")
    assert main(["prove", document, "--result", document]) == 1
    assert "It is the specification of a run; `run` makes a result of it." in capsys.readouterr().err
    assert main(["prove", str(bad)]) == 1
    assert capsys.readouterr().err.startswith(f"error: {bad} is not a specification that can be used: ")


def test_a_proof_takes_the_result_of_its_own_run_alone(catalog, small, written, tmp_path, monkeypatch, capsys):
    assert main(["run", written(small.model_dump_json()), "--out", str(tmp_path / "out")]) == 0
    result = str(tmp_path / "out" / "result.json")
    monkeypatch.setattr(runs, "run_proof", lambda *_, **__: pytest.fail("nothing was to be proven"))
    other = story_spec(story("production"), catalog)
    assert main(["prove", written(other.model_dump_json()), "--result", result]) == 1
    assert "result.json is the result of another run: the table of " in capsys.readouterr().err
    assert main(["prove", written(small.revised(goal="minimum").model_dump_json()), "--result", result]) == 1
    assert "the goal of " in capsys.readouterr().err


def test_a_result_in_the_place_of_a_specification_says_what_it_is(small, written, tmp_path, capsys):
    assert main(["run", written(small.model_dump_json()), "--json"]) == 0
    path = tmp_path / "result.json"
    path.write_text(capsys.readouterr().out)
    assert main(["run", str(path), "--json"]) == 1
    assert "It is the result of a run; its specification stands in it, under 'spec'." in capsys.readouterr().err
    path.write_text(json.dumps(json.loads(path.read_text())["spec"]))
    assert main(["run", str(path), "--json"]) == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["prove", "--percent", "-1"], "--percent: Input should be greater than 0, got -1"),
        (["prove", "--seconds", "nan"], "--seconds: Input should be greater than 0"),
        (["tune", "--weights", "nan"], "--weights: Input should be a finite number"),
        (["tune", "--weights", "-1", "--dial", "distance"], "--dial, --weights: Distance penalty: each setting"),
        (["compare", "--seeds", "0"], "--seeds: Input should be greater than or equal to 1, got 0"),
    ],
)
def test_an_option_is_blamed_by_its_name(unsearched, small, written, given, words, capsys):
    assert main([given[0], written(small.model_dump_json()), *given[1:]]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--results", "0"], "--results: Input should be greater than or equal to 1, got 0"),
        (["--evaluations", "0"], "--evaluations: Input should be greater than or equal to 1, got 0"),
        (["--seed", "-1"], "--seed: Input should be greater than or equal to 0, got -1"),
        (["--limit", "cost <= 90", "--confidence", "2"], "--confidence: "),
        (["--confidence", "0.9"], "--confidence says how limits hold, and there is none"),
        (["--by-prediction"], "--by-prediction says how limits hold, and there is none"),
        (["--limit", "cost <= 90", "--by-prediction", "--confidence", "0.9"], "--by-prediction: limits hold without"),
        (["--combine", "front"], "--combine says what several goals make, and there is one"),
        (["--fix", "age = 28", "--fix", "age = 7"], "'age' is held twice"),
        (["--model", "concrete", "--model", "concrete"], ""),
    ],
)
def test_a_setting_is_never_ignored(given, words, capsys):
    assert main(["spec", "concrete", "--goal", "strength max", *given]) == (1 if words else 0)
    assert words in capsys.readouterr().err


def test_a_specification_is_written_over_another_only_if_that_is_said(tmp_path, capsys):
    given = ["spec", "concrete", "--goal", "strength max", "--out", str(tmp_path / "spec.json")]
    assert [main(given), main(given), main([*given, "--overwrite"])] == [0, 1, 0]
    assert "spec.json would be overwritten" in capsys.readouterr().err


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as done:
        main(["--version"])
    assert done.value.code == 0
    assert capsys.readouterr().out.startswith("Mixwright 0.")
