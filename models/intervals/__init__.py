"""How far predictions can be trusted: intervals calibrated on rows that models never saw."""
