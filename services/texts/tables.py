"""A result as tables: what people read, sort and take away."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from optimizer import StopReason
from optimizer.constraints.constraint import listed
from services.problems.reference import reference_name, reference_row_words
from services.results.baselines import already_words, baseline_sentence
from services.results.names import result_names
from services.results.verdict import limit_words, verdict_of
from services.specs.digits import common_decimals, counted, label, number_words
from services.specs.results import (
    USUAL_TOLERANCES,
    FeatureInfo,
    OutcomeInfo,
    ResultSet,
    RunResult,
    SearchStatistics,
)
from services.specs.wanted import floor_words, goal_words
from services.texts.results import checks_in_words, light_of

PLAUSIBILITY = "plausibility [%]"
SECOND_CHECK = "second check [%]"
PENALTY = "penalty [std. dev.]"
NEAREST_ROW = "nearest recorded row"
RANDOM = "Best of random"

Numbers = tuple[float, ...]


def set_frame(result: RunResult, rows: ResultSet, names: list[str]) -> pd.DataFrame:
    """One set of candidates or recorded rows of a result as a table, one row each, called by ``names``.

    What sets results apart stands beside that, and what each was checked for, as on the lab sheet.
    """
    columns: dict[str, object] = {"candidate": names}
    if rows.names is not None:
        columns["name"] = rows.names
    lights = [light_of(result, rows, k) for k in range(len(rows))]
    if any(lights):
        columns["trust"] = [light.tone.value if light else "" for light in lights]
        columns["checks"] = [checks_in_words(result, rows, k) for k in range(len(rows))]
    columns |= _predicted_columns(result, rows)
    known = [already_words(result, rows, k) for k in range(len(rows))]
    if result.spec.curve is None and not result.spec.is_calculated:
        measured = rows.measured or tuple(one.mean if one else np.nan for one in rows.already or (None,) * len(rows))
        columns[label(f"measured {result.outcome_name}", result.outcome_unit)] = measured
    columns |= _other_columns(result, rows)
    if any(known):
        columns["already measured"] = known
    if rows.plausibility is not None:
        columns[PLAUSIBILITY] = rows.plausibility
    if rows.second_check is not None:
        columns[SECOND_CHECK] = rows.second_check
    if rows.densities is not None and result.density is not None:
        columns[label("density", result.density.unit)] = rows.densities
    if result.spec.is_penalised:
        columns[PENALTY] = rows.penalties
    if rows.constraints_met is not None:
        columns["rules met"] = [f"{sum(met)} of {len(result.constraints)}" for met in rows.constraints_met]
    last = _nearest_columns(result, rows)
    X = np.array(rows.X, dtype=float).reshape(len(rows), len(result.features))
    for j, feature in enumerate(result.features):
        if feature.name == result.spec.swept:
            continue
        header = feature_header(feature.name, feature.unit, [*columns, *last])
        columns[header] = readable(feature, X[:, j])
    return pd.DataFrame(columns | last)


def feature_header(name: str, unit: str, taken: Collection[str]) -> str:
    """The header of a feature's column, told apart from a column of ours that has the same."""
    header = label(name, unit)
    return f"{header} (feature)" if header in taken else header


def predicted_header(result: RunResult) -> str:
    """The header of the predicted objective; a formula is calculated."""
    return label(f"{result.spec.told} {result.objective_short}", result.objective_unit)


def outcome_header(info: OutcomeInfo) -> str:
    """The header of what is expected of one outcome of several."""
    return label(f"{'calculated' if info.formula else 'predicted'} {info.label}", info.unit)


def _predicted_columns(result: RunResult, rows: ResultSet) -> dict[str, object]:
    columns: dict[str, object] = {predicted_header(result): rows.outcomes}
    ends = _ends(result, rows.lows, rows.highs) | {"robust low": rows.robust_low, "robust high": rows.robust_high}
    unit = result.objective_unit
    known = {label(f"{result.spec.told} {name}", unit): values for name, values in ends.items() if values is not None}
    return columns | known


def _ends(result: RunResult, lows: Numbers | None, highs: Numbers | None) -> dict[str, Numbers | None]:
    """The ends of an interval, by what they are called."""
    return {f"low {100 * result.spec.level:g} %": lows, f"high {100 * result.spec.level:g} %": highs}


