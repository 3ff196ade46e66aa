"""What if: a setting that is moved by hand, all that follows from it, and what is kept of it."""

from services.studies.what_if.explorer import DEFERRED, Answer, Band, Explorer, JudgesOf, Profile

__all__ = ["DEFERRED", "Answer", "Band", "Explorer", "JudgesOf", "Profile"]
