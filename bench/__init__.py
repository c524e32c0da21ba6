"""What the gate's own time costs, measured against bare behave and against itself; `make bench`."""