def _other_columns(result: RunResult, rows: ResultSet) -> dict[str, object]:
    """All outcomes of a run with several but its objective, and whether each keeps its limits."""
    columns: dict[str, object] = {}
    for info, outcome, told in zip(result.outcomes, result.spec.outcomes, rows.others or (), strict=False):
        if outcome is not result.spec.objective or result.spec.is_desirability:
            columns[outcome_header(info)] = told.values
            ends = _ends(result, told.lows, told.highs)
            columns |= {label(f"{info.label} {end}", info.unit): at for end, at in ends.items() if at is not None}
            if told.measured is not None and not info.formula and outcome.curve is None:
                columns[label(f"measured {info.name}", info.unit)] = [
                    np.nan if value is None else value for value in told.measured
                ]
        if told.keeps is not None:
            columns[f"keeps {limit_words(info)}"] = ["yes" if is_kept else "no" for is_kept in told.keeps]
    return columns


def _nearest_columns(result: RunResult, rows: ResultSet) -> dict[str, object]:
    if rows.nearest is None:
        return {}
    kind = "calculated" if result.spec.is_calculated else "measured"
    return {
        NEAREST_ROW: [one.row for one in rows.nearest],
        label(f"{kind} {result.outcome_name} there", result.outcome_unit): [one.measured for one in rows.nearest],
        "distance to it [std. dev.]": [one.distance for one in rows.nearest],
        "differences from it": [f"against row {one.row}: {one.words}" for one in rows.nearest],
    }


def results_frame(result: RunResult) -> pd.DataFrame:
    """The representatives as a table."""
    return set_frame(result, result.results, result_names(len(result.results)))


def recorded_frame(result: RunResult) -> pd.DataFrame:
    """The best recorded rows as a table."""
    rows = result.best_recorded.rows or ()
    return set_frame(result, result.best_recorded, [f"Row {row}" for row in rows])


def comparison_frame(result: RunResult) -> pd.DataFrame:
    """Representatives, then reference, best recorded rows and the best of random candidates, in one table."""
    frames = [results_frame(result)]
    if result.spec.reference is not None and result.reference is not None:
        frames.append(set_frame(result, result.reference, [f"Reference: {reference_name(result.spec.reference)}"]))
    frames.append(recorded_frame(result))
    if result.baseline_random is not None:
        frames.append(set_frame(result, result.baseline_random, [RANDOM] * len(result.baseline_random)))
    joined = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    # the best of random has no nearest row, and a row is called 213, not 213.0
    return joined.astype({NEAREST_ROW: "Int64"}) if NEAREST_ROW in joined else joined


def outcomes_frame(result: RunResult) -> pd.DataFrame:
    """The results of a run with several outcomes in short, one row each: what is expected of every outcome."""
    columns: dict[str, object] = {"result": result_names(len(result.results))}
    if result.spec.is_desirability:
        columns[result.objective_name] = result.results.outcomes
    for info, told in zip(result.outcomes, result.results.others or (), strict=False):
        columns[label(info.label, info.unit)] = told.values
        if told.lows is not None and told.highs is not None:
            columns |= {f"{info.label} {end}": at for end, at in _ends(result, told.lows, told.highs).items()}
    limited = [told.keeps for told in result.results.others or () if told.keeps is not None]
    if limited:
        columns["limits"] = ["kept" if all(kept) else "not kept" for kept in zip(*limited, strict=True)]
    return pd.DataFrame(columns)


def archive_frame(result: RunResult) -> pd.DataFrame:
    """Good candidates that a run with several outcomes found, one row each; nothing for any other run."""
    archive = result.archive
    if archive is None or not len(archive):
        return pd.DataFrame()
    outcomes = np.array(archive.outcomes, dtype=float)
    columns: dict[str, object] = {outcome_header(info): outcomes[:, j] for j, info in enumerate(result.outcomes)}
    if archive.is_front is not None:
        columns["on the front"] = ["yes" if is_on_it else "no" for is_on_it in archive.is_front]
    if archive.hills is not None:
        columns["hill"] = archive.hills
    X = np.array(archive.X, dtype=float)
    for j, feature in enumerate(result.features):
        if feature.name != result.spec.swept:
            columns[feature_header(feature.name, feature.unit, [*columns])] = readable(feature, X[:, j])
    return pd.DataFrame(columns)


def readable(feature: FeatureInfo, values: np.ndarray) -> np.ndarray:
    """Values (n,) as a person reads them: category names for codes, else the numbers themselves."""
    if not feature.categories:
        return values
    return np.array(feature.categories, dtype=object)[values.astype(int)]


