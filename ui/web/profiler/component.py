"""The profiler: what its browser is sent of a setting, and one call that draws it and hears what is moved."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.features import evenly
from services.catalog.loading import ModelWithData
from services.problems.plausibility import PlausibilityCheck
from services.results.baselines import recorded_objective
from services.results.outcomes import places_of
from services.specs.results import OutcomeInfo, RunResult
from services.specs.run import RunSpec
from services.studies.what_if.explorer import Answer, JudgesOf, WhatIfModel
from services.studies.what_if.outcomes import Band, OtherAnswer
from services.studies.what_if.settings import WhatIfStart, start_of_reference
from ui.charts import style
from ui.web.assets import Component, as_base64, as_levels, last_sent
from ui.web.profiler.figures import Compared, figures, outcome_decimals, setting_words

_component = Component(Path(__file__).parent)
PARTS = _component.parts

MAX_RECORDED = 500
MAX_VALUES = 9_000  # of recorded rows: 24 kB
_FAR = 1e30  # stands for what is not known or infinite; the browser draws nothing there


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
        return cls(key, explorer, start_of_reference(explorer, result))

    @cached_property
    def reference_outcome(self) -> float:
        """The objective of the reference, by the model."""
        return float(self.explorer.outcomes(np.array([self.reference.setting], dtype=float)).mean[0])

    @cached_property
    def reference_others(self) -> tuple[float, ...]:
        """The other outcomes of the reference, by their models and formulas."""
        return self._others_at(self.reference.setting)

    def _others_at(self, setting: Sequence[float]) -> tuple[float, ...]:
        others = self.explorer.others
        bands = others.bands(np.array([setting], dtype=float), self.explorer.spec.level) if others else ()
        return tuple(float(band.mean[0]) for band in bands)

    @cached_property
    def scene(self) -> dict[str, Any]:
        """What the browser is sent once, JSON only."""
        explorer, others = self.explorer, self.explorer.others
        low, _, high = recorded_objective(explorer.spec, explorer.model_data)
        name, unit = explorer.objective
        curve = explorer.problem.objective.curve
        rows = evenly(explorer.table.n_rows, min(MAX_RECORDED, MAX_VALUES // (len(explorer.axes) + 1 + self._n_others)))
        is_told = curve is None  # a recorded outcome is the objective itself
        measured = self._recorded_objective[rows]
        is_known = bool(np.isfinite(measured).any())
        known = [low, high, self.reference_outcome]
        known += [np.nanmin(measured), np.nanmax(measured)] if is_told and is_known else []
        columns = [explorer.table.X[rows], measured]
        more: dict[str, Any] = {}
        if others is not None:
            columns.append(others.recorded[rows])
            more = {
                "others": [self._other_scene(j, others.recorded[:, j]) for j in range(len(others.infos))],
                "limits": _bounds(others.objective),
            }
            known += _shown_bounds(others.objective, known)
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
            "recorded": as_levels(np.column_stack(columns)),
            "is_measured": is_told,
            "has_doubt": explorer.has_doubt,
        } | more

    @property
    def _n_others(self) -> int:
        return len(self.explorer.others.infos) if self.explorer.others is not None else 0

    @property
    def _recorded_objective(self) -> np.ndarray:
        """(r,) the objective of all recorded rows as it was measured, NaN where it was not."""
        explorer = self.explorer
        if explorer.others is None:
            return explorer.dataset.y
        values = np.full(explorer.table.n_rows, np.nan)
        values[places_of(explorer.others.outcomes, explorer.dataset.numbers)] = explorer.dataset.y
        return values

    def _other_scene(self, j: int, recorded: np.ndarray) -> dict[str, Any]:
        """What the browser is sent of another outcome, of which (r,) rows were recorded, NaN where one was not."""
        assert self.explorer.others is not None
        info, own = self.explorer.others.infos[j], self.reference_others[j]
        measured = recorded[np.isfinite(recorded)]
        known = [own, *([measured.min(), measured.max()] if len(measured) else self._others_range(j))]
        known += _shown_bounds(info, known)
        finite = [value for value in known if math.isfinite(value)]
        return {
            "name": info.label,
            "unit": info.unit,
            "target": info.value,
            "range": list(style.range_of(finite or [0.0, 1.0], share=0.06)),
            "limits": _bounds(info),
            "is_measured": bool(len(measured)),
        }

    def _others_range(self, j: int) -> list[float]:
        """The ends of what an outcome is expected to be at recorded rows, where nothing of it was measured."""
        explorer = self.explorer
        assert explorer.others is not None
        rows = explorer.table.X[evenly(explorer.table.n_rows, MAX_RECORDED)]
        values = explorer.others.outcomes.predict(rows)[
            :, explorer.others.outcomes.names.index(explorer.others.infos[j].name)
        ]
        finite = values[np.isfinite(values)]
        return [float(finite.min()), float(finite.max())] if len(finite) else []

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
        row = self.reference.name.partition(",")[0]  # its figures are narrow where there are several
        name = self.reference.name if self.explorer.others is None else row
        compared: Compared = [(name, self.reference_outcome)]
        others_compared = [[(row, value)] for value in self.reference_others]
        if start.setting != self.reference.setting:
            name = start.name.partition(":")[0]
            compared = [(name, start_outcome), *compared]
            at_start = self._others_at(start.setting)
            others_compared = [[(name, at), *rest] for at, rest in zip(at_start, others_compared, strict=True)]
        colour = "" if start.number is None else style.result_style(start.number).colour
        profiles = [profile for profile in answer.profiles if profile is not None]
        bands = [answer.outcome, *(profile.band for profile in profiles)]
        nothing = (np.full(len(profile.band.mean), np.nan) for profile in profiles)
        known = (none if p.plausibility is None else p.plausibility for p, none in zip(profiles, nothing, strict=True))
        percent = np.hstack([answer.plausibility, *known])
        # as bytes: half a percent exactly, 255 for what is not known
        codes = np.where(np.isfinite(percent), np.round(np.nan_to_num(percent) * 2), 255)
        more = {"others": [_other_message(other) for other in answer.others]} if self.explorer.others else {}
        return {
            "setting": answer.setting.tolist(),
            "bands": _bands(bands),
            "percent": as_base64(codes, "u1"),
            "curve": None if answer.curve is None else _floats(np.vstack(_ends(answer.curve))),
            "has_band": answer.outcome.low is not None,
            "figures": figures(self.explorer, answer, compared, others_compared),
            "words": setting_words(self.explorer, answer),
            "start": {"name": start.name, "setting": list(start.setting), "colour": colour},
        } | more


def _other_message(answer: OtherAnswer) -> dict[str, Any]:
    bands = [answer.outcome, *(profile for profile in answer.profiles if profile is not None)]
    return {"bands": _bands(bands), "has_band": answer.outcome.low is not None}


def _bands(bands: Sequence[Band]) -> str:
    """Bands one after the other: all predictions, then all low and all high ends."""
    return _floats(np.vstack([np.hstack(ends) for ends in zip(*map(_ends, bands), strict=True)]))


def _bounds(info: OutcomeInfo | None) -> list[dict[str, Any]]:
    """The limits of an outcome, as they are drawn."""
    bounds = [] if info is None else [(info.at_least, True), (info.at_most, False)]
    return [{"bound": bound, "is_low": is_low} for bound, is_low in bounds if bound is not None]


def _shown_bounds(info: OutcomeInfo | None, known: Sequence[float]) -> list[float]:
    """The limits of an outcome that a range shows beside known values: not those that would squeeze these."""
    low, high = np.nanmin(known), np.nanmax(known)
    near = high - low
    return [each["bound"] for each in _bounds(info) if low - near <= each["bound"] <= high + near]


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
