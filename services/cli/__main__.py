"""``python -m services.cli``."""

import sys

from services.cli.commands import main

if __name__ == "__main__":
    sys.exit(main())
