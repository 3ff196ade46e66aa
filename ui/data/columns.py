"""What the columns of a table hold, as a table whose types and units can be changed."""

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from models import ColumnKind
from services.intake.roles.summaries import ColumnSummary, SummaryKind, summarise
from services.intake.tables.cleaning import with_kinds
from services.intake.tables.reading import RawTable

_TYPES = {
    SummaryKind.NUMERIC: "number",
    SummaryKind.CATEGORICAL: "category",
    SummaryKind.TEXT: "text",
}
_KINDS = {"number": ColumnKind.NUMERIC, "category": ColumnKind.CATEGORICAL}


@dataclass(frozen=True, slots=True)
class Columns:
    """The table with the types and units that the user chose, and what each column holds.

    Attributes:
        suffix: tells the keys of this table's widgets from those of another one's.
    """

    frame: pd.DataFrame
    summaries: tuple[ColumnSummary, ...]
    units: dict[str, str]
    kinds: dict[str, ColumnKind]
    suffix: str

    def __getitem__(self, name: str) -> ColumnSummary:
        return next(summary for summary in self.summaries if summary.name == name)

    @property
    def numeric(self) -> list[str]:
        """The columns that can be used as numbers."""
        return [s.name for s in self.summaries if s.is_number]

    def said(self) -> str:
        """What tells types and units that were chosen from others."""
        return repr((sorted(self.units.items()), sorted(self.kinds.items()), [s.kind for s in self.summaries]))


def columns_table(raw: RawTable) -> Columns:
    """Draw what each column holds; return the table with the types and units chosen there.

    The editor is always given the columns as they were read: fed with its own output, it would lose edits.

    Raises:
        TableError: a column that shall be numbers holds none.
    """
    as_read = summarise(raw.frame)
    known = dict(raw.units)
    suffix = f"{raw.name}-{len(raw.frame)}-{len(as_read)}"
    shown = pd.DataFrame(
        {
            "Column": [s.name for s in as_read],
            "Unit": [known.get(s.name, "") for s in as_read],
            "Type": [_TYPES[s.kind] for s in as_read],
            "Lowest": [s.low for s in as_read],
            "Mean": [s.mean for s in as_read],
            "Highest": [s.high for s in as_read],
            "Distinct": [s.n_distinct for s in as_read],
            "Missing": [s.n_missing for s in as_read],
            **({"Infinite": [s.n_infinite for s in as_read]} if any(s.n_infinite for s in as_read) else {}),
            "Note": [s.problem for s in as_read],
        }
    )
    config = st.column_config
    edited = st.data_editor(
        shown,
        key=f"columns-{raw.name}-{len(as_read)}",
        hide_index=True,
        disabled=[column for column in shown.columns if column not in ("Unit", "Type")],
        width="stretch",
        alt="Columns of the table",
        column_config={
            **{column: config.NumberColumn(format="%.5g") for column in ("Lowest", "Mean", "Highest")},
            "Type": config.SelectboxColumn(
                options=list(_TYPES.values()),
                required=True,
                help="A number whose values are names, such as a machine's, is a category. A text only labels rows.",
            ),
        },
    )
    rows = edited.to_dict("records")
    kinds = {
        s.name: _KINDS[str(row["Type"])]
        for s, row in zip(as_read, rows, strict=True)
        if row["Type"] in _KINDS and row["Type"] != _TYPES[s.kind]
    }
    frame = with_kinds(raw.frame, kinds)
    summaries = tuple(
        replace(s, kind=SummaryKind.TEXT, is_usable=False, problem="a text, as you chose: it only labels the rows")
        if row["Type"] == _TYPES[SummaryKind.TEXT] and s.kind is not SummaryKind.TEXT
        else s
        for s, row in zip(summarise(frame), rows, strict=True)
    )
    units = {str(row["Column"]): str(row["Unit"]) for row in rows if row["Unit"]}
    return Columns(frame, summaries, units, kinds, suffix)
