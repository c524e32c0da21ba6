"""Steps of a suite that waits, ends badly or ends its worker; `test_workers.py` copies them into a project."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from behave import given

from gate import evidence
from gate.errors import Broken, NotProven


@given("a thing that takes {seconds:f} s")  # type: ignore[untyped-decorator]
def take(context: Any, seconds: float) -> None:
    evidence.note(context.world.mark)
    with Path("marks").open("a", encoding="utf-8") as file:
        file.write(f"{context.world.mark} {os.getpid()} {time.time()} {time.time() + seconds}\n")
    time.sleep(seconds)


@given("a thing that is broken")  # type: ignore[untyped-decorator]
def broken(_: Any) -> None:
    raise Broken("It is broken.")


@given("a thing that cannot be proven")  # type: ignore[untyped-decorator]
def unproven(_: Any) -> None:
    raise NotProven("Nobody knows.")


@given("a thing that ends its worker")  # type: ignore[untyped-decorator]
def end(_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
