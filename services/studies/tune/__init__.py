"""The price of realism: the same search at several values of one setting."""

from services.studies.tune.run import MAX_DENSITIES, run_tune
from services.studies.tune.spec import MAX_WEIGHTS, TuneFailure, TuneFigures, TunePoint, TuneResult, TuneSpec

__all__ = [
    "MAX_DENSITIES",
    "MAX_WEIGHTS",
    "TuneFailure",
    "TuneFigures",
    "TunePoint",
    "TuneResult",
    "TuneSpec",
    "run_tune",
]