def provenance_frame(result: RunResult) -> pd.DataFrame:
    """Where a result comes from: table, model, digests, seed and versions."""
    spec, statistics = result.spec, result.statistics
    rows = {
        "run": spec.name,
        "table": result.dataset_name,
        "recorded rows": result.n_recorded,
        "table digest": spec.dataset.digest,
        **_models(result),
        "search": spec.method.words,
        "seed": spec.seed,
        "evaluations": statistics.n_evaluations,
        "generations": statistics.n_generations,
        spec.method.lineages: statistics.n_lineages,
        **({"of which merged": statistics.n_merged} if statistics.n_merged else {}),
        **({"of which from the final climb": statistics.climb.n_lineages} if statistics.climb else {}),
        "ended by": statistics.stop_reason.value,
        "specification": spec.model_dump_json(),
        **({"reference": reference_row_words(result)} if result.reference is not None else {}),
        "verdict": verdict_words(result),
        **({} if result.spec.is_front else {"compared": baseline_sentence(result)}),
    } | {f"rule {number}": words for number, words in enumerate(result.constraints, start=1)}
    rows |= {f"note {number}": words for number, words in enumerate(result.notes, start=1)}
    rows |= {f"version of {name}": version for name, version in result.versions.items()}
    return pd.DataFrame({"what": list(rows), "value": [str(value) for value in rows.values()]})


def _models(result: RunResult) -> dict[str, str]:
    """The model of a run and its digest; of several outcomes, what tells each and what it has to keep."""
    told = {"model": result.spec.model.name, "model digest": result.spec.model.digest}
    if not result.outcomes:
        return told
    told = {}
    for info, outcome in zip(result.outcomes, result.spec.outcomes, strict=True):
        if outcome.model is not None:
            told[f"model of {info.name}"] = outcome.model.name
            told[f"model digest of {info.name}"] = outcome.model.digest
        else:
            told[f"formula of {info.name}"] = label(info.formula, info.unit)
        if info.is_limited:
            told[f"limit of {info.name}"] = limit_words(info)
    return told


def verdict_words(result: RunResult, left_out: Collection[int] = ()) -> str:
    """The verdict on a run and what to do next, in a few sentences; "" without results.

    Args:
        left_out: places of results that do not count.
    """
    verdict = verdict_of(result, left_out)
    if verdict is None:
        return ""
    return " ".join(filter(None, (verdict.words, verdict.next_step, verdict.details)))


def closing_sentence(result: RunResult) -> str:
    """What the search did, in plain words."""
    statistics = result.statistics
    if statistics.n_generations == 0:
        return "You stopped it before the first generation, so there are no results."
    seconds = f"{statistics.seconds:.1f} s" if statistics.seconds >= 0.1 else "under 0.1 s"
    n = len(result.results)
    different = "1 of them was" if n == 1 else f"{n} different ones were"
    if result.spec.is_front:
        passed = "1 candidate is" if statistics.n_kept == 1 else f"{statistics.n_kept:,} candidates are"
        passed += " on the front, or other ways to what is on it"
    else:
        passed = "1 candidate was" if statistics.n_kept == 1 else f"{statistics.n_kept:,} candidates were"
        passed += f" good enough ({floor_words(result.spec.floor)})"
    sentence = (
        f"{tried_words(result)}; {passed}, and {different} kept as results. "
        f"{last_improvement_words(statistics)} {end_words(result)} in {seconds}."
    )
    if statistics.n_nonfinite:
        sentence += f" {statistics.n_nonfinite:,} predictions were not finite and never counted as best."
    if len(result.results) < result.spec.n_results:
        asked = result.spec.plausibility
        plausible = "within the limits, " if any(info.is_limited for info in result.outcomes) else ""
        plausible += "near enough to the records, " if asked is not None and asked.is_gate else ""
        plausible += "not measured yet, " if result.spec.unmeasured_only else ""
        sentence += (
            f" You asked for {result.spec.n_results} results; there were no more that are {plausible}good enough and "
            f"differ by at least {result.spec.distinct:g} std. dev. (both can be changed under Advanced)."
        )
    return sentence


def tried_words(result: RunResult) -> str:
    """How many lineages a search tried, in its method's own words, how many led nowhere new, and its final climb."""
    statistics, climb = result.statistics, result.statistics.climb
    n_searched = statistics.n_lineages - (climb.n_lineages if climb else 0)
    merged = f", {statistics.n_merged:,} of them merged into hills already known," if statistics.n_merged else ""
    n_generations = statistics.n_generations - (climb is not None)
    words = f"{result.spec.method.counted(n_searched)} tried{merged} over {n_generations:,} generations"
    if climb is None:
        return words
    tops = "1 top" if climb.n_tops == 1 else f"{climb.n_tops:,} different tops"
    return f"{words}; in a final climb {climb.n_starts:,} candidates, {climb.n_fresh:,} of them fresh, rose to {tops}"


def last_improvement_words(statistics: SearchStatistics) -> str:
    """When the best was last improved, as a sentence."""
    n, climb = statistics.n_generations, statistics.climb
    if climb is not None and statistics.last_improvement + 1 == n:
        return "The last improvement came in the final climb."
    return (
        f"The last improvement came in generation {statistics.last_improvement + 1:,} of {n - (climb is not None):,}."
    )


