"""The closed-off process: what it may not do, and that whatever becomes of it is an answer."""

import sys
import textwrap

import pytest

from services.intake.sandbox import Limits, Refusal, child, run_in_sandbox

is_exhausted = pytest.raises(Refusal, match=r"^too much$")
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
        return run_in_sandbox("strange.module", data, task or {}, limits, "odd", "too much")

    return run


def test_it_answers_about_the_file_and_the_task(ask):
    answer = ask("out.write(file.read()[::-1] + task['word'].encode())", b"abc", task={"word": "!"})
    assert answer == b"cba!"


def test_a_refusal_is_its_text(ask):
    with pytest.raises(Refusal, match=r"^Not this: bring another\.$"):
        ask("from services.intake.sandbox.limits import Refusal\nraise Refusal('Not this: bring another.')")


def test_it_has_nothing_of_our_environment_and_an_empty_folder(ask, monkeypatch):
    monkeypatch.setenv("SECRET", "42")
    answer = ask(
        "import os\nout.write(repr([os.environ.get('SECRET'), os.environ.get('HOME'), os.listdir()]).encode())"
    )
    assert answer == b"[None, None, []]"


@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux knows them")
class TestLimits:
    def test_it_writes_no_file(self, ask, tmp_path):
        with is_exhausted:
            ask(f"open({str(tmp_path / 'marker')!r}, 'w').write('boo' * 10_000)")
        assert not (tmp_path / "marker").exists() or (tmp_path / "marker").stat().st_size == 0

    def test_it_takes_no_more_memory(self, ask):
        with is_exhausted:
            ask("bytearray(2 * 2**30)")

    @pytest.mark.parametrize(
        ("body", "limits"),
        [
            ("while True: pass", Limits(2**30, 1, 10, 100)),
            ("import time\ntime.sleep(60)", Limits(2**30, 5, 0.5, 100)),
        ],
    )
    def test_it_takes_no_more_time(self, ask, body, limits):
        with is_exhausted:
            ask(body, limits=limits)

    def test_its_limits_are_set(self, ask):
        answer = ask(
            "import resource as r\n"
            "names = ('RLIMIT_AS', 'RLIMIT_CPU', 'RLIMIT_FSIZE', 'RLIMIT_NPROC', 'RLIMIT_CORE')\n"
            "out.write(repr([r.getrlimit(getattr(r, name)) for name in names]).encode())"
        )
        assert answer.decode() == repr([(2**30,) * 2, (2, 2), (0, 0), (0, 0), (0, 0)])


@pytest.mark.parametrize(
    "body",
    ["while True: out.write(b'x' * 10_000)", "import ctypes\nctypes.string_at(0)", "import os\nos._exit(77)"],
)
def test_an_endless_answer_and_a_crash_are_none(ask, body):
    with is_exhausted:
        ask(body)


def test_any_exception_is_damage(ask):
    with pytest.raises(Refusal, match=r"^odd$"):
        ask("raise KeyError('strange')")
