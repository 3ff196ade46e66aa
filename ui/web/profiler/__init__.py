"""The component that asks what if, after JMP's Prediction Profiler: a small plot per feature, and a line to drag."""
