"""How results hold up when somebody makes them: known functions in the place of the plant."""

from benchmarks.truth.own import OWN
from benchmarks.truth.plant import Plant
from benchmarks.truth.published import PUBLISHED

PLANTS: dict[str, Plant] = {plant.name: plant for plant in (*PUBLISHED, *OWN)}
"""Every plant by its name."""
