"""How good a model is, and where it errs: from specification to verdict."""

from services.quality.check import run_quality
from services.quality.documents import (
    CoverageInfo,
    FindingInfo,
    FoldFigures,
    Grade,
    ImportanceInfo,
    QualityResult,
    QualitySpec,
    Verdict,
)
from services.quality.estimate import estimate_seconds

__all__ = [
    "CoverageInfo",
    "FindingInfo",
    "FoldFigures",
    "Grade",
    "ImportanceInfo",
    "QualityResult",
    "QualitySpec",
    "Verdict",
    "estimate_seconds",
    "run_quality",
]
