"""What is searched: a space, an objective, what realism costs, and the gate."""
