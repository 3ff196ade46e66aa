"""The closed-off process: what it may not do, and that whatever becomes of it is an answer."""

import sys
import textwrap

import pytest

from services.intake.sandbox import ExitCode, Limits, child, run_in_sandbox

LIMITS = Limits(memory=2**30, cpu_seconds=2, wall_seconds=10, answer=10_000, processes=0)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Run a body of `answer(file, task, out)` in the sandbox; the module lies outside the project."""
    package = tmp_path / "strange"
    package.mkdir()

    def run(body, data=b"", limits=LIMITS, task=None):
        text = "def answer(file, task, out):\n" + textwrap.indent(textwrap.dedent(body), "    ")
        (package / "module.py").write_text(text, encoding="utf-8")
        script = tmp_path / "services" / "intake" / "sandbox"
        if not script.is_dir():
            script.parent.mkdir(parents=True)
            script.symlink_to(child.ROOT / "services" / "intake" / "sandbox", target_is_directory=True)
        monkeypatch.setattr("services.intake.sandbox._CHILD", script / "child.py")
        return run_in_sandbox("strange.module", data, task or {}, limits)

    return run


def test_it_answers_about_the_file_and_the_task(ask):
    ended = ask("out.write(file.read()[::-1] + task['word'].encode())", b"abc", task={"word": "!"})
    assert (ended.code, ended.answer) == (ExitCode.ANSWERED, b"cba!")


def test_a_refusal_is_its_text(ask):
    ended = ask("from services.intake.sandbox.limits import Refusal\nraise Refusal('Not this: bring another.')")
    assert (ended.code, ended.refusal) == (ExitCode.REFUSED, "Not this: bring another.")


def test_it_has_nothing_of_our_environment_and_an_empty_folder(ask, monkeypatch):
    monkeypatch.setenv("SECRET", "42")
    ended = ask("import os\nout.write(repr([os.environ.get('SECRET'), os.environ.get('HOME'), os.listdir()]).encode())")
    assert ended.answer == b"[None, None, []]"


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux knows them")
class TestLimits:
    def test_it_writes_no_file(self, ask, tmp_path):
        ended = ask(f"open({str(tmp_path / 'marker')!r}, 'w').write('boo' * 10_000)")
        assert ended.code is ExitCode.EXHAUSTED
        assert not (tmp_path / "marker").exists() or (tmp_path / "marker").stat().st_size == 0

    def test_it_takes_no_more_memory(self, ask):
        assert ask("bytearray(2 * 2**30)").code is ExitCode.EXHAUSTED

    def test_it_takes_no_more_time(self, ask):
        assert ask("while True: pass", limits=Limits(2**30, 1, 10, 100)).code is ExitCode.EXHAUSTED
        assert ask("import time\ntime.sleep(60)", limits=Limits(2**30, 5, 0.5, 100)).code is ExitCode.EXHAUSTED

    def test_its_limits_are_set(self, ask):
        ended = ask(
            "import resource as r\n"
            "names = ('RLIMIT_AS', 'RLIMIT_CPU', 'RLIMIT_FSIZE', 'RLIMIT_NPROC', 'RLIMIT_CORE')\n"
            "out.write(repr([r.getrlimit(getattr(r, name)) for name in names]).encode())"
        )
        assert ended.answer.decode() == repr([(2**30,) * 2, (2, 2), (0, 0), (0, 0), (0, 0)])


def test_an_endless_answer_is_cut(ask):
    ended = ask("while True: out.write(b'x' * 10_000)")
    assert (ended.code, ended.answer) == (ExitCode.EXHAUSTED, b"")


@pytest.mark.parametrize("body", ["import ctypes\nctypes.string_at(0)", "import os\nos._exit(77)"])
def test_a_crash_is_no_answer(ask, body):
    assert ask(body).code is ExitCode.EXHAUSTED


def test_any_exception_is_damage(ask):
    assert ask("raise KeyError('odd')").code is ExitCode.DAMAGED
