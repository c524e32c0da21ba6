"""What can be proven from here: each door looked at, read-only, with the next step where one is closed."""
