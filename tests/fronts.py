"""A run with several goals on the shipped concrete table, small enough for tests."""

from services.problems.defaults import default_spec
from services.specs.outcomes import ModelRef, OutcomeSpec


def front_of(catalog, evaluations=1_000, goals=("strength", "cost")):
    """The run for the strongest, the cheapest and the cleanest concrete at 28 days, whichever of them are goals.

    Where the strength is none, it is at least 30 MPa.
    """
    dataset = catalog.datasets.load("concrete")
    ref = ModelRef(name="concrete", digest=catalog.models.load("concrete").digest)
    base = default_spec(catalog.pair(dataset, ref), dataset, ref)
    prices = catalog.datasets.prices("concrete")
    known = {
        "strength": OutcomeSpec(name=dataset.outcome.name, model=ref, goal="maximum"),
        "cost": _formula("cost", prices.cost(dataset.features)),
        "CO2": _formula("CO2", prices.co2(dataset.features)),
    }
    ratio = OutcomeSpec(name="water/cement", formula="water / cement", at_most=0.55)
    others = () if "strength" in goals else (OutcomeSpec(name=dataset.outcome.name, model=ref, at_least=30.0),)
    aged = {"is_free": False, "value": 28.0}
    return base.revised(curve=None).revised(
        name="A front",
        outcomes=(ratio, *others, *(known[name] for name in goals)),
        features=tuple(f.model_copy(update=aged) if f.name == "age" else f for f in base.features),
        budget={"evaluations": evaluations},
        is_compared=False,
        n_results=5,
        distinct=0.3,
    )


def _formula(name, found):
    return OutcomeSpec(name=name, formula=found.formula.text, unit=found.unit, goal="minimum")
