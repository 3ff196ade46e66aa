"""Which commands there are, and what they answer when something is wrong."""

import argparse
import sys
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from services.catalog.loading import Catalog
from services.catalog.settings import Settings
from services.cli import compare, prove, quality, run, train, tune
from services.specs.base import validation_message
from services.specs.errors import USER_ERRORS

COMMANDS = (run, train, prove, tune, compare, quality)
"""Each has ``add``, which adds its parser and sets ``act``, the function that gets the arguments."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m services.cli", description="Run a specification, train a model, or ask how good results are."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add(commands)
    given = parser.parse_args(arguments)
    act: Callable[[argparse.Namespace, Catalog], None] = given.act
    try:
        act(given, Catalog.of(Settings.from_environment()))
    except ValidationError as error:
        print(f"error: the specification cannot be used: {validation_message(error)}", file=sys.stderr)
        return 1
    except (*USER_ERRORS, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
