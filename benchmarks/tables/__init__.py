"""How well tables are understood that people really have; run with ``python -m benchmarks.tables``."""
