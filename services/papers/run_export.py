"""What the files of a run are made of: its result, and what else is known of how it came about."""

from dataclasses import dataclass
from datetime import UTC, datetime

from models import ModelCard
from services.catalog.files import file_stem
from services.catalog.loading import Catalog
from services.jobs.workers.traces import TracePiece
from services.papers.lab_sheet.table import Bands, bands_of
from services.specs.errors import USER_ERRORS
from services.specs.results import RunResult
from services.specs.run import ModelRef


@dataclass(frozen=True, slots=True)
class RunExport:
    """A result with all that its files tell of.

    Attributes:
        when: it ended.
        run_id: in the run store; "" for a run that is kept in none.
        name: what its user calls it; "" for what its specification does.
        card: of its model; None for a known function and for a model that is gone.
        bands: intervals along the curves; None without curves and for a model that is gone.
        trace: at least what bettered the best; None where it is not known.
    """

    result: RunResult
    when: datetime
    run_id: str = ""
    name: str = ""
    card: ModelCard | None = None
    bands: Bands | None = None
    trace: TracePiece | None = None

    @classmethod
    def of(
        cls,
        result: RunResult,
        catalog: Catalog,
        *,
        when: datetime | None = None,
        run_id: str = "",
        name: str = "",
        trace: TracePiece | None = None,
    ) -> "RunExport":
        """A result with what its dataset and model still tell; what is gone by now is left out."""
        try:
            bands = bands_of(result, catalog.model_data(result.spec))
        except USER_ERRORS:
            bands = None
        card = card_of(result.spec.model, catalog)
        return cls(result, when or datetime.now(UTC), run_id, name, card, bands, trace)

    @property
    def title(self) -> str:
        """What the run is called."""
        return self.name or self.result.spec.name

    @property
    def date(self) -> str:
        """The day on which the run ended, such as "2026-03-09"."""
        return f"{self.when.astimezone(UTC):%Y-%m-%d}"

    @property
    def time(self) -> str:
        """When the run ended, as people read it."""
        when = self.when.astimezone(UTC)
        return f"{when.day} {when:%B %Y, %H:%M} UTC"

    @property
    def stem(self) -> str:
        """What the names of its files begin with: the run's name and the day."""
        return f"{file_stem(self.title)}-{self.date}"


def card_of(ref: ModelRef, catalog: Catalog) -> ModelCard | None:
    """The card of the very model that a run used; None for a known function and for one that is gone."""
    try:
        if ref.kind == "operator":
            return catalog.operator.load(ref.name).card
        saved = catalog.models.load(ref.name) if ref.kind == "saved" else None
    except USER_ERRORS:
        return None
    return saved.card if saved is not None and ref.digest in ("", saved.digest) else None
