"""What pages, sheets and the command line say of specifications, models and results."""
