"""What users add to a run that has ended, kept with it as one JSON document with a name: a paper of the run."""

from collections.abc import Callable
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from services.jobs import RunStore


class RunPaper(BaseModel):
    """A paper of a run; without any values it says nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def from_paper(cls, text: str | None) -> Self:
        """The contents of a paper; those of an empty one where there is no paper or nobody can read it."""
        try:
            return cls.model_validate_json(text) if text else cls()
        except ValidationError:
            return cls()

    @classmethod
    def change(cls, store: RunStore, run_id: str, paper: str, change: Callable[[Self], Self]) -> None:
        """Store what ``change`` makes of the paper of this name of a run, in one transaction.

        Raises:
            StoreError: the run is gone.
        """
        store.change_attachment(run_id, paper, lambda text: change(cls.from_paper(text)).model_dump_json())
