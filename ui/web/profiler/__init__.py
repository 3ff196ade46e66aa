"""The component that asks what if, after JMP's Prediction Profiler: a small plot per feature, and a line to drag."""

from ui.web.profiler.component import SettingChange, deliver, profiler
from ui.web.profiler.message import WhatIfContext

__all__ = ["SettingChange", "WhatIfContext", "deliver", "profiler"]
