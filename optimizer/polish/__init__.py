"""Polishing: from good candidates to the local optima that they lie near, all of them together."""
