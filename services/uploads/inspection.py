"""An uploaded .keras file, taken apart in a sandbox and built anew from its numbers."""

from models import ModelFileError, Network
from models.plain_networks import MAXIMUM_BYTES, unpack_networks
from services.sandbox import Limits, run_in_sandbox
from services.sandbox.refusal import ExitCode

LIMITS = Limits(memory=2**30, cpu_seconds=10, wall_seconds=20, answer=MAXIMUM_BYTES, processes=0)
"""An honest file takes half a second and 60 MB."""


def inspect_keras_file(data: bytes) -> tuple[Network, ...]:
    """Return the networks in the bytes of a .keras file that nobody trusts: one, or the members of an ensemble.

    Raises:
        ModelFileError: it is no .keras file of the layers that are understood, or takes too much memory or time.
    """
    ended = run_in_sandbox("services.uploads.child", data, {}, LIMITS)
    if ended.code is ExitCode.ANSWERED:
        return unpack_networks(ended.answer)
    if ended.code is ExitCode.REFUSED:
        raise ModelFileError(ended.refusal)
    if ended.code is ExitCode.EXHAUSTED:
        raise ModelFileError(
            "Reading the file took more memory or time than a model of this size can need: it is damaged, or was not "
            "written by Keras. Save the model anew with model.save('name.keras')."
        )
    raise ModelFileError(
        "The file cannot be read: it seems damaged. Save the model anew with model.save('name.keras') and upload that."
    )
