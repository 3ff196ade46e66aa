"""Files from strangers are opened in a child process with little memory, little time and nothing of ours in reach.

The child (child.py) is no process of `services.processes`: it is not trusted, so it sends bytes, never pickles.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.intake.sandbox.limits import ExitCode, Limits, Refusal

__all__ = ["Limits", "Refusal", "run_in_sandbox"]

_CHILD = Path(__file__).with_name("child.py")
_PASSED_ON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")
_QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}


def run_in_sandbox(
    module: str, data: bytes, task: dict[str, Any], limits: Limits, damaged: str, exhausted: str
) -> bytes:
    """What ``module.answer(file, task, out)`` writes about a file, in a process of its own.

    The process has nothing of this one's environment, an empty folder to stand in, and the limits; it is killed when
    its time is up or its answer grows too long, so this one's memory stays below the limit of the answer.

    Args:
        module: a module of the project that imports little.
        task: what the module has to know, as JSON can hold it.
        damaged: what a user is told of a file over which the module fails.
        exhausted: what a user is told where the limits do not suffice, or the process is killed.

    Raises:
        Refusal: there is no answer.
    """
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _QUIET
    argument = json.dumps({"module": module, "task": task, "limits": asdict(limits)})
    with tempfile.TemporaryFile() as given, tempfile.TemporaryDirectory() as nowhere:
        given.write(data)
        given.seek(0)
        with subprocess.Popen(
            [sys.executable, "-I", "-B", "-W", "ignore", str(_CHILD), argument],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=nowhere,
        ) as process:
            timer = threading.Timer(limits.wall_seconds, process.kill)
            timer.daemon = True
            timer.start()
            assert process.stdout is not None
            answer = process.stdout.read(limits.answer + 1)
            if len(answer) > limits.answer:
                process.kill()
            code = process.wait()
            timer.cancel()
    if code not in set(ExitCode) or len(answer) > limits.answer:
        code = ExitCode.EXHAUSTED
    if code == ExitCode.ANSWERED:
        return answer
    if code == ExitCode.REFUSED:
        raise Refusal(answer[:2_000].decode(errors="replace"))
    raise Refusal(damaged if code == ExitCode.DAMAGED else exhausted)
