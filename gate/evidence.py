"""What a scenario leaves behind: notes and pictures on the step that made them, facts for the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gate.language import Text, say
from gate.redaction import hide, redact

if TYPE_CHECKING:
    from gate.doors.again import Lost

Door = Literal["name", "edge", "gateway", "database", "cluster", "github", "browser", "smoke"]
DOOR_NAMES: Mapping[str, Text] = {
    "name": Text("name in DNS", "имя в DNS"),
    "edge": Text("edge", "снаружи (HTTPS)"),
    "gateway": Text("gateway from inside", "gateway изнутри"),
    "database": Text("database", "база данных"),
    "cluster": Text("cluster", "кластер"),
    "github": Text("GitHub", "GitHub"),
    "browser": Text("browser", "браузер"),
    "smoke": Text("smoke script", "смоук-скрипт"),
}
Act = Literal["delivery", "sign-in", "attach"]


@dataclass
class Record:
    """The facts about one scenario that the verdict needs beside its outcome."""

    doors: set[Door] = field(default_factory=set)
    acts: Counter[Act] = field(default_factory=Counter)
    run_ids: list[str] = field(default_factory=list)
    deliveries: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    weaker: list[str] = field(default_factory=list)
    risks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    # What the edge left unanswered, and whether what the scenario sent may be the cause of it.
    lost: list[Lost] = field(default_factory=list)
    harmed: bool = False


_record = Record()


def begin() -> Record:
    """Start the record of a new scenario."""
    global _record
    _record = Record()
    return _record


def record() -> Record:
    """The record of the scenario being run."""
    return _record


def used(door: Door) -> None:
    """Note that this scenario looked or acted through `door`."""
    _record.doors.add(door)


def touched(what: str) -> None:
    """Note a thing of the platform that was really asked for: a route and its status, a table, a page."""
    _record.touched.add(what)


def succeeded(act: Act) -> None:
    """Note that an act of this kind worked at least once; a run without any is not a pass."""
    _record.acts[act] += 1


def names_run(run_id: str) -> None:
    """Note the id of a platform run, to be found again in the release notes."""
    if run_id and run_id not in _record.run_ids:
        _record.run_ids.append(run_id)


def delivered(delivery_id: str) -> None:
    """Note the id of a delivery, whose run is withdrawn if it still waits when the scenario is over."""
    _record.deliveries.append(delivery_id)


def weaker(reason: str) -> None:
    """Note that the line was proven through a weaker door than the document means."""
    _record.weaker.append(redact(reason))


def residual_risk(reason: str) -> None:
    """Note what was seen and is not to be judged, but the Owner should know."""
    _record.risks.append(redact(reason))


def conceal(what: str, *values: str | None) -> None:
    """Announce secrets; where one is a piece of a name, which shows it rightly, the Owner should know."""
    if not hide(*values):
        residual_risk(
            say(
                f"{what} is a piece of a name in force, such as the namespace: whoever reads that name reads it.",
                f"{what} — часть действующего имени, например пространства имён: кто видит имя, видит и её.",
            )
        )


def note(text: str) -> None:
    """Keep a line about what just happened; it is attached to the step that ends next."""
    _record.notes.append(redact(text))


def flush(title: str) -> None:
    """Attach the notes that have gathered to the step being run."""
    if _record.notes:
        text(title, "\n\n".join(_record.notes))
        _record.notes.clear()


def text(name: str, body: str) -> None:
    """Attach a text, redacted, to the step being run."""
    _attach(redact(body), name, "text/plain", "txt")


def picture(name: str, png: bytes) -> None:
    """Attach a PNG to the step being run. Whoever takes it has hidden what must not be in it."""
    _attach(png, name, "image/png", "png")


def drawing(name: str, svg: str) -> None:
    """Attach an SVG drawing to the step being run."""
    _attach(redact(svg), name, "image/svg+xml", "svg")


def file(name: str, body: bytes, media: str, extension: str) -> None:
    """Attach bytes that already passed the redaction, for example a trace."""
    _attach(body, name, media, extension)


def _attach(body: str | bytes, name: str, media: str, extension: str) -> None:
    import allure  # late: a dry run needs no reporter

    _record.attached.append(name)
    allure.attach(body, name=name, attachment_type=media, extension=extension)
