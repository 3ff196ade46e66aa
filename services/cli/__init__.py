"""The command line, one file per command: ``python -m services.cli run | train | prove | tune | compare | quality``."""

from services.cli.commands import main

__all__ = ["main"]
