"""One table of the corpus: its file, and how it is to be understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """What the columns are for.

    Attributes:
        outcome: what a model predicts.
        labels: say which row it is.
        others: measured after the fact, like the outcome.
        left_out: of no use as they are: mostly empty, or the same as another column.
        sweep: the feature of a curve.
        group: whose equal values belong together; a label, or left in its place.
        relations: the features that add up or follow each other, and the words for it.
    """

    outcome: str
    labels: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    sweep: str | None = None
    group: str | None = None
    relations: tuple[str, ...] = ()

    def role_of(self, column: str) -> str:
        """The role of a column in a word."""
        named = {self.outcome: "outcome", **dict.fromkeys(self.labels, "label"), **dict.fromkeys(self.others, "other")}
        return named.get(column, "left out" if column in self.left_out else "feature")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A table as a file.

    Attributes:
        values: right cells of every column: numbers, with NaN for what says none, or texts.
        roles: None where only the reading is asked.
        units: right units of columns.
    """

    name: str
    filename: str
    data: bytes
    values: pd.DataFrame
    roles: Roles | None = None
    units: Mapping[str, str] = field(default_factory=dict)


def csv_bytes(frame: pd.DataFrame, delimiter: str = ",", decimal: str = ".") -> bytes:
    """A frame as a CSV file."""
    return frame.to_csv(index=False, sep=delimiter, decimal=decimal, lineterminator="\n").encode()
