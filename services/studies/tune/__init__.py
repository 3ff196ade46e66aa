"""The price of realism: the same search at several values of one setting."""
