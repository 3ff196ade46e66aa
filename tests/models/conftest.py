import io
import json
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest

from models import Dataset
from models.keras.file import read_networks
from models.keras.writer import keras_file_of
from models.store import SHIPPED_FOLDER


@pytest.fixture(scope="session")
def keras():
    from models.keras.backend import load_backend

    return load_backend()[0]


@pytest.fixture(scope="session")
def keras_bytes(tmp_path_factory):
    def save(model) -> bytes:
        path = tmp_path_factory.mktemp("keras") / "model.keras"
        model.save(path)
        return path.read_bytes()

    return save


@pytest.fixture(scope="session")
def concrete_dataset() -> Dataset:
    folder = SHIPPED_FOLDER.parent.parent / "data"
    about = json.loads((folder / "concrete.json").read_text(encoding="utf-8"))
    roles = {role: about[role] for role in ("outcome", "features", "sweep", "parts", "units")}
    return Dataset.from_frame(pd.read_csv(folder / "concrete.csv"), name="concrete", **roles)


@pytest.fixture(scope="session")
def mixed_dataset() -> Dataset:
    """120 rows: two numbers, one of three categories, one constant; outcome a smooth function of them."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "time": rng.uniform(0, 10, 120),
            "speed": rng.integers(1, 5, 120),
            "resin": rng.choice(["A", "B", "C"], 120),
            "lot": 4.2,
        }
    )
    frame["yield"] = 3 * frame["time"] + frame["speed"] ** 2 + frame["resin"].map({"A": 0, "B": 10, "C": -5})
    return Dataset.from_frame(frame, name="mixed", outcome="yield", features=["time", "speed", "resin", "lot"])


class KerasFile:
    """The parts of a .keras file, to be spoilt and packed again; a member config.json stands for the configuration."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.members = {name: archive.read(name) for name in archive.namelist()}
        self.config = json.loads(self.members.pop("config.json"))

    @property
    def layers(self) -> list[dict]:
        return self.config["config"]["layers"]

    def edit_layer(self, index: int, **settings: object) -> None:
        self.layers[index]["config"] |= settings

    def edit_weights(self, edit) -> None:
        buffer = io.BytesIO(self.members["model.weights.h5"])
        with h5py.File(buffer, "r+") as file:
            edit(file)
        self.members["model.weights.h5"] = buffer.getvalue()

    def contents(self) -> dict[str, bytes]:
        return {"config.json": json.dumps(self.config).encode()} | self.members

    def pack(self, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
        return zip_of(self.contents(), compression)


def zip_of(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def shipped_bytes() -> bytes:
    """An ensemble that came with the product."""
    return (SHIPPED_FOLDER / "concrete.keras").read_bytes()


@pytest.fixture(scope="session")
def honest_bytes(shipped_bytes) -> bytes:
    """A Sequential model: the first member of a shipped one."""
    return keras_file_of([read_networks(shipped_bytes).members[0]])


@pytest.fixture
def keras_file(honest_bytes) -> KerasFile:
    return KerasFile(honest_bytes)
