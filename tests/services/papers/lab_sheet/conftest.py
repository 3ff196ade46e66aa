"""Finished runs that lab sheets are made of: one over a curve with every kind of feature, one without."""

from datetime import UTC, datetime

import pytest

from services.papers.lab_sheet.table import bands_of
from services.papers.run_export import RunExport
from services.results.search import run_spec

WHEN = datetime(2026, 3, 9, 23, 59, tzinfo=UTC)


@pytest.fixture(scope="package")
def curved(mixed_spec, confident):
    """A run for the area of a curve, its model with intervals."""
    result = run_spec(mixed_spec.revised(name="Mixed run"), confident).result
    return RunExport(result, WHEN, "run-1", bands=bands_of(result, confident))


@pytest.fixture(scope="package")
def plain(plain_spec, mixed):
    """A run for the outcome itself, its model without intervals."""
    return RunExport(run_spec(plain_spec, mixed).result, WHEN)


@pytest.fixture(scope="package")
def renamed():
    """Return a function that gives a run with other names for its features and everything else that users name."""

    def rename(run_export, name):
        result = run_export.result
        names = {feature.name: f"{name} {j}" for j, feature in enumerate(result.features)}
        features = tuple(f.model_copy(update={"name": names[f.name], "unit": name}) for f in result.features)
        given = tuple(f.model_copy(update={"name": names[f.name]}) for f in result.spec.features)
        curve = result.spec.curve and result.spec.curve.model_copy(update={"feature": names[result.spec.curve.feature]})
        outcomes = tuple(each.model_copy(update={"curve": curve}) for each in result.spec.outcomes)
        told = {"name": name, "features": given, "outcomes": outcomes}
        sweep = result.sweep and result.sweep.model_copy(update={"feature": names[result.sweep.feature], "unit": name})
        density = result.density and result.density.model_copy(update={"unit": name})
        words = dict.fromkeys(["objective_name", "objective_short", "objective_unit"], name)
        words |= {"outcome_name": name, "outcome_unit": name}
        results = result.results.model_copy(update={"names": (name,) * len(result.results)})
        spec = result.spec.model_copy(update=told)
        changes = {"spec": spec, "features": features, "sweep": sweep, "results": results}
        more = {"density": density, "dataset_name": name, "constraints": (name,), "versions": {name: name}}
        renamed = result.model_copy(update=changes | more | words)
        return RunExport(renamed, run_export.when, run_export.run_id, name, bands=run_export.bands)

    return rename
