"""What a command is given, checked before anything runs: documents, and options that make documents."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from services.specs.base import validation_message
from services.specs.errors import UserError
from services.specs.results import RunResult
from services.specs.run import RunSpec

Asked = TypeVar("Asked", bound=BaseModel)
_KINDS = {RunSpec: "a specification", RunResult: "a result"}
_SHOWN = 80


def read_document(path: Path, kind: type[Asked], content: bytes | None = None) -> Asked:
    """The document in a file.

    Args:
        content: of the file, where it has been read.

    Raises:
        UserError: it is no such document; the text names the file.
        OSError: there is no such file, or it cannot be read.
    """
    content = path.read_bytes() if content is None else content
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        what = _KINDS.get(kind, f"a {kind.__name__}")
        raise UserError(
            f"{path} is not {what} that can be used: {validation_message(error)}{_hint(content, kind)}"
        ) from None


def names_a_run(content: bytes) -> bool:
    """Whether a document says which run to repeat, under "run"; what is no JSON is left to be refused as a run."""
    return "run" in _fields(content)


def _hint(content: bytes, kind: type[BaseModel]) -> str:
    """What a document of another kind is; "" for one of this kind, or of none."""
    fields = _fields(content).keys()
    if kind is not RunResult and {"spec", "results", "statistics"} <= fields:
        return ". It is the result of a run; its specification stands in it, under 'spec'."
    if kind is RunResult and {"dataset", "outcomes", "features", "budget"} <= fields:
        return ". It is the specification of a run; `run` makes a result of it."
    return ""


def _fields(content: bytes) -> dict[str, object]:
    try:
        given = json.loads(content)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


@contextmanager
def options_named(options: Mapping[str, str]) -> Iterator[None]:
    """Blame options of the command line for what a document made of them cannot have.

    Args:
        options: the option behind each field, such as ``{"n_folds": "--folds"}``; under "" the one, or those, behind
            the document as a whole.

    Raises:
        UserError: in the place of the ValidationError.
    """
    try:
        yield
    except ValidationError as error:
        raise UserError("; ".join(_said(each, options) for each in error.errors())) from None


def _said(error: Mapping, options: Mapping[str, str]) -> str:
    field = str(error["loc"][0]) if error["loc"] else ""
    words = str(error["msg"]).removeprefix("Value error, ")
    option = options.get(field, options.get("", field))
    value = error["input"]
    is_short = field and isinstance(value, int | float | str) and len(str(value)) <= _SHOWN
    got = f", got {value}" if is_short and str(value) not in words else ""
    return f"{option}: {words}{got}" if option else f"{words}{got}"
