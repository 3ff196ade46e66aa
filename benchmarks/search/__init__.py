"""How near every method comes to the proven optimum of the problems that ship, and how much else it finds."""
