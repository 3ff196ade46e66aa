"""Tables in: from an uploaded file to a dataset, with nothing changed silently."""
