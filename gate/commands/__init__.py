"""The commands of `python -m gate`, one module each: `arguments(parser)` and `run(options) -> exit code`."""
