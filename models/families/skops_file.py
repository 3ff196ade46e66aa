"""A skops file of plain arrays: written, and read without trusting anything in it.

What skops loads, it builds: objects of the types that a file names, filled with what the file holds. Its own notes say
that it cannot check the content of scikit-learn's trees, which are walked without looking at their bounds. So a model's
file holds no object but numbers: one dict of arrays, numbers and words, and whatever else a file names is refused
before skops sees it. Members are never unpacked to disk, and their sizes are known before they are read.
"""

import io
import json
import zipfile
from typing import Any

import numpy as np

from models.errors import ModelFileError

MAXIMUM_BYTES = 100_000_000
_MAXIMUM_CONTENT = 256_000_000
_MAXIMUM_SCHEMA = 200_000
_MAXIMUM_MEMBERS = 64

ALLOWED_TYPES = frozenset(
    {
        ("builtins", "dict", "DictNode"),
        ("builtins", "list", "ListNode"),  # of the dict's key types
        ("builtins", "str", "TypeNode"),  # one of them
        ("builtins", "str", "JsonNode"),  # a number or a word
        ("numpy", "ndarray", "NdArrayNode"),
    }
)
"""Every (module, class, loader) that a file may name; all are known to skops as safe, so nothing more is trusted."""

_DTYPES = ("<f8", "<f4", "<i8", "<i4")

Content = dict[str, "np.ndarray | str | int | float"]
"""What a file holds: arrays, words and numbers by name."""


def write_skops(content: Content) -> bytes:
    """Return a skops file with this content.

    Raises:
        ModelFileError: it is larger than could be read again.
    """
    from skops import io as skops_io

    data: bytes = skops_io.dumps(content, compression=zipfile.ZIP_DEFLATED, compresslevel=6)
    if len(data) > MAXIMUM_BYTES or sum(a.nbytes for a in content.values() if isinstance(a, np.ndarray)) > (
        _MAXIMUM_CONTENT - _MAXIMUM_SCHEMA
    ):
        raise ModelFileError(
            f"The model takes {len(data):,} bytes; at most {MAXIMUM_BYTES:,} can be stored. Train it with fewer trees, "
            "members or rows."
        )
    return data


def read_skops(data: bytes) -> Content:
    """Return what a skops file holds; the file is not trusted.

    Raises:
        ModelFileError: it is no such file, names a type that is not allowed, or is too large.
    """
    if len(data) > MAXIMUM_BYTES:
        raise ModelFileError(f"The .skops file has more than {MAXIMUM_BYTES:,} bytes: it is none of ours.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive)
            schema = json.loads(archive.read("schema.json"))
            _check_types(schema)
            for member in archive.infolist():
                if member.filename != "schema.json":
                    _check_array(archive, member)
        return _loaded(data)
    except ModelFileError:
        raise
    except Exception as error:  # zipfile, json, NumPy and skops each raise kinds of their own on damaged bytes
        raise ModelFileError(
            f"The .skops file cannot be read ({type(error).__name__}): it is damaged, or none of ours. Train the model "
            "anew, or restore the file."
        ) from None


def _check_members(archive: zipfile.ZipFile) -> None:
    """Refuse an archive with members that we never write, or with more bytes than we would."""
    members = archive.infolist()
    names = [member.filename for member in members]
    foreign = [name for name in names if name != "schema.json" and not _is_array_name(name)]
    if foreign or len(set(names)) < len(names) or "schema.json" not in names:
        raise ModelFileError(
            f"The .skops file has to hold schema.json and arrays; it holds {(foreign or names)[:5]}: it is none of "
            "ours."
        )
    size = sum(member.file_size for member in members)
    if len(members) > _MAXIMUM_MEMBERS or size > _MAXIMUM_CONTENT:
        raise ModelFileError(
            f"The .skops file unpacks to {len(members):,} members of {size:,} bytes; at most {_MAXIMUM_MEMBERS} of "
            f"{_MAXIMUM_CONTENT:,} are read."
        )
    if archive.getinfo("schema.json").file_size > _MAXIMUM_SCHEMA:
        raise ModelFileError(f"The .skops file's schema has more than {_MAXIMUM_SCHEMA:,} bytes: it is none of ours.")


def _is_array_name(name: str) -> bool:
    """Return whether a member is called as skops calls arrays: digits, then ".npy"."""
    stem, dot, ending = name.partition(".")
    return stem.isdecimal() and stem.isascii() and dot + ending == ".npy"


def _check_types(schema: Any) -> None:
    """Refuse a schema in which any node is of a type that is not allowed."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if "__class__" in node or "__module__" in node or "__loader__" in node:
                named = tuple(str(node.get(key)) for key in ("__module__", "__class__", "__loader__"))
                if named not in ALLOWED_TYPES:
                    raise ModelFileError(
                        f"The .skops file holds a {named[0][:60]}.{named[1][:60]}, which is not among the types that "
                        "are read (plain arrays, numbers and words): it is none of ours, and was not loaded."
                    )
                if named[2] == "NdArrayNode" and node.get("type") != "numpy":
                    raise ModelFileError("The .skops file holds an array of objects: it is none of ours.")
            waiting += node.values()


def _check_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse an array of objects, or one whose header promises other bytes than there are."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ModelFileError("The .skops file holds an array in a format that we never write.")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        n_bytes = dtype.itemsize * int(np.prod(shape, dtype=object))
        if dtype.str not in _DTYPES or any(n < 0 for n in shape) or n_bytes + file.tell() != member.file_size:
            raise ModelFileError(
                f"The .skops file holds an array of type {dtype} and shape {shape} that does not fit its "
                f"{member.file_size:,} bytes: it is none of ours."
            )


def _loaded(data: bytes) -> Content:
    """Return what skops makes of a file that was checked."""
    from skops import io as skops_io

    if unknown := skops_io.get_untrusted_types(data=data):
        raise ModelFileError(f"The .skops file holds types that are not read: {unknown}. It was not loaded.")
    content = skops_io.loads(data, trusted=[])
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise ModelFileError("The .skops file has to hold arrays by name: it is none of ours.")
    return content
