"""The drawing of watched runs: their statuses, slots, Jobs and feedback over time, from what the gate saw.

One lane a run, one a slot, one a Job. The colours follow the reader's light or dark mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

from gate.language import say
from gate.watching import Look, Watched

WIDTH, LEFT, RIGHT, TOP = 860, 190, 24, 46
LANE, BAR, FOOT = 30, 20, 44
# A word of 12 px type takes about this much a letter, with the space before and after it.
LETTER_WIDTH, WORD_SPACE = 7.0, 12.0
TICKS_WANTED = 8
# So much is drawn after the last look, so that the last state can be read.
AFTER_THE_LAST_LOOK = 0.12
STYLE = """
svg { color-scheme: light dark; font: 13px system-ui, sans-serif; background: var(--back); --back: #ffffff;
 --ink: #1f2328; --faint: #d7dde4; --pending: #8a93a0; --running: #2f6fd6; --succeeded: #1a7f37;
 --failed: #cf222e; --canceled: #9a6700; --leased: #8250df; --free: #eceff3; --job: #0b7a8f; }
@media (prefers-color-scheme: dark) { svg { --back: #15191f; --ink: #e6edf3; --faint: #39424e;
 --pending: #7d8694; --running: #3f7fe8; --succeeded: #2c9a4b; --failed: #e5534b; --canceled: #b58407;
 --leased: #986ee2; --free: #20262e; --job: #1f93a8; } }
text { fill: var(--ink); } .on { fill: #ffffff; } .on, .off { font-size: 12px; } .axis { font-size: 11px; }
.grid { stroke: var(--faint); } .title { font-weight: 600; }
"""


@dataclass(frozen=True)
class Piece:
    """A stretch of a lane: from when to when, what it was, and the words on it."""

    begin: float
    end: float
    kind: str
    words: str


Lane = tuple[str, list[Piece]]


def draw(watched: Watched) -> str:
    """The drawing as one SVG text."""
    last = watched.looks[-1][0] if watched.looks else 0.0
    end = last + max(0.05, AFTER_THE_LAST_LOOK * last)
    lanes = [*_runs(watched, end), *_slots(watched, end), *_jobs(watched, end)]
    height = TOP + LANE * len(lanes) + FOOT
    title = say(f"What was seen of {watched.full_name}", f"Что было видно: {watched.full_name}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="{escape(title)}"><style>{STYLE}</style>',
        f'<rect width="{WIDTH}" height="{height}" fill="var(--back)"/>',
        f'<text class="title" x="12" y="26">{escape(title)}</text>',
        *_axis(end, TOP + LANE * len(lanes)),
    ]
    for number, (name, pieces) in enumerate(lanes):
        parts += _lane(name, pieces, TOP + LANE * number, end)
    return "\n".join([*parts, "</svg>"])


def _runs(watched: Watched, end: float) -> Iterable[Lane]:
    for run in watched.runs:
        states = []
        for seconds, look in watched.looks:
            then = look.run(run.correlation_id)
            states.append((seconds, (then.status, then.status) if then else None))
        yield say("run ", "запуск ") + str(run.id)[:8], _pieces(states, end)


def _slots(watched: Watched, end: float) -> Iterable[Lane]:
    numbers = sorted({slot.slot_no for _, look in watched.looks for slot in look.slots})
    for number in numbers:
        states = [(seconds, _lease(look, number)) for seconds, look in watched.looks]
        yield say(f"slot {number}", f"слот {number}"), _pieces(states, end)


def _lease(look: Look, number: int) -> tuple[str, str] | None:
    slot = next((slot for slot in look.slots if slot.slot_no == number), None)
    if slot is None:
        return None
    if slot.state == "free" and not slot.lease_owner:
        return "free", say("free", "свободен")
    return "leased", (slot.lease_owner or slot.state)[:8]


def _jobs(watched: Watched, end: float) -> Iterable[Lane]:
    for run_id in sorted({run_id for _, look in watched.looks for run_id, _ in look.jobs}):
        states = []
        for seconds, look in watched.looks:
            state = dict(look.jobs).get(run_id)
            states.append((seconds, (_job_kind(state), _job_word(state)) if state else None))
        yield f"Job {run_id[:8]}", _pieces(states, end)


def _job_kind(state: str) -> str:
    return {"complete": "succeeded", "failed": "failed", "gone": "failed"}.get(state, "job")


def _job_word(state: str) -> str:
    words = {"gone": say("gone", "исчез"), "active": say("active", "работает")}
    return words.get(state, say(state, {"complete": "завершён", "failed": "неудача"}.get(state, state)))


def _pieces(states: Sequence[tuple[float, tuple[str, str] | None]], last: float) -> list[Piece]:
    """Equal neighbours become one piece; the last state is drawn up to the end."""
    pieces: list[Piece] = []
    ends = [seconds for seconds, _ in states[1:]] + [last] if states else []
    for (begin, state), end in zip(states, ends, strict=True):
        if state is None:
            continue
        if pieces and pieces[-1].end == begin and (pieces[-1].kind, pieces[-1].words) == state:
            pieces[-1] = Piece(pieces[-1].begin, end, *state)
        else:
            pieces.append(Piece(begin, end, *state))
    return pieces


def _lane(name: str, pieces: list[Piece], top: int, end: float) -> list[str]:
    drawn = [f'<text x="12" y="{top + 15}">{escape(name)}</text>']
    for piece in pieces:
        x, width = _x(piece.begin, end), max(3.0, _x(piece.end, end) - _x(piece.begin, end))
        told = f"{piece.words}: {piece.begin:.2f}–{piece.end:.2f} {say('s', 'с')}"
        drawn.append(
            f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="{BAR}" rx="3" '
            f'fill="var(--{piece.kind})"><title>{escape(told)}</title></rect>'
        )
        if width >= len(piece.words) * LETTER_WIDTH + WORD_SPACE:
            on = "off" if piece.kind == "free" else "on"
            drawn.append(f'<text class="{on}" x="{x + 6:.1f}" y="{top + 14}">{escape(piece.words)}</text>')
    return drawn


def _axis(end: float, bottom: int) -> list[str]:
    step = _step(end / TICKS_WANTED)
    drawn = []
    for number in range(int(end / step) + 1):
        x = _x(number * step, end)
        drawn.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{bottom}"/>')
        shown = f"{number * step:g} {say('s', 'с')}"
        drawn.append(f'<text class="axis" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{shown}</text>')
    return drawn


def _step(least: float) -> float:
    """The next round step: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(max(least, 0.01)))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least)


def _x(seconds: float, end: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * seconds / end
