"""What all parts of a specification have in common."""

from pydantic import BaseModel, ConfigDict, ValidationError


class Spec(BaseModel):
    """Frozen, and strict about names: a typing error in a document is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def wrong_words(error: ValidationError) -> str:
    """Return what is wrong with a specification, field by field, in words for the user."""
    return "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'document'}: {e['msg'].removeprefix('Value error, ')}"
        for e in error.errors()
    )
