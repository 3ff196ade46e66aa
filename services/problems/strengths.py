"""What the mutation strengths of a run are where none is set: the truth about how its method draws children."""

from models import Dataset
from optimizer import DEFAULT_STRENGTH
from optimizer.niches.coordinates import usual_chance, usual_strength
from services.specs.method import NichesSpec
from services.specs.run import CategoricalSpec, FeatureSpec, NumericSpec, RunSpec


def usual_strengths(spec: RunSpec, dataset: Dataset) -> dict[str, float]:
    """What a mutation strength that is not set stands for, of every free feature by name; nothing where none counts.

    A number is in recorded standard deviations, a category's is a probability. Plain lineages draw by a fixed number;
    niches by the width of the bounds, each lineage between about a fifth and twice of what is told here.
    """
    free = [feature for feature in spec.features if feature.is_free and feature.name != spec.swept]
    if not spec.method.uses_strengths:
        return {}
    if not isinstance(spec.method, NichesSpec):
        return dict.fromkeys((feature.name for feature in free), DEFAULT_STRENGTH)
    chance = usual_chance(sum(_is_discrete(feature) for feature in free))
    stds = dict(zip(dataset.feature_names, dataset.stds.tolist(), strict=True))
    return {
        f.name: usual_strength(min(f.low, f.high), max(f.low, f.high), stds[f.name])
        if isinstance(f, NumericSpec)
        else chance
        for f in free
        if isinstance(f, CategoricalSpec) or stds[f.name] > 0
    }


def _is_discrete(feature: FeatureSpec) -> bool:
    """Whether a child may go a step or a category away."""
    if feature.mutation_strength == 0:
        return False
    if isinstance(feature, CategoricalSpec):
        return len(feature.allowed) > 1
    return bool(feature.step) and feature.high > feature.low
