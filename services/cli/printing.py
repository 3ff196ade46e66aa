"""What a command says: results on standard output, for people or as one JSON document; progress on standard error."""

import json
import sys
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from pydantic import BaseModel

from services.processes import Throttle

_SECONDS = 5.0  # between two lines of progress on the same matter


@dataclass(frozen=True, slots=True)
class Printer:
    """Standard output and error of one command.

    Attributes:
        is_json: whether the result is printed as one JSON document, and nothing else.
    """

    is_json: bool = False
    _throttle: Throttle = field(default_factory=lambda: Throttle(_SECONDS))

    def say(self, *lines: str) -> None:
        """Print lines for people; empty ones are left out."""
        if not self.is_json:
            for line in filter(None, lines):
                print(line)

    def table(self, frame: pd.DataFrame) -> None:
        """Print a table for people."""
        if not self.is_json:
            with pd.option_context("display.width", 160, "display.max_columns", None):
                print(frame.to_string(index=False, na_rep="–", float_format=lambda value: f"{value:,.5g}"))

    def document(self, document: BaseModel | dict[str, Any]) -> None:
        """Print the result for machines, where it is asked for."""
        if not self.is_json:
            return
        if isinstance(document, BaseModel):
            print(document.model_dump_json(indent=1))
        else:
            print(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))

    def progress(self, words: str, about: str | None = None) -> None:
        """Say how far it is to whoever watches: on a terminal alone, and at most every few seconds of one matter.

        Args:
            about: what it is about; by default the words themselves, which are never held back twice.
        """
        if sys.stderr.isatty() and self._throttle.is_due(words if about is None else about):
            print(words, file=sys.stderr, flush=True)

    def share(self, words: str, share: float) -> None:
        """The same with the share that is done, from 0 to 1."""
        self.progress(f"{words}: {100 * share:.0f} %", words)
