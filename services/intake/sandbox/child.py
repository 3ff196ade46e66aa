"""The child process: caps itself, loads the one module that it is asked for, and lets it answer.

Run by `run_in_sandbox` as a script in isolated mode. The argument is a JSON object with `limits`, `module` and `task`;
the file is on standard input, the answer goes to standard output: what `module.answer(file, task, out)` writes, or the
text of a refusal. Packages of the project are entered without running their ``__init__``, which would import pandas
and more, for seconds.
"""

import errno
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[3]
BARE = ("models", "services", "services.intake.sandbox")


def enter(package: str) -> None:
    """Make a package importable by its modules alone."""
    bare = ModuleType(package)
    bare.__path__ = [str(ROOT.joinpath(*package.split(".")))]
    sys.modules[package] = bare


def main() -> int:
    """Answer about the file on standard input; the exit code says how that went."""
    for package in BARE:
        enter(package)
    sys.path.append(str(ROOT))
    from services.intake.sandbox.limits import ExitCode, Limits, Refusal

    given = json.loads(sys.argv[1])
    Limits(**given["limits"]).apply()
    try:
        enter(given["module"].rpartition(".")[0])
        module = importlib.import_module(given["module"])
        module.answer(sys.stdin.buffer, given["task"], sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except Refusal as refusal:
        sys.stdout.buffer.write(str(refusal).encode())
        return ExitCode.REFUSED
    except (MemoryError, RecursionError):
        return ExitCode.EXHAUSTED
    except Exception as error:
        is_too_large = getattr(error, "errno", None) == errno.EFBIG or type(error).__name__ == "ArrowCapacityError"
        return ExitCode.EXHAUSTED if is_too_large else ExitCode.DAMAGED
    return ExitCode.ANSWERED


if __name__ == "__main__":
    sys.exit(main())
