"""Features, and recorded rows in units in which distances compare."""
