import pytest


@pytest.fixture
def page(app):
    """The Optimize page with the shipped concrete table and model, before any run."""
    return app.use_concrete().go("optimize")
