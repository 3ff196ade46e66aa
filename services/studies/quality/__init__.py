"""How good a model is, and where it errs: from specification to verdict."""

from services.studies.quality.check import run_quality
from services.studies.quality.spec import (
    CoverageInfo,
    FindingInfo,
    FoldFigures,
    Grade,
    ImportanceInfo,
    QualityResult,
    QualitySpec,
    Verdict,
)
from services.studies.quality.verdict import estimate_seconds

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
