"""Several goals: results along their front, and what they come to."""
