"""Where in a file the table is: its header, its units, its last row, and what stands around it."""
