"""From a specification to the problem that the engine searches."""
