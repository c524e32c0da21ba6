"""The doors of a staging, one module each: every call returns plain records of what was seen."""
