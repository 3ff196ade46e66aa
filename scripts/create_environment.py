"""Create the virtual environment, also where Debian's Python lacks the venv module's parts.

Usage: ``python3 scripts/create_environment.py .venv``
"""

import subprocess
import sys
import venv
from pathlib import Path

MINIMUM = (3, 11)


def main(folder: str) -> None:
    """Create ``folder`` as a virtual environment with pip in it.

    Raises:
        SystemExit: Python is too old, or neither venv nor virtualenv can make one.
    """
    if sys.version_info < MINIMUM:
        given = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Mixwright needs Python 3.11 or newer, this is {given}: try `make PYTHON=python3.12`.")
    try:
        venv.EnvBuilder(with_pip=True, clear=Path(folder).exists()).create(folder)
    except (subprocess.CalledProcessError, ImportError):
        # Debian splits ensurepip off into python3-venv; virtualenv carries its own pip.
        made = subprocess.run([sys.executable, "-m", "virtualenv", "--clear", folder], check=False)
        if made.returncode:
            sys.exit(
                "This Python cannot make a virtual environment: its ensurepip module is missing.\n"
                "Install it (Debian and Ubuntu: `apt-get install python3-venv`) and run make again."
            )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else ".venv")
