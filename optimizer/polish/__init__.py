"""Polishing: from good candidates to the local optima that they lie near, all of them together."""

from optimizer.polish.descent import EXACT, ROUGH, Precision
from optimizer.polish.polish import Polished, polish

__all__ = ["EXACT", "ROUGH", "Polished", "Precision", "polish"]
