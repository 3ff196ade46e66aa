"""What if: a setting that is moved by hand, all that follows from it, and what is kept of it."""
