"""Finished runs whose results are measured, by a model with intervals: one over a curve, one without."""

import pytest

from services.results.search import run_spec


@pytest.fixture(scope="package")
def curved(mixed_spec, confident):
    """A run for the area of a curve over age."""
    return run_spec(mixed_spec, confident, is_beside_random=False).result


@pytest.fixture(scope="package")
def plain(plain_spec, confident):
    """A run for the outcome itself."""
    return run_spec(plain_spec, confident, is_beside_random=False).result
