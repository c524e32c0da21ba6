"""What was found at one door."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gate.errors import Broken, GateError
from gate.language import say
from gate.redaction import redact
from gate.settings import Settings

LONGEST = 220
INSTALL = "make provide && . .venv/bin/activate"


@dataclass(frozen=True)
class Finding:
    """Whether a door is usable, by which settings, what was seen, and else what to do next."""

    door: str
    usable: bool
    by: tuple[str, ...]
    seen: str
    step: str = ""


class Closed(Exception):
    """A door cannot be used: what was seen, and the next step."""

    def __init__(self, seen: str, step: str = "") -> None:
        super().__init__(seen)
        self.step = step


def look(door: str, by: Iterable[str], act: Callable[[], str], step: str) -> Finding:
    """Look at a door. `act` says what it saw; `step` is what to do when it raises, unless that says better."""
    names = tuple(by)
    try:
        return Finding(door, True, names, brief(act()))
    except ModuleNotFoundError as missing:
        return Finding(door, False, names, not_installed(missing.name or ""), INSTALL)
    except Closed as closed:
        return Finding(door, False, names, brief(str(closed)), redact(closed.step or step))
    except (GateError, Broken) as failure:
        return Finding(door, False, names, brief(str(failure)), redact(step))
    except Exception as failure:  # a doctor tells what hurts, whatever it is
        return Finding(door, False, names, brief(f"{type(failure).__name__}: {failure}"), redact(step))


def not_installed(name: str) -> str:
    """What is seen where a package is missing: whoever types `doctor` first has no environment yet."""
    return say(f"the environment is not installed ({name} is missing)", f"окружение не установлено (нет {name})")


def given(settings: Settings, *names: str) -> list[str]:
    """Those of the settings that have a value."""
    return [name for name in names if settings[name]]


def brief(text: str) -> str:
    """The beginning of a message, without its secrets, on one line."""
    told = " ".join(redact(text).split())
    return told if len(told) <= LONGEST else f"{told[:LONGEST]}…"


def or_cluster(settings: Settings, *names: str) -> list[str]:
    """The settings that give something by hand, else those that lead to the cluster, which knows it."""
    return given(settings, *names) or given(settings, "GATE_KUBE_CONTEXT", "GATE_KUBECONFIG")


def milliseconds(seconds: float) -> str:
    """A duration for a reader."""
    return say(f"{seconds * 1000:.0f} ms", f"{seconds * 1000:.0f} мс")
