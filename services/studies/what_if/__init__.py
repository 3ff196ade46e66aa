"""What if: a setting that is moved by hand, all that follows from it, and what is kept of it."""

from services.studies.what_if.explorer import DEFERRED, Answer, Band, JudgesOf, Profile, WhatIfModel

__all__ = ["DEFERRED", "Answer", "Band", "JudgesOf", "Profile", "WhatIfModel"]
