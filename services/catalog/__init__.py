"""Tables, models and settings at hand, and a specification's table and model loaded."""
