"""Commands of `python -m gate` that read the features and the steps, and so need behave."""
