"""From a dataset to trained networks; TensorFlow is imported in functions alone."""
