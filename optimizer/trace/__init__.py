"""What a search did and found, and what users decided on the way."""
