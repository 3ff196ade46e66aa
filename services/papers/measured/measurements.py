"""What the laboratory measured for results of a run, and what was made of it, kept with the run."""

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models import DatasetError
from services.jobs import RunStore
from services.results.names import result_names
from services.specs.results import FeatureInfo, RunResult

PAPER = "measured"
"""Name of the paper of a run that holds its measured values."""


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Measurement(_Document):
    """One measured outcome of one result.

    Attributes:
        result: place of the result, from 0.
        at: value of the sweep feature that it was measured at, or None where no curve was searched.
    """

    result: int = Field(ge=0)
    value: float
    at: float | None = None


class Measured(_Document):
    """The measured values of a run, and what was made of them.

    Attributes:
        rows: in the order in which they came.
        joined: those that are in the new table.
        dataset: digest of the table that has them as new rows, or "".
        training: id of the training on that table, or "".
        model: name of the model that was saved of it, or "".
    """

    version: int = 1
    rows: tuple[Measurement, ...] = ()
    joined: tuple[Measurement, ...] = ()
    dataset: str = ""
    dataset_name: str = ""
    training: str = ""
    model: str = ""

    @classmethod
    def from_paper(cls, text: str | None) -> "Measured":
        """The measured values in a paper of a run; none where there is no paper or nobody can read it."""
        try:
            return cls.model_validate_json(text) if text else cls()
        except ValidationError:
            return cls()

    @property
    def is_joined(self) -> bool:
        """Whether all values are in the new table."""
        return bool(self.dataset) and self.rows == self.joined

    def with_rows(self, new: Sequence[Measurement]) -> "Measured":
        """The same with some more values; one that is there already was sent twice, and is left out."""
        return self.model_copy(update={"rows": tuple(dict.fromkeys((*self.rows, *new)))})

    def without(self, removed: Measurement) -> "Measured":
        """The same without one value."""
        return self.model_copy(update={"rows": tuple(row for row in self.rows if row != removed)})

    def with_dataset(self, joined: tuple[Measurement, ...], digest: str, name: str) -> "Measured":
        """The same with a new table that has these values, on which nothing was trained yet."""
        made = {"joined": joined, "dataset": digest, "dataset_name": name, "training": "", "model": ""}
        return self.model_copy(update=made)


def measured_of(store: RunStore, run_id: str) -> Measured:
    """The measured values of a run."""
    return Measured.from_paper(store.attachment(run_id, PAPER))


def change_measured(store: RunStore, run_id: str, change: Callable[[Measured], Measured]) -> None:
    """Store what ``change`` makes of the measured values of a run, in one transaction.

    Raises:
        StoreError: the run is gone.
    """
    store.change_attachment(run_id, PAPER, lambda text: change(Measured.from_paper(text)).model_dump_json())


def swept_feature(result: RunResult) -> FeatureInfo | None:
    """The feature that a measurement needs a value of, or None where no curve was searched."""
    curve = result.spec.curve
    return None if curve is None else next(f for f in result.features if f.name == curve.feature)


def example_point(result: RunResult) -> float:
    """A sweep value to measure at, as an example: the point that was searched, else the end of the curve."""
    curve = result.spec.curve
    assert curve is not None
    return curve.end if curve.at is None else curve.at


def validated(result: RunResult, row: Measurement) -> Measurement:
    """A measurement as it fits the run.

    Raises:
        DatasetError: there is no such result, or the sweep value is absent or cannot be.
    """
    k, swept = len(result.results), swept_feature(result)
    if row.result >= k:
        raise DatasetError(f"There is no Result {row.result + 1}: the run has Result 1 to Result {k}.")
    if swept is None:
        return row.model_copy(update={"at": None})
    if row.at is None:
        raise DatasetError(
            f"At which {swept.name} was it measured? The run searched a curve over {swept.name}, so each measured "
            f"value needs one, such as {example_point(result):g} {swept.unit}".rstrip()
            + "."
        )
    if swept.low >= 0 > row.at:
        raise DatasetError(f"{swept.name} was never recorded below 0, got {row.at:g}: type the one it was measured at.")
    return row


def measurement_name(result: RunResult, row: Measurement) -> str:
    """Which result was measured and where, such as "Result 1 at age 28 days"."""
    name, swept = result_names(len(result.results))[row.result], swept_feature(result)
    if swept is None or row.at is None:
        return name
    return f"{name} at {swept.name} {row.at:,.6g} {swept.unit}".rstrip()
