"""What ``python -m services.cli`` runs, and ``python FOLDER/services/cli`` from any other folder."""

import sys
from pathlib import Path

if __name__ == "__main__":
    if not __package__:  # run as a folder: nothing of the project is found yet
        sys.path[0] = str(Path(__file__).resolve().parents[2])
    from services.cli.commands import main

    sys.exit(main())
