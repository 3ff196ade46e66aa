"""Polishing: from good candidates to the local optima that they lie near, all of them together."""

from optimizer.polish.descent import EXACT, ROUGH, Descent, Precision
from optimizer.polish.polish import Polished, polish
from optimizer.polish.slopes import Slopes, slopes_of
from optimizer.polish.steps import StepSearch

__all__ = ["EXACT", "ROUGH", "Descent", "Polished", "Precision", "Slopes", "StepSearch", "polish", "slopes_of"]
