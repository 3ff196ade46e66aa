"""What the columns of a table are for: what each holds, and a modest first proposal of its role."""
