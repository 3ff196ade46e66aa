"""What users add to a run that has ended, kept with it as one JSON document with a name: a paper of the run."""

from collections.abc import Callable
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from services.jobs import RunStore


class RunPaper(BaseModel):
    """A paper of a run; without any values it says nothing.

    Attributes:
        paper: its name among those of a run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    paper: ClassVar[str]

    @classmethod
    def of(cls, store: RunStore, run_id: str) -> Self:
        """The paper of a run."""
        return cls.from_paper(store.attachment(run_id, cls.paper))

    @classmethod
    def from_paper(cls, text: str | None) -> Self:
        """The contents of a paper; those of an empty one where there is no paper or nobody can read it."""
        try:
            return cls.model_validate_json(text) if text else cls()
        except ValidationError:
            return cls()

    @classmethod
    def change(cls, store: RunStore, run_id: str, change: Callable[[Self], Self]) -> None:
        """Store what ``change`` makes of the paper of a run, in one transaction.

        Raises:
            StoreError: the run is gone.
        """
        store.change_attachment(run_id, cls.paper, lambda text: change(cls.from_paper(text)).model_dump_json())
