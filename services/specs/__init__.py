"""The documents that a run, a training and a result are made of, and the errors whose text users read."""
