"""What behave needs from us: the record of a run, its progress on the screen, the guard around the steps."""
