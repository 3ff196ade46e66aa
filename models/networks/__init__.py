"""Networks as NumPy matrix products: predictions and gradients without TensorFlow."""
