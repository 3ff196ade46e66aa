"""What the files of a run are made of, its result and how it came about, and all of it as an Excel workbook.

The workbook has results, what was asked for, where it comes from, features, curves and convergence; of a run with
several outcomes the archive, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from models import ModelCard
from optimizer.trace import is_improvement
from services.catalog.loading import Catalog
from services.jobs.workers.traces import TracePiece
from services.papers.exports import file_stem, to_excel
from services.papers.lab_sheet.table import Bands, bands_of, lab_frame
from services.problems.reference import reference_of
from services.results.names import titles
from services.specs.digits import label
from services.specs.errors import USER_ERRORS
from services.specs.outcomes import ModelRef
from services.specs.results import RunResult
from services.texts.models import error_words, estimate_words, intervals_in_words, kind_of_model, rows_in_words
from services.texts.results import figures_frame
from services.texts.specs import features_frame, specification_frame
from services.texts.tables import PENALTY, archive_frame, comparison_frame, predicted_header, provenance_frame


@dataclass(frozen=True, slots=True)
class RunExport:
    """A result with all that its files tell of.

    Attributes:
        when: it ended.
        run_id: in the run store; "" for a run that is kept in none.
        name: what its user calls it; "" for what its specification does.
        card: of its model; None for a known function and for a model that is gone.
        cards: of the models of a run with several outcomes, by the outcome.
        bands: intervals along the curves; None without curves and for a model that is gone.
        trace: at least what bettered the best; None where it is not known.
        left_out: places of results that its user left out.
    """

    result: RunResult
    when: datetime
    run_id: str = ""
    name: str = ""
    card: ModelCard | None = None
    bands: Bands | None = None
    trace: TracePiece | None = None
    left_out: tuple[int, ...] = ()
    cards: Mapping[str, ModelCard] = field(default_factory=dict)

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
        left_out: tuple[int, ...] = (),
    ) -> "RunExport":
        """A result with what its dataset and model still tell; what is gone by now is left out."""
        try:
            bands = bands_of(result, catalog.model_data(result.spec))
        except USER_ERRORS:
            bands = None
        card = card_of(result.spec.model, catalog)
        cards = {}
        for info, outcome in zip(result.outcomes, result.spec.outcomes, strict=False):
            own = card_of(outcome.model, catalog) if outcome.model is not None else None
            if own is not None:
                cards[info.name] = own
        return cls(result, when or datetime.now(UTC), run_id, name, card, bands, trace, left_out, cards)

    @property
    def shown(self) -> tuple[int, ...]:
        """The places of the results that are not left out."""
        return tuple(k for k in range(len(self.result.results)) if k not in self.left_out)

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
        saved = catalog.saved_model(ref) if ref.kind == "saved" else None
    except USER_ERRORS:
        return None
    return saved.card if saved is not None and ref.digest in ("", saved.digest) else None


def workbook(run_export: RunExport) -> bytes:
    """The workbook of a run; sheets of which nothing is known are left out."""
    result = run_export.result
    sheets = {
        "Results": comparison_frame(result).drop(index=list(run_export.left_out)),
        "For the laboratory": lab_frame(result, run_export.shown, run_export.bands),
        "Specification": specification_frame(result),
        "Provenance": provenance_of(run_export),
        "Features": features_frame(result),
        "Curves": curves_frame(run_export),
        "Convergence": convergence_frame(run_export),
        "Figures": figures_frame(result),
        "Archive": archive_frame(result),
    }
    return to_excel({name: frame for name, frame in sheets.items() if len(frame)})


def provenance_of(run_export: RunExport) -> pd.DataFrame:
    """Where a result comes from: when, table, model and what its card says, digests, seed and versions."""
    known = {"run": run_export.title, "when": run_export.time}
    known |= {"run id": run_export.run_id} if run_export.run_id else {}
    cards = {"model": run_export.card}
    if run_export.result.outcomes:
        cards = {f"model of {name}": card for name, card in run_export.cards.items()}
    known |= {f"{of}: {what}": value for of, card in cards.items() for what, value in model_facts(card).items()}
    stated = dict(provenance_frame(run_export.result).drop(0).to_numpy())  # its name is known
    document = stated.pop("specification")  # the whole of it: last, and what goes to the command line
    known |= stated | {"specification": document}
    return pd.DataFrame({"what": list(known), "value": list(known.values())})


def model_facts(card: ModelCard | None) -> dict[str, str]:
    """What a model's card says of it, by what it is; nothing where there is no card."""
    if card is None:
        return {}
    metrics, unit = card.metrics, card.outcome.unit
    facts = {
        "kind": kind_of_model(card),
        "trained on": f"{card.dataset.name}, {card.dataset.n_rows:,} rows, {card.dataset.digest}",
        "rows": rows_in_words(card),
        "R2": estimate_words(metrics.r2, metrics.r2_error),
        "RMSE": error_words(metrics.rmse, metrics.rmse_error, unit),
        "MAE": error_words(metrics.mae, metrics.mae_error, unit),
        "intervals": intervals_in_words(card),
        "made": f"{card.created_at:%Y-%m-%d %H:%M}",
    }
    return facts | {f"version of {name}": version for name, version in card.versions.items()}


def curves_frame(run_export: RunExport) -> pd.DataFrame:
    """The predicted curves of results and reference, one row for each point; nothing where there are none."""
    result, bands = run_export.result, run_export.bands
    if result.sweep is None or result.results.curves is None:
        return pd.DataFrame()
    columns: dict[str, object] = {label(result.sweep.feature, result.sweep.unit): result.sweep.grid}
    unit = result.outcome_unit
    for k, (name, curve) in enumerate(zip(titles(result), result.results.curves, strict=True)):
        if k in run_export.left_out:
            continue
        columns[label(name, unit)] = curve
        if bands is not None and np.isfinite(bands.low[k]).any():
            columns[label(f"Result {k + 1} low", unit)] = bands.low[k]
            columns[label(f"Result {k + 1} high", unit)] = bands.high[k]
    name, reference = reference_of(result)
    if reference.curves:
        columns[label(f"Reference: {name}", unit)] = reference.curves[0]
    return pd.DataFrame(columns)


def convergence_frame(run_export: RunExport) -> pd.DataFrame:
    """How the best got better: one row for each generation that bettered it, and for the last one.

    Nothing for a front, which has no best.
    """
    if run_export.result.spec.is_front or run_export.trace is None or not len(run_export.trace.generations):
        return pd.DataFrame()
    events, generations = run_export.trace.events, run_export.trace.generations
    result, scores = run_export.result, events.bests.scores
    better = np.flatnonzero(is_improvement(scores))
    # Of several in one generation the last is the best.
    better = better[np.append(np.diff(events.generations[better]) != 0, True)[: len(better)]]
    numbers = events.generations[better]
    columns = {
        "generation": numbers + 1,
        "evaluations": generations[np.searchsorted(generations[:, 0], numbers), 1],
        "best score [std. dev.]": scores[better],
        predicted_header(result): events.bests.outcomes[better],
        **({PENALTY: events.bests.penalties[better]} if result.spec.is_penalised else {}),
    }
    frame, n = pd.DataFrame(columns), result.statistics.n_generations
    if not len(frame) or frame["generation"].iloc[-1] == n:
        return frame
    end = frame.iloc[[-1]].assign(generation=n, evaluations=result.statistics.n_evaluations)
    return pd.concat([frame, end], ignore_index=True)
