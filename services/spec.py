"""What all parts of a specification have in common."""

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """Frozen, and strict about names: a typing error in a document is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")
