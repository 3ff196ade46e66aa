"""Takes an uploaded .keras file apart inside a sandboxed process; imports no more of the project than the reader.

The answer are networks as plain float32 arrays; see `models.keras.plain_networks`.
"""

from typing import Any, BinaryIO

from models.errors import ModelFileError
from models.keras.file import MAXIMUM_BYTES, read_networks
from models.keras.plain_networks import pack_networks
from services.intake.sandbox.limits import Refusal


def answer(file: BinaryIO, task: dict[str, Any], out: BinaryIO) -> None:
    """Write the networks that a file holds.

    Raises:
        Refusal: it is no .keras file of the layers that are understood.
    """
    try:
        networks = read_networks(file.read(MAXIMUM_BYTES + 1))
    except ModelFileError as error:
        raise Refusal(str(error)) from None
    out.write(pack_networks(networks.members))
