"""Models in: an uploaded .keras file, taken apart in a sandbox, its inputs mapped to columns, kept as our own file."""

from services.intake.uploads.agreement import (
    agreement,
    every_feature,
    is_agreeing,
    judge,
    r2_words,
    suggest,
    verdict,
)
from services.intake.uploads.upload import (
    MAXIMUM_MEGABYTES,
    VERSIONS,
    Upload,
    check_card,
    inspect_keras_file,
    read_upload,
    save_upload,
)

__all__ = [
    "MAXIMUM_MEGABYTES",
    "VERSIONS",
    "Upload",
    "agreement",
    "check_card",
    "every_feature",
    "inspect_keras_file",
    "is_agreeing",
    "judge",
    "r2_words",
    "read_upload",
    "save_upload",
    "suggest",
    "verdict",
]
