"""A run as an Excel workbook: results, what was asked for, where it comes from, features, curves and convergence."""

import numpy as np
import pandas as pd

from models import ModelCard
from services.papers.exports import to_excel
from services.papers.lab_sheet.table import lab_frame
from services.papers.run_export import RunExport
from services.problems.reference import reference_of
from services.results.names import titles
from services.specs.digits import label
from services.texts.models import intervals_in_words, kind_of_model, rows_in_words
from services.texts.results import figures_frame
from services.texts.specs import features_frame, specification_frame
from services.texts.tables import comparison_frame, predicted_header, provenance_frame


def workbook(run_export: RunExport) -> bytes:
    """The workbook of a run; sheets of which nothing is known are left out."""
    result = run_export.result
    sheets = {
        "Results": comparison_frame(result),
        "For the laboratory": lab_frame(result, range(len(result.results)), run_export.bands),
        "Specification": specification_frame(result),
        "Provenance": provenance_of(run_export),
        "Features": features_frame(result),
        "Curves": curves_frame(run_export),
        "Convergence": convergence_frame(run_export),
        "Figures": figures_frame(result),
    }
    return to_excel({name: frame for name, frame in sheets.items() if len(frame)})


def provenance_of(run_export: RunExport) -> pd.DataFrame:
    """Where a result comes from: when, table, model and what its card says, digests, seed and versions."""
    known = {"run": run_export.title, "when": run_export.time}
    known |= {"run id": run_export.run_id} if run_export.run_id else {}
    known |= {f"model: {what}": value for what, value in model_facts(run_export.card).items()}
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
        "R2": f"{metrics.r2:.3f}",
        "RMSE": f"{metrics.rmse:.4g} {unit}".rstrip(),
        "MAE": f"{metrics.mae:.4g} {unit}".rstrip(),
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
        columns[label(name, unit)] = curve
        if bands is not None and np.isfinite(bands.low[k]).any():
            columns[label(f"Result {k + 1} low", unit)] = bands.low[k]
            columns[label(f"Result {k + 1} high", unit)] = bands.high[k]
    name, reference = reference_of(result)
    if reference.curves:
        columns[label(f"Reference: {name}", unit)] = reference.curves[0]
    return pd.DataFrame(columns)


def convergence_frame(run_export: RunExport) -> pd.DataFrame:
    """How the best got better: one row for each generation that bettered it, and for the last one."""
    if run_export.trace is None or not len(run_export.trace.generations):
        return pd.DataFrame()
    events, generations = run_export.trace.events, run_export.trace.generations
    result, scores = run_export.result, events.bests.scores
    before = np.minimum.accumulate(np.append(np.inf, np.where(np.isfinite(scores), scores, np.inf)))[:-1]
    better = np.flatnonzero(scores < before)
    # Of several in one generation the last is the best.
    better = better[np.append(np.diff(events.generations[better]) != 0, True)[: len(better)]]
    numbers = events.generations[better]
    columns = {
        "generation": numbers + 1,
        "evaluations": generations[np.searchsorted(generations[:, 0], numbers), 1],
        "best score [std. dev.]": scores[better],
        predicted_header(result): events.bests.outcomes[better],
        **({"penalty": events.bests.penalties[better]} if result.spec.is_penalised else {}),
    }
    frame, n = pd.DataFrame(columns), result.statistics.n_generations
    if not len(frame) or frame["generation"].iloc[-1] == n:
        return frame
    end = frame.iloc[[-1]].assign(generation=n, evaluations=result.statistics.n_evaluations)
    return pd.concat([frame, end], ignore_index=True)
