"""Fronts: lineages that follow reference directions, with different settings of equal outcomes kept apart."""
