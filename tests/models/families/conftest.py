import pytest

from models import BoostingSettings, ForestSettings, GaussianProcessSettings, QuadraticSettings, train

SMALL = {
    "random_forest": ForestSettings(n_trees=20, seed=1),
    "boosting": BoostingSettings(n_members=3, rounds=40, seed=1),
    "gaussian_process": GaussianProcessSettings(restarts=0, seed=1),
    "gaussian_process_rbf": GaussianProcessSettings(smoothness="rbf", max_rows=60, restarts=0, seed=1),
    "quadratic": QuadraticSettings(max_rows=80, seed=1),
}


@pytest.fixture(scope="session")
def trained_families(mixed_dataset):
    """A small model of each family, trained on a table with a categorical and a constant feature."""
    return {name: train(mixed_dataset, settings) for name, settings in SMALL.items()}


@pytest.fixture(scope="session", params=list(SMALL))
def trained(request, trained_families):
    return trained_families[request.param]
