"""The step modules keep what Python has made of them, as modules that are imported do.

behave reads and compiles each of them anew for every run; that was a quarter of a dry run of one feature.
"""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from typing import Any

import behave.runner_util


def keep_bytecode() -> None:
    """From now on behave loads a file as Python does; what is kept of it counts until the file changes."""
    behave.runner_util.exec_file = _exec_file


def _exec_file(filename: str, globals_: dict[str, Any]) -> None:
    code = SourceFileLoader(filename, filename).get_code(filename)
    assert code is not None  # only a module without a source has none
    globals_["__file__"] = filename
    exec(code, globals_)
