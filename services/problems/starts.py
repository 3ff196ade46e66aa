"""Where a run begins and what was decided while it ran: checked before anything is searched."""

import numpy as np

from optimizer import Categorical, SearchSpace, SpaceError, is_steerable
from services.specs.method import MethodSpec, method_named
from services.specs.run import RunSpec


def searching_by(spec: RunSpec, method: MethodSpec) -> RunSpec:
    """Return a run with its method; where that cannot be steered, without settings to begin at and decisions."""
    if is_steerable(method_named(method.name).settings()):
        return spec.revised(method=method)
    return spec.revised(method=method, starts=(), continues="", decisions=())


def build_starts(spec: RunSpec, space: SearchSpace) -> np.ndarray | None:
    """Return (g, d) the candidates at which lineages of a run begin, or None where it names none.

    Settings outside bounds, off the steps or against the rules are moved to the nearest candidate; one that is named
    twice, or that others are moved onto, is there once.

    Raises:
        SpaceError: a setting has too few or too many values, or one that is no number or category; or the method takes
            no settings to begin at, or no decisions.
    """
    if not (spec.starts or spec.decisions):
        return None
    if not is_steerable(spec.method.settings()):
        what = "settings to begin at" if spec.starts else "decisions about lineages"
        raise SpaceError(
            f"The run has {what}, and the method '{spec.method.name}' takes none: search by 'niches' or 'lineages', or "
            "leave them out."
        )
    if not spec.starts:
        return None
    for number, start in enumerate(spec.starts, start=1):
        _check_start(number, start, space)
    X = space.repair(np.array(spec.starts, dtype=float))
    return X[np.sort(np.unique(X, axis=0, return_index=True)[1])]


def _check_start(number: int, start: tuple[float, ...], space: SearchSpace) -> None:
    """Raise SpaceError unless a setting has one value for each feature."""
    if len(start) != space.n_features:
        raise SpaceError(
            f"Setting {number} to begin at has {len(start)} values, the model has {space.n_features} features: give "
            f"one value for each of {', '.join(space.names)}, in this order."
        )
    for value, feature in zip(start, space.features, strict=True):
        if not np.isfinite(value):
            raise SpaceError(f"Setting {number} to begin at has no number for '{feature.name}', got {value}: give one.")
        if isinstance(feature, Categorical) and value not in range(len(feature.frequencies)):
            raise SpaceError(
                f"Setting {number} to begin at has {value:g} for the category of '{feature.name}': give its code, a "
                f"whole number from 0 to {len(feature.frequencies) - 1}."
            )
