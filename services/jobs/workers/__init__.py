"""The processes that do jobs, and the supervisor that starts and ends them."""
