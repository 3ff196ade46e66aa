import pytest


@pytest.fixture(scope="session")
def mixed_spec(mixed_spec):
    """The small run with one dial on, that of the density, whatever a newcomer's run has on."""
    return mixed_spec.revised(plausibility=None, distance=None, risk_aversion=0.0)
