import numpy as np


class Spy:
    """A function that remembers every candidate that it was asked about."""

    def __init__(self, function):
        self.function = function
        self.asked = []

    def __call__(self, X):
        self.asked.append(X.copy())
        return self.function(X)

    @property
    def rows(self):
        return np.vstack(self.asked)
