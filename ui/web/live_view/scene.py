"""What the live view shows besides rows: the scene, which is fixed for a run, and how the run stands."""

from dataclasses import dataclass

import numpy as np

from optimizer import Decision

N_RECORDED_MAX = 600
FINAL_STATES = ("done", "failed", "cancelled", "interrupted")
STATES = ("queued", "running", *FINAL_STATES)


def recorded_width(n_features: int) -> int:
    """The number of columns of a recorded row: outcome, features, two principal components."""
    return n_features + 3


@dataclass(frozen=True, slots=True)
class SceneFeature:
    """An axis of the map.

    Attributes:
        low: smallest value shown, finite.
        high: largest value shown, finite.
        categories: names of the codes 0, 1, ..., empty for a numeric feature.
        is_swept: whether the searched curve runs over it, so that a candidate has no value of its own.
    """

    name: str
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    categories: tuple[str, ...] = ()
    is_swept: bool = False

    def __post_init__(self) -> None:
        """Refuse a range that has no two ends."""
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low <= self.high):
            raise ValueError(f"'{self.name}' needs finite bounds with low <= high, got {self.low} and {self.high}.")


@dataclass(frozen=True, slots=True)
class SceneDensity:
    """The density that a believable candidate has: target and tolerance, in the unit of the parts."""

    unit: str
    target: float
    tolerance: float


@dataclass(frozen=True, slots=True, eq=False)
class SceneLine:
    """The model's outcome along the one free feature.

    Attributes:
        feature: index of that feature.
        x: (m,) its values, ascending.
        y: (m,) predicted outcomes, in the outcome's unit.
        unit: how much of the feature is 1 on the first principal component.
    """

    feature: int
    x: np.ndarray
    y: np.ndarray
    unit: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a line whose two arrays do not belong together."""
        if self.x.ndim != 1 or self.x.shape != self.y.shape or len(self.x) < 2:
            raise ValueError(f"A line needs x and y of one length, at least 2; got {self.x.shape} and {self.y.shape}.")


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything that stays the same while a run is watched.

    Attributes:
        run_id: another id makes the view start anew.
        features: the d features, in the order of the columns.
        recorded: (n, d + 3) with n <= 600: outcome, features, two principal components.
        outcome_name: the name of what is searched for.
        score_label: what the score is measured in, as the board's axis says it.
        is_higher_better: None when a value is searched for.
        density: None when the parts do not matter.
        line: the outcome curve, when one feature is free.
        budget: evaluations that the run may use.
        explained: shares (0 to 1) of the variation that the two components explain.
        is_steerable: whether users may decide about lineages while it runs.
    """

    run_id: str
    features: tuple[SceneFeature, ...]
    recorded: np.ndarray
    outcome_name: str
    outcome_unit: str = ""
    score_label: str = "Score, in standard deviations"
    is_higher_better: bool | None = True
    density: SceneDensity | None = None
    line: SceneLine | None = None
    budget: int = 0
    explained: tuple[float, float] | None = None
    is_steerable: bool = False

    def __post_init__(self) -> None:
        """Refuse recorded rows that do not fit the features, or are too many to send."""
        width = recorded_width(len(self.features))
        if self.recorded.ndim != 2 or self.recorded.shape[1] != width:
            raise ValueError(f"Expected recorded rows of {width} columns, got an array of shape {self.recorded.shape}.")
        if len(self.recorded) > N_RECORDED_MAX:
            raise ValueError(f"At most {N_RECORDED_MAX} recorded rows are drawn, got {len(self.recorded)}: thin them.")
        if self.line is not None and not 0 <= self.line.feature < len(self.features):
            raise ValueError(f"The line's feature is {self.line.feature}, there are {len(self.features)} features.")


@dataclass(frozen=True, slots=True, eq=False)
class RunStatus:
    """How a run stands, and how it is steered.

    Attributes:
        state: queued, running, done, failed, cancelled or interrupted.
        representatives: (k, d + 3) the rows of the result, columns as recorded ones, or None.
        is_new: the user has just started the run, so it is drawn from its start even where it is over already.
        decisions: of users about lineages, all so far.
        is_open: whether the search takes decisions now.
        is_held: whether it is paused.
    """

    state: str
    representatives: np.ndarray | None = None
    is_new: bool = False
    decisions: tuple[Decision, ...] = ()
    is_open: bool = False
    is_held: bool = False

    def __post_init__(self) -> None:
        """Refuse a state that the view has no words for."""
        if self.state not in STATES:
            raise ValueError(f"Expected a state among {STATES}, got '{self.state}'.")

    @property
    def is_final(self) -> bool:
        """Whether the run has ended, however it did."""
        return self.state in FINAL_STATES
