"""How results hold up when somebody makes them: known functions in the place of the plant."""
