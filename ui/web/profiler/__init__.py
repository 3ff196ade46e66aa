"""The component that asks what if, after JMP's Prediction Profiler: a small plot per feature, and a line to drag."""

from ui.web.profiler.component import Moved, deliver, profiler
from ui.web.profiler.message import WhatIfContext

__all__ = ["Moved", "WhatIfContext", "deliver", "profiler"]
