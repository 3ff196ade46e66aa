"""Takes an uploaded .keras file apart inside a sandboxed process; imports no more of the project than the reader.

The answer is a graph of operations for each output; see `models.networks.plain`.
"""

from typing import Any, BinaryIO

from models.errors import ModelFileError
from models.keras.archive import MAXIMUM_BYTES
from models.keras.file import read_keras
from models.networks.plain import packed
from services.intake.sandbox.limits import Refusal


def answer(file: BinaryIO, task: dict[str, Any], out: BinaryIO) -> None:
    """Write the model that a file holds.

    Raises:
        Refusal: it is no .keras file of the layers that are understood.
    """
    try:
        model = read_keras(file.read(MAXIMUM_BYTES + 1))
    except ModelFileError as error:
        raise Refusal(str(error)) from None
    out.write(packed(model))
