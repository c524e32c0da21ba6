"""Modules that are loaded when something of them is first used: who only looks at sentences needs few of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import LazyLoader, find_spec, module_from_spec
from types import ModuleType


def lazily(package: str) -> Callable[[str], ModuleType]:
    """A package's `__getattr__`, so that `from package import module` only promises the module."""

    def promised(name: str) -> ModuleType:
        spec = find_spec(f"{package}.{name}")
        if spec is None or spec.loader is None:
            raise AttributeError(f"{package} has no {name}")
        spec.loader = LazyLoader(spec.loader)
        module = sys.modules[spec.name] = module_from_spec(spec)
        setattr(sys.modules[package], name, module)
        spec.loader.exec_module(module)
        return module

    return promised
