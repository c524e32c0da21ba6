"""A local staging in a process of its own, as the tests begin, read and break one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
Settings = dict[str, str]


def launch(*arguments: str, **more: Any) -> subprocess.Popen[str]:
    """The command; its standard input is a pipe that stays open, unless told otherwise."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GATE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        stdin=more.pop("stdin", subprocess.PIPE),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=environment | more.pop("env", {}),
        **more,
    )


@contextmanager
def local_staging(*options: str) -> Iterator[Settings]:
    """What a local staging tells of itself while it runs."""
    process = launch("--json", *options)
    try:
        yield settings_of(process)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def settings_of(process: subprocess.Popen[str]) -> Settings:
    """The one line that it prints when it is ready."""
    assert process.stdout and process.stderr
    line = process.stdout.readline()
    assert line, process.stderr.read()
    found: Settings = json.loads(line)
    return found


@contextmanager
def switched(staging: Settings, *names: str, kind: str = "faults") -> Iterator[None]:
    control = f"{staging['SANDBOX_CONTROL']}/{kind}"
    answer = requests.put(control, json=list(names), timeout=10)
    assert answer.json() == sorted(names)
    try:
        yield
    finally:
        assert requests.put(control, json=[], timeout=10).json() == []
