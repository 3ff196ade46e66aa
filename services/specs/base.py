"""What all parts of a specification have in common."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator


class Document(BaseModel):
    """A frozen JSON document, strict about names: a typing error in it is an error, not a default.

    Attributes:
        old_names: old names of fields and their present ones, so that documents of before are read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    old_names: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _with_present_names(cls, document: Any) -> Any:
        if cls.old_names and isinstance(document, dict):
            return {cls.old_names.get(name, name): value for name, value in document.items()}
        return document


class Spec(Document):
    """A part of a specification."""


def validation_message(error: ValidationError) -> str:
    """What is wrong with a specification, field by field, in words for the user."""
    return "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'document'}: {e['msg'].removeprefix('Value error, ')}"
        for e in error.errors()
    )
