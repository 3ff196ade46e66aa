"""What a hostile .skops file can do: nothing."""

import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from skops import io as skops_io

from models import ModelFileError
from models.families.skops_file import MAXIMUM_BYTES, read_skops, write_skops

CONTENT = {"kind": "trees", "size": 2.5, "a": np.arange(6, dtype=float), "b": np.arange(4, dtype=np.int32)}


@pytest.fixture(scope="module")
def honest() -> bytes:
    return write_skops(CONTENT)


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_schema(data: bytes, change) -> bytes:
    members = unpacked(data)
    schema = json.loads(members["schema.json"])
    change(schema)
    return packed(members | {"schema.json": json.dumps(schema).encode()})


def npy(array: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def with_array(data: bytes, content: bytes) -> bytes:
    members = unpacked(data)
    name = next(name for name in members if name.endswith(".npy"))
    return packed(members | {name: content})


def test_what_is_written_is_read(honest):
    content = read_skops(honest)
    assert content.keys() == CONTENT.keys()
    assert (content["kind"], content["size"]) == ("trees", 2.5)
    assert all(content[name].dtype == CONTENT[name].dtype for name in "ab")
    assert all((content[name] == CONTENT[name]).all() for name in "ab")


class Trap:
    """Leaves a marker where it is built."""

    def __init__(self) -> None:
        self.path = "marker"

    def __setstate__(self, state: dict) -> None:
        Path("marker").touch()


def _estimators() -> dict[str, object]:
    from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.preprocessing import FunctionTransformer

    X, y = np.arange(80.0).reshape(40, 2), np.arange(40.0)
    return {
        "a type of one's own": Trap(),
        "a function": {"f": os.getcwd},
        "a forest": RandomForestRegressor(3).fit(X, y),
        "boosting": HistGradientBoostingRegressor(max_iter=2).fit(X, y),
        "a gaussian process": GaussianProcessRegressor().fit(X, y),
        "an unfitted transformer that calls NumPy": FunctionTransformer(np.sqrt),
        "a list": [1.0, 2.0],
        "a type": {"t": float},
        "an array of objects": {"a": np.array([1, "x", None], dtype=object)},
        "a random state": {"r": np.random.default_rng(0)},
        "a set": {"s": {1, 2}},
        "bytes": {"b": b"abc"},
    }


@pytest.mark.parametrize("name", list(_estimators()))
def test_other_types_are_refused_before_they_are_built(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = skops_io.dumps(_estimators()[name])
    with pytest.raises(ModelFileError, match="none of ours"):
        read_skops(data)
    assert list(tmp_path.iterdir()) == []


def _named(module: str, kind: str, loader: str):
    def change(schema: dict) -> None:
        schema["content"]["kind"] |= {"__module__": module, "__class__": kind, "__loader__": loader}

    return change


@pytest.mark.parametrize(
    "change",
    [
        _named("os", "system", "FunctionNode"),
        _named("builtins", "eval", "TypeNode"),
        _named("builtins", "str", "MethodNode"),
        _named("builtins", "str", "OperatorFuncNode"),
        _named("builtins", "dict", "ObjectNode"),
        _named("numpy", "float64", "NdArrayNode"),
        _named("builtins", "str", "CachedNode"),
        lambda schema: schema["content"]["a"].update(type="json", content=[], shape=[]),
        lambda schema: schema["content"]["a"].update(file="../../etc/passwd"),
        lambda schema: schema["content"]["a"].update(file="schema.json"),
        lambda schema: schema["content"]["a"].pop("file"),
        lambda schema: schema["content"]["kind"].update(content="[" * 100_000),
        lambda schema: schema.pop("content"),
        lambda schema: schema.update(protocol=10**9, __loader__="?"),
    ],
)
def test_spoilt_schemas_are_refused(honest, change, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFileError):
        read_skops(with_schema(honest, change))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        npy(np.array([{"a": 1}, None]), allow_pickle=True),
        npy(np.zeros(3, dtype=[("left", "<i8"), ("right", "<i8")])),
        npy(np.array(["x"])),
        npy(np.zeros(3, dtype=complex)),
        npy(np.zeros(3))[:-1],
        npy(np.zeros(3)) + b"\0",
        npy(np.zeros(3)).replace(b"(3,)", b"(9999999999999,)".ljust(4)),
        npy(np.zeros(3)).replace(b"(3,), }            ", b"(3000000000000,), }"),
    ],
)
def test_spoilt_arrays_are_refused(honest, content):
    with pytest.raises(ModelFileError):
        read_skops(with_array(honest, content))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b"\x80\x04\x95",
        b"PK\x05\x06" + b"\0" * 18,
        packed({"schema.json": b"["}),
        packed({"1.npy": b""}),
    ],
)
def test_what_is_no_skops_file_is_refused(data):
    with pytest.raises(ModelFileError, match=r"cannot be read|has to hold"):
        read_skops(data)


@pytest.mark.parametrize("name", ["../evil.npy", "/tmp/evil.npy", "1.npy.py", "model.pkl", "a/1.npy", "١.npy"])
def test_members_that_we_never_write_are_refused(honest, name):
    with pytest.raises(ModelFileError, match="none of ours"):
        read_skops(packed(unpacked(honest) | {name: b"x"}))


class TestBombs:
    """What would take all the memory is refused at once, and takes none."""

    def refused(self, data: bytes) -> None:
        tracemalloc.start()
        with pytest.raises(ModelFileError):
            read_skops(data)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20_000_000

    def test_much_is_packed_into_little(self, honest):
        self.refused(packed(unpacked(honest) | {"7.npy": b"\0" * 300_000_000}))

    def test_a_schema_of_spaces(self, honest):
        members = unpacked(honest)
        self.refused(packed(members | {"schema.json": members["schema.json"] + b" " * 5_000_000}))

    def test_many_members(self, honest):
        self.refused(packed(unpacked(honest) | {f"{i}.npy": b"" for i in range(5_000)}))

    def test_a_schema_nested_deeply(self, honest):
        self.refused(packed(unpacked(honest) | {"schema.json": b"[" * 90_000}))

    def test_a_file_too_large(self):
        with pytest.raises(ModelFileError, match="more than 100,000,000"):
            read_skops(bytes(MAXIMUM_BYTES + 1))


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 10_000), value=st.integers(0, 255), length=st.integers(0, 40))
def test_damaged_bytes_are_refused_or_read_as_arrays(honest, place, value, length):
    place %= len(honest)
    damaged = honest[:place] + bytes([value]) * length + honest[place + length :]
    try:
        content = read_skops(damaged)
    except ModelFileError:
        return
    assert all(isinstance(part, str | int | float | np.ndarray | None) for part in content.values())
