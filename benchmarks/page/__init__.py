"""How long a visitor waits, and how much is sent, in a real browser; see ``python -m benchmarks.page``."""
