"""Model files that somebody with bad intentions, or none, might upload; made without Keras, as small as they can be.

Each builder takes the path of a marker that the file would write if anything in it ever ran.
"""

import base64
import io
import json
import marshal
import pickle
import struct
import types
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from models.keras.writer import keras_file_of
from models.networks.network import Affine, Dense, Network
from tests.models.conftest import KerasFile, zip_of

Builder = Callable[[Path], bytes]
KERNEL = "layers/dense/vars/0"
GIGABYTE = 2**30


def honest(n_inputs: int = 3, seed: int = 0) -> Network:
    """A small network with every kind of layer that has weights."""
    rng = np.random.default_rng(seed)
    hidden = Dense(rng.normal(size=(n_inputs, 8)).astype("f4"), rng.normal(size=8).astype("f4"))
    scaled = Affine(rng.uniform(0.5, 2, 8).astype("f4"), rng.normal(size=8).astype("f4"))
    return Network(n_inputs, (hidden, scaled, Dense(rng.normal(size=(8, 1)).astype("f4"), np.ones(1, dtype="f4"))))


def honest_file() -> KerasFile:
    """An honest file in parts, to be spoilt."""
    return KerasFile(keras_file_of([honest()]))


class Bomb:
    """An object whose unpickling writes the marker."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return exec, (f"open({str(self.marker)!r}, 'w').write('boo')",)


def with_layer(layer: dict) -> bytes:
    file = honest_file()
    file.layers.insert(2, layer)
    return file.pack()


def layer_of(kind: str, module: str = "keras.layers", registered: str | None = None, **settings: object) -> dict:
    config = {"name": "evil", "trainable": True, "dtype": "float32"} | settings
    return {"module": module, "class_name": kind, "config": config, "registered_name": registered}


def with_settings(index: int, **settings: object) -> bytes:
    """A file one of whose layers has these settings."""
    file = honest_file()
    file.edit_layer(index, **settings)
    return file.pack()


def with_weights(edit: Callable[[h5py.File], object]) -> bytes:
    file = honest_file()
    file.edit_weights(edit)
    return file.pack()


def with_kernel(**how: object) -> bytes:
    """A file whose first kernel is stored in another way."""

    def replace(file: h5py.File) -> None:
        del file[KERNEL]
        file.create_dataset(KERNEL, **how)

    return with_weights(replace)


def with_link(link: object) -> bytes:
    """A file whose first kernel is elsewhere."""

    def replace(file: h5py.File) -> None:
        del file[KERNEL]
        file[KERNEL] = link

    return with_weights(replace)


def with_members(**others: bytes) -> bytes:
    file = honest_file()
    file.members |= others
    return file.pack()


def bytecode(marker: Path) -> dict:
    """What Keras writes for a lambda: its bytecode."""
    code = compile(f"lambda x: open({str(marker)!r}, 'w').write('boo') and x", "evil", "eval")
    inner = next(constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    text = base64.b64encode(marshal.dumps(inner)).decode()
    return {"class_name": "__lambda__", "config": {"code": text, "defaults": None, "closure": None}}


def named(module: str, function: str) -> dict:
    return {"module": module, "class_name": "function", "config": function, "registered_name": function}


def lambda_of(function: object, **arguments: object) -> dict:
    return layer_of("Lambda", function=function, arguments=arguments)


def nested(inner: dict) -> dict:
    layers = [honest_file().layers[0], inner]
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "inner", "layers": layers}}


def wrapped(inner: dict) -> dict:
    return layer_of("TimeDistributed", layer=inner)


def swollen(name: str, n_bytes: int, filler: bytes = b" ") -> bytes:
    """A file in which one member unpacks to far more than it takes up."""
    parts = honest_file().contents()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member, content in parts.items():
            if member != name:
                archive.writestr(member, content)
        with archive.open(name, "w", force_zip64=True) as member:
            member.write(parts.get(name, b""))
            for _ in range(n_bytes // 2**20):
                member.write(filler * 2**20)
    return buffer.getvalue()


def lying() -> bytes:
    """A file whose configuration unpacks to more than its table of contents says."""
    file = honest_file()
    file.config["note"] = " " * 2_000_000
    size = len(file.contents()["config.json"])
    return file.pack().replace(struct.pack("<I", size), struct.pack("<I", 5_000))


def encrypted() -> bytes:
    """A file that says of all its members that they are encrypted."""
    data = bytearray(honest_file().pack())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


def twice() -> bytes:
    """A file with two configurations; the writer of the library would warn of the name, so it is set afterwards."""
    return zip_of(honest_file().contents() | {"Config.json": b"{}"}).replace(b"Config.json", b"config.json")


def many_layers(n: int) -> bytes:
    file = honest_file()
    file.layers[1:] = [file.layers[1]] * n
    return file.pack()


def wide(n_layers: int) -> bytes:
    """A file of layers each of which is allowed, together far too many numbers."""
    file = honest_file()
    file.edit_layer(1, units=4096)
    file.layers[1:-1] = [file.layers[1]] * n_layers
    return file.pack()


def raw_config(content: bytes) -> bytes:
    return with_members(**{"config.json": content})


def old_h5(marker: Path) -> bytes:
    """A model as Keras 2 wrote it, with a lambda in its configuration."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        first = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 3], "name": "inputs"}}
        layers = {"class_name": "Sequential", "config": {"layers": [first, lambda_of(bytecode(marker))]}}
        file.attrs["model_config"] = json.dumps(layers)
    return buffer.getvalue()


