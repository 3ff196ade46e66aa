"""What goes to the laboratory with chosen results: a sheet to print and fill in, and the same as a table."""
