"""The command line: ``python -m services.cli COMMAND``; `services.cli.commands` lists the commands."""

from services.cli.commands import main

__all__ = ["main"]
