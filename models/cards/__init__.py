"""The families of models: what they are called, and what can be chosen about each."""

from models.cards.families import (
    FAMILIES,
    BoostingSettings,
    Family,
    FamilySettings,
    FamilyWords,
    ForestSettings,
    GaussianProcessSettings,
    Smoothness,
)

__all__ = [
    "FAMILIES",
    "BoostingSettings",
    "Family",
    "FamilySettings",
    "FamilyWords",
    "ForestSettings",
    "GaussianProcessSettings",
    "Smoothness",
]
