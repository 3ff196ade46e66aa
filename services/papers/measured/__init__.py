"""What was measured of results: kept with the run, compared with the predictions, joined to the table, learned from."""
