import numpy as np
import pandas as pd
import pytest

from models import Dataset
from services.catalog.loading import ModelWithData
from services.problems.defaults import default_spec
from services.specs.outcomes import ModelRef


@pytest.fixture
def usual():
    """Sixty rows of dose, water (0 in some rows), speed and a kind, with a known function as the model of gain."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.uniform(0, 10, (60, 3)).round(1), columns=["dose", "fly ash", "speed"])
    frame.loc[::3, "fly ash"] = 0.0
    frame["kind"] = np.where(rng.random(60) < 0.5, "A", "B")
    frame["gain"] = frame["dose"] * 3 + frame["speed"]
    features, units = ["dose", "fly ash", "speed", "kind"], {"dose": "kg/m³", "fly ash": "kg/m³", "gain": "MPa"}
    dataset = Dataset.from_frame(frame, name="mix", outcome="gain", features=features, units=units)
    return ModelWithData.of_callable(dataset, lambda X: X[:, 0] * 3 + X[:, 2])


@pytest.fixture
def usual_spec(usual):
    """The run that the table suggests."""
    return default_spec(usual, usual.dataset, ModelRef(kind="callable", name="sum"))
