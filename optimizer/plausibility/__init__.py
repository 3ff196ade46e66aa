"""How believable a candidate is against the recorded rows: measures of unusualness, and percentages made of them."""