def end_words(result: RunResult) -> str:
    """Why a search ended and how many evaluations it used, as the beginning of a sentence."""
    statistics, budget = result.statistics, result.spec.budget.evaluations
    used = f"{statistics.n_evaluations:,} evaluations"
    has_rows = statistics.n_rows_asked is not None  # the budget is in rows then
    if has_rows:
        used += f" and {statistics.n_rows_asked:,} of {counted(budget, 'row')}"
    if statistics.stop_reason is StopReason.BUDGET:
        if statistics.n_evaluations >= budget or has_rows:
            return f"The budget was used up after {used}"
        return f"{statistics.n_evaluations:,} of {budget:,} evaluations were used ({left_over_words(result)})"
    why = {
        StopReason.TIME: "The time was up",
        StopReason.NO_IMPROVEMENT: "Nothing better had come for a while",
        StopReason.USER: "You stopped it",
    }[statistics.stop_reason]
    return f"{why} after {used}"


def left_over_words(result: RunResult) -> str:
    """Why evaluations of the budget are left, in a few words; "" where none are."""
    statistics = result.statistics
    n_left = result.spec.budget.evaluations - statistics.n_evaluations
    if n_left <= 0 or statistics.n_rows_asked is not None:  # what the search leaves of rows is for checks
        return ""
    if statistics.stop_reason is StopReason.BUDGET:
        if statistics.climb is not None:
            return f"the final climb did not need the other {n_left:,}"
        return f"the other {n_left:,} were too few for one more generation"
    return {
        StopReason.TIME: "the time was up",
        StopReason.NO_IMPROVEMENT: "nothing better had come for a while",
        StopReason.USER: "you stopped it",
    }[statistics.stop_reason]


def search_sentence(result: RunResult) -> str:
    """What was searched for, in plain words."""
    spec = result.spec
    words = [f"Searched for {_goals_words(result)}"]
    words += [f"limit: {limit_words(info)}" for info in result.outcomes if info.is_limited]
    if spec.density is not None and result.density is not None:
        target = f"{spec.density.target:,.5g} ± {spec.density.tolerance:,.3g} {result.density.unit}".strip()
        is_on = spec.density.weight > 0
        words.append(f"density penalty {spec.density.weight:g} (target {target})" if is_on else "density penalty off")
    words += [f"rule: {rule}" for rule in result.constraints]
    if spec.distance is not None and spec.distance.weight > 0:
        words.append(f"penalty for the distance from recorded rows {spec.distance.weight:g}")
    if (asked := spec.plausibility) is not None:
        words += [f"penalty for the distance from records {asked.weight:g}"] if asked.weight > 0 else []
        if asked.at_least is not None:
            words.append(f"no farther out than {100 - asked.at_least:g} % of the records")
        limit = asked.extrapolation_limit
        words += [f"extrapolation limit {limit:g} std. dev. of the outcome"] if limit is not None else []
    words += [f"risk aversion {spec.risk_aversion:g}"] if spec.risk_aversion > 0 else []
    words += ["only settings that were not measured yet"] if spec.unmeasured_only else []
    return " · ".join(words)


def _goals_words(result: RunResult) -> str:
    """All goals of a run, such as "Max of strength and Min of cost"."""
    if not (result.spec.is_front or result.spec.is_desirability):
        return f"{goal_words(result.spec.objective).capitalize()} of {result.objective_name}"
    asked = [f"{goal_words(info).capitalize()} of {info.label}" for info in result.outcomes if info.goal is not None]
    return f"one desirability of {listed(asked)}" if result.spec.is_desirability else listed(asked)


def density_warning(result: RunResult) -> str:
    """How far results lie from the usual density, farther than any recorded row, or "" where none does."""
    if result.density is None or result.results.densities is None:
        return ""
    off = np.abs(result.density.tolerances_off(result.results.densities))
    recorded = np.abs(result.density.tolerances_off(result.density.recorded)).max(initial=USUAL_TOLERANCES)
    beyond = off[off > recorded]
    if not len(beyond):
        return ""
    known, values = result.density, np.array(result.results.densities)[off > recorded]
    decimals = common_decimals([known.target])
    ends = [number_words(value, decimals) for value in dict.fromkeys((values.min(), values.max()))]
    usual = f"{number_words(known.target, decimals)} ± {number_words(known.tolerance, decimals)} {known.unit}".rstrip()
    return (
        f"{len(beyond)} of {len(off)} results have a density of {' to '.join(ends)}, where {usual} is usual. Nothing "
        "like that was recorded, so the model only guesses there: do not believe them. The density penalty keeps the "
        "search near what was recorded."
    )
