"""How good a model is: folds, importance of features, and where it errs more than elsewhere."""

from models.quality.findings import Finding, FindingKind, Region, find_regions, regions_of
from models.quality.importance import shuffling_costs
from models.training.refit import assign_folds, fit_folds, fold_splits

__all__ = [
    "Finding",
    "FindingKind",
    "Region",
    "assign_folds",
    "find_regions",
    "fit_folds",
    "fold_splits",
    "regions_of",
    "shuffling_costs",
]
