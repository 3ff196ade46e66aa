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
from services.specs.results import RunResult
from services.texts.models import intervals_in_words, kind_of_model, rows_in_words
from services.texts.results import figures_frame
from services.texts.specs import features_frame, specification_frame
from services.texts.tables import comparison_frame, predicted_header, provenance_frame


def workbook(run_export: RunExport) -> bytes:
    """Return the workbook of a run; sheets of which nothing is known are left out."""
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
    """Return where a result comes from: when, table, model and what its card says, digests, seed and versions."""
    known = {
        "run": run_export.title,
        "when": run_export.time,
        **({"run id": run_export.run_id} if run_export.run_id else {}),
    }
    known |= {f"model: {what}": value for what, value in model_facts(run_export.card).items()}
    own = pd.DataFrame({"what": list(known), "value": list(known.values())})
    rest = provenance_frame(run_export.result)
    is_long = rest["what"] == "specification"  # the whole document: last, and what goes to the command line
    is_own = rest["what"] == "run"  # the name in the specification, which its user may have changed
    return pd.concat([own, rest[~is_own & ~is_long], rest[is_long]], ignore_index=True)


def model_facts(card: ModelCard | None) -> dict[str, str]:
    """Return what a model's card says of it, by what it is; nothing where there is no card."""
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
    """Return the predicted curves of results and reference, one row for each point; nothing where there are none."""
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
    """Return how the best got better: one row for each generation that bettered it, and for the last one."""
    if run_export.course is None or not len(run_export.course.generations):
        return pd.DataFrame()
    events, generations = run_export.course.events, run_export.course.generations
    scores = events.bests.scores
    before = np.minimum.accumulate(np.append(np.inf, np.where(np.isfinite(scores), scores, np.inf)))[:-1]
    better = np.flatnonzero(scores < before)
    better = better[np.append(np.diff(events.generations[better]) != 0, True)[: len(better)]]
    numbers = events.generations[better]
    at = np.searchsorted(generations[:, 0], numbers)
    return _with_end(
        pd.DataFrame(
            {
                "generation": numbers + 1,
                "evaluations": generations[at, 1],
                "best score [std. dev.]": scores[better],
                predicted_header(run_export.result): events.bests.outcomes[better],
                **({"penalty": events.bests.penalties[better]} if run_export.result.spec.is_penalised else {}),
            }
        ),
        run_export.result,
    )


def _with_end(frame: pd.DataFrame, result: RunResult) -> pd.DataFrame:
    """Return the convergence up to the last generation, in which the best is what it was before."""
    n = result.statistics.n_generations
    if not len(frame) or frame["generation"].iloc[-1] == n:
        return frame
    end = frame.iloc[[-1]].assign(generation=n, evaluations=result.statistics.n_evaluations)
    return pd.concat([frame, end], ignore_index=True)