def npz(marker: Path) -> bytes:
    """An archive of NumPy with a pickle in it."""
    buffer = io.BytesIO()
    np.savez(buffer, weights=np.array([Bomb(marker)], dtype=object))
    return buffer.getvalue()


def virtual() -> bytes:
    layout = h5py.VirtualLayout(shape=(3, 8), dtype="<f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(3, 8))

    def replace(file: h5py.File) -> None:
        del file[KERNEL]
        file.create_virtual_dataset(KERNEL, layout)

    return with_weights(replace)


def spoilt(path: str, value: float) -> bytes:
    return with_weights(lambda file: file[path].write_direct(np.full(file[path].shape, value, dtype="f4")))


BOMBS: dict[str, tuple[Builder, str]] = {
    "dense of 1e9": (lambda _: with_settings(1, units=10**9), "from 1 to 4,096; got 1000000000"),
    "dense of 1e8": (lambda _: with_settings(1, units=10**8), "from 1 to 4,096; got 100000000"),
    "dense of -1": (lambda _: with_settings(1, units=-1), "from 1 to 4,096; got -1"),
    "dense of 1e400": (lambda _: raw_config(b'{"units": 1' + b"0" * 5_000 + b"}"), "cannot be read"),
    "input of 1e9": (lambda _: with_settings(0, batch_shape=[None, 10**9]), "number of inputs"),
    "wide layers": (lambda _: wide(40), "Expected the kernel"),
    "20,000 layers": (lambda _: many_layers(20_000), "(declares|layers)"),
    "1,200 layers": (lambda _: many_layers(1_200), "list of 2 to 640 layers"),
    "a dataset of 38 GB": (lambda _: with_kernel(shape=(10**5, 10**5), dtype="<f4"), "Expected the kernel"),
    "a dataset of 3.9 GB": (
        lambda _: with_kernel(shape=(31_250, 31_250), dtype="<f4", chunks=(1, 31_250), compression="gzip"),
        "not stored as plain numbers",
    ),
    "a dataset of 3.9 GB, unpacked": (
        lambda _: with_kernel(shape=(31_250, 31_250), dtype="<f4"),
        "Expected the kernel",
    ),
    "spaces in the configuration": (lambda _: swollen("config.json", GIGABYTE // 4), "declares 268,4"),
    "zeros in the weights": (lambda _: swollen("model.weights.h5", GIGABYTE // 8, b"\0"), "declares 134,2"),
    "a zero-filled asset": (lambda _: swollen("assets/zeros", 2**26, b"\0"), "holds exactly"),
    "10,000 assets": (lambda _: with_members(**{f"assets/{i}": b"" for i in range(10_000)}), "holds exactly"),
    "a lying table of contents": (lambda _: lying(), "cannot be read"),
    "deep JSON": (lambda _: raw_config(b'{"config":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "cannot be read"),
    "wide JSON": (lambda _: raw_config(b'{"config": {"layers": [' + b"1," * 400_000 + b"1]}}"), "Only|type|layers"),
}

CODE: dict[str, tuple[Builder, str]] = {
    "lambda as bytecode": (lambda marker: with_layer(lambda_of(bytecode(marker))), "type 'Lambda' cannot be read"),
    "lambda by name": (lambda _: with_layer(lambda_of(named("keras.ops", "relu"))), "type 'Lambda' cannot be read"),
    "lambda that sets floatx": (
        lambda _: with_layer(lambda_of(named("keras.config", "set_floatx"), floatx="float64")),
        "type 'Lambda' cannot be read",
    ),
    "lambda in a model in the model": (
        lambda marker: with_layer(nested(lambda_of(bytecode(marker)))),
        "type 'Sequential' cannot be read",
    ),
    "lambda in a wrapper": (
        lambda marker: with_layer(wrapped(lambda_of(bytecode(marker)))),
        "type 'TimeDistributed' cannot be read",
    ),
    "activation by module": (lambda _: with_settings(1, activation=named("os", "system")), "activation"),
    "activation as bytecode": (lambda marker: with_settings(1, activation=bytecode(marker)), "activation"),
    "layer of os": (lambda _: with_layer(layer_of("system", module="os")), "type 'system' cannot be read"),
    "registered layer": (lambda _: with_layer(layer_of("Dense", registered="evil>Dense")), "cannot be read"),
    "layer that reads a file": (
        lambda _: with_layer(layer_of("StringLookup", vocabulary="/etc/passwd")),
        "vocabulary of .* is not in the file",
    ),
    "layer that loads a model": (
        lambda _: with_layer(layer_of("TFSMLayer", filepath="/tmp")),
        "type 'TFSMLayer' cannot be read",
    ),
    "pickle": (lambda marker: pickle.dumps(Bomb(marker)), "no .keras file"),
    "pickle in the archive": (lambda marker: with_members(**{"evil.pkl": pickle.dumps(Bomb(marker))}), "holds exactly"),
    "npz": (npz, "holds exactly"),
    "older h5": (old_h5, "type 'Lambda' cannot be read"),
}

REACHES: dict[str, tuple[Builder, str]] = {
    "external link": (lambda _: with_link(h5py.ExternalLink("/etc/passwd", "/x")), "does not hold the kernel"),
    "soft link": (lambda _: with_link(h5py.SoftLink("/layers/dense_1/vars/0")), "does not hold the kernel"),
    "external dataset": (
        lambda _: with_kernel(shape=(3, 8), dtype="<f4", external=[("/etc/passwd", 0, 96)]),
        "not stored as plain numbers",
    ),
    "virtual dataset": (lambda _: virtual(), "not stored as plain numbers"),
    "member above its folder": (lambda _: with_members(**{"../../evil.txt": b"boo"}), "holds exactly"),
    "member with an absolute path": (lambda _: with_members(**{"/etc/evil": b"boo"}), "holds exactly"),
}

DAMAGED: dict[str, tuple[Builder, str]] = {
    "empty": (lambda _: b"", "no .keras file"),
    "truncated": (lambda _: honest_file().pack()[:-400], "cannot be read"),
    "truncated weights": (
        lambda _: with_members(**{"model.weights.h5": honest_file().members["model.weights.h5"][:900]}),
        "cannot be read",
    ),
    "a member twice": (lambda _: twice(), "holds exactly"),
    "encrypted": (lambda _: encrypted(), "encrypted"),
    "another compression": (lambda _: honest_file().pack(zipfile.ZIP_LZMA), "packed in a way"),
    "NaN among the weights": (lambda _: spoilt(KERNEL, np.nan), "missing or infinite"),
    "infinite weights": (lambda _: spoilt(KERNEL, np.inf), "missing or infinite"),
    "negative variance": (lambda _: spoilt("layers/batch_normalization/vars/3", -1.0), "variance"),
    "double precision": (lambda _: with_kernel(data=np.zeros((3, 8))), "declares float64"),
    "texts for numbers": (lambda _: with_kernel(data=[b"a" * 8] * 3), "declares"),
    "no weights": (lambda _: with_weights(lambda file: file.pop("layers")), "does not hold the kernel"),
    "no configuration": (lambda _: raw_config(b"[]"), "no JSON object"),
    "another archive": (lambda _: zip_of({"xl/workbook.xml": b"<workbook/>"}), "holds 'xl/workbook.xml'"),
    "a SavedModel": (lambda _: zip_of({"saved_model.pb": b"\x08\x01"}), r"holds 'saved_model\.pb'"),
    "two outputs": (lambda _: with_settings(-1, units=2), "Expected the kernel"),
}


def averaged(edit: Callable[[dict[str, dict]], object]) -> bytes:
    """A file of three averaged networks whose graph was tampered with, layers by name."""
    file = KerasFile(keras_file_of([honest(seed=seed) for seed in range(3)]))
    edit({layer["name"]: layer for layer in file.layers})
    return file.pack()


def set_inbound(name: str, *sources: str) -> Callable[[dict[str, dict]], object]:
    """What makes a layer take its values from others."""

    def edit(layers: dict[str, dict]) -> None:
        tensors = [
            {"class_name": "__keras_tensor__", "config": {"dtype": "float32", "keras_history": [source, 0, 0]}}
            for source in sources
        ]
        arguments = [tensors] if layers[name]["class_name"] == "Average" else tensors
        layers[name]["inbound_nodes"] = [{"args": arguments, "kwargs": {}}]

    return edit


def wrap_average(layers: dict[str, dict]) -> None:
    layers["outcome"] |= {"class_name": "Lambda", "config": {"name": "outcome", "function": named("os", "system")}}


GRAPHS: dict[str, tuple[Builder, str]] = {
    "a circle": (lambda _: averaged(set_inbound("member_1_hidden_1", "member_1_outcome")), "."),
    "a layer of itself": (lambda _: averaged(set_inbound("outcome", "outcome")), "."),
    "an unknown layer": (lambda _: averaged(set_inbound("outcome", "member_9_outcome", "member_2_outcome")), "."),
    "a member 10,000 times": (lambda _: averaged(set_inbound("outcome", *["member_1_outcome"] * 10_000)), "."),
    "a function for the mean": (lambda _: averaged(wrap_average), "cannot be read"),
}

HOSTILE: dict[str, tuple[Builder, str]] = BOMBS | CODE | REACHES | DAMAGED | GRAPHS
