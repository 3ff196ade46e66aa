"""The families of models: what they are called, and what can be chosen about each."""

from models.families.family import FAMILIES, Family, FamilyWords
from models.families.settings import (
    BoostingSettings,
    FamilySettings,
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
