"""The profiler: numbers of a setting as people read them, and one call that draws it and hears what is moved."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from optimizer import Goal
from optimizer.features import evenly
from services.catalog.loading import ModelWithData
from services.problems.plausibility import PlausibilityCheck
from services.results.baselines import recorded_objective
from services.specs.digits import common_decimals, number_words, outlook_words
from services.specs.results import USUAL_TOLERANCES, RunResult
from services.specs.run import RunSpec
from services.studies.what_if.explorer import Answer, Band, JudgesOf, WhatIfModel
from services.studies.what_if.settings import WhatIfStart, start_of_reference
from services.texts.distance import DISTANCE_MEANING, DistanceLevel, distance_level, distance_words
from ui.charts import style
from ui.web.assets import Component, as_base64, as_levels, last_sent

_component = Component(Path(__file__).parent)
PARTS = _component.parts

_MAX_RULES = 2  # that are not met, by name

Compared = Sequence[tuple[str, float]]
"""Names of what a setting is compared with, and the objective there."""

MAX_RECORDED = 500
MAX_VALUES = 9_000  # of recorded rows: 24 kB
_FAR = 1e30  # stands for what is not known or infinite; the browser draws nothing there


def outcome_decimals(explorer: WhatIfModel, compared: Compared) -> int:
    """How many decimals the objective is read with: the same while somebody moves features."""
    return common_decimals([outcome for _, outcome in compared] or [float(np.abs(explorer.dataset.y).max())])


def figures(explorer: WhatIfModel, answer: Answer, compared: Compared) -> list[dict[str, Any]]:
    """The figures of the head, the prediction first, each with name, value, unit, notes and tone."""
    found = [_predicted(explorer, answer, compared)]
    if answer.density is not None:
        found.append(_density(explorer, answer.density))
    found.append(_distance(answer))
    if explorer.constraints:
        found.append(_constraints(explorer, answer))
    return found


def setting_words(explorer: WhatIfModel, answer: Answer) -> str:
    """The prediction as one sentence, for screen readers."""
    (name, unit), band = explorer.objective, answer.outcome
    low, high = (math.nan if end is None else float(end[0]) for end in (band.low, band.high))
    reckoned = outlook_words(
        float(band.mean[0]),
        low,
        high,
        level=explorer.spec.level,
        is_least_best=explorer.spec.goal is Goal.MINIMUM,
        is_two_sided=explorer.spec.goal is Goal.VALUE,
        decimals=common_decimals(band.mean.tolist()),
        unit=unit,
    )
    return f"Predicted {name}: {reckoned}."


def _predicted(explorer: WhatIfModel, answer: Answer, compared: Compared) -> dict[str, Any]:
    decimals, band = outcome_decimals(explorer, compared), answer.outcome
    name, unit = explorer.objective
    value = float(band.mean[0])
    level = f"{100 * explorer.spec.level:g} %"
    note = "nobody knows how far to trust it"
    if band.low is not None and band.high is not None and math.isfinite(band.low[0]):
        low, high = (number_words(float(end[0]), decimals) for end in (band.low, band.high))
        is_least_best = explorer.spec.goal is Goal.MINIMUM
        note = f"at most {high}, down to {low}" if is_least_best else f"at least {low}, up to {high}"
        note = f"between {low} and {high}" if explorer.spec.goal is Goal.VALUE else note
    notes = [note, *(_difference(value, outcome, decimals, name) for name, outcome in compared)]
    help_ = f"In {level} of such cases what is measured lies between the two ends." if band.low is not None else ""
    words = number_words(value, decimals) if math.isfinite(value) else "–"
    return _figure(f"Expected {name}", words, unit, notes, help_)


def _figure(
    name: str, value: str, unit: str, notes: list[str], help_: str, *, is_doubtful: bool = False
) -> dict[str, Any]:
    tone = "doubt" if is_doubtful else ""
    return {"name": name, "value": value, "unit": unit, "notes": notes, "tone": tone, "help": help_}


def _difference(value: float, other: float, decimals: int, name: str) -> str:
    """A difference in words, such as "+120 against Result 1"."""
    gap = round(value - other, decimals)
    if not math.isfinite(gap):
        return f"– against {name}"
    return f"{gap:+,.{decimals}f} against {name}".replace("-", "−", 1) if gap else f"±0 against {name}"


def _density(explorer: WhatIfModel, density: float) -> dict[str, Any]:
    info = explorer.density
    assert info is not None
    decimals = common_decimals([info.target])
    off = float(info.tolerances_off([density])[0])
    side = "above" if off > 0 else "below"
    usual = f"{number_words(info.target, decimals)} ± {number_words(info.tolerance, decimals)}"
    is_off = abs(off) > USUAL_TOLERANCES
    notes = [f"{abs(off):.1f} tolerances {side} usual" if is_off else "as usual", f"usual: {usual}"]
    help_ = "The sum of the parts, beside what recorded rows add up to."
    return _figure("Density", number_words(density, decimals), info.unit, notes, help_, is_doubtful=is_off)


def _distance(answer: Answer) -> dict[str, Any]:
    """How far from the records, by the worse of the two checks where they disagree."""
    lower = answer.plausibility
    if answer.disagrees:
        lower = float(np.fmin(answer.plausibility, answer.second_check))
    help_ = f"{DISTANCE_MEANING[:1].upper()}{DISTANCE_MEANING[1:]}."
    if not math.isfinite(lower):
        return _figure("Distance from records", "–", "", ["not known here"], help_)
    level, _, detail = distance_words(lower).partition(": ")
    is_doubtful = answer.disagrees or distance_level(lower) is not DistanceLevel.AMONG
    return _figure("Distance from records", level, "", [detail], help_, is_doubtful=is_doubtful)


def _constraints(explorer: WhatIfModel, answer: Answer) -> dict[str, Any]:
    broken = [words for words, is_met in zip(explorer.constraints, answer.constraints_met, strict=True) if not is_met]
    n = len(explorer.constraints)
    notes = [f"not met: {words}" for words in broken[:_MAX_RULES]]
    if len(broken) > _MAX_RULES:
        notes[-1] = f"and {len(broken) - _MAX_RULES + 1} more are not met"
    help_ = "; ".join(explorer.constraints)
    met = f"{n - len(broken)} of {n}"
    return _figure("Rules met", met, "", notes or ["all of them"], help_, is_doubtful=bool(broken))


@dataclass(frozen=True, eq=False)
class WhatIfContext:
    """What stays while somebody asks what if: the explorer, what settings are compared with, and the first message.

    Attributes:
        key: names run and model; another one makes the browser begin anew.
        explorer: that answers.
        reference: what settings are compared with.
    """

    key: str
    explorer: WhatIfModel
    reference: WhatIfStart

    @classmethod
    def of(
        cls,
        key: str,
        spec: RunSpec,
        model_data: ModelWithData,
        result: RunResult | None,
        judges_of: JudgesOf = PlausibilityCheck.of,
    ) -> "WhatIfContext":
        """The context of a run, or of settings without a result.

        Args:
            key: of the context.
            spec: the run.
            model_data: what it names.
            result: of the run, or None.
            judges_of: gives the judges of the run; see `WhatIfModel.of`.

        Raises:
            SpaceError: the run cannot be explored; see `WhatIfModel.of`.
            DatasetError: the run and the table do not fit together.
        """
        explorer = WhatIfModel.of(spec, model_data, judges_of)
        return cls(key, explorer, start_of_reference(spec, explorer.dataset, result))

    @cached_property
    def reference_outcome(self) -> float:
        """The objective of the reference, by the model."""
        return float(self.explorer.outcomes(np.array([self.reference.setting], dtype=float)).mean[0])

    @cached_property
    def scene(self) -> dict[str, Any]:
        """What the browser is sent once, JSON only."""
        explorer, dataset = self.explorer, self.explorer.dataset
        low, _, high = recorded_objective(explorer.spec, explorer.model_data)
        name, unit = explorer.objective
        curve = explorer.problem.objective.curve
        rows = evenly(dataset.n_rows, min(MAX_RECORDED, MAX_VALUES // (len(explorer.axes) + 1)))
        is_told = curve is None  # a recorded outcome is the objective itself
        measured = dataset.y[rows]
        known = [low, high, self.reference_outcome, *([measured.min(), measured.max()] if is_told else [])]
        return {
            "id": self.key,
            "features": [asdict(axis) | {"grid": _floats(axis.grid)} for axis in explorer.axes],
            "scales": _scales(explorer),
            "outcome": {
                "name": name,
                "unit": unit,
                "decimals": outcome_decimals(explorer, [(name, self.reference_outcome)]),
                "target": explorer.spec.value,
            },
            "range": list(style.range_of(known, share=0.06)),
            "level": f"{100 * explorer.spec.level:g} %",
            "reference": {"name": self.reference.name, "setting": list(self.reference.setting)},
            "curve": self._curve_scene(),
            "recorded": as_levels(np.column_stack([dataset.X[rows], measured])),
            "is_measured": is_told,
            "has_doubt": explorer.has_doubt,
        }

    def _curve_scene(self) -> dict[str, Any] | None:
        curve, dataset = self.explorer.problem.objective.curve, self.explorer.dataset
        if curve is None:
            return None
        reference = self.explorer.curve(np.array(self.reference.setting, dtype=float))
        assert reference is not None
        column, outcome = dataset.features[curve.feature], dataset.outcome
        return {
            "feature": curve.feature,
            "name": column.name,
            "unit": column.unit,
            "outcome": {"name": outcome.name, "unit": outcome.unit},
            "grid": _floats(curve.grid),
            "reference": _floats(reference.mean),
            "range": list(style.range_of(dataset.y, [reference.mean.max()], share=0.06)),
        }

    def answer(self, answer: Answer, start: WhatIfStart, start_outcome: float) -> dict[str, Any]:
        """What the browser is sent of a setting, JSON only."""
        compared: Compared = [(self.reference.name, self.reference_outcome)]
        if start.setting != self.reference.setting:
            compared = [(start.name.partition(":")[0], start_outcome), *compared]
        colour = "" if start.number is None else style.result_style(start.number).colour
        profiles = [profile for profile in answer.profiles if profile is not None]
        bands = [answer.outcome, *(profile.band for profile in profiles)]
        nothing = (np.full(len(profile.band.mean), np.nan) for profile in profiles)
        known = (none if p.plausibility is None else p.plausibility for p, none in zip(profiles, nothing, strict=True))
        percent = np.hstack([answer.plausibility, *known])
        # as bytes: half a percent exactly, 255 for what is not known
        codes = np.where(np.isfinite(percent), np.round(np.nan_to_num(percent) * 2), 255)
        return {
            "setting": answer.setting.tolist(),
            "bands": _floats(np.vstack([np.hstack(ends) for ends in zip(*map(_ends, bands), strict=True)])),
            "percent": as_base64(codes, "u1"),
            "curve": None if answer.curve is None else _floats(np.vstack(_ends(answer.curve))),
            "has_band": answer.outcome.low is not None,
            "figures": figures(self.explorer, answer, compared),
            "words": setting_words(self.explorer, answer),
            "start": {"name": start.name, "setting": list(start.setting), "colour": colour},
        }


def _scales(explorer: WhatIfModel) -> list[float]:
    """What one unit of each feature weighs in a distance: 0 for what does not count, categories are 1 apart."""
    return [
        0.0 if axis.is_swept or std == 0 else 1.0 if axis.categories else 1.0 / float(std)
        for axis, std in zip(explorer.axes, explorer.dataset.stds, strict=True)
    ]


def _ends(band: Band) -> tuple[np.ndarray, ...]:
    """Prediction and both ends; without an interval the ends are the prediction."""
    return (band.mean, *(band.mean if end is None else end for end in (band.low, band.high)))


def _floats(values: np.ndarray) -> str:
    """Numbers as base64 of float32."""
    return as_base64(np.where(np.isfinite(values) & (np.abs(values) < _FAR), values, np.nan))


@dataclass(frozen=True, slots=True)
class SettingChange:
    """What the user moved.

    Attributes:
        times: which beginning the setting goes back to; see `profiler`.
        setting: d values.
        locked: features that cannot be moved, by their indices.
    """

    times: int
    setting: tuple[float, ...]
    locked: tuple[int, ...]


def profiler(
    context: WhatIfContext,
    answer: Answer,
    start: WhatIfStart,
    start_outcome: float,
    locked: Sequence[int],
    times: int,
    *,
    key: str,
    on_move: Callable[[SettingChange], None],
) -> None:
    """Draw the profiler with an answer.

    Args:
        answer: of the setting that the page knows.
        start: where the user began.
        start_outcome: the objective there.
        locked: features that cannot be moved, by their indices.
        times: another number than before makes the browser take setting and locks from here; else its own count.
        key: the same in every rerun, or the profiler starts anew.
        on_move: called with every move, before the fragment runs again.
    """

    def note_change(moved: Any) -> None:
        if (change := read_change(moved)) is not None:
            on_move(change)

    sent = last_sent(key, "moved") or {}
    message = {
        "scene": context.scene if sent.get("scene") != context.key else {"id": context.key},
        "number": int(sent.get("number") or 0),
        "times": times,
        "locked": list(locked),
        "answer": context.answer(answer, start, start_outcome),
    }
    _component.draw(message, key=key, moved=note_change)


def read_change(sent: Any) -> SettingChange | None:
    """The change that a browser sent, or None where it is none."""
    try:
        values = tuple(float(value) for value in sent["values"])
        return SettingChange(int(sent["times"]), values, tuple(sorted(int(index) for index in sent["locked"])))
    except (KeyError, TypeError, ValueError):
        return None
