"""The datasets at hand: the tables that ship, and those that users saved, found again by their digest."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from models.data.dataset import Column, Dataset, FilledGaps, Label, OtherOutcome
from models.data.limits import PhysicalLimits
from models.errors import DatasetError
from models.formulas.prices import Price, PriceTable
from models.store import written_whole

_DIGEST = re.compile("[0-9a-f]{64}")
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_COLUMN = TypeAdapter(Column)


class Dialect(Protocol):
    """How a table was written, as far as tables given back are written alike."""

    @property
    def delimiter(self) -> str:
        """What divides the cells."""

    @property
    def decimal(self) -> str:
        """The decimal mark."""


class CsvMarks(NamedTuple):
    """How tables for whoever brought a dataset are written: German Excel reads semicolons and decimal commas."""

    delimiter: str = ","
    decimal: str = "."


class KeptTable(NamedTuple):
    """A saved dataset as a list shows it.

    Attributes:
        outcomes: what was measured, the outcome first.
        when: it was taken last, in UTC.
    """

    digest: str
    name: str
    n_rows: int
    outcomes: tuple[str, ...]
    features: tuple[str, ...]
    when: datetime

    @property
    def outcome(self) -> str:
        """The first outcome."""
        return self.outcomes[0]

    @property
    def outcome_words(self) -> str:
        """What was measured, as lists say it: "outcome yield", or "outcomes yield, impurity"."""
        return f"outcome{'s' * (len(self.outcomes) > 1)} {', '.join(self.outcomes)}"


class KnownPrices(NamedTuple):
    """Prices that ship with a table, and where those and the kg of CO2 are from, by the name of the feature."""

    table: PriceTable
    sources: Mapping[str, tuple[str, str]]


class DatasetLibrary:
    """Finds shipped datasets by name and any dataset by its digest; saves new ones.

    A shipped table is `NAME.csv` with its roles in `NAME.json`. A saved one is `DIGEST.parquet` with its roles in
    `DIGEST.json`; it is never changed, so a run that names the digest always finds the same rows.
    """

    def __init__(self, shipped: Path, saved: Path) -> None:
        self._shipped = Path(shipped)
        self._saved = Path(saved)
        self._loaded: dict[str, Dataset] = {}

    def shipped_names(self) -> list[str]:
        """The names of the tables that ship, sorted."""
        return sorted(path.stem for path in self._shipped.glob("*.json") if path.with_suffix(".csv").is_file())

    def title(self, name: str) -> str:
        """What a shipped table is called on screen."""
        return str(self.about(name).get("title") or name)

    def about(self, name: str) -> dict[str, Any]:
        """The description of a shipped table: title, roles, units, source and licence.

        Raises:
            DatasetError: there is no such table.
        """
        if not _NAME.fullmatch(name) or name not in self.shipped_names():
            raise DatasetError(f"There is no shipped table '{name}': there are {', '.join(self.shipped_names())}.")
        return json.loads((self._shipped / f"{name}.json").read_text("utf-8"))

    def csv(self, name: str) -> bytes:
        """The file of a shipped table, as if it had been uploaded.

        Raises:
            DatasetError: there is no such table.
        """
        self.about(name)
        return (self._shipped / f"{name}.csv").read_bytes()

    def prices(self, name: str) -> PriceTable | None:
        """What the features of a shipped table cost and emit, as a first proposal; None where nothing is known.

        Where each number is from stands in `NAME_prices.json` itself.

        Raises:
            DatasetError: there is no such table.
        """
        self.about(name)
        path = self._shipped / f"{name}_prices.json"
        if not path.is_file():
            return None
        known = json.loads(path.read_text("utf-8"))
        prices = {feature: Price(each["cost"], each["co2"]) for feature, each in known["prices"].items()}
        return PriceTable(prices, currency=known["currency"])

    def known_prices(self, digest: str) -> "KnownPrices | None":
        """What is known of the prices of a shipped table with this digest, with the sources; None for any other."""
        for path in sorted(self._shipped.glob("*_prices.json")):
            name = path.name.removesuffix("_prices.json")
            if name in self.shipped_names() and self.load(name).digest == digest and (table := self.prices(name)):
                known = json.loads(path.read_text("utf-8"))["prices"]
                sources = {feature: (each["cost_source"], each["co2_source"]) for feature, each in known.items()}
                return KnownPrices(table, sources)
        return None

    def load(self, name: str) -> Dataset:
        """A shipped table as a dataset under its title; read once, then kept.

        Raises:
            DatasetError: there is no such table, or its files do not fit together.
        """
        if name not in self._loaded:
            about = self.about(name)
            self._loaded[name] = Dataset.from_frame(
                pd.read_csv(self._shipped / f"{name}.csv", index_col=False),
                name=str(about.get("title") or name),
                outcome=about["outcome"],
                features=about["features"],
                sweep=about.get("sweep"),
                parts=about.get("parts", ()),
                units=about.get("units", {}),
                labels=about.get("labels", ()),
                group=about.get("group"),
                order=about.get("order"),
                other_outcomes=about.get("other_outcomes", ()),
            )
        return self._loaded[name]

    def find(self, digest: str) -> Dataset:
        """The saved or shipped dataset with this digest, or the rows of one outcome of such a dataset.

        Raises:
            DatasetError: there is none, or its files were changed.
        """
        if _DIGEST.fullmatch(digest):
            if self._roles_path(digest).is_file():
                return self._read(digest)
            for dataset in map(self.load, self.shipped_names()):
                for each in (dataset, *_alone(dataset)):
                    if each.digest == digest:
                        return each
        raise DatasetError(
            f"The dataset {digest[:12]}... is neither saved here nor shipped: upload the table again, with the same "
            "columns and roles."
        )

    def table_of(self, digest: str) -> Dataset:
        """The saved or shipped dataset with this digest or, of the rows of one outcome, the table that they are of.

        Raises:
            DatasetError: as `find`.
        """
        if whole := self._kept_roles(digest).get("outcome_of"):
            return self.find(str(whole))
        for dataset in () if self._kept_roles(digest) else map(self.load, self.shipped_names()):
            if any(alone.digest == digest for alone in _alone(dataset)):
                return dataset
        return self.find(digest)

    def recent(self, at_most: int = 50) -> list["KeptTable"]:
        """The saved datasets, the one that was taken last first; those whose files cannot be read are left out."""
        if not self._saved.is_dir():
            return []
        paths = [path for path in self._saved.glob("*.json") if _DIGEST.fullmatch(path.stem)]
        taken = sorted(((path.stat().st_mtime, path) for path in paths), reverse=True)
        found: list[KeptTable] = []
        for seconds, path in taken:
            if len(found) == at_most:
                break
            with suppress(OSError, ValueError, KeyError, TypeError):
                roles = json.loads(path.read_text("utf-8"))
                if "outcome_of" in roles:
                    continue
                when = datetime.fromtimestamp(seconds, UTC)
                features = tuple(each["name"] for each in roles["features"])
                others = (each["column"] for each in roles.get("other_outcomes", ()))
                outcomes = tuple(str(each["name"]) for each in (roles["outcome"], *others))
                found.append(KeptTable(path.stem, str(roles["name"]), int(roles["n_rows"]), outcomes, features, when))
        return found

    def save(self, dataset: Dataset, origin: str = "", dialect: Dialect | None = None) -> str:
        """Keep a dataset and return its digest; one that is kept already takes the name and the dialect of this one.

        Of several outcomes, the rows of each are kept as well, so that what was trained on them is found; they are no
        tables of their own in `recent`.

        Args:
            origin: where its rows come from, in words, if not from a file.
            dialect: of the CSV file that it came in; kept beside it, and no part of its digest.
        """
        digest = dataset.digest
        # Spaces divide no cells of words, so whoever brought a table with spaces gets one with tabs.
        marks = CsvMarks(dialect.delimiter.replace(" ", "\t"), dialect.decimal) if dialect else None
        if kept := self._kept_roles(digest):
            kept.pop("outcome_of", None)  # by now it is a table of its own
            roles = kept | {"name": dataset.name} | ({"marks": marks} if marks else {})
            self._write_roles(digest, roles)  # also what makes it the one that was taken last
            return digest
        known = ({"origin": origin} if origin else {}) | ({"marks": marks} if marks else {})
        for alone in _alone(dataset):
            if not self._roles_path(alone.digest).is_file():
                self._write(alone, known | {"outcome_of": digest})
        self._write(dataset, known)
        return digest

    def _write(self, dataset: Dataset, known: dict[str, Any]) -> None:
        """Write the two files of a dataset, with what else is known of it."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        digest, others = dataset.digest, dataset.other_outcomes
        self._saved.mkdir(parents=True, exist_ok=True)
        columns = [*dataset.X.T, *map(dataset.measured, dataset.outcome_names)]
        names = [*dataset.feature_names, *dataset.outcome_names]
        with written_whole(self._saved / f"{digest}.parquet") as path:
            pq.write_table(pa.table([pa.array(column) for column in columns], names=names), path)
        roles = {
            "name": dataset.name,
            "features": [asdict(column) for column in dataset.features],
            "outcome": asdict(dataset.outcome),
            "sweep": dataset.sweep,
            "parts": dataset.parts,
            "n_rows": dataset.n_rows,
            "row_numbers": None if dataset.row_numbers is None else dataset.row_numbers.tolist(),
            **({} if dataset.limits.is_open else {"limits": asdict(dataset.limits)}),
            **({"labels": [_as_json(label) for label in dataset.labels]} if dataset.labels else {}),
            **({"group": dataset.group} if dataset.group else {}),
            **({"order": dataset.order} if dataset.order else {}),
            **({"filled": [asdict(gaps) for gaps in dataset.filled]} if dataset.filled else {}),
            **({"other_outcomes": [_outcome_as_json(each) for each in others]} if others else {}),
            **known,
        }
        self._write_roles(digest, roles)  # last: it makes the dataset findable

    def marks(self, digest: str) -> CsvMarks:
        """How the file of a saved dataset was written; commas and decimal points where nothing else is known."""
        kept = self._kept_roles(digest).get("marks", ())
        is_known = len(kept) == 2 and kept[0] in (",", ";", "\t", "|") and kept[1] in (".", ",")
        return CsvMarks(*kept) if is_known else CsvMarks()

    def origin(self, digest: str) -> str:
        """Where the rows of a saved dataset come from, or "" for one from a file or without words."""
        return str(self._kept_roles(digest).get("origin", ""))

    def _kept_roles(self, digest: str) -> dict[str, Any]:
        """What is kept beside the rows of a saved dataset; empty where there is none."""
        if not _DIGEST.fullmatch(digest) or not self._roles_path(digest).is_file():
            return {}
        roles: dict[str, Any] = json.loads(self._roles_path(digest).read_text("utf-8"))
        return roles

    def _write_roles(self, digest: str, roles: dict[str, Any]) -> None:
        with written_whole(self._roles_path(digest)) as path:
            path.write_text(json.dumps(roles, ensure_ascii=False, indent=2), "utf-8")

    def _roles_path(self, digest: str) -> Path:
        return self._saved / f"{digest}.json"

    def _read(self, digest: str) -> Dataset:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            roles = json.loads(self._roles_path(digest).read_text("utf-8"))
            table = pq.read_table(self._saved / f"{digest}.parquet", partitioning=None)
            features = tuple(map(_COLUMN.validate_python, roles["features"]))
            values = np.column_stack([column.to_numpy() for column in table.columns])
            y, *others = np.ascontiguousarray(values[:, len(features) :].T)
            about = roles.get("other_outcomes", ())
            dataset = Dataset(
                name=roles["name"],
                features=features,
                outcome=_COLUMN.validate_python(roles["outcome"]),
                X=np.ascontiguousarray(values[:, : len(features)]),
                y=y,
                sweep=roles["sweep"],
                parts=tuple(roles["parts"]),
                row_numbers=np.array(roles["row_numbers"]) if roles.get("row_numbers") else None,
                limits=PhysicalLimits(**roles.get("limits", {})),
                labels=tuple(map(_from_json, roles.get("labels", ()))),
                group=roles.get("group"),
                order=roles.get("order"),
                filled=tuple(FilledGaps(**gaps) for gaps in roles.get("filled", ())),
                other_outcomes=tuple(
                    _outcome_from_json(each, found) for each, found in zip(about, others, strict=True)
                ),
            )
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise DatasetError(
                f"The saved dataset {digest[:12]}... cannot be read ({error}): upload it again."
            ) from None
        if dataset.digest != digest:
            raise DatasetError(f"The saved dataset {digest[:12]}... was changed after it was saved: upload it again.")
        return dataset


def _as_json(label: Label) -> dict[str, Any]:
    """A label by name, kind and values; null for a missing number."""
    values = [None if value != value else value for value in label.values.tolist()]
    return {"name": label.name, "is_number": label.is_number, "values": values}


def _from_json(about: dict[str, Any]) -> Label:
    return Label(about["name"], np.array(about["values"], dtype=float if about["is_number"] else np.str_))


def _outcome_as_json(other: OtherOutcome) -> dict[str, Any]:
    """Another outcome without its values, which stand in the table."""
    return {"column": asdict(other.column), "limits": asdict(other.limits)}


def _outcome_from_json(about: dict[str, Any], values: np.ndarray) -> OtherOutcome:
    return OtherOutcome(_COLUMN.validate_python(about["column"]), values, PhysicalLimits(**about["limits"]))


def _alone(dataset: Dataset) -> list[Dataset]:
    """The rows of each outcome that was measured, as datasets of their own; none where there is one outcome alone."""
    if not dataset.other_outcomes:
        return []
    measured = [name for name in dataset.outcome_names if np.isfinite(dataset.measured(name)).any()]
    return list(map(dataset.for_outcome, measured))
